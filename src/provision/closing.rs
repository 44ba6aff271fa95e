//! Keeps the engine's host off a site's network, where Docker does not.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Stage;
use super::execute::created;
use crate::docker::Engine;
use crate::event::{Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::replica::ContainerSpec;

/// It takes milliseconds; a machine that has so much else to do is no excuse for an open network.
const PATIENCE: Duration = Duration::from_secs(30);
const SHOWN_LINES: usize = 5;

/// Runs the container that closes the network, to its end, and removes it.
///
/// # Errors
/// Infrastructure: the network is not closed, and nothing of the site may run there.
pub(super) async fn close<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ContainerSpec,
    halt: &CancellationToken,
) -> Result<(), Failure> {
    stage.engine.create_container(spec).await?;
    created(stage, ResourceKind::Container, &spec.name);
    if halt.is_cancelled() {
        return Err(stage.stop.failure());
    }
    stage.engine.start(&spec.name).await?;
    let ended = tokio::select! {
        ended = tokio::time::timeout(PATIENCE, stage.engine.wait(&spec.name)) => ended,
        () = halt.cancelled() => return Err(stage.stop.failure()),
    };
    let causes = match ended.map(|code| code.map(|code| code == 0)) {
        Err(_) => vec![format!("it was not done after {PATIENCE:?}")],
        Ok(Err(error)) => return Err(error.into()),
        Ok(Ok(true)) => {
            stage.engine.remove_container(&spec.name).await?;
            let resource = Resource { kind: ResourceKind::Container, name: spec.name.clone() };
            stage.events.emit(What::Removed { resource });
            return Ok(());
        }
        Ok(Ok(false)) => stage.engine.logs(&spec.name, SHOWN_LINES).await?,
    };
    Err(causes.into_iter().fold(open(stage), Failure::cause))
}

fn open<E>(stage: &Stage<'_, E>) -> Failure {
    Failure::infrastructure(format!(
        "could not keep the engine's host off the network of {}",
        stage.site.name
    ))
    .hint("leave `ipv6` out of `host.resolver.families`, or use an engine that lets a container write `/proc/sys/net` of its host")
}
