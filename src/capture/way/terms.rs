//! What reading a host may cost.

use std::time::Duration;

/// What reading a host may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long it may take.
    pub patience: Duration,
    /// Whether it is read as root, by `sudo`, which must not ask.
    pub sudo: bool,
}
