//! The visitor of an upgrade: a script that leaves something behind on the live release, and looks for it on the new one.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::budget::{OVER_BUDGET, within_budget};
use crate::docker::Engine;
use crate::event::{Test, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::inside::{InsideOutput, Replica, run_inside};
use crate::replica::{Visit, visit_job};

/// Lines of its output that are shown.
const SHOWN_LINES: usize = 40;

/// Runs the visitor's script; it stands among the tests of the state.
///
/// # Errors
/// `Unfit` where it fails, with what it printed; `NoResult` over the suite's budget; infrastructure.
pub async fn pay_visit<E: Engine>(replica: &Replica<'_, E>, visit: Visit) -> Result<(), Failure> {
    let begin = Instant::now();
    let Some(job) = visit_job(replica.site, &replica.secrets, &replica.handles, visit) else {
        return Ok(());
    };
    let (container, halt) = (&replica.handles.suite, CancellationToken::new());
    let running = run_inside(replica, container, "step.py", &job, &halt, |_, _| {});
    let output = within_budget(replica, running).await?;
    let name = ["visit"].iter().chain(visit.arguments()).copied().collect::<Vec<_>>().join(" ");
    replica.events.emit(What::TestEnded { test: as_test(&name, begin.elapsed(), &output) });
    let failure = match (output.code, visit) {
        (0, _) => return Ok(()),
        (OVER_BUDGET, _) => Failure::new(
            Kind::NoResult,
            format!(
                "`{name}` was not done within the suite's budget of {:?}",
                replica.site.critical.budget
            ),
        )
        .hint("find out what it waits for, or raise `critical.budget`"),
        (code, Visit::Leave) => {
            let what = format!("`{name}` failed with exit code {code}");
            Failure::new(Kind::Unfit, what).hint("what it does has to work on the live release")
        }
        (code, Visit::Check) => Failure::new(
            Kind::Unfit,
            format!(
                "`{name}` failed with exit code {code}: what was left on the live release is not there, or not the same"
            ),
        ),
    };
    let skip = output.lines.len().saturating_sub(SHOWN_LINES);
    Err(failure.evidence("visit", output.lines[skip..].to_vec()))
}

/// As one more test of the suite.
fn as_test(name: &str, took: Duration, output: &InsideOutput) -> Test {
    let is_green = output.code == 0;
    let last = output.lines.iter().rev().find(|line| !line.trim().is_empty());
    Test {
        name: name.to_owned(),
        status: if is_green { TestStatus::Passed } else { TestStatus::Failed },
        took: took.as_secs_f64(),
        message: last.filter(|_| !is_green).cloned(),
        details: (!is_green).then(|| output.lines.join("\n")),
        ..Test::default()
    }
}
