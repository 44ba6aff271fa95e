//! Teardown: by labels alone, in parallel, on after errors, until nothing is left.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;

use crate::docker::{DockerError, Engine, Found, Traces};
use crate::event::{Events, Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::replica::Labels;

/// How often what is still there is tried again, and how long after the first error (twice as long
/// after each further one): a network can be busy for a moment after its last container has gone.
const ROUNDS: usize = 4;
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 50 });

/// How long this machine may take to end the processes, mounts and interfaces of what was removed.
const PATIENCE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(10) };

const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What Docker says of a network that it counts an endpoint in. Seldom, and after many starts and removals at once, it counts
/// one that is no more, until it starts again: <https://github.com/moby/moby/issues/42119>.
const BUSY_NETWORK: &str = "has active endpoints";

/// A resource of a run that is still there after its teardown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leftover {
    #[serde(flatten)]
    pub resource: Resource,
    pub error: String,
}

impl Leftover {
    /// How to remove it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self.resource.kind {
            ResourceKind::Network if self.error.contains(BUSY_NETWORK) => {
                "free the network of who is in it: `docker network inspect NAME`, `docker network disconnect --force NAME CONTAINER`; \
                 if nobody is, Docker has lost count (moby/moby#42119): restart Docker; then `stagectl gc`"
            }
            ResourceKind::Container
            | ResourceKind::Network
            | ResourceKind::Volume
            | ResourceKind::Image => "try again: `stagectl gc`",
            ResourceKind::Interface => "remove the interface as root: `ip link delete NAME`",
            ResourceKind::Mount => "unmount it as root: `umount PATH`",
            ResourceKind::Process => {
                "see what the process waits for (`ps -o stat,wchan,args NUMBER`), and end it as root: `kill -KILL NUMBER`"
            }
        }
    }
}

/// How to remove what is left: each way once.
#[must_use]
pub fn ways_out(left: &[Leftover]) -> BTreeSet<&'static str> {
    left.iter().map(Leftover::way_out).collect()
}

/// Removes every container, network and volume that carries the labels; what could not be removed, and what this
/// machine still has of what the engine has removed.
///
/// "Not there" is success, also when somebody else removed it in the meantime. A second call
/// finds less to do. Never touches what does not carry all the labels.
///
/// # Errors
/// Only when Docker does not even say what is there.
///
/// # Panics
/// Without any label: that would be everything.
pub async fn teardown<E: Engine>(
    engine: &E,
    labels: &Labels,
    events: &Events,
) -> Result<Vec<Leftover>, DockerError> {
    assert!(!labels.is_empty(), "teardown without a label would remove everything");
    let mut errors: Vec<Leftover> = Vec::new();
    let mut traces = engine.traces(&[]);
    let mut pause = PAUSE;
    for round in 0.. {
        let found = match engine.inventory(labels).await {
            Ok(found) if found.is_empty() => break,
            Ok(found) if round == ROUNDS => return Ok(left_behind(found, &errors, events)),
            Err(error) if round == ROUNDS => return Err(error),
            other => other.ok(),
        };
        let asked = found.is_some();
        traces = traces.and(engine.traces(found.as_deref().unwrap_or_default()));
        errors.clear();
        let (containers, rest): (Vec<Found>, Vec<Found>) = found
            .unwrap_or_default()
            .into_iter()
            .partition(|found| found.resource.kind == ResourceKind::Container);
        // Those that share another's network namespace may go in any order: removal is by force.
        for group in [containers, rest] {
            let removed = join_all(group.into_iter().map(|found| remove(engine, found))).await;
            for (resource, outcome) in removed {
                match outcome {
                    Ok(()) => events.emit(What::Removed { resource }),
                    Err(error) => errors.push(Leftover { resource, error: describe(error) }),
                }
            }
        }
        if !asked || !errors.is_empty() {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    Ok(left_on_this_machine(&traces, events).await)
}

/// What this machine has of what the engine has removed, once it had the time to end it.
async fn left_on_this_machine(traces: &Traces, events: &Events) -> Vec<Leftover> {
    let (begin, mut pause) = (Instant::now(), PAUSE);
    let mut left = traces.remaining();
    while !left.is_empty() && begin.elapsed() < PATIENCE {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        left = traces.remaining();
    }
    let left = left.into_iter().map(|resource| {
        let error =
            "Docker has removed what it belongs to, and this machine still has it".to_owned();
        events.emit(What::LeftBehind { resource: resource.clone(), error: error.clone() });
        Leftover { resource, error }
    });
    left.collect()
}

/// What is there after the last round, each with what became of its removal.
fn left_behind(found: Vec<Found>, errors: &[Leftover], events: &Events) -> Vec<Leftover> {
    let left = found.into_iter().map(|found| {
        let error = errors.iter().find(|left| left.resource == found.resource);
        let error = error.map_or_else(|| "it came back".to_owned(), |left| left.error.clone());
        events.emit(What::LeftBehind { resource: found.resource.clone(), error: error.clone() });
        Leftover { resource: found.resource, error }
    });
    left.collect()
}

async fn remove<E: Engine>(engine: &E, found: Found) -> (Resource, Result<(), DockerError>) {
    let outcome = match found.resource.kind {
        ResourceKind::Container => engine.remove_container(&found.id).await,
        ResourceKind::Network => engine.remove_network(&found.id).await,
        ResourceKind::Volume => engine.remove_volume(&found.resource.name).await,
        ResourceKind::Image => engine.remove_image(&found.id).await,
        // No engine lists them.
        ResourceKind::Interface | ResourceKind::Mount | ResourceKind::Process => Ok(()),
    };
    (found.resource, outcome)
}

fn describe(error: DockerError) -> String {
    let failure = Failure::from(error);
    std::iter::once(failure.message).chain(failure.causes).collect::<Vec<_>>().join(": ")
}
