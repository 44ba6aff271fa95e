//! Reports of each step of a plan when it was, and what it waited for.

use super::execution::Execution;
use crate::docker::Engine;
use crate::event::{ImageOrigin, Outcome, Performed, What};
use crate::failure::Failure;
use crate::replica::{Step, StepId};

/// Does the work of a step, whose time begins now, and reports its end.
///
/// # Errors
/// The work's.
pub(super) fn report_performed<'w, E: Engine>(
    work: &'w Execution<'_, '_, E>,
    id: StepId,
    performing: impl Future<Output = Result<(), Failure>> + 'w,
) -> impl Future<Output = Result<(), Failure>> + 'w {
    let events = &work.replica.events;
    let planned = &work.plan.steps[id.0];
    let number = |id: StepId| work.plan.before + id.0 + 1;
    let begin = events.elapsed();
    let known = match &planned.step {
        Step::Image(index) => work.images.get(work.plan, *index).map(|_| ImageOrigin::Cached),
        _ => None,
    };
    async move {
        let result = performing.await;
        let origin = match &planned.step {
            Step::Image(index) => {
                known.or_else(|| Some(work.images.get(work.plan, *index)?.origin))
            }
            _ => None,
        };
        let step = Performed {
            number: number(id),
            phase: planned.phase,
            what: work.plan.done_in_words(&planned.step),
            reached: planned.step.reached(),
            origin,
            took: events.elapsed().saturating_sub(begin),
            after: planned.after.iter().map(|id| number(*id)).collect(),
            outcome: Outcome::of(&result),
        };
        work.watch.performed.borrow_mut().push((events.elapsed(), step.clone()));
        events.emit(What::Performed { step });
        result
    }
}
