//! For `stop.py`, which stops the processes of a site before a new release.

use serde::Serialize;

use crate::replica::host::layout::{process_roles, proxy_host_role, proxy_role};
use crate::site::{Site, WsgiServer};

/// Which processes of a host are stopped, and how.
#[derive(Debug, Serialize)]
pub struct StopJob {
    /// Their roles in order, each with the signal that ends it, such as `TERM`.
    pub(in crate::replica) processes: Vec<(String, &'static str)>,
}

/// For `stop.py`: the processes of one host, and the signal that ends each in order.
#[must_use]
pub fn stop_job(site: &Site, is_app: bool) -> StopJob {
    StopJob { processes: ending(site, is_app) }
}

impl StopJob {
    /// One that leaves the proxy alone.
    #[must_use]
    pub fn without_the_proxy(mut self, site: &Site) -> StopJob {
        let proxy = proxy_role(site);
        self.processes.retain(|(role, _)| Some(role.as_str()) != proxy);
        self
    }
}

/// The roles of a host's processes in order, each with the signal that ends it.
#[must_use]
pub(in crate::replica::job) fn ending(site: &Site, is_app: bool) -> Vec<(String, &'static str)> {
    let elsewhere = proxy_host_role(site);
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
    let with_signal = |role: String| {
        let signal = signal(&role);
        (role, signal)
    };
    let roles = process_roles(site).into_iter().filter(here);
    roles.map(with_signal).collect()
}
