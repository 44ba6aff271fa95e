//! What stands in Docker under our labels, and the removal of what nobody owns any more.

use std::collections::BTreeMap;

use crate::docker::{DockerError, Engine, Found, Liveness, Owner};
use crate::event::Events;
use crate::provision::{Leftover, teardown};
use crate::replica::{Label, Labels, Ownership, RunId};

/// The owner of a replica that was left up on purpose: it lives until its lease ends.
pub const LEFT_UP: &str = "lease";

/// All that stands of one run at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub project: String,
    pub run: RunId,
    pub site: String,
    pub release: String,
    pub owner: String,
    /// Seconds since 1970.
    pub lease: i64,
    pub created: i64,
    pub resources: Vec<Found>,
}

impl Standing {
    /// True when nobody needs it any more: its owner is gone, or its lease has ended.
    #[must_use]
    pub fn is_abandoned(&self, now: i64) -> bool {
        if self.lease <= now {
            return true;
        }
        self.owner != LEFT_UP
            && self.owner.parse::<Owner>().is_ok_and(|owner| owner.liveness() == Liveness::Dead)
    }
}

/// Everything with our labels, by run and site.
///
/// # Errors
/// Docker's.
pub async fn standing<E: Engine>(engine: &E) -> Result<Vec<Standing>, DockerError> {
    let any_run = Labels::from([(Label::Run.key(), String::new())]);
    let mut groups: BTreeMap<(String, String), Vec<Found>> = BTreeMap::new();
    for found in engine.inventory(&any_run).await? {
        let value = |label: Label| found.labels.get(&label.key()).cloned().unwrap_or_default();
        groups.entry((value(Label::Run), value(Label::Site))).or_default().push(found);
    }
    let standing = groups.into_iter().map(|((run, site), resources)| {
        let labels = resources[0].labels.clone();
        let value = |label: Label| labels.get(&label.key()).cloned().unwrap_or_default();
        Standing {
            project: value(Label::Project),
            run: RunId::named(&run),
            site,
            release: value(Label::Release),
            owner: value(Label::Owner),
            // Without a readable lease nobody can say that it is over: it stays.
            lease: value(Label::Lease).parse().unwrap_or(i64::MAX),
            created: resources
                .iter()
                .map(|found| found.created)
                .filter(|&at| at > 0)
                .min()
                .unwrap_or(0),
            resources,
        }
    });
    Ok(standing.collect())
}

/// What a reaping did.
#[derive(Debug, Default)]
pub struct Reaped {
    pub removed: Vec<Standing>,
    pub left: Vec<Leftover>,
    /// What belongs to somebody, and was left alone.
    pub alive: Vec<Standing>,
}

/// Removes what is abandoned; leaves everything that has a living owner or a lease.
///
/// # Errors
/// Docker's.
pub async fn reap<E: Engine>(engine: &E, events: &Events, now: i64) -> Result<Reaped, DockerError> {
    let mut reaped = Reaped::default();
    for standing in standing(engine).await? {
        if !standing.is_abandoned(now) {
            reaped.alive.push(standing);
            continue;
        }
        let mut labels = Ownership::of_run(&standing.run);
        labels.insert(Label::Site.key(), standing.site.clone());
        reaped.left.extend(teardown(engine, &labels, events).await?);
        reaped.removed.push(standing);
    }
    Ok(reaped)
}
