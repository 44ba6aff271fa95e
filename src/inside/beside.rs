//! A program inside that goes on beside other work.

use std::pin::pin;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::running::Running;
use super::{InsideOutput, Replica, ended_within, run_inside};
use crate::docker::{Engine, Output};
use crate::failure::Failure;

/// How long the program may take until it has begun, and to its end when it is told that the work is done. What it
/// waits for meanwhile has limits of its own.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program that goes on beside other work.
#[derive(Debug)]
pub struct Beside<'j, J> {
    pub container: &'j str,
    pub program: &'static str,
    pub job: &'j J,
    /// What it says when the work can begin.
    pub begun: &'static str,
    /// What `release.py` is told when the work is done.
    pub end: &'static str,
}

/// Does the work when the program has begun, and has the program end when that is done; `line` gets what the program
/// says, as it is. After a stop request nobody waits for the program's end: its container goes away.
///
/// The work's result comes first. Where the program could not begin there is no work.
///
/// # Errors
/// Those of the program: infrastructure, or the stop request.
pub async fn run_beside<E: Engine, J: Serialize, T>(
    replica: &Replica<'_, E>,
    beside: Beside<'_, J>,
    mut line: impl FnMut(Output, &str),
    work: impl Future<Output = T>,
) -> (Option<T>, Result<InsideOutput, Failure>) {
    let Beside { container, program, job, begun, end } = beside;
    let mut running = Running::new(replica, container, program, job);
    let beginning = async {
        while let Some((from, text)) = running.next_line().await {
            line(from, &text);
            if from == Output::Stdout && text == begun {
                break;
            }
        }
        Ok(())
    };
    let began = tokio::select! {
        began = ended_within(PATIENCE, program, container, beginning) => began,
        () = replica.stop.requested() => Err(replica.stop.failure()),
    };
    if let Err(failure) = began {
        return (None, Err(failure));
    }
    let halt = CancellationToken::new();
    if running.has_failed() {
        return (None, running.end(replica, &halt, |from, raw, _| line(from, raw)).await);
    }
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            Some((from, text)) = running.next_line(), if !running.has_ended() => line(from, &text),
        }
    };
    let ending = async {
        if !running.has_ended() {
            run_inside(replica, container, "release.py", &end, &halt, |_, _| ()).await?;
        }
        running.end(replica, &halt, |from, raw, _| line(from, raw)).await
    };
    let ended = tokio::select! {
        ended = ended_within(PATIENCE, program, container, ending) => ended,
        () = replica.stop.requested() => Err(replica.stop.failure()),
    };
    (Some(done), ended)
}
