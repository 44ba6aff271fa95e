//! Which logs a site's host has, and of which process each is.

use std::collections::BTreeMap;

use super::layout::{log_of, proxy_host_role, proxy_role};
use crate::replica::role::PROXY;
use crate::site::{ProxyServer, Site, WsgiServer};

/// The logs of the app's host, the one that tells most first.
#[must_use]
pub fn log_files(site: &Site) -> Vec<String> {
    let mut logs = Vec::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        logs.push(log_of("wsgi"));
    }
    if !site.has_proxy_host() {
        logs.extend(proxy_log_files(site));
    }
    logs.extend(site.processes.keys().map(|role| log_of(role.as_str())));
    logs
}

/// The logs of the proxy.
pub(in crate::replica) fn proxy_log_files(site: &Site) -> Vec<String> {
    match site.proxy.server {
        ProxyServer::Nginx => vec!["/var/log/nginx/error.log".to_owned(), log_of("nginx")],
        ProxyServer::Apache => vec!["/var/log/apache2/error.log".to_owned(), log_of("apache")],
        ProxyServer::None => Vec::new(),
    }
}

/// Where the proxy writes what it was asked for, unless its configuration says otherwise.
#[must_use]
pub fn access_logs(site: &Site) -> Vec<String> {
    let files: &[&str] = match site.proxy.server {
        ProxyServer::Nginx => &["/var/log/nginx/access.log"],
        ProxyServer::Apache => {
            &["/var/log/apache2/access.log", "/var/log/apache2/other_vhosts_access.log"]
        }
        ProxyServer::None => &[],
    };
    files.iter().map(|file| (*file).to_owned()).collect()
}

/// The logs that are the proxy's alone, as globs.
pub(in crate::replica) fn proxy_log_globs(site: &Site) -> Vec<String> {
    let role = proxy_role(site).filter(|_| site.wsgi.server != WsgiServer::ModWsgi);
    let all = log_globs(site, site.has_proxy_host());
    all.into_iter()
        .filter(|(source, _)| Some(source.as_str()) == role)
        .map(|(_, glob)| glob)
        .collect()
}

/// The logs in which a cause is sought on a host, and what each is called: a glob each. Those of the app
/// come first.
#[must_use]
pub fn log_globs(site: &Site, on_the_proxy_s_host: bool) -> Vec<(String, String)> {
    let mut globs = Vec::new();
    let mut add = |source: &str, pattern: String| globs.push((source.to_owned(), pattern));
    let is_here = on_the_proxy_s_host == site.has_proxy_host();
    if !on_the_proxy_s_host {
        if site.wsgi.server != WsgiServer::ModWsgi {
            add(APP_LOG, log_of("wsgi"));
        }
        for role in site.processes.keys().chain(site.timers.keys()) {
            add(role.as_str(), log_of(role.as_str()));
        }
        site.logs.iter().for_each(|pattern| add(pattern, pattern.clone()));
    }
    if let Some(role) = proxy_role(site).filter(|_| is_here) {
        // What an app prints inside Apache is in Apache's log.
        let source = if site.wsgi.server == WsgiServer::ModWsgi { APP_LOG } else { role };
        let folder = if site.proxy.server == ProxyServer::Apache { "apache2" } else { "nginx" };
        add(source, format!("/var/log/{folder}/*.log"));
        add(source, log_of(role));
    }
    globs
}

/// The app's own files of logs: those that the description names, as globs, and the folders below which
/// it may write others.
#[must_use]
pub fn app_logs(site: &Site) -> (Vec<(String, String)>, Vec<String>) {
    let named = site.logs.iter().map(|pattern| (pattern.clone(), pattern.clone())).collect();
    let data = site.data.iter().map(|folder| folder.path.display().to_string());
    (named, data.chain(["/var/log".to_owned()]).collect())
}

/// What the log of the app's server is called.
pub const APP_LOG: &str = "app";

/// The log files of the site's hosts: container role, process role, files.
#[must_use]
pub(in crate::replica) fn log_sources(site: &Site) -> Vec<(&'static str, String, Vec<String>)> {
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
    let elsewhere = proxy_host_role(site);
    let host = |role: &str| if elsewhere == Some(role) { PROXY } else { "app" };
    files.into_iter().map(|(role, files)| (host(&role), role, files)).collect()
}
