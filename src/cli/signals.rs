//! Ctrl-C, SIGTERM and a closed terminal: once to stop in order, twice to stop waiting.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cancel::Stop;
use crate::failure::{Failure, Kind};

/// Runs work that watches the stop requests; a second one ends the waiting for it.
///
/// # Errors
/// The work's; interrupted, with the command that finishes the job.
pub(super) async fn guard<T, W, F>(work: W) -> Result<T, Failure>
where
    W: FnOnce(Stop) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let unavailable =
        |error: std::io::Error| Failure::infrastructure("could not watch signals").because(&error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unavailable)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unavailable)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(unavailable)?;
    let stop = Stop::new();
    let mut working = std::pin::pin!(work(stop.clone()));
    loop {
        tokio::select! {
            outcome = &mut working => return outcome,
            kind = next(&mut interrupt, &mut terminate, &mut hang_up) => {
                if stop.is_requested() {
                    let kind = stop.failure().kind;
                    return Err(Failure::new(kind, "stopped before the teardown was done")
                        .hint("stagectl's guardian finishes it; to see to it yourself: `stagectl gc`"));
                }
                stop.request(kind);
            }
        }
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal, hang_up: &mut Signal) -> Kind {
    tokio::select! {
        _ = interrupt.recv() => Kind::Interrupted,
        _ = terminate.recv() => Kind::Terminated,
        _ = hang_up.recv() => Kind::Terminated,
    }
}
