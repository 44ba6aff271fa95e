//! For `said.py`, which tells what log files of a host say, or how long they are.

use std::collections::BTreeMap;

use serde::Serialize;

/// Which logs are looked at, and what for.
#[derive(Debug, Serialize)]
pub struct SaidJob<'a> {
    /// What a log is called, and a glob of its files.
    pub files: &'a [(String, String)],
    /// Folders whose `*.log` count that were written since the host started.
    pub written: &'a [String],
    /// Bytes of each file that were told before, by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<&'a BTreeMap<String, u64>>,
    /// Whether only the lengths are asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sizes: bool,
}
