//! What stands in Docker under our labels, by run and site.

use std::collections::BTreeMap;
use std::path::Path;

use super::lease::{LEFT_UP, Lease};
use super::redeploy::Redeploy;
use super::teardown;
use crate::docker::{DockerError, Engine, Found, Liveness, Owner};
use crate::event::Events;
use crate::replica::{Labels, RunId, label};
use crate::site::ProjectName;
use crate::standing::Leftover;

/// What everything of ours carries; what lacks one of these is not ours.
const ALWAYS_THERE: [&str; 5] =
    [label::PROJECT, label::RUN, label::SITE, label::OWNER, label::LEASE];

/// All that stands of one run at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub project: String,
    /// The folder of the project, where it is known.
    pub folder: Option<String>,
    pub run: RunId,
    pub site: String,
    /// The release that runs there now.
    pub release: String,
    /// The process that answers for it, or a lease.
    pub owner: String,
    /// Seconds since 1970, after which nobody answers for it who cannot be seen from here.
    pub lease: i64,
    pub created: i64,
    pub resources: Vec<Found>,
    /// There once it was left up: this alone counts when its process has ended.
    pub kept: Option<Lease>,
    /// What says so, the latest first.
    pub markers: Vec<Found>,
}

impl Standing {
    /// The filter that finds these resources and no others: also others of the same run and site,
    /// whose labels somebody forged, are not among them.
    #[must_use]
    pub fn labels(&self) -> Labels {
        exact_labels(&self.resources[0])
    }

    /// True for one of the project in this folder; one whose folder is not known counts by its project's name alone.
    #[must_use]
    pub fn is_of(&self, project: &ProjectName, root: &Path) -> bool {
        let folder = root.display().to_string();
        self.project == project.as_str()
            && self.folder.as_ref().is_none_or(|known| *known == folder)
    }

    /// True for one that was left up, or made to be so.
    #[must_use]
    pub fn is_left_up(&self) -> bool {
        self.kept.is_some() || self.owner == LEFT_UP
    }

    /// Seconds since 1970 until which it stays when nobody uses it, if it was left up.
    #[must_use]
    pub fn stays_until(&self) -> Option<i64> {
        let lease = self.kept.as_ref().map(|lease| lease.until);
        lease.or((self.owner == LEFT_UP).then_some(self.lease))
    }

    /// A redeploy whose end is not recorded, if one was begun.
    #[must_use]
    pub fn redeploy(&self) -> Option<&Redeploy> {
        self.kept.as_ref()?.redeploy.as_ref()
    }

    /// True when nobody needs it any more: its owner is gone, or its lease has ended.
    ///
    /// A process that is seen to live keeps what is its own, whatever the clock says: the lease is
    /// for those who cannot be seen from here, and a clock can jump.
    #[must_use]
    pub fn is_abandoned(&self, now: i64) -> bool {
        let owner = self.owner.parse::<Owner>().map(|owner| owner.liveness());
        match (owner, &self.kept) {
            (Ok(Liveness::Alive), _) => false,
            (_, Some(lease)) => lease.until <= now,
            (Ok(Liveness::Dead), None) => true,
            (Ok(Liveness::Unknown) | Err(_), None) => self.lease <= now,
        }
    }

    /// Removes all of it, its markers last: until then it is known as what it is.
    ///
    /// # Errors
    /// Docker's, when it does not even say what is there.
    pub async fn remove<E: Engine>(
        &self,
        engine: &E,
        events: &Events,
    ) -> Result<Vec<Leftover>, DockerError> {
        let mut left = teardown(engine, &self.labels(), events).await?;
        if left.is_empty() {
            for marker in &self.markers {
                left.extend(teardown(engine, &exact_labels(marker), events).await?);
            }
        }
        Ok(left)
    }
}

fn exact_labels(found: &Found) -> Labels {
    let process = found.labels.get_key_value(label::PROCESS);
    let always = ALWAYS_THERE.iter().filter_map(|key| found.labels.get_key_value(*key));
    always.chain(process).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Everything with our labels, by run and site.
///
/// # Errors
/// Docker's.
pub async fn standing<E: Engine>(engine: &E) -> Result<Vec<Standing>, DockerError> {
    let ours: Labels = ALWAYS_THERE.map(|key| (key.to_owned(), String::new())).into();
    let (mut groups, mut markers): (BTreeMap<Labels, Vec<Found>>, Vec<Found>) =
        (BTreeMap::new(), Vec::new());
    for found in engine.inventory(&ours).await? {
        if Lease::of(&found).is_some() {
            markers.push(found);
            continue;
        }
        groups.entry(exact_labels(&found)).or_default().push(found);
    }
    markers.sort_by_key(|marker| std::cmp::Reverse(Lease::of(marker).map(|lease| lease.until)));
    let mut found: Vec<Standing> = Vec::new();
    for resources in groups.into_values() {
        let of_it = |marker: &&Found| is_of_the_same(marker, &resources[0]);
        found.push(describe_standing(
            resources.clone(),
            markers.iter().filter(of_it).cloned().collect(),
        ));
    }
    // Of one whose replica is gone nothing is left but itself.
    for marker in markers {
        if !found.iter().any(|standing| standing.markers.contains(&marker)) {
            found.push(describe_standing(vec![marker], Vec::new()));
        }
    }
    Ok(found)
}

/// Whether a marker is about this replica.
fn is_of_the_same(marker: &Found, resource: &Found) -> bool {
    [label::PROJECT, label::RUN, label::SITE]
        .iter()
        .all(|key| marker.labels.get(*key) == resource.labels.get(*key))
}

fn describe_standing(resources: Vec<Found>, markers: Vec<Found>) -> Standing {
    let kept = markers.first().and_then(Lease::of);
    let labels = &resources[0].labels;
    let value = |key: &str| labels.get(key).cloned().unwrap_or_default();
    Standing {
        project: value(label::PROJECT),
        folder: labels.get(label::FOLDER).filter(|folder| !folder.is_empty()).cloned(),
        run: RunId::named(&value(label::RUN)),
        site: value(label::SITE),
        release: kept.as_ref().map_or_else(|| value(label::RELEASE), |lease| lease.release.clone()),
        owner: labels.get(label::PROCESS).cloned().unwrap_or_else(|| value(label::OWNER)),
        // Without a readable lease nobody can say that it is over: it stays.
        lease: value(label::LEASE).parse().unwrap_or(i64::MAX),
        created: resources
            .iter()
            .map(|found| found.created)
            .filter(|&at| at > 0)
            .min()
            .unwrap_or(0),
        resources,
        kept,
        markers,
    }
}

/// The same, as it is now. An answer that gets lost is asked for again.
///
/// # Errors
/// Docker's.
pub(super) async fn seen_again<E: Engine>(
    engine: &E,
    found: &Standing,
) -> Result<Option<Standing>, DockerError> {
    let labels = found.labels();
    let all = match standing(engine).await {
        Err(_) => standing(engine).await?,
        all => all?,
    };
    Ok(all.into_iter().find(|standing| standing.labels() == labels))
}
