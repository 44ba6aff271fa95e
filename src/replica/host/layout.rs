//! Where things are on a site's host, and which processes it has under which role.

use std::path::Path;

use crate::replica::added;
use crate::site::{Application, ProxyServer, Site, WsgiServer};

/// Where the certificate's chain and key are on the host. Not in `/etc/ssl/private`: an app that
/// is its own server could not enter that folder.
pub(in crate::replica) const CERTIFICATE: &str = "/etc/ssl/site/fullchain.pem";

pub(in crate::replica) const CERTIFICATE_KEY: &str = "/etc/ssl/site/privkey.pem";

/// The folder of the site's unix socket, owned by the app's user.
#[must_use]
pub(in crate::replica) fn socket_folder(site: &Site) -> String {
    added::SOCKET_FOLDER.of(site)
}

/// The folder that the app and its commands run in.
#[must_use]
pub(in crate::replica) fn working_folder(site: &Site, is_tree: bool) -> String {
    if is_tree { site.app() } else { site.home() }.display().to_string()
}

/// The folder that the WSGI server works in.
#[must_use]
pub(in crate::replica) fn server_folder(site: &Site, is_tree: bool) -> String {
    described_folder(site, site.wsgi.folder.as_deref(), is_tree)
}

pub(in crate::replica) fn described_folder(
    site: &Site,
    folder: Option<&Path>,
    is_tree: bool,
) -> String {
    match folder {
        Some(folder) => site.home().join(folder).display().to_string(),
        None => working_folder(site, is_tree),
    }
}

/// What a process's output is written to.
#[must_use]
pub(in crate::replica) fn log_of(role: &str) -> String {
    added::OWN_LOGS.of_role(role)
}

/// The role of the proxy's process; with `mod_wsgi` it is the WSGI server, too.
#[must_use]
pub fn proxy_role(site: &Site) -> Option<&'static str> {
    match site.proxy.server {
        ProxyServer::Nginx => Some("nginx"),
        ProxyServer::Apache => Some("apache"),
        ProxyServer::None => None,
    }
}

/// The role of the process that has a host of its own, if the proxy does.
#[must_use]
pub(in crate::replica) fn proxy_host_role(site: &Site) -> Option<&'static str> {
    proxy_role(site).filter(|_| site.has_proxy_host())
}

/// The roles of the processes of a site's hosts.
#[must_use]
pub fn process_roles(site: &Site) -> Vec<String> {
    let wsgi = (site.wsgi.server != WsgiServer::ModWsgi).then_some("wsgi");
    let more = site.processes.keys().map(ToString::to_string);
    let proxy = proxy_role(site).map(str::to_owned);
    wsgi.into_iter().map(str::to_owned).chain(more).chain(proxy).collect()
}

/// Where uWSGI's configuration is on the host.
#[must_use]
pub(in crate::replica) fn uwsgi_config(site: &Site) -> String {
    added::UWSGI_INI.of(site)
}

/// The URL prefix as `SCRIPT_NAME` has it: no closing slash; `None` at the root.
#[must_use]
pub(in crate::replica) fn script_name(site: &Site) -> Option<&str> {
    let name = site.proxy.prefix.trim_end_matches('/');
    (!name.is_empty()).then_some(name)
}

/// The script that `mod_wsgi` or uWSGI loads: the described one, or the one made for a callable.
#[must_use]
pub(in crate::replica) fn script_path(site: &Site) -> String {
    match &site.wsgi.application {
        Application::Script(path) => site.home().join(path).display().to_string(),
        Application::Callable(_) => added::SCRIPT.of(site),
    }
}

/// The script of an application that is mounted beside the site's own.
#[must_use]
pub(in crate::replica) fn mount_script(site: &Site, url: &str) -> String {
    let script = script_path(site);
    let stem = script.strip_suffix(".wsgi").unwrap_or(&script);
    format!("{stem}-{}.wsgi", url.trim_matches('/').replace('/', "-"))
}

/// A URL prefix below the site's own, as `SCRIPT_NAME` has it.
#[must_use]
pub(in crate::replica) fn mount_point(site: &Site, url: &str) -> String {
    format!("{}{}", script_name(site).unwrap_or_default(), url.trim_end_matches('/'))
}
