//! For `diagnose.py`: what the diagnosis asks inside a replica.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::certificates::TlsJob;
use super::facts::FactsJob;
use super::serve::overridden;
use super::service::{ServiceJob, service_jobs};
use super::units::{TimerJob, UnitJob, timers, units};
use crate::replica::host::facts::standard_variables;
use crate::replica::host::layout::{log_of, proxy_host_role};
use crate::replica::host::logs::{log_files, proxy_log_files, proxy_log_globs};
use crate::replica::host::process::described_variables;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{ByteSize, HostName, PlainHttp, Site, WsgiServer};

/// What the app's host is asked. What is left out is not asked.
#[derive(Serialize)]
pub struct DiagnoseJob {
    /// Of the site, a wildcard as one of the names that it stands for.
    names: Vec<String>,
    /// Where all of them lead,
    address: String,
    /// also by IPv6, if the site's network has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6: Option<String>,
    /// Where the world finds names of which the host's own `/etc/hosts` says otherwise.
    elsewhere: BTreeMap<HostName, String>,
    /// The site's path.
    prefix: String,
    /// Null without TLS.
    tls: Option<TlsJob>,
    /// What port 80 does: `redirect`, `serve` or `closed`; null where only the live configuration says it.
    plain_http: Option<&'static str>,
    health: HealthJob,
    /// The WSGI server's process id.
    process: i64,
    processes: Vec<Started>,
    /// The described variables of that process,
    env: BTreeMap<String, String>,
    /// and the names of those that it may have beside them.
    standard: Vec<String>,
    /// What `LANG` is.
    locale: String,
    timezone: String,
    user: String,
    /// The release's own Python,
    python: PathBuf,
    /// and its version, such as `3.11`.
    python_version: String,
    /// Those in which nothing may alarm, the one that tells most first.
    logs: Vec<String>,
    /// Globs of the proxy's logs, of which the length is told.
    proxy_logs: Vec<String>,
    /// What of a log was said before, in bytes: it is of no matter now.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    seen: BTreeMap<String, u64>,
    services: Vec<ServiceJob>,
    host: FactsJob,
    #[serde(skip_serializing_if = "Option::is_none")]
    hsts: Option<HstsJob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<BodyJob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    umask: Option<UmaskJob>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<MediaJob>,
    /// What the proxy serves by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    static_files: Vec<PathBuf>,
    /// URLs of the applications beside the site's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applications: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    units: Vec<UnitJob>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timers: Vec<TimerJob>,
}

/// What only the proxy's own host can see.
#[derive(Debug, Serialize)]
pub struct DiagnoseProxyJob {
    part: &'static str,
    processes: Vec<Started>,
    /// As for the app's host.
    logs: Vec<String>,
    proxy_logs: Vec<String>,
    /// What of a log was said before, in bytes: it is of no matter now.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    seen: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct HealthJob {
    url: String,
    status: u16,
}

/// A process that runs.
#[derive(Debug, Serialize)]
struct Started {
    role: String,
    pid: i64,
    log: String,
}

#[derive(Debug, Serialize)]
struct HstsJob {
    url: String,
    /// The header as it is sent.
    value: String,
}

#[derive(Debug, Serialize)]
struct BodyJob {
    url: String,
    /// The largest that is taken.
    bytes: ByteSize,
}

#[derive(Debug, Serialize)]
struct UmaskJob {
    bits: u32,
    /// Whose processes have it.
    user: String,
}

/// A folder that the proxy serves and the app writes to.
#[derive(Debug, Serialize)]
struct MediaJob {
    url: String,
    folder: PathBuf,
    user: String,
    /// Null: as it comes.
    umask: Option<u32>,
}

/// For `diagnose.py` on the proxy's own host.
#[must_use]
pub fn proxy_diagnosis_job(site: &Site, pids: &[(String, i64)]) -> DiagnoseProxyJob {
    DiagnoseProxyJob {
        part: "proxy",
        processes: started(pids, |role| proxy_host_role(site) == Some(role)),
        logs: proxy_log_files(site),
        proxy_logs: proxy_log_globs(site),
        seen: BTreeMap::new(),
    }
}

