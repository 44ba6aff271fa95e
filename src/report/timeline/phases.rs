//! A phase as one step, where nobody knows what it is made of.

use crate::report::model::PhaseReport;
use crate::report::span::Span;

/// Returns the span of a phase; `None` in a report that does not know when it was.
pub(super) fn span_of(phase: &PhaseReport, what: String) -> Option<Span> {
    Some(Span {
        what,
        phase: phase.name,
        container: None,
        stage: None,
        step: None,
        at: phase.at?,
        seconds: phase.seconds,
        outcome: phase.outcome,
        after: Vec::new(),
        critical: false,
    })
}
