//! Jobs for stagectl's own programs inside a replica, as the JSON that they read from their
//! standard input. They hold secrets and go nowhere else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::replica::added::RESOLVER_MARK;
use crate::replica::host::facts::{confinement, is_mounting, open_files};
use crate::replica::host::files::listening;
use crate::replica::host::layout::{Process, proxy_host_role, proxy_role, server_folder};
use crate::replica::host::listed::files_job;
use crate::replica::host::process::{import_check, processes, server_variables};
use crate::replica::host::proxy::load_check;
use crate::replica::host::tls::{client_job, is_verifiable};
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{HostName, Site};

/// For `network.py` on the app's host.
#[must_use]
pub fn network_job(handles: &Handles) -> Value {
    let addresses = &handles.addresses;
    json!({
        "name": RESOLVER_MARK.text,
        "text": addresses.resolver(),
        "nobody": [addresses.way_out(), addresses.subnet.ipv6().nobody],
    })
}

/// For `serve.py` on the app's host.
///
/// # Errors
/// Usage: a combination that no server can do.
pub fn serve_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<Value, Failure> {
    let mut processes = processes(site, secrets, handles.is_tree)?;
    let elsewhere = proxy_host_role(site);
    processes.retain(|process| Some(process.role.as_str()) != elsewhere);
    let mut job = start_job(site, &processes);
    if let Value::Object(members) = &mut job {
        let probe = json!({
            "url": health_url(site),
            "status": site.health.status,
            "json": site.health.json,
            "within": site.health.within.as_secs_f64(),
            "verify": is_verifiable(site),
            "client": client_job(site),
            "address": overridden(site, handles).remove(&site.names[0]),
        });
        let import = json!({
            "argv": import_check(site),
            "env": server_variables(site, secrets),
            "user": site.user,
            "folder": server_folder(site, handles.is_tree),
        });
        let confine = json!(confinement(site, &processes));
        let mounting = json!(is_mounting(site));
        let more =
            [("probe", probe), ("import", import), ("confine", confine), ("mounting", mounting)];
        members.extend(more.map(|(key, value)| (key.to_owned(), value)));
        members.insert("open_files".to_owned(), json!(open_files(site)));
        members.insert("files".to_owned(), files_job(site, secrets));
    }
    Ok(job)
}

/// Where the world finds names of the site of which the host's own `/etc/hosts` says otherwise.
pub(in crate::replica::job) fn overridden(
    site: &Site,
    handles: &Handles,
) -> BTreeMap<HostName, String> {
    let own = site.names.iter().filter(|name| site.host.hosts.contains_key(*name));
    own.map(|name| (name.clone(), handles.addresses.front())).collect()
}

/// For `serve.py` on the proxy's own host, where it is enough that the proxy listens.
///
/// # Errors
/// As [`serve_job`].
pub fn proxy_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<Value, Failure> {
    let mut processes = processes(site, secrets, handles.is_tree)?;
    let own = proxy_host_role(site);
    processes.retain(|process| Some(process.role.as_str()) == own);
    let mut job = start_job(site, &processes);
    if let Value::Object(members) = &mut job {
        let probe = json!({"url": null, "within": site.health.within.as_secs_f64()});
        members.insert("probe".to_owned(), probe);
    }
    Ok(job)
}

/// What every start of processes needs to know.
fn start_job(site: &Site, processes: &[Process]) -> Value {
    let mut listening = listening(site);
    listening.retain(|role, _| processes.iter().any(|process| process.role == *role));
    let mut job = json!({"processes": processes, "listening": listening});
    let proxy = processes.iter().find(|process| proxy_role(site) == Some(process.role.as_str()));
    let check = proxy.and_then(|process| load_check(site, &process.env));
    if let (Some(check), Value::Object(members)) = (check, &mut job) {
        members.insert("check".to_owned(), check);
    }
    job
}

pub(in crate::replica::job) fn health_url(site: &Site) -> String {
    format!("{}{}", site.url(), site.health.path.trim_start_matches('/'))
}
