//! Whether a rehearsal could work on this machine: what it would use is asked for, each with a
//! verdict, and what to do about it. Nothing is made and nothing secret is printed.

mod engine;
mod finding;
mod machine;
mod outside;

pub use finding::{DockerFacts, Facts, Finding, Health, Patient};

use schemars::JsonSchema;
use serde::Serialize;

use crate::docker::{Docker, EngineFacts};
use crate::site::masked;

/// Everything that `stagectl doctor` reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Of this format.
    pub version: u32,
    /// The worst of the findings: with `problem` no rehearsal can work here.
    pub health: Health,
    pub findings: Vec<Finding>,
    pub facts: Facts,
}

/// Asks all at once, each with a time of its own.
pub async fn examine(patient: &Patient) -> Diagnosis {
    let engine = engine::connect().await;
    let docker = engine.as_ref().ok().map(|(docker, _)| docker);
    let facts = engine.as_ref().ok().map(|(_, facts)| facts);
    let (of_engine, cached, registry, mirror, index, guardian) = tokio::join!(
        engine::look(docker, facts),
        engine::count_cached_images(docker),
        outside::registry(docker),
        outside::mirror(&patient.workshop),
        outside::index(&patient.workshop),
        engine::guardian(docker),
    );
    let mut findings = vec![match &engine {
        Ok((docker, facts)) => engine::describe_engine(docker, facts),
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
    let mut facts = machine::facts(patient);
    facts.docker = engine.as_ref().ok().map(|(docker, facts)| docker_facts(docker, facts));
    facts.cached_images = cached.as_ref().map(|cached| cached.0);
    facts.cached_bytes = cached.as_ref().map(|cached| cached.1);
    Diagnosis { version: 1, health, findings, facts }
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
