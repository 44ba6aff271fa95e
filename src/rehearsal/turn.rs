//! The turn of a site: what is reported at its start and its end, whatever is done in it, and how far
//! the site has come.

use std::cell::{Cell, OnceCell, RefCell};
use std::time::Duration;

use tokio::sync::Notify;

use crate::cancel::Stop;
use crate::docker::Engine;
use crate::event::{Events, State, Traffic, What};
use crate::failure::{Failure, Verdict};
use crate::inside::{Held, Replica};
use crate::provision::{Images, Watch};
use crate::replica::{Keys, Plan, RunSpec, Secrets};
use crate::run::{Run, in_shell};
use crate::site::Site;
use crate::suite::Page;

use super::confirm::confirm;
use super::moment::Marks;
use super::upgrade::{Back, Upgrade};

/// A site's turn in a run.
#[derive(Debug)]
pub(super) struct Turn<'r, E> {
    pub(super) run: &'r Run<E>,
    pub(super) images: &'r Images,
    pub(super) site: &'r Site,
    /// What the release is deployed over, where an upgrade is rehearsed.
    pub(super) upgrade: Option<&'r Upgrade>,
    /// The state of the upgrade that anything now is about, and since when.
    pub(super) state: Cell<Option<(State, Duration)>>,
    pub(super) events: Events,
    /// A part of the run's: a turn may be given up before it comes.
    pub(super) stop: Stop,
    pub(super) watch: Watch,
    /// Notified when the site is up, and only its examination is left.
    pub(super) is_up: Notify,
    pub(super) secrets: OnceCell<Secrets>,
    /// How long it was made ready before its turn.
    pub(super) before: Cell<Duration>,
    /// Who uses the site while a release is deployed over another one.
    pub(super) visitor: RefCell<Visitor>,
}

/// How far a site has come, with what exists by then.
#[derive(Debug)]
pub(super) enum Stand<'r, E> {
    /// Nothing of it is in Docker, but images.
    Unmade(Failure),
    /// Its network is there, perhaps, and what could be made of the rest.
    Incomplete(Box<Made<'r, E>>, Failure),
    /// It answers under its own name.
    Up(Box<Made<'r, E>>, Running<'r>),
}

/// What a replica is made by, and the way into it.
#[derive(Debug)]
pub(super) struct Made<'r, E> {
    pub(super) plan: Plan,
    pub(super) replica: Replica<'r, E>,
    pub(super) keys: Keys,
    /// Where the logs ended before the release came that runs now.
    pub(super) since: Marks,
}

/// What runs in a site that is up.
#[derive(Debug, Default)]
pub(super) struct Running<'r> {
    /// The processes that were started: role and pid on their host.
    pub(super) processes: Vec<(String, i64)>,
    /// The critical suite, where it was begun.
    pub(super) suite: Option<Held<'r>>,
}

/// What is known of the site's visitor.
#[derive(Debug, Default)]
pub(super) struct Visitor {
    /// The pages that it asks for, once that is known.
    pub(super) pages: Vec<Page>,
    /// What it saw so far.
    pub(super) seen: Vec<Traffic>,
}

/// What a turn came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub failure: Option<Failure>,
    /// What its teardown left behind, or could not find out.
    pub left: Option<Failure>,
    pub kept: bool,
    pub signs: FailureSigns,
}

/// A failure in the words of all who had some.
#[derive(Debug, Default)]
pub struct FailureSigns {
    pub phase: &'static str,
    /// Message, causes, what checks and tests said.
    pub said: Vec<String>,
    /// Lines of logs at that moment.
    pub logged: Vec<String>,
    /// Whose logs they are.
    pub sources: Vec<String>,
}

/// How one site ended.
#[derive(Debug)]
pub struct Ended<'s> {
    pub site: &'s Site,
    pub verdict: Verdict,
    pub kept: bool,
    pub signs: FailureSigns,
}

/// Whether a site's verdict may be advice alone, as its description says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    AsDescribed,
    Always,
}

