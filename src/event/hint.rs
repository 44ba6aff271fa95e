//! Words for who looks at a replica.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line for a person: what it is about, and the words or the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hint {
    pub topic: String,
    pub text: String,
}

impl Hint {
    /// How long the replica stays.
    pub const LEASE: &str = "lease";
    /// How to look into it.
    pub const SHELL: &str = "shell";
    /// What is usually done then.
    pub const NEXT: &str = "next";
    /// The command that shows all that is no part of the above.
    pub const WAYS: &str = "other ways";

    /// True for what everybody wants to know; the rest is for who asks.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        [Hint::LEASE, Hint::SHELL, Hint::NEXT, Hint::WAYS].contains(&self.topic.as_str())
    }
}
