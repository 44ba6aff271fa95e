//! What a person inside a replica has: the app's variables and place, and where its logs are.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::suite::{Tests, suite_job};
use crate::replica::host::facts::open_files;
use crate::replica::host::layout::{process_roles, proxy_host_role, server_folder};
use crate::replica::host::logs::log_sources;
use crate::replica::host::process::command_variables;
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
    pub enter: Value,
    pub enter_suite: Value,
}

/// Where these facts are on the app's host, readable by root alone: the variables have secrets in them.
pub const SESSION_FILE: &str = "/opt/stagectl/session.json";

impl SessionFacts {
    #[must_use]
    pub fn of(site: &Site, secrets: &Secrets, handles: &Handles) -> Self {
        SessionFacts {
            prefix: site.proxy.prefix.clone(),
            processes: process_roles(site),
            elsewhere: proxy_host_role(site).map(str::to_owned),
            logs: log_sources(site)
                .into_iter()
                .map(|(host, role, files)| (host.to_owned(), role, files))
                .collect(),
            enter: enter_job(site, secrets, handles),
            enter_suite: suite_enter_job(site, secrets, handles),
        }
    }

    /// The file that has them.
    #[must_use]
    pub fn file(&self) -> FileEntry {
        FileEntry::new(SESSION_FILE, 0o600, json!(self).to_string())
    }
}

/// For `enter.py` on a host of the site's own: as the app has it.
#[must_use]
fn enter_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Value {
    json!({
        "env": command_variables(site, secrets, &site.wsgi.locale),
        "user": site.user,
        "folder": server_folder(site, handles.is_tree),
        "umask": site.wsgi.umask,
        "open_files": open_files(site),
    })
}

/// For `enter.py` in the suite's container: as the tests have it.
#[must_use]
pub(in crate::replica) fn suite_enter_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
) -> Value {
    let job = suite_job(site, secrets, handles, Tests::All(&[]));
    json!({"env": job["env"], "user": job["user"], "folder": job["folder"]})
}

/// The command that gives files to the owners that they have by name.
#[must_use]
pub fn owners_command() -> &'static str {
    "/bin/sh /opt/stagectl/owners.sh"
}

/// The command that puts the root where another release looks for roots.
#[must_use]
pub fn trust_command() -> &'static str {
    "/bin/sh /opt/stagectl/trust.sh"
}
