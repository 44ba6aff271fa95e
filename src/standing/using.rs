//! The use of a replica that is up: found by its labels, kept by being used.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::docker::Engine;
use crate::event::ResourceKind;
use crate::failure::Failure;
use crate::site::{ProjectName, SiteName};
use crate::standing::{Standing, extend, standing};

/// How often a use that lasts begins the lease anew, in parts of its length.
const PART: i64 = 10;

/// Does something with a replica, which that keeps alive: its lease begins anew before, and again and
/// again while it lasts.
pub async fn used<E: Engine, T>(
    engine: &E,
    replica: &Standing,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut seen = replica.clone();
    let length = replica.kept.as_ref().map_or(0, |lease| lease.length);
    let pause = Duration::from_secs(u64::try_from(length / PART).unwrap_or(0).max(1));
    loop {
        // A lease that cannot be begun anew is as long as it was.
        extend(engine, &seen, Timestamp::now().as_second()).await.ok();
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(pause) => {}
        }
        if let Ok(all) = standing(engine).await {
            let same = |found: &Standing| found.labels() == replica.labels();
            seen = all.into_iter().find(same).unwrap_or(seen);
        }
    }
}

/// The replica of the site that was brought up last: of those that were left up, if one was, for a redeploy and a rehearsal
/// have containers as well.
///
/// # Errors
/// Usage: there is none, or it is another folder's.
pub async fn newest<E: Engine>(
    engine: &E,
    (project, root): (&ProjectName, &Path),
    site: &SiteName,
) -> Result<Standing, Failure> {
    let is_container =
        |found: &crate::docker::Found| found.resource.kind == ResourceKind::Container;
    let all = standing(engine).await?;
    let of_the_site = all
        .into_iter()
        .filter(|found| found.project == project.as_str() && found.site == site.as_str())
        .filter(|found| found.resources.iter().any(is_container));
    let (ours, others): (Vec<_>, Vec<_>) =
        of_the_site.partition(|found| found.is_of(project, root));
    ours.into_iter().max_by_key(|found| (found.is_left_up(), found.created)).ok_or_else(|| {
        match others.first() {
            Some(other) => of_another_folder(other),
            None => Failure::usage(format!("no replica of {site} is up"))
                .hint(format!("start one: `stagectl up {site} --release ...`")),
        }
    })
}

/// That a replica is another folder's, whose project has the same name; and how to go on.
#[must_use]
pub fn of_another_folder(other: &Standing) -> Failure {
    let Standing { project, site, .. } = other;
    let folder = other.folder.as_deref().unwrap_or_default();
    Failure::usage(format!("the replica of {site} was started in another folder, {folder}"))
        .cause(format!("the project there is called {project} as well"))
        .hint(format!("work with it from there: `stagectl -C {folder} ...`"))
        .hint("give this project a name of its own: `project:` in environments/defaults.yaml")
}
