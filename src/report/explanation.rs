//! Why a site was red, as an experiment found out after its run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an experiment came to, and the rehearsals that it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The answer, line by line.
    pub words: Vec<String>,
    /// Whether it was shown both ways.
    pub proven: bool,
    /// In their order.
    pub rehearsals: Vec<TriedHybrid>,
}

/// A rehearsal of a description between two sites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TriedHybrid {
    /// In a few words: `site-a with 8 of them`.
    pub what: String,
    /// How deep in the search it was: 0 for the ends and the proofs.
    pub depth: usize,
    /// The keys that it had of the red site.
    pub with: Vec<String>,
    /// `green`, `red`, or what else came of it.
    pub outcome: String,
    /// Absent where it was known from an earlier experiment.
    pub seconds: Option<f64>,
    /// The folder of its report, as a person in the project would write it.
    pub folder: Option<String>,
}
