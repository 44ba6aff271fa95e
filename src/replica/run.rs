//! A run's identity, and the labels by which everything it owns is found again.

use std::fmt;

use jiff::ZonedDateTime;
use serde::Serialize;

use super::spec::Labels;
use crate::site::SiteName;

/// Every label's first part.
pub(super) const PREFIX: &str = "dev.stagectl";

/// The labels that resources carry, without the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Project,
    Run,
    Site,
    Role,
    /// Host, boot id, process and its start time of who made it.
    Owner,
    /// Seconds since 1970 after which anybody may remove it.
    Lease,
    /// Of an image: its place in the chain.
    Kind,
    /// Of an image: the digest of all that went in.
    Key,
    /// Of a replica left up: the release that runs there.
    Release,
}

impl Label {
    #[must_use]
    pub fn key(self) -> String {
        let name = match self {
            Label::Project => "project",
            Label::Run => "run",
            Label::Site => "site",
            Label::Role => "role",
            Label::Owner => "owner",
            Label::Lease => "lease",
            Label::Kind => "kind",
            Label::Key => "key",
            Label::Release => "release",
        };
        format!("{PREFIX}.{name}")
    }
}

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

/// What every resource of a run says of its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    pub project: String,
    pub run: RunId,
    pub owner: String,
    /// Seconds since 1970.
    pub lease: i64,
    /// Name, version and digest of the release.
    pub release: String,
}

impl Ownership {
    /// The labels of a resource.
    #[must_use]
    pub fn labels(&self, site: &SiteName, role: &str) -> Labels {
        Labels::from([
            (Label::Project.key(), self.project.clone()),
            (Label::Run.key(), self.run.to_string()),
            (Label::Site.key(), site.to_string()),
            (Label::Role.key(), role.to_owned()),
            (Label::Owner.key(), self.owner.clone()),
            (Label::Lease.key(), self.lease.to_string()),
            (Label::Release.key(), self.release.clone()),
        ])
    }

    /// The filter that finds all of this run's resources.
    #[must_use]
    pub fn of_run(run: &RunId) -> Labels {
        Labels::from([(Label::Run.key(), run.to_string())])
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
