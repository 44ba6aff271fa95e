//! Replicas that are brought up to stay.

use std::time::Duration;

use super::aftermath::report_requests;
use super::close::{close, report_stops};
use super::course::Keep;
use super::evidence::Found;
use super::turn::{Counts, Ended, Outcome, Stand, Turn, take_turn};
use crate::docker::Engine;
use crate::failure::Verdict;
use crate::inside::cool_down;
use crate::provision::Images;
use crate::run::Run;
use crate::site::Site;

/// Brings up one site after the other, and leaves them up; a stop ends the row. With [`Keep::Failing`] one
/// that did not become ready stays, too.
pub async fn bring_up_all<E: Engine>(run: &Run<E>, sites: &[&Site], keep: Keep) -> Verdict {
    report_stops(&run.stop, &run.events, Box::pin(bring_up_in_order(run, sites, keep))).await
}

async fn bring_up_in_order<E: Engine>(run: &Run<E>, sites: &[&Site], keep: Keep) -> Verdict {
    let images = Images::default();
    let (mut verdict, mut kept) = (Verdict::Passed, false);
    for site in sites {
        let ended = bring_up_one(&Turn::new(run, &images, site), keep).await;
        verdict = verdict.and(ended.verdict);
        kept |= ended.kept;
        if run.stop.is_requested() {
            break;
        }
    }
    close(&run.engine, &run.spec.ownership.run, &run.events, verdict, kept).await
}

async fn bring_up_one<'r, E: Engine>(turn: &Turn<'r, E>, keep: Keep) -> Ended<'r> {
    turn.read_files().await;
    let work = async {
        let stand = turn.bring_up().await;
        let failure = match &stand {
            Stand::Unmade(failure) | Stand::Incomplete(_, failure) => Some(failure.clone()),
            Stand::Up(made, _) => {
                cool_down(&made.replica);
                turn.leave_up(&stand).await.err()
            }
        };
        let made = stand.made();
        let failure = match (failure, made) {
            (Some(failure), Some(made)) => Some(turn.confirm(made, failure).await),
            (failure, _) => failure,
        };
        if let Some(made) = made {
            report_requests(&made.replica).await;
        }
        let mut outcome = Outcome::default();
        if let Some(failure) = &failure {
            turn.save_evidence(made, failure, Found::default()).await;
            let wanted = keep == Keep::Failing && !turn.run.stop.is_requested();
            outcome.kept = wanted && turn.leave_up(&stand).await.is_ok();
            match made {
                Some(made) if outcome.kept => turn.report_kept(made).await,
                _ if outcome.kept => {}
                _ => outcome.left = turn.tear_down().await.err(),
            }
        } else if let Some(made) = made {
            outcome.kept = true;
            turn.report_reachable(made).await;
        }
        Outcome { failure, ..outcome }
    };
    take_turn(turn.site, &turn.events, Counts::Always, Duration::ZERO, Box::pin(work)).await
}
