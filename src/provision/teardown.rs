//! Teardown: by labels alone, in parallel, on after errors, until nothing is left.

use futures_util::future::join_all;

use crate::docker::{DockerError, Engine, Found};
use crate::event::{Events, Resource, ResourceKind, What};
use crate::replica::Labels;

/// How often what is still there is tried again: a network can be busy for a moment after its last
/// container has gone.
const ROUNDS: usize = 4;

/// A resource of a run that is still there after its teardown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub resource: Resource,
    pub error: String,
}

/// Removes every container, network and volume that carries the labels; what could not be removed.
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
    for _ in 0..ROUNDS {
        let found = engine.inventory(labels).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        errors.clear();
        let (containers, rest): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| found.resource.kind == ResourceKind::Container);
        // Those that share another's network namespace may go in any order: removal is by force.
        for group in [containers, rest] {
            let removed = join_all(group.into_iter().map(|found| remove(engine, found))).await;
            for (resource, outcome) in removed {
                match outcome {
                    Ok(()) => events.emit(What::Removed { resource }),
                    Err(error) => errors.push(Leftover { resource, error: describe(&error) }),
                }
            }
        }
        if errors.is_empty() {
            break;
        }
    }
    let still = engine.inventory(labels).await?;
    let left: Vec<Leftover> = still
        .into_iter()
        .map(|found| {
            let error = errors.iter().find(|left| left.resource == found.resource);
            let error = error.map_or_else(|| "it came back".to_owned(), |left| left.error.clone());
            Leftover { resource: found.resource, error }
        })
        .collect();
    for left in &left {
        events
            .emit(What::LeftBehind { resource: left.resource.clone(), error: left.error.clone() });
    }
    Ok(left)
}

async fn remove<E: Engine>(engine: &E, found: Found) -> (Resource, Result<(), DockerError>) {
    let outcome = match found.resource.kind {
        ResourceKind::Container => engine.remove_container(&found.id).await,
        ResourceKind::Network => engine.remove_network(&found.id).await,
        ResourceKind::Volume => engine.remove_volume(&found.resource.name).await,
        ResourceKind::Image => engine.remove_image(&found.id).await,
    };
    (found.resource, outcome)
}

fn describe(error: &DockerError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
