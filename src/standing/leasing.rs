//! How a lease begins, and begins anew.

use std::time::Duration;

use super::found::{Standing, seen_again};
use super::lease::{LEFT_UP, Lease, ROLE};
use super::redeploy::Redeploy;
use crate::docker::{DockerError, Engine};
use crate::event::ResourceKind;
use crate::replica::{Labels, Ownership, label};
use crate::site::SiteName;

/// Behind the words for a release that could not be deployed, and is in the replica all the same.
pub const FAILED: &str = " failed";

/// A use that gains less than this leaves the marker as it is.
const STEP: i64 = 60;

/// Leaves a replica up, with the containers that it has: from now on its lease keeps it, whatever becomes of this
/// process. The marker's name.
///
/// # Errors
/// Docker's; then the replica is not left up.
pub async fn leave_up<E: Engine>(
    engine: &E,
    ownership: &Ownership,
    site: &SiteName,
    length: Duration,
    now: i64,
) -> Result<String, DockerError> {
    let length = i64::try_from(length.as_secs()).unwrap_or(i64::MAX / 4);
    let mut labels = ownership.labels(site, ROLE);
    labels.remove(label::PROCESS);
    let of_it: Labels = [label::PROJECT, label::RUN, label::SITE]
        .iter()
        .filter_map(|key| labels.get_key_value(*key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let found = engine.inventory(&of_it).await?;
    let containers = found.iter().filter(|found| found.resource.kind == ResourceKind::Container);
    let mut roles: Vec<&str> =
        containers.filter_map(|found| found.labels.get(label::ROLE)).map(String::as_str).collect();
    roles.sort_unstable();
    labels.insert(label::ROLES.to_owned(), roles.join(" "));
    mark(engine, labels, now.saturating_add(length), length).await
}

/// Begins the lease anew, as each use of the replica does. Nothing happens where that would gain
/// next to nothing, and where a replica has none.
///
/// # Errors
/// Docker's; then the lease is as it was.
pub async fn extend<E: Engine>(
    engine: &E,
    standing: &Standing,
    now: i64,
) -> Result<(), DockerError> {
    let Some(lease) = &standing.kept else { return Ok(()) };
    let until = now.saturating_add(lease.length);
    let step = STEP.min(lease.length / 10).max(1);
    if until.saturating_sub(lease.until) < step {
        return Ok(());
    }
    renew(engine, standing, until, Inside::AsItWas).await
}

/// Notes that another release is put into the replica from now on: when it was not noted afterwards which one, nobody
/// knows what is in it.
///
/// # Errors
/// Docker's; then nothing is noted.
pub async fn record_redeploy<E: Engine>(
    engine: &E,
    standing: &Standing,
    redeploy: &Redeploy,
) -> Result<(), DockerError> {
    record(engine, standing, redeploy.since, Inside::Changing(redeploy)).await
}

/// Notes that another release runs in the replica now; its lease begins anew.
///
/// # Errors
/// Docker's.
pub async fn record_release<E: Engine>(
    engine: &E,
    standing: &Standing,
    release: &str,
    now: i64,
) -> Result<(), DockerError> {
    record(engine, standing, now, Inside::Release(release)).await
}

/// What a marker says of the release.
enum Inside<'a> {
    AsItWas,
    Changing(&'a Redeploy),
    Release(&'a str),
}

async fn record<E: Engine>(
    engine: &E,
    standing: &Standing,
    now: i64,
    inside: Inside<'_>,
) -> Result<(), DockerError> {
    // A use of it may have begun its lease anew since it was looked at.
    let Some(standing) = seen_again(engine, standing).await? else { return Ok(()) };
    let Some(lease) = &standing.kept else { return Ok(()) };
    // Later than the marker before, whose name and words it must not take for its own.
    let until = now.saturating_add(lease.length).max(lease.until.saturating_add(1));
    renew(engine, &standing, until, inside).await
}

/// A later marker, then the earlier ones away: at every moment there is one.
async fn renew<E: Engine>(
    engine: &E,
    standing: &Standing,
    until: i64,
    inside: Inside<'_>,
) -> Result<(), DockerError> {
    let (Some(lease), Some(marker)) = (&standing.kept, standing.markers.first()) else {
        return Ok(());
    };
    let mut labels = marker.labels.clone();
    match inside {
        Inside::AsItWas => {}
        Inside::Changing(redeploy) => {
            labels.insert(label::REDEPLOY.to_owned(), redeploy.label());
        }
        Inside::Release(release) => {
            labels.insert(label::RELEASE.to_owned(), release.to_owned());
            labels.remove(label::REDEPLOY);
        }
    }
    let made = mark(engine, labels, until, lease.length).await?;
    let earlier = standing.markers.iter().filter(|marker| {
        marker.resource.name != made && Lease::of(marker).is_some_and(|lease| lease.until <= until)
    });
    for marker in earlier {
        // One that stays ends with its own end, which is before this one's.
        engine.remove_volume(&marker.resource.name).await.ok();
    }
    Ok(())
}

async fn mark<E: Engine>(
    engine: &E,
    mut labels: Labels,
    until: i64,
    length: i64,
) -> Result<String, DockerError> {
    labels.insert(label::OWNER.to_owned(), LEFT_UP.to_owned());
    labels.insert(label::LEASE.to_owned(), until.to_string());
    labels.insert(label::LENGTH.to_owned(), length.to_string());
    let of = |key: &str| labels.get(key).cloned().unwrap_or_default();
    let name = format!("stagectl-{}-{}-{ROLE}-{until}", of(label::RUN), of(label::SITE));
    engine.create_volume(&name, &labels).await?;
    Ok(name)
}
