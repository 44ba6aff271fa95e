//! When each step of a site was, and which of them the run's end had to wait for.

mod critical;
mod phases;
mod rows;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::model::{PhaseReport, SiteReport};
use super::seconds::{finite, seconds};
use super::span::Span;
use super::words::took;
use crate::event::{ImageOrigin, Outcome, Performed};
use crate::replica::Phase;

pub(super) use critical::mark_critical;
use phases::span_of;
pub use rows::{TimelineRow, timeline_rows};

impl SiteReport {
    /// Adds a step of the plan that ended now.
    pub(super) fn take_step(&mut self, now: Duration, step: &Performed) {
        // What was prepared is found again in the turn: the later one of a number is meant.
        let place = |number: &usize| self.timeline.iter().rposition(|of| of.step == Some(*number));
        let after = step.after.iter().filter_map(place).collect();
        let made = step.origin.filter(|_| step.outcome == Outcome::Passed).map(origin_in_words);
        self.timeline.push(Span {
            what: step.what.clone() + made.unwrap_or_default(),
            phase: step.phase,
            container: step.reached.as_ref().map(|reached| reached.container.clone()),
            stage: step.reached.as_ref().map(|reached| reached.stage),
            step: Some(step.number),
            at: seconds(now.saturating_sub(step.took)),
            seconds: seconds(step.took),
            outcome: step.outcome,
            after,
            critical: false,
        });
    }

    /// Adds a phase that ended, unless it is made of the plan's steps.
    pub(super) fn take_later(&mut self, phase: &PhaseReport) {
        let what = match phase.name {
            Phase::Images | Phase::Up | Phase::Deploy | Phase::Ready => return,
            Phase::Check => "check".to_owned(),
            Phase::Diagnosis => "diagnosis".to_owned(),
            Phase::Suite if self.tests.is_empty() => "critical suite".to_owned(),
            Phase::Suite => {
                let tests = self.tests.iter().map(|test| test.took).sum();
                format!("critical suite, tests {}", took(finite(tests)))
            }
            Phase::Evidence => "evidence".to_owned(),
            Phase::Down => "teardown".to_owned(),
        };
        self.timeline.extend(span_of(phase, what));
    }
}

fn origin_in_words(origin: ImageOrigin) -> &'static str {
    match origin {
        ImageOrigin::Cached => ", found",
        ImageOrigin::Built => ", made",
        ImageOrigin::Pulled => ", pulled",
        ImageOrigin::Bootstrapped => ", bootstrapped",
        ImageOrigin::Imported => ", imported",
    }
}
