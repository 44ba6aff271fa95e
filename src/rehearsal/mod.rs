//! The rehearsal: sites in order; for each provision, deploy, diagnosis, suite, evidence, teardown.

mod aftermath;
mod compare;
mod confirm;
mod evidence;
mod examine;
#[cfg(test)]
mod fixture;
mod lease;
mod moment;
mod outside;
mod partition;
mod reap;
mod refused;
mod site;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use crate::cancel::Stop;
use crate::docker::Engine;
use crate::event::{Events, Inventory, ResourceKind, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::provision::{Images, Workshop, teardown};
use crate::release::Release;
use crate::replica::{Labels, Ownership, RunId, Templates, label, not_replicated};
use crate::site::{Signs, Site, SiteName, by_suspicion};
use crate::tls::Authority;

pub use confirm::confirmed;
pub use examine::{Opened, SuiteOutput, Wish, examine, opened, read_own, read_secrets, running};
pub use lease::{LEFT_UP, Lease, extend, leave_up, record_release};
pub use partition::Part;
pub use reap::{Reaped, Standing, reap, standing};
pub use site::{Attempt, certificates_of};

/// What one invocation works with, for all its sites.
#[derive(Debug)]
pub struct Run<'a, E> {
    pub engine: &'a E,
    pub release: &'a Release,
    /// The release as the user gave it, for commands to paste.
    pub release_argument: String,
    pub events: &'a Events,
    pub stop: &'a Stop,
    pub ownership: &'a Ownership,
    pub workshop: &'a Workshop,
    pub templates: &'a Templates,
    pub authority: &'a Authority,
    pub images: &'a Images,
    /// The project's folder.
    pub root: PathBuf,
    /// Where the evidence of each site goes, and how a person would write it.
    pub folder: PathBuf,
    pub shown_folder: String,
    /// Whether replicas have a way in from the engine's machine: those that a person looks at.
    pub has_door: bool,
    /// How long one that stays up may do so when nobody uses it.
    pub lease: Duration,
}

/// Whether a replica stays after its rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// A failing site's replica stays up, to be looked at.
    Failing,
}

/// Whether the sites after a failing one are still rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    GoOn,
    Stop,
}

/// What is done for the next site while one is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// Its images are made.
    Images,
    /// It is brought up, too: faster, at the memory of two replicas.
    Containers,
}

/// How a run goes through its sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    pub keep: Keep,
    pub after_failure: AfterFailure,
    pub ahead: Ahead,
}

/// How one site ended.
#[derive(Debug)]
struct Ended<'a> {
    site: &'a Site,
    verdict: Verdict,
    kept: bool,
    /// What was said of its failure.
    told: Told,
}

/// A failure in the words of all who had some.
#[derive(Debug, Default)]
struct Told {
    phase: &'static str,
    texts: Vec<String>,
}

impl Ended<'_> {
    /// What the site adds to the run's verdict.
    fn counted(&self) -> Verdict {
        count(self.site, self.verdict)
    }
}

/// Returns what a site's verdict adds to the run's.
fn count(site: &Site, verdict: Verdict) -> Verdict {
    if site.advisory { verdict.of_advice() } else { verdict }
}

/// Does the work of a run, and tells at once when a stop is asked for meanwhile.
pub async fn telling_stops<T>(stop: &Stop, events: &Events, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = stop.requested() => {}
    }
    let why = if stop.failure().kind == Kind::Interrupted { "Ctrl-C" } else { "terminated" };
    events.emit(What::StopRequested { why: why.to_owned() });
    work.await
}

/// Rehearses the sites in order, and gets the next one ready meanwhile.
///
/// Everything that goes wrong is in the verdict and in the events.
pub async fn rehearse<E: Engine>(run: &Run<'_, E>, sites: &[&Site], course: Course) -> Verdict {
    telling_stops(run.stop, run.events, Box::pin(rehearse_all(run, sites, course))).await
}

