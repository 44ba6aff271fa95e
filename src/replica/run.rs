//! A run's identity, and what everything it owns says of it.

use std::fmt;

use jiff::ZonedDateTime;
use serde::Serialize;

use super::label;
use super::spec::Labels;
use super::template::Templates;
use crate::release::Release;
use crate::site::SiteName;

/// One invocation that owns resources: `20261123-1014-3f9c`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// A new one, from the time and a little chance.
    #[must_use]
    pub fn new(now: &ZonedDateTime) -> Self {
        RunId(format!("{}-{:04x}", now.strftime("%Y%m%d-%H%M%S"), rand::random::<u16>()))
    }

    /// One that exists already, as its labels name it.
    #[must_use]
    pub fn named(text: &str) -> Self {
        RunId(text.to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is the same in the plans of all sites of a run.
#[derive(Debug, Clone)]
pub struct RunSpec {
    pub release: Release,
    pub ownership: Ownership,
    pub templates: Templates,
    /// Whether replicas have a way in from the engine's machine: those that a person looks at.
    pub has_door: bool,
    /// Whether the release gives way to another one that takes its place in the same replica.
    pub gives_way: bool,
    /// Whether it is written down what the release touches.
    pub observes: bool,
    /// More arguments for pytest, where the critical suite is run as soon as a site answers.
    pub suite: Option<Vec<String>>,
}

/// What every resource of a run says of its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    pub project: String,
    /// The project's folder on the machine that it was begun on; empty where nobody needs to know.
    pub folder: String,
    pub run: RunId,
    pub owner: String,
    /// The process that makes it, where its owner is to be a lease.
    pub process: Option<String>,
    /// Seconds since 1970.
    pub lease: i64,
    /// Name, version and digest of the release.
    pub release: String,
}

impl Ownership {
    /// The labels of a resource.
    #[must_use]
    pub fn labels(&self, site: &SiteName, role: &str) -> Labels {
        let process = self.process.clone().map(|process| (label::PROCESS.to_owned(), process));
        let labels = Labels::from([
            (label::PROJECT.to_owned(), self.project.clone()),
            (label::RUN.to_owned(), self.run.to_string()),
            (label::SITE.to_owned(), site.to_string()),
            (label::ROLE.to_owned(), role.to_owned()),
            (label::OWNER.to_owned(), self.owner.clone()),
            (label::LEASE.to_owned(), self.lease.to_string()),
            (label::RELEASE.to_owned(), self.release.clone()),
        ]);
        let folder =
            (!self.folder.is_empty()).then(|| (label::FOLDER.to_owned(), self.folder.clone()));
        labels.into_iter().chain(process).chain(folder).collect()
    }

    /// The filter that finds all of this run's resources.
    #[must_use]
    pub fn of_run(run: &RunId) -> Labels {
        Labels::from([(label::RUN.to_owned(), run.to_string())])
    }

    /// A resource's name.
    #[must_use]
    pub fn name(&self, site: &SiteName, role: &str) -> String {
        container_name(&self.run, site, role)
    }
}

/// The name of a site's container or network in a run.
#[must_use]
pub fn container_name(run: &RunId, site: &SiteName, role: &str) -> String {
    format!("stagectl-{run}-{site}-{role}")
}
