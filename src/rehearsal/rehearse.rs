//! The sites of a run in order, each rehearsed, and the next one made ready meanwhile.

use super::aftermath::{report_logs, report_requests, signs_of};
use super::close::{close, report_stops};
use super::compare;
use super::course::{AfterFailure, Ahead, Course, Keep, Until};
use super::evidence::Found;
use super::room::has_room;
use super::states::Judged;
use super::turn::{
    Counts, Ended, FailureSigns, Outcome, Stand, Turn, count, take_turn, verdict_of,
};
use super::upgrade::Upgrades;
use crate::docker::Engine;
use crate::event::What;
use crate::failure::{Kind, Verdict};
use crate::provision::Images;
use crate::replica::{Secrets, not_replicated};
use crate::run::Run;
use crate::site::{Peers, Signs, Site, by_suspicion};

/// Rehearses the sites in order, and gets the next one ready meanwhile. A site with a live release is upgraded from it.
///
/// Everything that goes wrong is in the verdict and in the events.
pub async fn rehearse<E: Engine>(
    run: &Run<E>,
    (sites, upgrades): (&[&Site], &Upgrades),
    course: Course,
) -> Verdict {
    let work = rehearse_all(run, (sites, upgrades), course);
    report_stops(&run.stop, &run.events, Box::pin(work)).await
}

async fn rehearse_all<E: Engine>(
    run: &Run<E>,
    (sites, upgrades): (&[&Site], &Upgrades),
    course: Course,
) -> Verdict {
    let images = Images::default();
    let turns: Vec<Turn<'_, E>> = sites
        .iter()
        .map(|&site| Turn::new(run, &images, site).over(upgrades.get(&site.name)))
        .collect();
    let mut ended: Vec<Ended<'_>> = Vec::new();
    let mut early: Option<Stand<'_, E>> = None;
    for (number, turn) in turns.iter().enumerate() {
        if run.stop.is_requested() {
            break;
        }
        let next = turns.get(number + 1);
        let foreground = async {
            let outcome = rehearse_one(turn, early.take(), course, next).await;
            give_up_after(turn.site, outcome.verdict, course, next);
            // In whatever way it ended, nobody waits for it any more.
            turn.watch.images_ready.notify_one();
            turn.is_up.notify_one();
            outcome
        };
        let background = get_ready(turn, next, course.ahead);
        let (outcome, result) = tokio::join!(foreground, background);
        early = result;
        ended.push(outcome);
        if next.is_some_and(|next| next.stop.is_requested()) {
            break;
        }
    }
    report_differences(run, &ended, &turns);
    let mut verdict = ended
        .iter()
        .fold(Verdict::Passed, |verdict, ended| verdict.and(count(ended.site, ended.verdict)));
    // A site that was brought up early, and whose turn never came, is not kept.
    let is_there = early.as_ref().is_some_and(|stand| stand.made().is_some());
    for turn in turns.iter().skip(ended.len()).take(usize::from(is_there)) {
        if let Err(left) = turn.tear_down().await {
            verdict = verdict.and(Verdict::Not(left.kind));
        }
    }
    let verdict =
        if run.stop.is_requested() { Verdict::Not(run.stop.failure().kind) } else { verdict };
    let kept = ended.iter().any(|ended| ended.kept);
    close(&run.engine, &run.spec.ownership.run, &run.events, verdict, kept).await
}

/// Reports in what each failing site differs from the nearest passing one.
fn report_differences<E: Engine>(run: &Run<E>, ended: &[Ended<'_>], turns: &[Turn<'_, E>]) {
    let (passed, failed): (Vec<&Ended<'_>>, Vec<&Ended<'_>>) =
        ended.iter().partition(|ended| ended.verdict == Verdict::Passed);
    let passed: Vec<&Site> = passed.into_iter().map(|ended| ended.site).collect();
    for &failing in &failed {
        let Some((nearest, found)) = compare::nearest(failing.site, passed.iter().copied()) else {
            continue;
        };
        let FailureSigns { phase, said, logged, sources } = &failing.signs;
        let signs = Signs {
            phase,
            said: said.iter().map(String::as_str).collect(),
            logged: logged.iter().map(String::as_str).collect(),
            sources: sources.iter().map(String::as_str).collect(),
        };
        let others = failed.iter().filter(|other| other.site.name != failing.site.name);
        let is_bad = |verdict| matches!(verdict, Verdict::Not(kind) if !kind.is_error());
        let alike = others.filter(|other| other.signs.phase == *phase && is_bad(other.verdict));
        let peers = Peers {
            failing: failing.site,
            nearest,
            passed: passed.clone(),
            failed_alike: alike.map(|other| other.site).collect(),
        };
        let secrets = || turns.iter().filter_map(|turn| -> Option<&Secrets> { turn.secrets.get() });
        let shown = by_suspicion(found, &signs, &peers)
            .into_iter()
            .map(|suspect| compare::redact(suspect, [failing.site, nearest], &run.root, secrets()));
        let event = What::DiffersFrom { site: nearest.name.clone(), differences: shown.collect() };
        run.events.of_site(&failing.site.name).emit(event);
    }
}

