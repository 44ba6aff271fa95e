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

/// The shell that reads the script, ended on the host itself where nobody here waits for it any more.
#[must_use]
pub(super) fn shell(terms: Terms) -> String {
    let patience = terms.patience.as_secs().max(1) + 5;
    let sudo = if terms.sudo { "sudo -n " } else { "" };
    format!(
        "{sudo}sh -c 'if command -v timeout >/dev/null 2>&1; then exec timeout -k 5 {patience} sh -s; else exec sh -s; fi'"
    )
}
