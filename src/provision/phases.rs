//! Turns the ends of steps into the beginnings and ends of phases.

use std::time::Duration;

use tokio::sync::Notify;

use super::board::Board;
use crate::event::{Events, Outcome, What};
use crate::failure::Failure;
use crate::replica::Phase;

/// Turns the ends of steps into the beginnings and ends of phases.
pub(in crate::provision) struct PhaseClock<'a> {
    events: &'a Events,
    images_ready: &'a Notify,
    begun: Vec<Phase>,
    ended: Vec<Phase>,
    /// A phase that was reported before, when it was done in the background.
    reported: Option<Phase>,
    mark: Duration,
}

impl<'a> PhaseClock<'a> {
    pub(super) fn new(
        events: &'a Events,
        images_ready: &'a Notify,
        reported: Option<Phase>,
    ) -> Self {
        PhaseClock {
            events,
            images_ready,
            begun: Vec::new(),
            ended: Vec::new(),
            reported,
            mark: events.elapsed(),
        }
    }

    pub(super) fn begin(&mut self, phase: Phase) {
        if !self.begun.contains(&phase) {
            self.begun.push(phase);
            if self.reported != Some(phase) {
                self.events.emit(What::PhaseStarted { phase });
            }
        }
    }

    pub(super) fn end(&mut self, board: &Board<'_>) {
        let mut open: Vec<Phase> =
            self.begun.iter().copied().filter(|phase| !self.ended.contains(phase)).collect();
        open.sort_unstable();
        for phase in open {
            if !board.is_over(phase) {
                break;
            }
            if phase == Phase::Images {
                self.images_ready.notify_one();
            }
            self.close(phase, Outcome::Passed, String::new());
        }
    }

    pub(super) fn fail(&mut self, phase: Phase, failure: &Failure) {
        let outcome = if failure.kind.is_error() { Outcome::Error } else { Outcome::Failed };
        self.close(phase, outcome, failure.message.clone());
    }

    fn close(&mut self, phase: Phase, outcome: Outcome, note: String) {
        let now = self.events.elapsed();
        let took = now.saturating_sub(self.mark);
        self.mark = now;
        self.ended.push(phase);
        if self.reported != Some(phase) {
            self.events.emit(What::PhaseEnded { phase, took, outcome, note });
        }
    }
}
