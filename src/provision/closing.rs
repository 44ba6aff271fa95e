//! A site's network is its own: the engine's host is kept off it where Docker does not, nothing leads
//! out of it, and its resolver is the one that is asked. All of it is seen, on every engine and before
//! anything of the site runs there: where it is not so there is no verdict.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio_util::sync::CancellationToken;

use super::execution::{Closed, Execution, created};
use crate::docker::{DockerError, Engine};
use crate::event::{Events, Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::inside::{ended_within, run_inside};
use crate::replica::{ContainerSpec, network_job};

/// It takes milliseconds; a machine that has so much else to do is no excuse for an open network.
const PATIENCE: Duration = Duration::from_mins(1);
/// More than the program itself waits for a resolver.
const OBSERVED: Duration = Duration::from_mins(2);
const SHOWN_LINES: usize = 5;
const BROADCASTS: &str = "the engine's host hears what the site says to everybody on its network";
/// `close.sh` says so when the site's containers may start.
const CLOSED: &str = "closed";
/// And so where broadcasts come out.
const LOUD: &str = "loud ";
/// What `network.py` ends with where something is not as it has to be,
const NOT_SO: i64 = 3;
/// and where the host does not get ready at all.
const NOT_READY: i64 = 126;
const OTHER_ENGINE: &str = "use another engine: `docker context ls`, or DOCKER_HOST";

/// Starts the container that closes the network, and waits until it says that the site's own containers may
/// start. It goes on until [`see_closed`].
///
/// # Errors
/// Infrastructure: the network is not closed, or nobody can see whether it is. Where only broadcasts come
/// out, and they `must` not be kept in, that is a warning.
pub(super) async fn close<'a, E: Engine>(
    work: &Execution<'a, '_, E>,
    spec: &ContainerSpec,
    must: bool,
) -> Result<(), Failure> {
    match begin(work, spec).await {
        Ok(()) => {}
        Err(error) if error.is_forbidden() => return Err(unseen(work, error)),
        Err(error) => return Err(error.into()),
    }
    let (engine, events): (&'a E, &'a Events) = (&work.run.engine, &work.replica.events);
    let closed = CancellationToken::new();
    let mut rest: LocalBoxFuture<'a, Closed> =
        Box::pin(follow(engine, events, spec.name.clone(), closed.clone()));
    tokio::select! {
        biased;
        () = closed.cancelled() => {}
        ended = &mut rest => {
            judge(work, ended, must)?;
            rest = Box::pin(std::future::ready(Ok(Ok(()))));
        }
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    }
    *work.closing.borrow_mut() = Some(rest);
    Ok(())
}

/// Waits until the container has seen that the network stays closed while others are on it, and removes it.
///
/// # Errors
/// As [`close`].
pub(super) async fn see_closed<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
    must: bool,
) -> Result<(), Failure> {
    let rest = work.closing.take();
    let rest = rest.ok_or_else(|| Failure::bug("nothing closes the network"))?;
    let ended = tokio::select! {
        ended = rest => ended,
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    };
    judge(work, ended, must)?;
    work.run.engine.remove_container(container).await?;
    let resource = Resource { kind: ResourceKind::Container, name: container.to_owned() };
    work.replica.events.emit(What::Removed { resource });
    Ok(())
}

fn judge<E>(work: &Execution<'_, '_, E>, ended: Closed, must: bool) -> Result<(), Failure> {
    match ended? {
        Ok(()) => Ok(()),
        Err(causes) => Err(causes.into_iter().fold(open(work, must), Failure::cause)),
    }
}

async fn begin<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ContainerSpec,
) -> Result<(), DockerError> {
    work.run.engine.create_container(spec).await?;
    created(work, ResourceKind::Container, &spec.name);
    work.run.engine.start(&spec.name).await
}

/// Follows it to its end; why the network is not closed, if it is not. `closed` is cancelled as soon as it is.
async fn follow<E: Engine>(
    engine: &E,
    events: &Events,
    container: String,
    closed: CancellationToken,
) -> Closed {
    let mut lines: Vec<String> = Vec::new();
    let mut take = |line: String| match line.strip_prefix(LOUD) {
        Some(cause) => {
            events.emit(What::Warning { message: format!("{BROADCASTS}: {cause}") });
        }
        None if line == CLOSED => closed.cancel(),
        None => lines.push(line),
    };
    let ended = async {
        engine.follow(&container, &mut take).await?;
        engine.wait(&container).await
    };
    let first = match tokio::time::timeout(PATIENCE, ended).await {
        Ok(code) => match code? {
            0 if closed.is_cancelled() => return Ok(Ok(())),
            code => format!("what was to see to it ended with code {code}"),
        },
        Err(_) => format!("what was to see to it was not done after {PATIENCE:?}"),
    };
    lines.drain(..lines.len().saturating_sub(SHOWN_LINES));
    lines.insert(0, first);
    Ok(Err(lines))
}

fn open<E>(work: &Execution<'_, '_, E>, must: bool) -> Failure {
    let site = &work.replica.site.name;
    let failure = Failure::infrastructure(format!(
        "could not keep the engine's host off the network of {site}"
    ));
    if must {
        return failure.hint("leave `ipv6` out of `host.resolver.families`, or use an engine that lets a container write `/proc/sys/net` of its host");
    }
    failure.hint(format!(
        "has somebody removed the network by hand? then try again; else {OTHER_ENGINE}"
    ))
}

/// Somebody decides what the engine may be asked for, and this it may not.
fn unseen<E>(work: &Execution<'_, '_, E>, error: DockerError) -> Failure {
    let Failure { message, causes, .. } = error.into();
    let site = &work.replica.site.name;
    let failure = Failure::infrastructure(format!(
        "could not see whether the engine's host is off the network of {site}"
    ));
    causes.into_iter().fold(failure.cause(message), Failure::cause).hint(
        "let Docker's authorization plugin allow the host's network to stagectl's own container, the one with the label `dev.stagectl.role=closing`",
    )
}

/// Sees from the site's own host that nothing leads out of the network, and that its resolver is the one
/// that is asked there.
///
/// # Errors
/// Infrastructure: it is not so, or cannot be seen.
pub(super) async fn observe<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
) -> Result<(), Failure> {
    let (program, job) = ("network.py", network_job(&work.replica.handles));
    let replica = work.replica;
    let running = run_inside(replica, container, program, &job, &work.halt, |_, _| ());
    let output = ended_within(OBSERVED, program, container, running).await?;
    let site = &work.replica.site.name;
    let (failure, causes) = match output.code {
        0 => return Ok(()),
        NOT_SO => {
            (Failure::infrastructure(format!("the network of {site} is not closed")), output.lines)
        }
        NOT_READY => {
            let failure = Failure::infrastructure(format!("the host of {site} did not get ready"));
            let failure = output.lines.into_iter().take(SHOWN_LINES).fold(failure, Failure::cause);
            return Err(failure.hint("has this machine much else to do? then try again later"));
        }
        code => {
            let failure = Failure::infrastructure(format!(
                "could not see whether the network of {site} is closed"
            ));
            let first = format!("`{program}` ended with code {code}");
            (failure.evidence(program, output.lines), vec![first])
        }
    };
    Err(causes.into_iter().take(SHOWN_LINES).fold(failure, Failure::cause).hint(OTHER_ENGINE))
}