impl DiagnoseProxyJob {
    /// The same of what is in the logs behind so many bytes of each.
    #[must_use]
    pub fn since(self, seen: &BTreeMap<String, u64>) -> Self {
        DiagnoseProxyJob { seen: seen.clone(), ..self }
    }
}

impl DiagnoseJob {
    /// The same of what is in the logs behind so many bytes of each.
    #[must_use]
    pub fn since(self, seen: &BTreeMap<String, u64>) -> Self {
        DiagnoseJob { seen: seen.clone(), ..self }
    }
}

fn started(pids: &[(String, i64)], is_here: impl Fn(&str) -> bool) -> Vec<Started> {
    let here = pids.iter().filter(|(role, _)| is_here(role));
    here.map(|(role, pid)| Started { role: role.clone(), pid: *pid, log: log_of(role) }).collect()
}

/// For `diagnose.py`; `pids` are those of the processes that `serve.py` started.
#[must_use]
pub fn diagnosis_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    pids: &[(String, i64)],
) -> DiagnoseJob {
    // A wildcard is tried with a name that nothing else has.
    let wildcards = site.wildcards.iter().map(|domain| format!("stagectl-any.{domain}"));
    let names: Vec<String> = site.names.iter().map(ToString::to_string).chain(wildcards).collect();
    let server = if site.wsgi.server == WsgiServer::ModWsgi { "apache" } else { "wsgi" };
    let addresses = &handles.addresses;
    let user = site.user.to_string();
    DiagnoseJob {
        tls: TlsJob::of(site, &names),
        names,
        address: addresses.front(),
        ipv6: addresses.ipv6_of(&addresses.front()),
        elsewhere: overridden(site, handles),
        prefix: site.proxy.prefix.clone(),
        plain_http: site.proxy.plain_http.map(|plain| match plain {
            PlainHttp::Redirect => "redirect",
            PlainHttp::Serve => "serve",
            PlainHttp::Closed => "closed",
        }),
        health: HealthJob { url: site.health_url(), status: site.health.status },
        process: pids.iter().find(|(role, _)| role == server).map_or(0, |(_, pid)| *pid),
        processes: started(pids, |role| proxy_host_role(site) != Some(role)),
        env: described_variables(site, secrets),
        standard: standard_variables(site),
        locale: site.wsgi.locale.clone(),
        timezone: site.base.timezone.clone(),
        python: site.venv().join("bin/python"),
        python_version: site.python.to_string(),
        logs: log_files(site),
        proxy_logs: if site.has_proxy_host() { Vec::new() } else { proxy_log_globs(site) },
        seen: BTreeMap::new(),
        services: service_jobs(site, addresses),
        host: FactsJob::of(site, addresses),
        hsts: site.proxy.hsts.clone().map(|value| HstsJob { url: site.url(), value }),
        body: site.proxy.body.map(|bytes| BodyJob { url: site.url(), bytes }),
        umask: site.wsgi.umask.map(|bits| UmaskJob { bits, user: user.clone() }),
        media: media(site),
        static_files: static_folders(site),
        applications: site.wsgi.mounts.keys().map(|url| below(site, url)).collect(),
        units: units(site, pids),
        timers: timers(site, secrets, handles),
        user,
    }
}

fn media(site: &Site) -> Vec<MediaJob> {
    let folders = site.proxy.media.iter().map(|(url, folder)| MediaJob {
        url: below(site, url),
        folder: site.home().join(folder),
        user: site.user.to_string(),
        umask: site.wsgi.umask,
    });
    folders.collect()
}

/// Those of a described proxy: a live configuration says for itself what it serves.
fn static_folders(site: &Site) -> Vec<PathBuf> {
    let described = site.proxy.static_files.values().filter(|_| site.proxy.config.is_none());
    described.map(|folder| site.home().join(folder)).collect()
}

fn below(site: &Site, url: &str) -> String {
    format!("{}{url}", site.url().trim_end_matches('/'))
}