/// Takes a site's turn: reports its start, does the work, reports its end. What was done for it `before` its turn is
/// a part of what it took.
pub async fn take_turn<'s>(
    site: &'s Site,
    events: &Events,
    counts: Counts,
    before: Duration,
    work: impl Future<Output = Outcome>,
) -> Ended<'s> {
    let begin = events.elapsed();
    let advisory = counts == Counts::AsDescribed && site.advisory;
    events.emit(What::SiteStarted { environment: environment_of(site), advisory });
    let Outcome { failure, left, kept, signs } = work.await;
    let mut verdict = verdict_of(failure.as_ref());
    if let Some(left) = &left {
        verdict = verdict.and(Verdict::Not(left.kind));
    }
    let took = before + events.elapsed().saturating_sub(begin);
    events.emit(What::SiteEnded { verdict, took, failure: failure.or(left) });
    Ended { site, verdict, kept, signs }
}

/// Returns the verdict that a failure is, if there is one.
pub(super) fn verdict_of(failure: Option<&Failure>) -> Verdict {
    failure.map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind))
}

/// Returns what a site's verdict adds to the run's.
pub(super) fn count(site: &Site, verdict: Verdict) -> Verdict {
    if site.advisory { verdict.of_advice() } else { verdict }
}

/// Returns the digest of a site's environment; says so when a file of it has become unreadable.
#[must_use]
pub fn environment_of(site: &Site) -> String {
    site.digest().unwrap_or_else(|error| format!("unknown: {error}"))
}

impl<'r, E: Engine> Turn<'r, E> {
    #[must_use]
    pub(super) fn new(run: &'r Run<E>, images: &'r Images, site: &'r Site) -> Self {
        Turn {
            run,
            images,
            site,
            upgrade: None,
            state: Cell::default(),
            events: run.events.of_site(&site.name),
            stop: run.stop.for_part(),
            watch: Watch::default(),
            is_up: Notify::new(),
            secrets: OnceCell::new(),
            before: Cell::default(),
            visitor: RefCell::default(),
        }
    }

    /// Does something for the site before its turn, which counts as time that it took.
    pub(super) async fn ahead<T>(&self, work: impl Future<Output = T>) -> T {
        let begin = self.events.elapsed();
        let done = work.await;
        self.before.set(self.before.get() + self.events.elapsed().saturating_sub(begin));
        done
    }

    /// Returns what a failure really is: not the app's own, where its containers were taken away.
    pub(super) async fn confirm(&self, made: &Made<'r, E>, failure: Failure) -> Failure {
        let started = self.watch.started.borrow().clone();
        confirm(&self.run.engine, &started, &made.replica.handles.host, failure).await
    }

    /// The turn, with the upgrade that is rehearsed in it, if one is.
    #[must_use]
    pub(super) fn over(self, upgrade: Option<&'r Upgrade>) -> Self {
        Turn { upgrade, ..self }
    }

    /// What is brought up first: the live release on its site, or the run's own.
    pub(super) fn first(&self) -> (&'r RunSpec, &'r Site) {
        self.upgrade.map_or((&self.run.spec, self.site), Upgrade::first)
    }

    /// Returns the command that brings the same replica up again.
    #[must_use]
    pub(super) fn again(&self) -> String {
        let settings = self.site.settings.iter();
        let settings = settings.fold(String::new(), |all, one| all + " --set " + &in_shell(one));
        if let Some(upgrade) = self.upgrade {
            return format!(
                "stagectl rehearse {} --from {} --release {}{}{settings} --keep",
                self.site.name,
                upgrade.argument,
                self.run.release_argument,
                if upgrade.back == Back::Rehearsed { " --rollback" } else { "" }
            );
        }
        let changed = self.site.tls.as_ref().is_some_and(|tls| tls.has_changed);
        let certificate = if changed { " --next-certificate" } else { "" };
        format!(
            "stagectl up {} --release {}{certificate}{settings}",
            self.site.name, self.run.release_argument
        )
    }
}

impl<'r, E> Stand<'r, E> {
    /// Returns what exists, whether it is up or not.
    pub(super) fn made(&self) -> Option<&Made<'r, E>> {
        match self {
            Stand::Unmade(_) => None,
            Stand::Incomplete(made, _) | Stand::Up(made, _) => Some(made),
        }
    }
}
