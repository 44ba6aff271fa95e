//! What is found out of one thing, and of the machine.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::failure::Failure;
use crate::run::Workshop;

/// The longest that one thing may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    Ok,
    /// A rehearsal may work all the same.
    Note,
    /// No rehearsal can work.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// `docker`, `mirror`, ...
    pub name: &'static str,
    pub health: Health,
    /// What was seen.
    pub seen: String,
    /// What to do about it, as a command where there is one.
    pub remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(name: &'static str, seen: impl Into<String>) -> Self {
        Finding { name, health: Health::Ok, seen: seen.into(), remedy: None }
    }

    pub(super) fn note(
        name: &'static str,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding { name, health: Health::Note, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn problem(
        name: &'static str,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding { name, health: Health::Problem, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    /// What a failure says of it, causes and all.
    pub(crate) fn failed(name: &'static str, failure: Failure, health: Health) -> Self {
        let seen = std::iter::once(failure.message).chain(failure.causes);
        let remedy = failure.hints.into_iter().next();
        Finding { name, health, seen: seen.collect::<Vec<_>>().join(": "), remedy }
    }
}

/// What a support person would ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Facts {
    pub stagectl: String,
    /// The operating system of this machine, its kernel and architecture.
    pub system: String,
    pub kernel: String,
    pub architecture: String,
    pub docker: Option<DockerFacts>,
    /// Images of stagectl's own that Docker keeps, and their size in bytes (layers may be shared).
    pub cached_images: Option<usize>,
    pub cached_bytes: Option<u64>,
    /// The project at hand, if there is one.
    pub project: Option<String>,
    pub sites: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DockerFacts {
    pub address: String,
    pub version: String,
    pub api: String,
    pub storage: String,
    pub system: String,
    pub kernel: String,
    pub architecture: String,
    pub cgroup: String,
    pub rootless: bool,
    pub cpus: u32,
    /// Bytes.
    pub memory: u64,
}

/// What is known before anything is asked.
#[derive(Debug)]
pub struct Patient {
    pub workshop: Workshop,
    /// The folder at hand.
    pub folder: PathBuf,
    /// The project of that folder: its name and how many sites it has; why not.
    pub project: Result<(String, usize), Failure>,
    /// How the run would be shown.
    pub surroundings: String,
}