async fn rehearse_all<E: Engine>(run: &Run<'_, E>, sites: &[&Site], course: Course) -> Verdict {
    let attempts: Vec<Attempt<'_, E>> = sites.iter().map(|site| Attempt::new(run, site)).collect();
    let mut ended: Vec<Ended<'_>> = Vec::new();
    let mut early: Option<Result<(), Failure>> = None;
    for (number, attempt) in attempts.iter().enumerate() {
        if run.stop.is_requested() {
            break;
        }
        let next = attempts.get(number + 1);
        let foreground = async {
            let outcome = rehearse_one(attempt, early.take(), course, next).await;
            give_up_after(attempt.site, outcome.verdict, course, next);
            // In whatever way it ended, nobody waits for it any more.
            attempt.images_ready.notify_one();
            attempt.is_up.notify_one();
            outcome
        };
        let background = get_ready(attempt, next, course.ahead);
        let (outcome, result) = tokio::join!(foreground, background);
        early = result;
        ended.push(outcome);
        if next.is_some_and(|next| next.stop.is_requested()) {
            break;
        }
    }
    for failing in ended.iter().filter(|ended| ended.verdict != Verdict::Passed) {
        let passing =
            ended.iter().filter(|ended| ended.verdict == Verdict::Passed).map(|ended| ended.site);
        if let Some((nearest, found)) = compare::nearest(failing.site, passing) {
            let events = run.events.of_site(&failing.site.name);
            let both = [failing.site, nearest];
            let secrets = || attempts.iter().filter_map(Attempt::secrets);
            let texts = failing.told.texts.iter().map(String::as_str).collect();
            let signs = Signs { phase: failing.told.phase, texts };
            let found = by_suspicion(found, &signs, failing.site, sites.iter().copied());
            let told = found.into_iter().map(|one| compare::told(one, both, &run.root, secrets()));
            let differences = told.collect();
            events.emit(What::DiffersFrom { site: nearest.name.clone(), differences });
        }
    }
    let mut verdict =
        ended.iter().fold(Verdict::Passed, |verdict, ended| verdict.and(ended.counted()));
    // A site that was brought up early, and whose turn never came, is not kept.
    for attempt in attempts.iter().skip(ended.len()).filter(|attempt| attempt.plan().is_some()) {
        if let Err(left) = attempt.tear_down().await {
            verdict = verdict.and(Verdict::Not(left.kind));
        }
    }
    let verdict =
        if run.stop.is_requested() { Verdict::Not(run.stop.failure().kind) } else { verdict };
    close(run.engine, &run.ownership.run, run.events, verdict, ended.iter().any(|ended| ended.kept))
        .await
}

/// Gets the next site ready as far as is wanted; how that went. A failure to make its images is
/// the failure with which its turn begins. It ends at once when its turn is given up.
async fn get_ready<E: Engine>(
    current: &Attempt<'_, E>,
    next: Option<&Attempt<'_, E>>,
    ahead: Ahead,
) -> Option<Result<(), Failure>> {
    let next = next?;
    current.images_ready.notified().await;
    if next.stop.is_requested() {
        return None;
    }
    let prepared = next.prepare().await;
    if prepared.is_err() || ahead == Ahead::Images {
        return prepared.err().map(Err);
    }
    current.is_up.notified().await;
    Some(next.bring_up().await)
}

/// Gives up the next site's turn, and what is done for it now, if the run ends with this verdict.
fn give_up_after<E>(site: &Site, verdict: Verdict, course: Course, next: Option<&Attempt<'_, E>>) {
    let is_last =
        course.after_failure == AfterFailure::Stop && count(site, verdict) != Verdict::Passed;
    if let Some(next) = next.filter(|_| is_last) {
        next.stop.give_up();
    }
}

