//! A command inside that was begun early: it waits at its gates, ready to go on.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::running::Running;
use super::{InsideOutput, Replica, ended_within, run_inside};
use crate::docker::{Engine, Output};
use crate::failure::Failure;

/// `step.py` says so on its standard error when its command can be let through a gate.
const HELD: &str = "held";
/// How long it may take until a gate is open; an interpreter has to start first.
const OPENING: Duration = Duration::from_mins(2);
/// How long a command may take to be given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A command that waits.
pub struct Held<'a> {
    container: String,
    running: Running<'a>,
    /// Whether it can be let through its first gate.
    at_gate: bool,
    /// What it has said so far.
    said: Vec<(Output, String)>,
}

impl<'a> Held<'a> {
    /// A command that its job lets wait. It begins when it is [attended to](Held::attend).
    pub fn new<E: Engine>(
        replica: &Replica<'a, E>,
        container: &str,
        job: &impl Serialize,
    ) -> Held<'a> {
        let running = Running::new(replica, container, "step.py", job);
        Held { container: container.to_owned(), running, at_gate: false, said: Vec::new() }
    }

    /// Whether it can be let through its first gate, or has ended.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.at_gate || self.running.has_ended()
    }

    /// Waits until the command can be let through its first gate, or has ended.
    pub async fn attend(&mut self) {
        while !self.is_ready() {
            match self.running.next_line().await {
                Some((Output::Stderr, line)) if line == HELD => self.at_gate = true,
                Some(said) => self.said.push(said),
                None => {}
            }
        }
    }

    /// Lets the command through its next gate. It does not matter if it has ended: [`end`](Held::end) says how.
    ///
    /// # Errors
    /// Infrastructure; the stop request.
    pub async fn open_gate<E: Engine>(&mut self, replica: &Replica<'_, E>) -> Result<(), Failure> {
        let container = self.container.clone();
        let opening = async {
            self.attend().await;
            if self.running.has_ended() {
                return Ok(());
            }
            let output = self.ask(replica, "open").await?;
            if output.code == 0 {
                return Ok(());
            }
            let message = format!("could not let the suite in `{}` begin", self.container);
            Err(Failure::infrastructure(message).evidence("release.py", output.lines))
        };
        tokio::select! {
            opened = ended_within(OPENING, "release.py", &container, opening) => opened,
            () = replica.stop.requested() => Err(replica.stop.failure()),
        }
    }

    /// Has the command ended that nobody needs any more: its container may stay. What comes of that is not waited for.
    pub async fn give_up<E: Engine>(mut self, replica: &Replica<'_, E>) {
        let ending = async {
            self.attend().await;
            if self.running.has_ended() { Ok(()) } else { self.ask(replica, "end").await.map(drop) }
        };
        tokio::time::timeout(PATIENCE, ending).await.ok();
    }

    async fn ask<E: Engine>(
        &self,
        replica: &Replica<'_, E>,
        wish: &str,
    ) -> Result<InsideOutput, Failure> {
        let halt = CancellationToken::new();
        run_inside(replica, &self.container, "release.py", &wish, &halt, |_, _| ()).await
    }

    /// Waits for the command's end; `line` gets what it says, secrets redacted.
    ///
    /// # Errors
    /// Infrastructure; the stop request.
    pub async fn end<E: Engine>(
        self,
        replica: &Replica<'_, E>,
        mut line: impl FnMut(Output, &str),
    ) -> Result<InsideOutput, Failure> {
        let halt = CancellationToken::new();
        self.running.end_after(self.said, replica, &halt, |from, _, text| line(from, text)).await
    }
}

impl fmt::Debug for Held<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Held({})", self.container)
    }
}
