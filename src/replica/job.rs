//! Jobs for stagectl's own programs inside a replica, as the JSON that they read from their
//! standard input. They hold secrets and go nowhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::added::RESOLVER_MARK;
use super::environment_files::files_job;
use super::host::{PYTEST_PLUGIN, listening};
use super::host_facts::{confinement, expected_facts, is_mounting, open_files, standard_variables};
use super::outside::{stubs, telling_url};
use super::plan::Handles;
use super::process::{
    Process, command_variables, described_variables, import_check, log_of, processes, proxy_role,
    role_of_the_proxy_s_host, server_folder, server_variables, suite_variables, working_folder,
};
use super::proxy::load_check;
use super::secret::Secrets;
use super::service::mail_variables;
use super::service_job::service_jobs;
use super::systemd::unit_members;
use super::tls::{CLIENT_CERTIFICATE, CLIENT_KEY, client_job, is_verifiable, tls_job};
use crate::failure::Failure;
use crate::site::{HostName, PlainHttp, ProxyServer, Site, SuiteSource, WsgiServer};

/// For `step.py`: one deploy step.
#[must_use]
pub fn step_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    command: &str,
    timeout: Duration,
) -> Value {
    json!({
        "command": command,
        "env": command_variables(site, secrets, &site.base.locale),
        "user": site.user,
        "folder": working_folder(site, handles.is_tree),
        "timeout": timeout.as_secs_f64(),
        "open_files": open_files(site),
    })
}

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
    let elsewhere = role_of_the_proxy_s_host(site);
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
fn overridden(site: &Site, handles: &Handles) -> BTreeMap<HostName, String> {
    let own = site.names.iter().filter(|name| site.host.hosts.contains_key(*name));
    own.map(|name| (name.clone(), handles.addresses.front())).collect()
}

/// For `serve.py` on the proxy's own host, where it is enough that the proxy listens.
///
/// # Errors
/// As [`serve_job`].
pub fn proxy_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<Value, Failure> {
    let mut processes = processes(site, secrets, handles.is_tree)?;
    let own = role_of_the_proxy_s_host(site);
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

fn health_url(site: &Site) -> String {
    format!("{}{}", site.url(), site.health.path.trim_start_matches('/'))
}

/// For `diagnose.py` on the proxy's own host: what only it can see.
#[must_use]
pub fn proxy_diagnosis_job(site: &Site, pids: &[(String, i64)]) -> Value {
    json!({
        "part": "proxy",
        "processes": started(pids.iter().filter(|(role, _)| role_of_the_proxy_s_host(site) == Some(role))),
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
        "processes": started(pids.iter().filter(|(role, _)| role_of_the_proxy_s_host(site) != Some(role))),
        "env": described_variables(site, secrets),
        "standard": standard_variables(site),
        "locale": site.wsgi.locale,
        "timezone": site.base.timezone,
        "user": site.user,
        "python": site.venv().join("bin/python"),
        "python_version": site.python.to_string(),
        "logs": log_files(site),
        "proxy_logs": if site.has_a_proxy_s_host() { Vec::new() } else { proxy_log_globs(site) },
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

/// The logs of the app's host, the one that tells most first.
#[must_use]
pub fn log_files(site: &Site) -> Vec<String> {
    let mut logs = Vec::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        logs.push("/var/log/stagectl/wsgi.log".to_owned());
    }
    if !site.has_a_proxy_s_host() {
        logs.extend(proxy_log_files(site));
    }
    logs.extend(site.processes.keys().map(|role| log_of(role.as_str())));
    logs
}

/// The logs of the proxy.
fn proxy_log_files(site: &Site) -> Vec<String> {
    let logs: &[&str] = match site.proxy.server {
        ProxyServer::Nginx => &["/var/log/nginx/error.log", "/var/log/stagectl/nginx.log"],
        ProxyServer::Apache => &["/var/log/apache2/error.log", "/var/log/stagectl/apache.log"],
        ProxyServer::None => &[],
    };
    logs.iter().map(|&log| log.to_owned()).collect()
}

/// The logs that are the proxy's alone, as globs.
fn proxy_log_globs(site: &Site) -> Vec<String> {
    let role = proxy_role(site).filter(|_| site.wsgi.server != WsgiServer::ModWsgi);
    let all = log_globs(site, site.has_a_proxy_s_host());
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
    let is_here = on_the_proxy_s_host == site.has_a_proxy_s_host();
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

/// Where the suite writes its result in its container.
pub const JUNIT_FILE: &str = "/opt/stagectl/results/junit.xml";

/// Which tests of the suite are run.
#[derive(Debug, Clone, Copy)]
pub enum Tests<'a> {
    /// All of them, with these further arguments for pytest.
    All(&'a [String]),
    /// Those that pytest knows by these ids.
    Only(&'a [String]),
}

/// For `step.py` in the suite's container.
#[must_use]
pub fn suite_job(site: &Site, secrets: &Secrets, handles: &Handles, tests: Tests<'_>) -> Value {
    let mut env: BTreeMap<String, String> = suite_variables(site, secrets);
    env.insert("STAGECTL_SITE".to_owned(), site.name.to_string());
    env.insert("STAGECTL_URL".to_owned(), site.url());
    if stubs(site).next().is_some() {
        env.insert("STAGECTL_OUTSIDE".to_owned(), telling_url(&handles.addresses.outside()));
    }
    env.insert("STAGECTL_JUNIT".to_owned(), JUNIT_FILE.to_owned());
    env.extend(mail_variables(site));
    if site.tls.as_ref().is_some_and(|tls| tls.client.is_some()) {
        env.insert("STAGECTL_CLIENT_CERTIFICATE".to_owned(), CLIENT_CERTIFICATE.to_owned());
        env.insert("STAGECTL_CLIENT_KEY".to_owned(), CLIENT_KEY.to_owned());
    }
    let extra = match tests {
        Tests::All(extra) => extra,
        Tests::Only(ids) => {
            env.insert("STAGECTL_ONLY".to_owned(), json!(ids).to_string());
            &[]
        }
    };
    let command: Value = match &site.critical.suite {
        SuiteSource::Pytest { select, file, .. } => {
            let mut argv = [
                "/opt/stagectl/suite/bin/python",
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-p",
                PYTEST_PLUGIN,
                "--rootdir=.",
            ]
            .map(str::to_owned)
            .to_vec();
            argv.push(format!("--junit-xml={JUNIT_FILE}"));
            // What a failing test printed and logged belongs to its result; that of others would
            // only make it long.
            argv.extend(
                ["-o", "junit_logging=all", "-o", "junit_log_passing_tests=false"]
                    .map(str::to_owned),
            );
            if let Some(marker) = select {
                argv.extend(["-m".to_owned(), marker.clone()]);
            }
            argv.extend(file.clone());
            argv.extend(extra.iter().cloned());
            argv.into()
        }
        SuiteSource::Command { run, .. } => run.as_str().into(),
    };
    json!({
        "command": command,
        "env": env,
        "user": site.user,
        "folder": "/opt/stagectl/critical",
        // What an earlier run left is not the result of this one.
        "remove": [JUNIT_FILE],
        "timeout": site.critical.budget.as_secs_f64(),
    })
}
