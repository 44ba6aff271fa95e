//! What a person does with a replica that is up: enters it, reads its logs, opens it, deploys another
//! release into it. Each use begins its lease anew.

mod enter;
mod logs;
mod place;
mod redeploy;
mod status;
mod way_in;

use std::time::Duration;

use jiff::Timestamp;

use crate::docker::{DockerError, Engine};
use crate::event::ResourceKind;
use crate::failure::Failure;
use crate::rehearsal::{Standing, extend, read_own, read_secrets, standing};
use crate::replica::{SESSION_FILE, Secrets, SessionFacts, container_name};
use crate::site::{ProjectName, SiteName};

pub use enter::{Entered, Rights, enter, interrupt};
pub use logs::{Follow, LogEntry, Wanted, follow_logs};
pub use place::{Place, PlaceKind, described_roles};
pub use redeploy::{FAILED, Target, redeploy};
pub use status::{ContainerRow, Row, State, rows};
pub use way_in::{Browser, WayIn, browser_commands, way_in};

/// How often a use that lasts begins the lease anew, in parts of its length.
const PART: i64 = 10;

/// A replica that is up, and what is needed to work in it: as it was brought up, whatever its description says now.
#[derive(Debug)]
pub struct Session<'a, E> {
    pub engine: &'a E,
    pub site: SiteName,
    pub standing: Standing,
    pub facts: SessionFacts,
    secrets: Secrets,
}

impl<'a, E: Engine> Session<'a, E> {
    /// Finds the replica of a site that was brought up last, by its labels.
    ///
    /// # Errors
    /// Usage: there is none; infrastructure: it does not run any more.
    pub async fn open(
        engine: &'a E,
        project: &ProjectName,
        site: &SiteName,
    ) -> Result<Session<'a, E>, Failure> {
        let standing = newest(engine, project, site).await?;
        let host = container_name(&standing.run, site, "app");
        let gone = || {
            Failure::infrastructure(format!("the replica of {site} does not run any more"))
                .hint(format!("remove it and start anew: `stagectl down {site}`"))
        };
        match engine.inspect(&host).await {
            Err(DockerError::NotFound { .. }) => return Err(gone()),
            state => state?.running.then_some(()).ok_or_else(gone)?,
        }
        let secrets = read_secrets(engine, &host).await?;
        let facts = match read_own(engine, &host, SESSION_FILE).await {
            // It was not left up yet, or by an earlier stagectl.
            Err(DockerError::NotFound { .. }) => None,
            facts => facts?,
        };
        let facts =
            facts.and_then(|facts| serde_json::from_slice(&facts).ok()).ok_or_else(|| {
                Failure::usage(format!("the replica of {site} was not left up by this stagectl"))
                    .hint(format!(
                        "start it anew: `stagectl down {site}`, then `stagectl up {site} ...`"
                    ))
            })?;
        Ok(Session { engine, site: site.clone(), standing, facts, secrets })
    }

    /// Does something with the replica, which that keeps alive.
    pub async fn used<T>(&self, work: impl Future<Output = T>) -> T {
        used(self.engine, &self.standing, work).await
    }

    /// The container of a role.
    #[must_use]
    pub fn container(&self, role: &str) -> String {
        container_name(&self.standing.run, &self.site, role)
    }

    /// Letters of the longest role that has a log.
    #[must_use]
    pub fn longest_role(&self) -> usize {
        let containers = self.containers().into_iter().map(|(role, _)| role);
        let roles = containers.chain(self.facts.processes.iter().cloned());
        roles.map(|role| role.chars().count()).max().unwrap_or_default()
    }
}

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

/// The replica of the site that was brought up last.
///
/// # Errors
/// Usage: there is none.
pub async fn newest<E: Engine>(
    engine: &E,
    project: &ProjectName,
    site: &SiteName,
) -> Result<Standing, Failure> {
    let is_container =
        |found: &crate::docker::Found| found.resource.kind == ResourceKind::Container;
    let all = standing(engine).await?;
    all.into_iter()
        .filter(|found| found.project == project.as_str() && found.site == site.as_str())
        .filter(|found| found.resources.iter().any(is_container))
        .max_by_key(|found| found.created)
        .ok_or_else(|| {
            Failure::usage(format!("no replica of {site} is up"))
                .hint(format!("start one: `stagectl up {site} --release ...`"))
        })
}
