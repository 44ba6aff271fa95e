//! A site as it is meant: defaults merged, references followed, every value in a domain type.
//!
//! How it is written is `file/`; only the resolver sees both. Words that are the same as written
//! and as meant, such as `nginx`, have their enum here.

mod balancer;
mod base;
mod files;
mod host;
mod live;
mod outside;
mod releases;
mod running;
mod service;
mod serving;
mod systemd;
mod tls;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::value::{
    HostName, OwnerName, PythonVersion, Role, SecretName, SiteName, Text, UserName,
};

pub use base::*;
pub use files::*;
pub use host::*;
pub use live::*;
pub use outside::*;
pub use releases::*;
pub use running::*;
pub use service::*;
pub use serving::*;
pub use systemd::*;
pub use tls::*;
pub use user::*;

/// One live installation, ready to be planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    pub name: SiteName,
    pub summary: Option<String>,
    /// Words for who looks at a replica; secrets in them are never shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub login: Vec<Text>,
    /// Sites run by order, then by name.
    pub order: i64,
    /// True where it never fails the run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub advisory: bool,
    /// The file that describes it, from the project's root.
    pub source: PathBuf,
    /// The project's root on this machine.
    #[serde(skip)]
    pub root: PathBuf,
    pub base: Base,
    pub python: PythonVersion,
    pub install: Install,
    pub user: UserName,
    /// What the host says of the user beside its name.
    #[serde(skip_serializing_if = "Account::says_nothing")]
    pub account: Account,
    /// Folders inside the replica that live on across releases.
    pub data: Vec<DataFolder>,
    /// Globs of the app's own log files; no part of the environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// The names the world uses; the first one is the site's address.
    pub names: Vec<HostName>,
    /// Domains all of whose subdomains lead to the site (written `*.site-b.example` in `names`).
    pub wildcards: Vec<HostName>,
    /// Absent for a site that speaks plain HTTP only.
    pub tls: Option<Tls>,
    pub proxy: Proxy,
    pub wsgi: Wsgi,
    /// More processes of the release on the site's host, by role.
    pub processes: BTreeMap<Role, SiteProcess>,
    /// What is run once, when the site is ready, by role.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub timers: BTreeMap<Role, Timer>,
    /// What the live process has, beside what every process has (`PATH`, `HOME`, `LANG`...).
    pub env: BTreeMap<String, Text>,
    /// Those of `env` that are as a file of variables says.
    #[serde(skip)]
    pub filed: BTreeSet<String>,
    /// What the command line says of it, as it was written; the description says something else.
    #[serde(skip)]
    pub settings: Vec<String>,
    pub secrets: BTreeMap<SecretName, SecretSource>,
    pub files: Vec<ConfigFile>,
    pub services: BTreeMap<Role, Service>,
    /// Hosts beyond the site; all others are refused.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outside: BTreeMap<HostName, Outside>,
    #[serde(skip_serializing_if = "Live::says_nothing")]
    pub live: Live,
    pub steps: Vec<DeployStep>,
    #[serde(skip_serializing_if = "Strategy::is_usual")]
    pub strategy: Strategy,
    /// The folder of the release that its processes run from, where that is not the one that the link leads to.
    #[serde(skip)]
    pub runs_from: Option<PathBuf>,
    /// `None`: a release takes the place of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releases: Option<Releases>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    #[serde(skip_serializing_if = "Rollback::says_nothing")]
    pub rollback: Rollback,
    #[serde(skip_serializing_if = "Downtime::says_nothing")]
    pub downtime: Downtime,
    /// Whether the steps of an upgrade run beside an open transaction.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub lock_watch: bool,
    pub health: Health,
    pub critical: Critical,
    pub resources: Resources,
    pub host: Host,
}

impl Site {
    /// The app's own folder: the release is installed or unpacked there, and it is the working folder of
    /// the app and its commands. It is the user's home, too, unless the base has the user.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        PathBuf::from("/srv").join(self.user.as_str())
    }

    /// The site's user with the group of its login, as `chown` has it.
    #[must_use]
    pub fn login(&self) -> String {
        format!("{}:", self.user)
    }

    /// Whose a file or folder is, as `chown` has it.
    #[must_use]
    pub fn owner_of(&self, owner: Option<&OwnerName>, group: Option<&OwnerName>) -> String {
        let login = owner.map_or(self.user.as_str(), OwnerName::as_str);
        match group {
            Some(group) => format!("{login}:{group}"),
            // A number may have no login.
            None if login.bytes().all(|byte| byte.is_ascii_digit()) => format!("{login}:{login}"),
            None => format!("{login}:"),
        }
    }

    /// Its services on the app's own host that have a unix socket there.
    pub fn sockets(&self) -> impl Iterator<Item = &Service> {
        let beside = self.services.values().filter(|service| service.is_on_the_app_s_host());
        beside.filter(|service| service.kind.socket_folder().is_some())
    }

    /// Whether the site's names lead to a host of the proxy's own.
    #[must_use]
    pub fn has_proxy_host(&self) -> bool {
        self.proxy.host == ProxyHost::Own
    }

    /// What a proxy on another host calls the app's.
    #[must_use]
    pub fn app_host_name(&self) -> HostName {
        app_host_name(self.host.hostname.as_ref())
    }

    /// The site's address as the world writes it, with the prefix and a closing slash.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{}", self.names[0], self.proxy.prefix)
    }

    /// The address of the page that says that it is well.
    #[must_use]
    pub fn health_url(&self) -> String {
        format!("{}{}", self.url(), self.health.path.trim_start_matches('/'))
    }
}

/// What a proxy on another host calls the app's host of this name, if it has one.
#[must_use]
pub(in crate::site) fn app_host_name(hostname: Option<&HostName>) -> HostName {
    hostname.cloned().unwrap_or_else(|| "app".parse().expect("a host's name"))
}
