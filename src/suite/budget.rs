//! The time that a suite may take, or a script that goes with it.

use std::time::Duration;

use crate::docker::Engine;
use crate::failure::Failure;
use crate::inside::{InsideOutput, Replica};

/// `step.py` ends with this code what is not done in time.
pub(super) const OVER_BUDGET: i64 = 124;
/// More than the budget, for the case that the program that enforces it is gone.
const GRACE: Duration = Duration::from_secs(10);

/// Waits for what `step.py` runs within the budget of a site's suite; its code is [`OVER_BUDGET`] where it was not done.
///
/// # Errors
/// Its own; the stop request.
pub(super) async fn within_budget<E: Engine>(
    replica: &Replica<'_, E>,
    running: impl Future<Output = Result<InsideOutput, Failure>>,
) -> Result<InsideOutput, Failure> {
    let budget = replica.site.critical.budget;
    tokio::select! {
        output = tokio::time::timeout(budget + GRACE, running) => {
            output.unwrap_or_else(|_| Ok(InsideOutput { code: OVER_BUDGET, lines: Vec::new() }))
        }
        () = replica.stop.requested() => Err(replica.stop.failure()),
    }
}
