//! Keeps the engine's host off a site's network, where Docker does not.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Stage;
use super::execute::created;
use crate::docker::{DockerError, Engine};
use crate::event::{Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::replica::ContainerSpec;

/// It takes milliseconds; a machine that has so much else to do is no excuse for an open network.
const PATIENCE: Duration = Duration::from_secs(30);
const SHOWN_LINES: usize = 5;
const BROADCASTS: &str = "the engine's host hears what the site says to everybody on its network";

/// Runs the container that closes the network, to its end, and removes it. `closed` is told as soon as
/// the site's own containers may start.
///
/// # Errors
/// Infrastructure: the network is not closed, and it `must` be before anything of the site runs there. Where only
/// broadcasts come out it need not, and that is a warning.
pub(super) async fn close<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ContainerSpec,
    must: bool,
    halt: &CancellationToken,
    closed: &CancellationToken,
) -> Result<(), Failure> {
    match begin(stage, spec).await {
        Ok(()) => {}
        // What was made of it goes with all the rest.
        Err(error) if !must && error.is_forbidden() => {
            let Failure { message, causes, .. } = error.into();
            warn(stage, [vec![message], causes].concat());
            closed.cancel();
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let causes = tokio::select! {
        causes = outcome(stage, spec) => causes?,
        () = halt.cancelled() => return Err(stage.stop.failure()),
    };
    if !causes.is_empty() {
        if must {
            return Err(causes.into_iter().fold(open(stage), Failure::cause));
        }
        warn(stage, causes);
    }
    stage.engine.remove_container(&spec.name).await?;
    let resource = Resource { kind: ResourceKind::Container, name: spec.name.clone() };
    stage.events.emit(What::Removed { resource });
    closed.cancel();
    Ok(())
}

async fn begin<E: Engine>(stage: &Stage<'_, E>, spec: &ContainerSpec) -> Result<(), DockerError> {
    stage.engine.create_container(spec).await?;
    created(stage, ResourceKind::Container, &spec.name);
    stage.engine.start(&spec.name).await
}

/// Why the network is not closed; nothing when it is.
async fn outcome<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ContainerSpec,
) -> Result<Vec<String>, DockerError> {
    match tokio::time::timeout(PATIENCE, stage.engine.wait(&spec.name)).await {
        Err(_) => Ok(vec![format!("it was not done after {PATIENCE:?}")]),
        Ok(Ok(0)) => Ok(Vec::new()),
        Ok(Ok(code)) => {
            let mut lines = stage.engine.logs(&spec.name, SHOWN_LINES).await?;
            lines.insert(0, format!("it ended with code {code}"));
            Ok(lines)
        }
        Ok(Err(error)) => Err(error),
    }
}

fn warn<E>(stage: &Stage<'_, E>, causes: Vec<String>) {
    let message = format!("{BROADCASTS}: {}", causes.join(": "));
    stage.events.emit(What::Warning { message });
}

fn open<E>(stage: &Stage<'_, E>) -> Failure {
    Failure::infrastructure(format!(
        "could not keep the engine's host off the network of {}",
        stage.site.name
    ))
    .hint("leave `ipv6` out of `host.resolver.families`, or use an engine that lets a container write `/proc/sys/net` of its host")
}
