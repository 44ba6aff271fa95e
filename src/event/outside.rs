//! What was asked of hosts beyond the site.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request to a stub or to an allowed host, with its answer, as often as the two were the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OutsideRequest {
    pub host: String,
    /// `TLS` for a connection to an allowed host: what is in it is its own affair.
    pub method: String,
    pub path: String,
    /// The status or the error of a stub; `unknown` for a request that it does not know. Of an
    /// allowed host: `passed` (with its status, if it is seen), or `unreachable`.
    pub answer: String,
    pub times: u32,
}

impl OutsideRequest {
    /// Whether its stub knew what to answer.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.answer != "unknown"
    }

    /// Whether the real host was reached, where it is allowed to be.
    #[must_use]
    pub fn was_passed(&self) -> Option<bool> {
        match self.answer.as_str() {
            "unreachable" => Some(false),
            answer if answer.starts_with("passed") => Some(true),
            _ => None,
        }
    }
}
