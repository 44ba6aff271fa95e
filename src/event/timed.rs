//! Phases whose beginning and end are events.

use super::{Events, Outcome, What};
use crate::failure::Failure;
use crate::replica::Phase;

/// Times a phase: emits its beginning, and how it ended. Returns what the work returns.
///
/// # Errors
/// The work's.
pub async fn timed<T>(
    events: &Events,
    phase: Phase,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let begin = events.elapsed();
    events.emit(What::PhaseStarted { phase });
    let result = work.await;
    let outcome = Outcome::of(&result);
    let note = result.as_ref().err().map(|failure| failure.message.clone()).unwrap_or_default();
    let took = events.elapsed().saturating_sub(begin);
    events.emit(What::PhaseEnded { phase, took, outcome, note });
    result
}
