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
    /// allowed host: `passed` (with its status, if it is seen), `unreachable`, or `refused`, where its
    /// name leads to the engine's own network, the link or the loopback.
    pub answer: String,
    pub times: u32,
}

impl OutsideRequest {
    /// Whether its stub knew what to answer.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.answer != "unknown"
    }

    /// What became of it, if it was for the real host.
    #[must_use]
    pub fn passage(&self) -> Option<Passage> {
        match self.answer.as_str() {
            "unreachable" => Some(Passage::Unreachable),
            "refused" => Some(Passage::Refused),
            answer if answer.starts_with("passed") => Some(Passage::Reached),
            _ => None,
        }
    }
}

/// What becomes of a request to an allowed host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passage {
    Refused,
    Unreachable,
    Reached,
}
