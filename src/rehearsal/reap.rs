//! What stands in Docker under our labels, and the removal of what nobody owns any more.

use std::collections::BTreeMap;

use crate::docker::{DockerError, Engine, Found, Liveness, Owner};
use crate::event::Events;
use crate::provision::{Leftover, teardown};
use crate::replica::{Labels, RunId, label};

/// The owner of a replica that was left up on purpose: it lives until its lease ends.
pub const LEFT_UP: &str = "lease";

/// What everything of ours carries; what lacks one of these is not ours.
const ALWAYS_THERE: [&str; 5] =
    [label::PROJECT, label::RUN, label::SITE, label::OWNER, label::LEASE];

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
    /// The filter that finds these resources and no others: also others of the same run and site,
    /// whose labels somebody forged, are not among them.
    #[must_use]
    pub fn labels(&self) -> Labels {
        let of = |key: &str| (key.to_owned(), self.resources[0].labels[key].clone());
        ALWAYS_THERE.map(of).into()
    }

    /// True when nobody needs it any more: its owner is gone, or its lease has ended.
    ///
    /// A process that is seen to live keeps what is its own, whatever the clock says: the lease is
    /// for those who cannot be seen from here, and a clock can jump.
    #[must_use]
    pub fn is_abandoned(&self, now: i64) -> bool {
        let owner = self.owner.parse::<Owner>().map(|owner| owner.liveness());
        match owner {
            Ok(Liveness::Alive) => false,
            Ok(Liveness::Dead) => true,
            Ok(Liveness::Unknown) | Err(_) => self.lease <= now,
        }
    }
}

/// Everything with our labels, by run and site.
///
/// # Errors
/// Docker's.
pub async fn standing<E: Engine>(engine: &E) -> Result<Vec<Standing>, DockerError> {
    let ours: Labels = ALWAYS_THERE.map(|key| (key.to_owned(), String::new())).into();
    let mut groups: BTreeMap<[String; 4], Vec<Found>> = BTreeMap::new();
    for found in engine.inventory(&ours).await? {
        let group = [label::RUN, label::SITE, label::OWNER, label::LEASE]
            .map(|key| found.labels.get(key).cloned().unwrap_or_default());
        groups.entry(group).or_default().push(found);
    }
    let standing = groups.into_iter().map(|([run, site, ..], resources)| {
        let labels = resources[0].labels.clone();
        let value = |key: &str| labels.get(key).cloned().unwrap_or_default();
        Standing {
            project: value(label::PROJECT),
            run: RunId::named(&run),
            site,
            release: value(label::RELEASE),
            owner: value(label::OWNER),
            // Without a readable lease nobody can say that it is over: it stays.
            lease: value(label::LEASE).parse().unwrap_or(i64::MAX),
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
        reaped.left.extend(teardown(engine, &standing.labels(), events).await?);
        reaped.removed.push(standing);
    }
    Ok(reaped)
}
