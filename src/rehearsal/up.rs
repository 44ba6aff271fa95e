//! Replicas that are brought up to stay.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::aftermath::report_requests;
use super::close::{close, report_stops};
use super::course::Keep;
use super::evidence::Found;
use super::turn::{Counts, Ended, Outcome, Stand, Turn, take_turn};
use crate::docker::Engine;
use crate::event::{Hint, What, span_in_words};
use crate::failure::{Failure, Verdict};
use crate::provision::Images;
use crate::run::{Run, path_from_here};
use crate::site::Site;
use crate::standing::way_in;

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
            Stand::Up(..) => turn.leave_up(&stand).await.err(),
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
            if !outcome.kept {
                outcome.left = turn.tear_down().await.err();
            }
        } else if let Some(made) = made {
            outcome.kept = true;
            let door = &made.replica.handles.door;
            turn.events.emit(match reachable(turn.run, turn.site, door).await {
                Ok(reachable) => reachable,
                Err(failure) => What::Warning { message: failure.message },
            });
        }
        Outcome { failure, ..outcome }
    };
    take_turn(turn.site, &turn.events, Counts::Always, Duration::ZERO, Box::pin(work)).await
}

/// Returns how the site is reached, and what a person wants to know with that.
async fn reachable<E: Engine>(run: &Run<E>, site: &Site, door: &str) -> Result<What, Failure> {
    let name = &site.name;
    let trusted = site
        .tls
        .as_ref()
        .map(|tls| run.authority.file_to_trust(name.as_str(), tls, Timestamp::now()));
    let trusted = trusted.transpose()?.map(|file| path_from_here(&file));
    let root = trusted.as_deref();
    let found = way_in(&run.engine, door, name.as_str()).await?;
    let mut more = found.hints(site, root);
    let mut hint = |topic: &str, text: String| {
        more.push(Hint { topic: topic.to_owned(), text });
    };
    let length = span_in_words(run.lease.as_secs().cast_signed());
    let until = ZonedDateTime::now().checked_add(run.lease).map(|until| until.strftime("%a %H:%M"));
    let until = until.map_or_else(|_| "for ever".to_owned(), |until| format!("until {until}"));
    hint("lease", format!("{until}; each use begins its {length} anew"));
    hint("next", format!("stagectl open {name}, test, logs -f, shell, redeploy; at the end down"));
    Ok(What::Reachable {
        url: found.click(name.as_str(), &site.proxy.prefix),
        command: found.curl(site, root),
        more,
    })
}
