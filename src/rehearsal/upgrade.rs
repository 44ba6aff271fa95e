//! An upgrade: from what is live on a site today to the run's release.

use std::collections::BTreeMap;

use crate::event::{self, State};
use crate::failure::{Failure, Kind};
use crate::release::Release;
use crate::replica::{Before, Ownership, Part, RunSpec, place_beside};
use crate::run::release_label;
use crate::site::{Site, SiteName, Strategy};

/// What a site's release is deployed over.
#[derive(Debug)]
pub struct Upgrade {
    /// The site as it is with the live release.
    pub(super) site: Site,
    /// The site as it is with the new release beside that, where both run at once.
    pub(super) beside: Option<Site>,
    /// The run's, for the live release.
    pub(super) spec: RunSpec,
    /// The live release as a person would name it in a command.
    pub(super) argument: String,
    pub(super) back: Back,
}

/// Whether the way back is rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Rehearsed,
    NotRehearsed,
}

/// The upgrades of a run, by site; a site that is not there gets the release as its first one.
pub type Upgrades = BTreeMap<SiteName, Upgrade>;

impl Upgrade {
    /// Returns the upgrade of a site from this release, in a run.
    #[must_use]
    pub fn new(
        run: &RunSpec,
        site: &Site,
        (live, argument): (Release, String),
        back: Back,
    ) -> Upgrade {
        let ownership = Ownership { release: release_label(&live), ..run.ownership.clone() };
        let gives_way = site.releases.is_none();
        let spec = RunSpec { release: live, ownership, gives_way, ..run.clone() };
        let beside = (site.strategy == Strategy::Parallel)
            .then(|| place_beside(site, &run.release.folder_name()));
        Upgrade { site: site.with_live_release(), beside, spec, argument, back }
    }

    /// What is brought up first: the live release, on the site as it is with that.
    #[must_use]
    pub fn first(&self) -> (&RunSpec, &Site) {
        (&self.spec, &self.site)
    }

    /// The states after that, each with the part of the deploy that leads to it.
    #[must_use]
    pub fn parts(&self) -> Vec<(State, Part)> {
        // The live release is kept where one goes back to it.
        let (before, back) = match self.back {
            Back::Rehearsed => (Before::Kept, Some((State::Back, Part::Back))),
            Back::NotRehearsed => (Before::Gone, None),
        };
        let mut parts = match self.site.strategy {
            Strategy::Restart | Strategy::Parallel => {
                vec![(State::Between, Part::Beside), (State::New, Part::Restart)]
            }
            Strategy::Stop => vec![(State::New, Part::Whole(before))],
        };
        parts.extend(back);
        parts
    }

    /// The site as it is while it is brought to a state, and in the state `new` itself.
    #[must_use]
    pub fn site_of<'s>(&'s self, state: State, usual: &'s Site) -> &'s Site {
        match state {
            State::Between | State::New => self.beside.as_ref().unwrap_or(usual),
            State::Live | State::Back => usual,
        }
    }

    /// The live release, as events have it.
    pub(super) fn release(&self) -> event::Release {
        event_release(&self.spec.release, &self.argument)
    }
}

/// A release, as events have it.
pub(super) fn event_release(release: &Release, argument: &str) -> event::Release {
    event::Release {
        name: release.name.clone(),
        version: release.version.clone().unwrap_or_default(),
        digest: release.digest.clone(),
        path: argument.to_owned(),
    }
}

/// Returns what a failure of the live release means: nothing that is known of the new one. What is no verdict
/// stays as it is.
pub(super) fn as_baseline(failure: Failure, site: &Site) -> Failure {
    let hint = match failure.kind {
        // The suite's tools, which both have.
        Kind::NoResult if failure.is_of_build() => return failure,
        Kind::Deploy if failure.is_of_build() => {
            "install it with what it was deployed with: its lock in `live.install.requirements`, or the day in `live.install.as_of`"
        }
        Kind::Unfit | Kind::NoResult => {
            "tests that only the new release passes are not for it: mark those that hold for both with `pytest.mark.live`, or say which in `live.suite.select`"
        }
        Kind::Deploy | Kind::NotReady => {
            "it runs on the live site: find out what the description lacks for it, or name the release that really runs there"
        }
        _ => return failure,
    };
    let message = format!("the live release of {} is red: {}", site.name, failure.message);
    let baseline = Failure { kind: Kind::Baseline, message, ..failure };
    baseline.cause("nothing is known of the new release: replica or suite are not true").hint(hint)
}

/// Returns what a red suite means of which the live code ran beside what the steps of the new release left.
pub(super) fn as_between(failure: Failure, site: &Site) -> Failure {
    if failure.kind != Kind::Unfit {
        return failure;
    }
    let message = format!(
        "the live release of {} is red after the steps of the new one: {}",
        site.name, failure.message
    );
    let failure = Failure { message, ..failure };
    failure
        .cause("so it is on the live site from the steps of the deploy to its restart")
        .hint("look at all that the steps leave: not the schema alone, but data, jobs, cache entries and files are read by the live code, too")
        .hint("make the change in two releases, so that each works with what the next one leaves; or stop the site first: `deploy.strategy: stop`")
}

/// Returns what it means that the visitor misses something on the new release.
pub(super) fn as_lost(failure: Failure) -> Failure {
    if failure.kind != Kind::Unfit {
        return failure;
    }
    failure.hint("bring over what users have by a step with `when: upgrade`, or let the new release read it as the live one left it: data, sessions, addresses of pages and files")
}

/// Returns what it means that the live release is red, or does not come up, after the way back.
pub(super) fn as_back(failure: Failure, site: &Site) -> Failure {
    if !matches!(failure.kind, Kind::Unfit | Kind::NotReady) {
        return failure;
    }
    let message =
        format!("the live release of {} is red after the way back: {}", site.name, failure.message);
    let failure = Failure { message, ..failure };
    failure.hint("say what undoes the upgrade in `deploy.rollback.steps`: of schema, data, jobs and cache entries; or go forward only")
}
