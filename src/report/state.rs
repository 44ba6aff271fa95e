//! What a site is judged by, in each state of its upgrade: phases, deploy steps, checks and tests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{Check, Outcome, Release, State, StepLocks, Test};
use crate::replica::Phase;

/// A state of an upgrade. What was found in the last one that was begun is the site's own: its phases, steps, checks
/// and tests are there, and not here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateReport {
    pub name: State,
    /// What ran in it.
    pub release: Release,
    /// Absent while it goes on, and where its end never came.
    pub outcome: Option<Outcome>,
    /// When it began, in seconds since the run's start.
    pub at: f64,
    pub seconds: f64,
    /// Deploy, start, diagnosis and suite.
    pub phases: Vec<PhaseReport>,
    /// The distributions that were installed with the release.
    pub installed: Vec<String>,
    pub steps: Vec<Step>,
    pub checks: Vec<Check>,
    pub tests: Vec<Test>,
}

/// A phase that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseReport {
    pub name: Phase,
    pub outcome: Outcome,
    pub seconds: f64,
    /// When it began, in seconds since the run's start; from the end of the phase before it.
    #[serde(default)]
    pub at: Option<f64>,
    pub note: String,
}

/// A deploy step that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub name: String,
    /// Its exit code.
    pub code: i64,
    pub seconds: f64,
    /// The last lines of what it said.
    pub output: Vec<String>,
    /// What it locked, of each database of the site: of a step of an upgrade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<StepLocks>,
}
