//! The phases that a site goes through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The phases of a site's rehearsal, in order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Checks that need no container.
    Check,
    /// Building or finding the images.
    Images,
    /// Network, containers and services until ready.
    Up,
    /// Deploy steps.
    Deploy,
    /// From the server's start until the site answers as described.
    Ready,
    Diagnosis,
    Suite,
    Evidence,
    Down,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Phase; 9] = [
        Phase::Check,
        Phase::Images,
        Phase::Up,
        Phase::Deploy,
        Phase::Ready,
        Phase::Diagnosis,
        Phase::Suite,
        Phase::Evidence,
        Phase::Down,
    ];

    /// Its name in tables and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Check => "check",
            Phase::Images => "images",
            Phase::Up => "up",
            Phase::Deploy => "deploy",
            Phase::Ready => "ready",
            Phase::Diagnosis => "diagnosis",
            Phase::Suite => "suite",
            Phase::Evidence => "evidence",
            Phase::Down => "down",
        }
    }
}
