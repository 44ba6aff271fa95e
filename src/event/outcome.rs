//! How work ended, and how an image came about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Passed,
    Failed,
    /// We never found out.
    Error,
}

impl Outcome {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Error => "error",
        }
    }

    /// Returns how work ended that came to this.
    #[must_use]
    pub fn of<T>(result: &Result<T, Failure>) -> Outcome {
        match result {
            Ok(_) => Outcome::Passed,
            Err(failure) if failure.kind.is_error() => Outcome::Error,
            Err(_) => Outcome::Failed,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageOrigin {
    Cached,
    Built,
    Pulled,
    Bootstrapped,
    /// From an archive of the project.
    Imported,
}
