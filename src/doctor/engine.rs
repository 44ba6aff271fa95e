//! The Docker engine: reached, new enough, with room for networks and memory, and a way out for builds.

use std::collections::BTreeSet;

use bytesize::ByteSize;
use tokio::time::timeout;

use super::finding::{Finding, Health, PATIENCE};
use crate::docker::{Docker, Engine as _, EngineFacts};
use crate::failure::Failure;
use crate::guardian::Guardian;
use crate::replica::{Labels, RunId, Subnet, label};
use crate::site::NetworkFamilies;

/// Memory of the engine's machine: less makes a replica with a database swap.
const LITTLE_MEMORY: u64 = 2 << 30;
const NO_MEMORY: u64 = 768 << 20;
/// Free subnets from which on nobody needs to care.
const FEW_SUBNETS: usize = 16;

pub(super) async fn connect() -> Result<(Docker, EngineFacts), Failure> {
    let ask = async {
        let docker = Docker::connect().await?;
        let facts = docker.facts().await?;
        Ok::<_, Failure>((docker, facts))
    };
    timeout(PATIENCE, ask).await.unwrap_or_else(|_| {
        Err(Failure::infrastructure("could not reach Docker")
            .cause(format!("no answer within {} s", PATIENCE.as_secs()))
            .hint("see whether Docker answers: `docker version`"))
    })
}

pub(super) fn describe_engine(docker: &Docker, facts: &EngineFacts) -> Finding {
    let rootless = if facts.is_rootless { ", rootless" } else { "" };
    let seen = format!(
        "{} (API {}) at {}, {}{rootless}, cgroup {}",
        facts.version,
        facts.api,
        docker.address(),
        facts.storage,
        facts.cgroup
    );
    if facts.limits {
        return Finding::ok("docker", seen);
    }
    if facts.is_rootless {
        return Finding::note(
            "docker",
            format!("{seen}; a rootless engine without control groups ignores `resources`"),
            "boot its host with control groups of version 2, under systemd: `docker info` warns of them",
        );
    }
    Finding::note(
        "docker",
        format!("{seen}; it cannot limit memory or processes, so `resources` has no effect"),
        "enable the cgroup controllers `memory` and `pids` on Docker's host: `docker info` warns of them",
    )
}

/// Memory and subnets; nothing where there is no engine.
pub(super) async fn look(docker: Option<&Docker>, facts: Option<&EngineFacts>) -> Vec<Finding> {
    let (Some(docker), Some(facts)) = (docker, facts) else { return Vec::new() };
    let seen = format!("{} and {} CPUs, on Docker's host", ByteSize(facts.memory), facts.cpus);
    let remedy = "give Docker's machine more memory, and `resources.memory` of the sites less";
    let memory = match facts.memory {
        ..NO_MEMORY => Finding::problem("memory", seen, remedy),
        NO_MEMORY..LITTLE_MEMORY => Finding::note("memory", seen, remedy),
        _ => Finding::ok("memory", seen),
    };
    let mut findings = vec![memory, subnets(docker).await];
    if facts.makes_no_rules {
        findings.push(Finding::note(
            "way out",
            "Docker makes no packet rules here (`iptables` is false), so builds can download only if somebody else does",
            "take `iptables` out of Docker's daemon.json, or masquerade its bridge: `iptables -t nat -A POSTROUTING -s SUBNET -j MASQUERADE`",
        ));
    }
    findings
}

async fn subnets(docker: &Docker) -> Finding {
    let remedy = "remove networks that nobody needs: `stagectl gc`, then `docker network prune`";
    let used = match timeout(PATIENCE, docker.used_subnets()).await {
        Ok(Ok(used)) => used,
        Ok(Err(error)) => return Finding::failed("subnets", error.into(), Health::Problem),
        Err(_) => return Finding::note("subnets", "Docker did not say which it uses", remedy),
    };
    let mut free = BTreeSet::new();
    for start in 0..Subnet::COUNT {
        let subnet = Subnet::nth(start);
        if Subnet::free(&used, NetworkFamilies::Ipv4, start) == Some(subnet) {
            free.insert(subnet.to_string());
        }
    }
    let seen = format!("{} of {} are free in 10.231.0.0/16", free.len(), Subnet::COUNT);
    match free.len() {
        0 => Finding::problem("subnets", seen, remedy),
        1..FEW_SUBNETS => Finding::note("subnets", seen, remedy),
        _ => Finding::ok("subnets", seen),
    }
}

/// How many images of ours there are, and their bytes.
pub(super) async fn count_cached_images(docker: Option<&Docker>) -> Option<(usize, u64)> {
    let any = Labels::from([(label::KIND.to_owned(), String::new())]);
    let images = timeout(PATIENCE, docker?.images(&any)).await.ok()?.ok()?;
    Some((images.len(), images.iter().map(|image| image.size).sum()))
}

/// Starts a guardian and lets it go again.
pub(super) async fn guardian(docker: Option<&Docker>) -> Option<Finding> {
    docker?;
    let run = RunId::named("doctor");
    Some(match timeout(PATIENCE, Guardian::start(&run)).await {
        Ok(Ok(guardian)) => {
            guardian.dismiss();
            Finding::ok("guardian", "it starts, and would clean up after a crash")
        }
        Ok(Err(failure)) => Finding::failed("guardian", failure, Health::Problem),
        Err(_) => Finding::problem(
            "guardian",
            format!("it did not start within {} s", PATIENCE.as_secs()),
            "see whether stagectl can start itself again: `stagectl guardian x < /dev/null`",
        ),
    })
}
