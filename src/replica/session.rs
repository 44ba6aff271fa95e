//! What a person inside a replica has: the app's variables and place, and where its logs are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::host_facts::open_files;
use super::job::{Tests, suite_job};
use super::plan::{Handles, PROXY};
use super::process::{
    command_variables, log_of, process_roles, proxy_role, role_of_the_proxy_s_host, server_folder,
};
use super::secret::Secrets;
use super::spec::FileEntry;
use crate::site::{ProxyServer, Site, WsgiServer};

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
            elsewhere: role_of_the_proxy_s_host(site).map(str::to_owned),
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
pub(super) fn suite_enter_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Value {
    let job = suite_job(site, secrets, handles, Tests::All(&[]));
    json!({"env": job["env"], "user": job["user"], "folder": job["folder"]})
}

/// For `stop.py`: the processes of one host, and the signal that ends each in order.
#[must_use]
pub fn stop_job(site: &Site, is_app: bool) -> Vec<(String, &'static str)> {
    let elsewhere = role_of_the_proxy_s_host(site);
    let here = |role: &String| (elsewhere == Some(role.as_str())) != is_app;
    let signal = |role: &str| match (role, site.wsgi.server) {
        // Of TERM and QUIT one is a reload, and which one `die-on-term` decides; this one never is.
        // <https://uwsgi-docs.readthedocs.io/en/latest/Management.html#signals-for-controlling-uwsgi>
        ("wsgi", WsgiServer::Uwsgi) => "INT",
        // Gracefully, as Debian's unit stops it. <https://nginx.org/en/docs/control.html>
        ("nginx", _) => "QUIT",
        // gunicorn, Apache and Python itself end on it, as by systemd.
        _ => "TERM",
    };
    let roles = process_roles(site).into_iter().filter(here);
    roles
        .map(|role| {
            let signal = signal(&role);
            (role, signal)
        })
        .collect()
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

/// The log files of the site's hosts: container role, process role, files.
#[must_use]
fn log_sources(site: &Site) -> Vec<(&'static str, String, Vec<String>)> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        files.insert("wsgi".to_owned(), vec![log_of("wsgi")]);
    }
    for role in site.processes.keys() {
        files.insert(role.to_string(), vec![log_of(role.as_str())]);
    }
    if let Some(proxy) = proxy_role(site) {
        let folder = match site.proxy.server {
            ProxyServer::Apache => "/var/log/apache2",
            _ => "/var/log/nginx",
        };
        let own = ["access.log", "error.log", "other_vhosts_access.log"];
        let own = own.iter().map(|name| format!("{folder}/{name}"));
        files.insert(proxy.to_owned(), own.chain([log_of(proxy)]).collect());
    }
    let elsewhere = role_of_the_proxy_s_host(site);
    let host = |role: &str| if elsewhere == Some(role) { PROXY } else { "app" };
    files.into_iter().map(|(role, files)| (host(&role), role, files)).collect()
}
