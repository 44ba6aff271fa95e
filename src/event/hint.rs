//! Words for who looks at a replica.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line for a person: what it is about, and the words or the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hint {
    pub topic: String,
    pub text: String,
}
