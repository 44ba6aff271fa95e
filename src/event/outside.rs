//! What was asked of hosts beyond the site.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request to a stub, with its answer, as often as the two were the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OutsideRequest {
    pub host: String,
    pub method: String,
    pub path: String,
    /// The status or the error; `unknown` for a request that the stub does not know.
    pub answer: String,
    pub times: u32,
}

impl OutsideRequest {
    /// Whether its stub knew what to answer.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.answer != "unknown"
    }
}
