//! The replicas that stand, of all projects, as a person asks for them: what runs, where, how long yet.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde::Serialize;

use crate::docker::Engine;
use crate::event::{Resource, ResourceKind};
use crate::failure::Failure;
use crate::replica::{DOOR, label};
use crate::standing::way_in;
use crate::standing::{Stage, Standing, standing};

/// A replica that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub project: String,
    pub site: String,
    pub run: String,
    /// Name, version and digest of what runs there now.
    pub release: String,
    /// Seconds since 1970.
    pub created: i64,
    pub state: State,
    /// The address for a browser; absent where there is no way in.
    pub address: Option<String>,
    /// The site's own ports, and those on 127.0.0.1 of the engine's machine that lead there.
    pub ports: BTreeMap<u16, u16>,
    /// Where the engine runs, as an argument of `ssh`, if not here.
    pub engine: Option<String>,
    /// Bytes, of all containers.
    pub memory: u64,
    /// Seconds since 1970; absent for one that was not left up.
    pub lease_until: Option<i64>,
    /// Seconds that each use gives it anew.
    pub lease: Option<i64>,
    pub containers: Vec<ContainerRow>,
    /// Roles whose containers were there when it was left up, and are gone.
    pub missing: Vec<String>,
    /// Networks and volumes.
    pub other: Vec<Resource>,
}

/// A container of a replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContainerRow {
    pub role: String,
    pub name: String,
    pub running: bool,
}

/// Why a replica stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was left up.
    Up,
    /// It was left up, and containers of it do not run any more.
    Stopped,
    /// It was left up, and containers of it are gone: a `down` that did not end, or somebody else.
    Incomplete,
    /// A process works on it: brings it up, or deploys another release into it.
    AtWork,
    /// A redeploy into it was cut short, and nobody knows what is there.
    CutShort,
    /// Nobody needs it any more: the next start or `gc` removes it.
    Abandoned,
}

/// All replicas, the oldest first.
///
/// # Errors
/// Docker's.
pub async fn rows<E: Engine>(engine: &E, now: i64) -> Result<Vec<Row>, Failure> {
    let mut found = standing(engine).await?;
    found.sort_by_key(|standing| (standing.created, standing.site.clone()));
    Ok(join_all(found.iter().map(|standing| row(engine, standing, now))).await)
}

async fn row<E: Engine>(engine: &E, standing: &Standing, now: i64) -> Row {
    let (containers, other): (Vec<_>, Vec<_>) =
        standing.resources.iter().partition(|found| found.resource.kind == ResourceKind::Container);
    let containers: Vec<ContainerRow> = containers
        .into_iter()
        .map(|found| ContainerRow {
            role: found.labels.get(label::ROLE).cloned().unwrap_or_default(),
            name: found.resource.name.clone(),
            running: found.running,
        })
        .collect();
    let running = containers.iter().filter(|container| container.running);
    // One that goes meanwhile has none.
    let memory = join_all(running.map(|container| engine.usage(&container.name))).await;
    let memory = memory.into_iter().map(|used| used.unwrap_or_default().memory).sum();
    let door = containers.iter().find(|container| container.role == DOOR && container.running);
    let way_in = match door {
        Some(door) => way_in(engine, &door.name, &standing.site).await.ok(),
        None => None,
    };
    let is_gone =
        |role: &&String| containers.iter().all(|container| container.role != role.as_str());
    let roles = standing.kept.iter().flat_map(|lease| &lease.roles);
    let missing: Vec<String> = roles.filter(is_gone).cloned().collect();
    let state = if standing.is_abandoned(now) {
        State::Abandoned
    } else if !standing.is_left_up() {
        State::AtWork
    } else if !missing.is_empty() && !containers.is_empty() {
        State::Incomplete
    } else if containers.is_empty() || !containers.iter().all(|container| container.running) {
        State::Stopped
    } else {
        match standing.redeploy().map(|redeploy| redeploy.stage(now)) {
            None => State::Up,
            Some(Stage::AtWork) => State::AtWork,
            Some(Stage::CutShort) => State::CutShort,
        }
    };
    let markers = standing.markers.iter();
    Row {
        project: standing.project.clone(),
        site: standing.site.clone(),
        run: standing.run.to_string(),
        release: standing.release.clone(),
        created: standing.created,
        state,
        address: way_in.as_ref().map(|way_in| way_in.click(&standing.site, "/")),
        engine: way_in.as_ref().and_then(|way_in| way_in.elsewhere.clone()),
        ports: way_in.map(|way_in| way_in.ports).unwrap_or_default(),
        memory,
        lease_until: standing.stays_until(),
        lease: standing.kept.as_ref().map(|lease| lease.length),
        containers,
        missing,
        other: other.into_iter().chain(markers).map(|found| found.resource.clone()).collect(),
    }
}