/// Gets the next site ready as far as is wanted; how that went. A failure to make its images is
/// the failure with which its turn begins. It ends at once when its turn is given up.
async fn get_ready<'r, E: Engine>(
    current: &Turn<'r, E>,
    next: Option<&Turn<'r, E>>,
    ahead: Ahead,
) -> Option<Stand<'r, E>> {
    let next = next?;
    current.watch.images_ready.notified().await;
    if next.stop.is_requested() {
        return None;
    }
    let prepared = next.ahead(next.prepare()).await;
    if prepared.is_err() || ahead == Ahead::Images {
        return prepared.err().map(Stand::Unmade);
    }
    current.is_up.notified().await;
    let started = current.watch.started.borrow().clone();
    if ahead == Ahead::WhereRoom && !has_room(&current.run.engine, &started).await {
        return None;
    }
    Some(next.ahead(next.bring_up()).await)
}

/// Gives up the next site's turn, and what is done for it now, if the run ends with this verdict.
fn give_up_after<E>(site: &Site, verdict: Verdict, course: Course, next: Option<&Turn<'_, E>>) {
    let is_last =
        course.after_failure == AfterFailure::Stop && count(site, verdict) != Verdict::Passed;
    if let Some(next) = next.filter(|_| is_last) {
        next.stop.give_up();
    }
}

/// One site's turn; `early` is what was done for it before, if it is up already or never will be.
async fn rehearse_one<'r, E: Engine>(
    turn: &Turn<'r, E>,
    early: Option<Stand<'r, E>>,
    course: Course,
    next: Option<&Turn<'r, E>>,
) -> Ended<'r> {
    turn.read_files().await;
    let work = async {
        turn.events.emit(What::NotReplicated { what: not_replicated(turn.site) });
        let mut stand = match early {
            Some(stand) => stand,
            None => turn.bring_up().await,
        };
        let Judged { examined, failure } = match (&stand, course.until) {
            (Stand::Up(..), Until::Ready) => Judged::default(),
            _ => Box::pin(turn.judge(&mut stand)).await,
        };
        let made = stand.made();
        give_up_after(turn.site, verdict_of(failure.as_ref()), course, next);
        if let Some(made) = made {
            report_requests(&made.replica).await;
        }
        let mut outcome = Outcome::default();
        if let Some(failure) = &failure {
            let said = match (made, &examined) {
                (Some(made), None) => report_logs(made, failure).await,
                _ => Vec::new(),
            };
            let found = examined
                .as_ref()
                .map_or(Found { said: &said, ..Found::default() }, |all| all.found());
            outcome.signs = signs_of(failure, found);
            turn.save_evidence(made, failure, found).await;
            turn.events.emit(What::Again { command: turn.again() });
        }
        let is_red = failure
            .as_ref()
            .is_some_and(|failure| !failure.kind.is_error() || failure.kind == Kind::Baseline);
        let wanted = course.keep == Keep::Failing && is_red;
        outcome.kept = wanted && turn.leave_up(&stand).await.is_ok();
        match made {
            Some(made) if outcome.kept => turn.report_kept(made).await,
            _ if outcome.kept => {}
            _ => outcome.left = turn.tear_down().await.err(),
        }
        Outcome { failure, ..outcome }
    };
    let before = turn.before.get();
    take_turn(turn.site, &turn.events, Counts::AsDescribed, before, Box::pin(work)).await
}
