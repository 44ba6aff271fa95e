//! Whether a rehearsal could work on this machine: what it would use is asked for, each with a
//! verdict, and what to do about it. Nothing is made and nothing is told that is secret.

mod engine;
mod machine;
mod outside;

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::docker::{Docker, EngineFacts};
use crate::failure::Failure;
use crate::provision::Workshop;
use crate::site::masked;

/// The longest that one thing may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);

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
    fn ok(name: &'static str, seen: impl Into<String>) -> Self {
        Finding { name, health: Health::Ok, seen: seen.into(), remedy: None }
    }

    fn note(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { name, health: Health::Note, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    fn problem(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { name, health: Health::Problem, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    /// What a failure says of it, causes and all.
    fn failed(name: &'static str, failure: Failure, health: Health) -> Self {
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

/// Everything that `stagectl doctor` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Of this format.
    pub version: u32,
    /// The worst of the findings: with `problem` no rehearsal can work here.
    pub health: Health,
    pub findings: Vec<Finding>,
    pub facts: Facts,
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

/// Asks all at once, each with a time of its own.
pub async fn examine(patient: &Patient) -> Diagnosis {
    let engine = engine::connect().await;
    let docker = engine.as_ref().ok().map(|(docker, _)| docker);
    let facts = engine.as_ref().ok().map(|(_, facts)| facts);
    let (of_engine, cached, registry, mirror, index, guardian) = tokio::join!(
        engine::look(docker, facts),
        engine::cached(docker),
        outside::registry(docker),
        outside::mirror(&patient.workshop),
        outside::index(&patient.workshop),
        engine::guardian(docker),
    );
    let mut findings = vec![match &engine {
        Ok((docker, facts)) => engine::reached(docker, facts),
        Err(failure) => Finding::failed("docker", failure.clone(), Health::Problem),
    }];
    findings.extend(of_engine);
    findings.extend(machine::disks(patient, docker, facts));
    findings.extend(outside::bases(registry, machine::bootstrap(), mirror, cached.as_ref()));
    findings.push(index);
    findings.extend(guardian);
    findings.push(machine::locks(&patient.workshop));
    findings.push(machine::project(&patient.project));
    findings.push(Finding::ok("shown", patient.surroundings.clone()));
    findings.extend(machine::proxies(&patient.workshop));
    for finding in &mut findings {
        finding.seen = masked(&finding.seen);
        finding.remedy = finding.remedy.as_deref().map(masked);
    }
    let health = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Ok);
    let mut told = machine::facts(patient);
    told.docker = engine.as_ref().ok().map(|(docker, facts)| docker_facts(docker, facts));
    told.cached_images = cached.as_ref().map(|cached| cached.0);
    told.cached_bytes = cached.as_ref().map(|cached| cached.1);
    Diagnosis { version: 1, health, findings, facts: told }
}

impl Diagnosis {
    /// The JSON Schema of what `stagectl doctor --output json` prints.
    #[must_use]
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Diagnosis)
    }
}

fn docker_facts(docker: &Docker, facts: &EngineFacts) -> DockerFacts {
    DockerFacts {
        address: masked(docker.address()),
        version: facts.version.clone(),
        api: facts.api.clone(),
        storage: facts.storage.clone(),
        system: facts.system.clone(),
        kernel: facts.kernel.clone(),
        architecture: facts.architecture.clone(),
        cgroup: facts.cgroup.clone(),
        rootless: facts.is_rootless,
        cpus: facts.cpus,
        memory: facts.memory,
    }
}
