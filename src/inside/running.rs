//! One of stagectl's own programs inside, from its beginning to its end.

use std::collections::VecDeque;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::{InsideOutput, Replica, command_of, with_memory};
use crate::docker::{DockerError, Engine, Exec, Output};
use crate::failure::Failure;
use crate::replica::{clock_variables, write_job};

/// Lines of a command's output that are kept: the last ones say why it ended.
const KEPT_LINES: usize = 400;

/// What begins before its host has said how late it is would believe the real time for ten seconds.
const WHEN_READY: &str = "looks=0; until [ -e /run/stagectl.ready ]; do looks=$((looks + 1)); \
    [ $looks -le 6000 ] || { echo 'stagectl: the host was not ready within a minute: \
    /run/stagectl.ready is not there' >&2; exit 126; }; sleep 0.01; done; exec \"$@\"";

/// A program that runs in a container, or is about to: it begins when somebody waits for it.
pub(super) struct Running<'a> {
    container: String,
    code: LocalBoxFuture<'a, Result<i64, DockerError>>,
    said: UnboundedReceiver<(Output, String)>,
    ended: Option<Result<i64, DockerError>>,
}

impl<'a> Running<'a> {
    /// The program with its job on standard input.
    pub(super) fn new<E: Engine>(
        replica: &Replica<'a, E>,
        container: &str,
        program: &str,
        job: &impl Serialize,
    ) -> Running<'a> {
        let mut argv = command_of(program);
        // Our own programs live on the site's day: its certificates are not good on another.
        let clock: Vec<String> =
            clock_variables(replica.site).map(|(key, value)| format!("{key}={value}")).collect();
        if !clock.is_empty() {
            let first = ["/bin/sh", "-c", WHEN_READY, "sh", "/usr/bin/env"].map(str::to_owned);
            argv.splice(0..0, first.into_iter().chain(clock));
        }
        let exec = Exec { argv, stdin: Some(write_job(job)), user: None, folder: None };
        let (say, said) = unbounded_channel();
        let (engine, container) = (replica.engine, container.to_owned());
        let inside = container.clone();
        let code = async move {
            let mut take = |output: Output, line: String| {
                say.send((output, line)).ok();
            };
            engine.exec(&inside, &exec, &mut take).await
        };
        Running { container, code: Box::pin(code), said, ended: None }
    }

    /// The next line that it says, secrets and all; nothing more when it has ended.
    pub(super) async fn next_line(&mut self) -> Option<(Output, String)> {
        if self.ended.is_none() {
            tokio::select! {
                biased;
                Some(line) = self.said.recv() => return Some(line),
                code = &mut self.code => self.ended = Some(code),
            }
        }
        self.said.try_recv().ok()
    }

    /// True when it will say no more.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// True when it never was what it is, or is not any more: Docker could not run it, or it ended with a code that is no
    /// success.
    pub(super) fn has_failed(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| !matches!(ended, Ok(0)))
    }

    /// Waits for its end; `line` gets what it says, as it is and with secrets redacted.
    ///
    /// # Errors
    /// Infrastructure when Docker fails; the stop request.
    pub(super) async fn end<E: Engine>(
        self,
        replica: &Replica<'_, E>,
        halt: &CancellationToken,
        line: impl FnMut(Output, &str, &str),
    ) -> Result<InsideOutput, Failure> {
        self.end_after(Vec::new(), replica, halt, line).await
    }

    /// The same for a program that has said these lines before.
    ///
    /// # Errors
    /// As [`end`](Running::end).
    pub(super) async fn end_after<E: Engine>(
        mut self,
        said: Vec<(Output, String)>,
        replica: &Replica<'_, E>,
        halt: &CancellationToken,
        mut line: impl FnMut(Output, &str, &str),
    ) -> Result<InsideOutput, Failure> {
        let (mut said, mut lines) = (said.into_iter(), VecDeque::new());
        loop {
            let next = if let Some(line) = said.next() {
                Some(line)
            } else {
                tokio::select! {
                    next = self.next_line() => next,
                    () = halt.cancelled() => return Err(replica.stop.failure()),
                }
            };
            let Some((output, raw)) = next else { break };
            let text = replica.secrets.redact_line(&raw);
            line(output, &raw, &text);
            if lines.len() == KEPT_LINES {
                lines.pop_front();
            }
            lines.push_back(text);
        }
        match self.ended {
            Some(Ok(code)) => Ok(InsideOutput { code, lines: lines.into() }),
            Some(Err(error @ DockerError::ContainerEnded { .. })) => {
                Err(with_memory(replica, &self.container, error.into()).await)
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(Failure::bug("a program inside is waited for no more, and runs")),
        }
    }
}
