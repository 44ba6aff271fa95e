//! What the diagnosis asks inside a replica.

use serde_json::{Value, json};

use super::serve::{health_url, overridden};
use super::service::service_jobs;
use super::units::unit_members;
use crate::replica::host::facts::{expected_facts, standard_variables};
use crate::replica::host::layout::{log_of, proxy_host_role};
use crate::replica::host::logs::{log_files, proxy_log_files, proxy_log_globs};
use crate::replica::host::process::described_variables;
use crate::replica::host::tls::tls_job;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{PlainHttp, Site, WsgiServer};

/// For `diagnose.py` on the proxy's own host: what only it can see.
#[must_use]
pub fn proxy_diagnosis_job(site: &Site, pids: &[(String, i64)]) -> Value {
    json!({
        "part": "proxy",
        "processes": started(pids.iter().filter(|(role, _)| proxy_host_role(site) == Some(role))),
        "logs": proxy_log_files(site),
        "proxy_logs": proxy_log_globs(site),
    })
}

fn started<'a>(pids: impl Iterator<Item = &'a (String, i64)>) -> Vec<Value> {
    pids.map(|(role, pid)| json!({"role": role, "pid": pid, "log": log_of(role)})).collect()
}

/// For `diagnose.py`; `pids` are those of the processes that `serve.py` started.
#[must_use]
pub fn diagnosis_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    pids: &[(String, i64)],
) -> Value {
    // A wildcard is tried with a name that nothing else has.
    let wildcards = site.wildcards.iter().map(|domain| format!("stagectl-any.{domain}"));
    let names: Vec<String> = site.names.iter().map(ToString::to_string).chain(wildcards).collect();
    let tls = tls_job(site, &names);
    let server = if site.wsgi.server == WsgiServer::ModWsgi { "apache" } else { "wsgi" };
    let process = pids.iter().find(|(role, _)| role == server).map_or(0, |(_, pid)| *pid);
    let mut job = json!({
        "names": names,
        "address": handles.addresses.front(),
        "elsewhere": overridden(site, handles),
        "prefix": site.proxy.prefix,
        "tls": tls,
        "plain_http": site.proxy.plain_http.map(|plain| match plain {
            PlainHttp::Redirect => "redirect",
            PlainHttp::Serve => "serve",
            PlainHttp::Closed => "closed",
        }),
        "health": {"url": health_url(site), "status": site.health.status},
        "process": process,
        "processes": started(pids.iter().filter(|(role, _)| proxy_host_role(site) != Some(role))),
        "env": described_variables(site, secrets),
        "standard": standard_variables(site),
        "locale": site.wsgi.locale,
        "timezone": site.base.timezone,
        "user": site.user,
        "python": site.venv().join("bin/python"),
        "python_version": site.python.to_string(),
        "logs": log_files(site),
        "proxy_logs": if site.has_proxy_host() { Vec::new() } else { proxy_log_globs(site) },
        "services": service_jobs(site, &handles.addresses),
        "host": expected_facts(site, &handles.addresses),
    });
    if let Value::Object(members) = &mut job {
        members.extend(serving_members(site));
        members.extend(unit_members(site, secrets, handles, pids));
        let ipv6 = handles.addresses.ipv6_of(&handles.addresses.front());
        members.extend(ipv6.map(|ipv6| ("ipv6".to_owned(), ipv6.into())));
    }
    job
}

/// What is asked of proxy and server because the site describes it.
fn serving_members(site: &Site) -> serde_json::Map<String, Value> {
    let mut members = serde_json::Map::new();
    let below = |url: &str| format!("{}{}", site.url().trim_end_matches('/'), url);
    let mut add = |key: &str, value: Value| {
        members.insert(key.to_owned(), value);
    };
    if let Some(hsts) = &site.proxy.hsts {
        add("hsts", json!({"url": site.url(), "value": hsts}));
    }
    if let Some(body) = site.proxy.body {
        add("body", json!({"url": site.url(), "bytes": body}));
    }
    if let Some(umask) = site.wsgi.umask {
        add("umask", json!({"bits": umask, "user": site.user}));
    }
    if !site.proxy.media.is_empty() {
        let media = site.proxy.media.iter().map(|(url, folder)| {
            json!({"url": below(url), "folder": site.home().join(folder), "user": site.user, "umask": site.wsgi.umask})
        });
        add("media", media.collect());
    }
    if !site.wsgi.mounts.is_empty() {
        let urls = site.wsgi.mounts.keys().map(|url| below(url));
        add("applications", urls.collect());
    }
    members
}