/// One site's turn; `early` is what was done for it before, if it is up already or never will be.
async fn rehearse_one<'a, E: Engine>(
    attempt: &Attempt<'a, E>,
    early: Option<Result<(), Failure>>,
    course: Course,
    next: Option<&Attempt<'a, E>>,
) -> Ended<'a> {
    let (site, events) = attempt.site();
    let begin = events.elapsed();
    attempt.read_files().await;
    let environment = environment_of(site);
    events.emit(What::SiteStarted { environment, advisory: site.advisory });
    events.emit(What::NotReplicated { what: not_replicated(site) });
    let up = match early {
        Some(result) => result,
        None => attempt.bring_up().await,
    };
    let outcome = match up {
        Ok(()) => attempt.examine().await,
        Err(failure) => Err(failure),
    };
    let failure = match outcome.err() {
        Some(failure) => Some(Box::pin(attempt.confirmed(failure)).await),
        None => None,
    };
    let mut verdict =
        failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
    give_up_after(site, verdict, course, next);
    attempt.take_notes().await;
    let mut told = Told::default();
    if let Some(failure) = &failure {
        attempt.take_moment(failure).await;
        told = attempt.told(failure);
        attempt.save_evidence(failure).await;
        events.emit(What::Again { command: attempt.again() });
    }
    let wanted = course.keep == Keep::Failing
        && failure.as_ref().is_some_and(|failure| !failure.kind.is_error());
    let kept = wanted && attempt.leave_up().await.is_ok();
    let torn_down = if kept { Ok(()) } else { attempt.tear_down().await };
    let mut failure = failure;
    if let Err(left) = torn_down {
        verdict = verdict.and(Verdict::Not(left.kind));
        failure = failure.or(Some(left));
    }
    events.emit(What::SiteEnded { verdict, took: events.elapsed().saturating_sub(begin), failure });
    Ended { site, verdict, kept, told }
}

/// The end of a run: what is left of it, and the verdict.
pub async fn close<E: Engine>(
    engine: &E,
    run: &RunId,
    events: &Events,
    verdict: Verdict,
    kept: bool,
) -> Verdict {
    let mut verdict = verdict;
    let labels = Ownership::of_run(run);
    let left = if kept {
        let found = engine.inventory(&labels).await;
        found.map(|found| found.into_iter().map(|found| found.resource).collect())
    } else {
        // Whatever a site's own teardown missed goes now.
        let left = teardown(engine, &labels, events).await;
        left.map(|left| left.into_iter().map(|left| left.resource).collect::<Vec<_>>())
    };
    match left {
        Ok(left) => {
            if !kept && !left.is_empty() {
                verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
            }
            let count = |kind| left.iter().filter(|resource| resource.kind == kind).count();
            let left = Inventory {
                containers: count(ResourceKind::Container),
                networks: count(ResourceKind::Network),
                volumes: count(ResourceKind::Volume),
            };
            events.emit(if kept { What::Kept { kept: left } } else { What::Inventory { left } });
            // What is kept on purpose is told as far as it is known.
            let ours = Labels::from([(label::KIND.to_owned(), String::new())]);
            if let Ok(images) = engine.images(&ours).await {
                events.emit(What::Cached { images: images.len() });
            }
        }
        // Nobody knows what is left: that is no green run.
        Err(_) => verdict = verdict.and(Verdict::Not(Kind::Infrastructure)),
    }
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    verdict
}

/// The digest of a site's environment; says so when a file of it has become unreadable.
#[must_use]
pub fn environment_of(site: &Site) -> String {
    site.digest().unwrap_or_else(|error| format!("unknown: {error}"))
}

/// The names of sites, for a sentence.
#[must_use]
pub fn names(sites: &[&Site]) -> Vec<SiteName> {
    sites.iter().map(|site| site.name.clone()).collect()
}

/// What a finished attempt leaves for later steps: the processes that `serve` started.
type Processes = RefCell<Vec<(String, i64)>>;

#[cfg(test)]
mod tests;
