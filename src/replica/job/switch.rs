//! For `switch.py`, which leads the proxy to the server that was started beside the one that runs, and ends that.

use std::collections::BTreeMap;

use serde::Serialize;

use super::process::processes;
use super::stop::ending;
use crate::failure::Failure;
use crate::replica::host::beside::NEXT;
use crate::replica::host::layout::{proxy_host_role, proxy_role};
use crate::replica::secret::Secrets;
use crate::site::{ProxyServer, Site};

/// What is done on a host.
#[derive(Serialize)]
pub struct SwitchJob {
    /// Null where the proxy has another host.
    proxy: Option<Reload>,
    /// The roles of the processes that give way, each with the signal that ends it; none on the proxy's own host.
    processes: Vec<(String, &'static str)>,
    /// What those are called that take their names.
    next: &'static str,
}

/// How the proxy takes its new configuration.
#[derive(Serialize)]
struct Reload {
    role: &'static str,
    /// What asks it first whether that loads.
    argv: &'static [&'static str],
    env: BTreeMap<String, String>,
    signal: &'static str,
}

/// For `switch.py` on the app's host, or on that of the proxy.
///
/// # Errors
/// Usage: a combination that no server can do.
pub fn switch_job(site: &Site, secrets: &Secrets, is_app: bool) -> Result<SwitchJob, Failure> {
    let is_here = proxy_host_role(site).is_some() != is_app;
    let proxy = if is_here { reload(site, secrets)? } else { None };
    let own = |role: &(String, &str)| Some(role.0.as_str()) != proxy_role(site);
    let processes =
        if is_app { ending(site, true).into_iter().filter(own).collect() } else { Vec::new() };
    Ok(SwitchJob { proxy, processes, next: NEXT })
}

fn reload(site: &Site, secrets: &Secrets) -> Result<Option<Reload>, Failure> {
    let (role, argv, signal) = match site.proxy.server {
        // <https://nginx.org/en/docs/control.html>
        ProxyServer::Nginx => ("nginx", ["/usr/sbin/nginx", "-t", "-q"].as_slice(), "HUP"),
        // Gracefully. <https://httpd.apache.org/docs/2.4/stopping.html>
        ProxyServer::Apache => ("apache", ["/usr/sbin/apache2", "-t"].as_slice(), "USR1"),
        ProxyServer::None => return Ok(None),
    };
    let process = processes(site, secrets, false)?.into_iter().find(|process| process.role == role);
    let env = process.map(|process| process.env).unwrap_or_default();
    Ok(Some(Reload { role, argv, env, signal }))
}
