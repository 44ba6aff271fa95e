//! For `follow.py`, which tells what log files say, and goes on telling.

use serde::Serialize;

/// Which logs of a host are told.
#[derive(Debug, Serialize)]
pub struct FollowJob<'a> {
    /// The role that each line is told for, and the path.
    pub files: &'a [(String, String)],
    /// Seconds since 1970; null tells all of them.
    pub since: Option<f64>,
    /// Whether it goes on when all that is there is told.
    pub follow: bool,
}
