//! What a person inside a replica has: the app's variables and place, and where its logs are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::host_facts::open_files;
use super::job::{Tests, suite_job};
use super::plan::{Handles, PROXY};
use super::process::{
    command_variables, log_of, process_roles, proxy_role, role_of_the_proxy_s_host, server_folder,
};
use super::secret::Secrets;
use crate::site::{ProxyServer, Site, WsgiServer};

/// For `enter.py` on a host of the site's own: as the app has it.
#[must_use]
pub fn enter_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Value {
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
pub fn suite_enter_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Value {
    let job = suite_job(site, secrets, handles, Tests::All(&[]));
    json!({"env": job["env"], "user": job["user"], "folder": job["folder"]})
}

/// For `stop.py`: the processes of one host, and the signal that ends each in order.
#[must_use]
pub fn stop_job(site: &Site, is_app: bool) -> Vec<(String, &'static str)> {
    let elsewhere = role_of_the_proxy_s_host(site);
    let here = |role: &String| (elsewhere == Some(role.as_str())) != is_app;
    let signal = |role: &str| match (role, site.wsgi.server) {
        // It takes the usual one for a reload.
        // <https://uwsgi-docs.readthedocs.io/en/latest/Management.html#signals-for-controlling-uwsgi>
        ("wsgi", WsgiServer::Uwsgi) => "QUIT",
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
pub fn log_sources(site: &Site) -> Vec<(&'static str, String, Vec<String>)> {
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
