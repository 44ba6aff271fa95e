//! A step of a site's run, as a report holds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Outcome;
use crate::replica::{Phase, Stage};

/// A step of a site's run, and when it was on the run's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Such as `start db`, `image: environment of site-a, found`.
    pub what: String,
    pub phase: Phase,
    /// The role of the container that the step is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What became of that container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Its number in the plan, zero for the network; absent for what follows the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// When it began, in seconds since the run's start.
    pub at: f64,
    pub seconds: f64,
    pub outcome: Outcome,
    /// The places in this list, from zero, of those that it waited for by plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// Part of the chain of steps, each of which waited for the one before, that ends last in the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
}

impl Span {
    /// Seconds since the run's start.
    #[must_use]
    pub fn end(&self) -> f64 {
        self.at + self.seconds
    }
}
