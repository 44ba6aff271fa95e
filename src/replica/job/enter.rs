//! For `enter.py`: what a person inside a replica has, the app's variables and place; and where its logs are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::step::StepJob;
use super::suite::{Tests, suite_job};
use super::ways::Ways;
use crate::replica::host::facts::open_files;
use crate::replica::host::layout::{process_roles, proxy_host_role, server_folder};
use crate::replica::host::logs::log_sources;
use crate::replica::host::process::command_variables;
use crate::replica::paths;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::replica::spec::FileEntry;
use crate::site::Site;

/// What a later command has to know of a replica that was left up: it does not ask the description, which may be
/// another one by then, or in the middle of an edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// The site's path.
    pub prefix: String,
    /// The processes of its hosts.
    pub processes: Vec<String>,
    /// The one of them that runs on the proxy's own host.
    pub elsewhere: Option<String>,
    /// Log files of its hosts: container role, process role, files.
    pub logs: Vec<(String, String, Vec<String>)>,
    /// For `enter.py` on its hosts, and in the suite's container.
    pub enter: Whom,
    pub enter_suite: Whom,
    /// Absent where an earlier stagectl has left it up.
    #[serde(default)]
    pub ways: Option<Ways>,
}

/// As whom a person's command runs, with which variables, and where.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Whom {
    /// Its variables; what a login of the user has is added where it is missing.
    pub env: BTreeMap<String, String>,
    /// `None` is root.
    pub user: Option<String>,
    pub folder: String,
    /// 0022 if absent.
    #[serde(default)]
    pub umask: Option<u32>,
    /// Soft and hard limit; absent leaves them.
    #[serde(default)]
    pub open_files: Option<[u32; 2]>,
}

/// Never shows the variables: they hold secrets.
impl std::fmt::Debug for Whom {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} in {}", self.user, self.folder)
    }
}

/// A person's command.
#[derive(Serialize)]
pub struct EnterJob<'a> {
    #[serde(flatten)]
    pub whom: Whom,
    /// Null is a shell.
    pub argv: Option<&'a [String]>,
    /// The file for its process id.
    pub pid: &'a str,
    /// Whether it is in a terminal.
    pub terminal: bool,
}

/// Where these facts are on the app's host, readable by root alone: the variables have secrets in them.
pub const SESSION_FILE: &str = paths::SESSION;

impl SessionFacts {
    #[must_use]
    pub fn of(site: &Site, secrets: &Secrets, handles: &Handles, ways: Ways) -> Self {
        SessionFacts {
            prefix: site.proxy.prefix.clone(),
            processes: process_roles(site),
            elsewhere: proxy_host_role(site).map(str::to_owned),
            logs: log_sources(site)
                .into_iter()
                .map(|(host, role, files)| (host.to_owned(), role, files))
                .collect(),
            enter: on_a_host(site, secrets, handles),
            enter_suite: in_the_suite(site, secrets, handles),
            ways: Some(ways),
        }
    }

    /// The file that has them.
    #[must_use]
    pub fn file(&self) -> FileEntry {
        FileEntry::new(SESSION_FILE, 0o600, super::write_job(self))
    }
}

/// On a host of the site's own: as the app has it.
#[must_use]
fn on_a_host(site: &Site, secrets: &Secrets, handles: &Handles) -> Whom {
    Whom {
        env: command_variables(site, secrets, &site.wsgi.locale),
        user: Some(site.user.to_string()),
        folder: server_folder(site, handles.is_tree),
        umask: site.wsgi.umask,
        open_files: open_files(site),
    }
}

/// In the suite's container: as the tests have it.
#[must_use]
fn in_the_suite(site: &Site, secrets: &Secrets, handles: &Handles) -> Whom {
    let StepJob { env, user, folder, .. } = suite_job(site, secrets, handles, Tests::All(&[]));
    Whom { env, user: Some(user), folder, umask: None, open_files: None }
}

/// The command that gives files to the owners that they have by name.
#[must_use]
pub fn owners_command() -> &'static str {
    paths::OWNERS_COMMAND
}

/// The command that puts the root where another release looks for roots.
#[must_use]
pub fn trust_command() -> &'static str {
    paths::TRUST_COMMAND
}
