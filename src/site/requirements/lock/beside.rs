//! What the reading of a lock is given beside the lock itself.

use std::collections::BTreeSet;

use crate::site::requirements::unread::Unread;

/// What else a tool's reading looks at.
pub(in crate::site::requirements) struct Beside<'a> {
    /// The extras of the release that are wanted, normalised.
    pub(in crate::site::requirements) extras: &'a BTreeSet<String>,
    /// Reads a file that lies beside the lock.
    pub(in crate::site::requirements) read: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, Unread>,
}
