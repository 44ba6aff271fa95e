//! What a person does with a replica that is up: enters it, reads its logs, opens it, deploys another
//! release into it. Each use begins its lease anew.

mod enter;
mod logs;
mod place;
mod status;

use std::path::Path;

use crate::standing::{newest, used};

use crate::docker::{DockerError, Engine};
use crate::failure::Failure;
use crate::rehearsal::{read_own, read_secrets};
use crate::replica::{SESSION_FILE, Secrets, SessionFacts, container_name};
use crate::site::{ProjectName, SiteName};
use crate::standing::Standing;

pub use enter::{Entered, Rights, enter, interrupt};
pub use logs::{Follow, LogEntry, Wanted, follow_logs};
pub use place::{Place, PlaceKind, described_roles};
pub use status::{ContainerRow, Row, State, rows};

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
        project: (&ProjectName, &Path),
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
