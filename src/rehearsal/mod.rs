//! The rehearsal: sites in order; for each provision, deploy, diagnosis, suite, evidence, teardown.

mod compare;
mod evidence;
mod examine;
mod reap;
mod site;

use std::cell::RefCell;
use std::path::PathBuf;

use tokio::sync::Notify;

use crate::cancel::Stop;
use crate::docker::Engine;
use crate::event::{Events, Inventory, Outcome, ResourceKind, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::provision::{Images, Workshop, teardown};
use crate::release::Release;
use crate::replica::Phase;
use crate::replica::{Ownership, RunId, Templates};
use crate::site::{Site, SiteName};
use crate::tls::Authority;

pub use examine::examine;
pub use reap::{LEFT_UP, Reaped, Standing, reap, standing};
pub use site::Attempt;

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
    /// Where the evidence of each site goes, and how a person would write it.
    pub folder: PathBuf,
    pub shown_folder: String,
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

/// How one site ended.
#[derive(Debug)]
struct Ended<'a> {
    site: &'a Site,
    verdict: Verdict,
    kept: bool,
}

/// Rehearses the sites in order, and prepares the next one's images meanwhile.
///
/// # Errors
/// None: everything that goes wrong is in the verdict and in the events.
pub async fn rehearse<E: Engine>(
    run: &Run<'_, E>,
    sites: &[&Site],
    keep: Keep,
    after_failure: AfterFailure,
) -> Verdict {
    let mut ended: Vec<Ended<'_>> = Vec::new();
    let mut prepared: Option<Failure> = None;
    for (number, site) in sites.iter().enumerate() {
        if run.stop.is_requested() {
            break;
        }
        let failed_before = prepared.take();
        let ready = Notify::new();
        let background = async {
            let next = sites.get(number + 1)?;
            ready.notified().await;
            site::prepare(run, next).await.err()
        };
        let foreground = async {
            let outcome = rehearse_one(run, site, failed_before, keep, &ready).await;
            // In whatever way it ended, nobody waits for it any more.
            ready.notify_one();
            outcome
        };
        let (outcome, failure) = tokio::join!(foreground, background);
        prepared = failure;
        let failed = outcome.verdict != Verdict::Passed;
        ended.push(outcome);
        if failed && after_failure == AfterFailure::Stop {
            break;
        }
    }
    for failing in ended.iter().filter(|ended| ended.verdict != Verdict::Passed) {
        let passing =
            ended.iter().filter(|ended| ended.verdict == Verdict::Passed).map(|ended| ended.site);
        if let Some((nearest, keys)) = compare::nearest(failing.site, passing) {
            let events = run.events.of_site(&failing.site.name);
            events.emit(What::DiffersFrom { site: nearest.name.clone(), keys });
        }
    }
    let verdict = ended.iter().fold(Verdict::Passed, |verdict, ended| verdict.and(ended.verdict));
    let verdict =
        if run.stop.is_requested() { Verdict::Not(run.stop.failure().kind) } else { verdict };
    close(run.engine, &run.ownership.run, run.events, verdict, ended.iter().any(|ended| ended.kept))
        .await
}

async fn rehearse_one<'a, E: Engine>(
    run: &Run<'_, E>,
    site: &'a Site,
    prepared: Option<Failure>,
    keep: Keep,
    ready: &Notify,
) -> Ended<'a> {
    let events = run.events.of_site(&site.name);
    let begin = events.elapsed();
    events.emit(What::SiteStarted { environment: environment_of(site) });
    let attempt = Attempt::new(run, site, &events, ready);
    let outcome = match prepared {
        Some(failure) => Err(failure),
        None => attempt.rehearse().await,
    };
    let failure = outcome.err();
    attempt.take_notes().await;
    if let Some(failure) = &failure {
        attempt.save_evidence(failure).await;
        events.emit(What::Again {
            command: format!("stagectl up {} --release {}", site.name, run.release_argument),
        });
    }
    let kept =
        keep == Keep::Failing && failure.as_ref().is_some_and(|failure| !failure.kind.is_error());
    let torn_down = if kept { Ok(()) } else { attempt.tear_down().await };
    let mut verdict =
        failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
    let mut failure = failure;
    if let Err(left) = torn_down {
        verdict = verdict.and(Verdict::Not(left.kind));
        failure = failure.or(Some(left));
    }
    events.emit(What::SiteEnded { verdict, took: events.elapsed().saturating_sub(begin), failure });
    Ended { site, verdict, kept }
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
    // Whatever a site's own teardown missed goes now.
    if !kept
        && let Ok(left) = teardown(engine, &labels, events).await
        && !left.is_empty()
    {
        verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
    }
    if let Ok(found) = engine.inventory(&labels).await {
        let count = |kind| found.iter().filter(|found| found.resource.kind == kind).count();
        let left = Inventory {
            containers: count(ResourceKind::Container),
            networks: count(ResourceKind::Network),
            volumes: count(ResourceKind::Volume),
        };
        events.emit(if kept { What::Kept { kept: left } } else { What::Inventory { left } });
    }
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    verdict
}

/// Times a phase that is no part of a plan, and tells how it ended.
async fn phase<T>(
    events: &Events,
    phase: Phase,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let begin = events.elapsed();
    events.emit(What::PhaseStarted { phase });
    let result = work.await;
    let outcome = match &result {
        Ok(_) => Outcome::Passed,
        Err(failure) if failure.kind.is_error() => Outcome::Error,
        Err(_) => Outcome::Failed,
    };
    let note = result.as_ref().err().map(|failure| failure.message.clone()).unwrap_or_default();
    events.emit(What::PhaseEnded {
        phase,
        took: events.elapsed().saturating_sub(begin),
        outcome,
        note,
    });
    result
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
