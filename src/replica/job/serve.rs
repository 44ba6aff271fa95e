//! For `serve.py`, which starts the processes of a host and waits until the site answers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::certificates::ClientJob;
use super::direct::Direct;
use super::files::FilesJob;
use super::process::{Process, import_check, processes};
use crate::failure::Failure;
use crate::replica::host::beside::NEXT;
use crate::replica::host::bind::Bind;
use crate::replica::host::facts::{is_mounting, open_files, writable_folders};
use crate::replica::host::layout::{proxy_host_role, proxy_role, server_folder};
use crate::replica::host::process::server_variables;
use crate::replica::host::tls::is_verifiable;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{HostName, PlainHttp, ProxyServer, Site, WsgiServer};

/// What is started on a host, and when it is ready.
#[derive(Serialize)]
pub struct ServeJob {
    /// In the order in which they are started.
    processes: Vec<Process>,
    /// The roles of those that may run already, and go on then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    goes_on: Vec<String>,
    /// What they open and must be free before, by role.
    listening: BTreeMap<String, Vec<Listening>>,
    /// What asks the proxy first whether its live configuration loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<LoadCheck>,
    probe: Probe,
    #[serde(flatten)]
    app: Option<OfTheApp>,
}

impl ServeJob {
    /// One that finds the proxy as it is left by [`super::stop::StopJob::without_the_proxy`].
    #[must_use]
    pub fn with_the_proxy_on(mut self, site: &Site) -> ServeJob {
        self.goes_on = proxy_role(site).map(str::to_owned).into_iter().collect();
        self
    }
}

/// What a process listens on.
#[derive(Serialize)]
#[serde(untagged)]
enum Listening {
    Port(u16),
    /// A unix socket.
    Path(String),
}

#[derive(Serialize)]
struct LoadCheck {
    role: &'static str,
    argv: &'static [&'static str],
    env: BTreeMap<String, String>,
    /// The configuration's name, for a message.
    file: Option<String>,
}

/// When the host is ready.
#[derive(Serialize)]
struct Probe {
    /// The page that is asked for; null: it is enough that all that is listed listens.
    url: Option<String>,
    /// Seconds that it may take.
    within: f64,
    #[serde(flatten)]
    page: Option<Page>,
    /// A server at its own place that is asked instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<Direct>,
}

/// What is known of the page.
#[derive(Serialize)]
struct Page {
    status: u16,
    /// Members that the answer has, if it is described as JSON.
    json: Option<Value>,
    /// Whether its certificate has to be a valid one.
    verify: bool,
    client: Option<ClientJob>,
    /// Where the world finds the site, if the host's own `/etc/hosts` says otherwise.
    address: Option<String>,
}

/// What only the app's own host is asked.
#[derive(Serialize)]
struct OfTheApp {
    import: ImportCheck,
    /// Null where the root can be written to.
    confine: Option<Confinement>,
    /// Whether a process sees other folders than its host has.
    mounting: bool,
    /// Soft and hard limit; null leaves them.
    open_files: Option<[u32; 2]>,
    files: FilesJob,
}

/// What imports the application, to tell why a server cannot.
#[derive(Serialize)]
struct ImportCheck {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    user: String,
    folder: String,
}

/// Which processes have a read-only root, and where they can write all the same.
#[derive(Serialize)]
struct Confinement {
    roles: Vec<String>,
    writable: Vec<String>,
}

/// For `serve.py` on the app's host.
///
/// # Errors
/// Usage: a combination that no server can do.
pub fn serve_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<ServeJob, Failure> {
    let mut processes = processes(site, secrets, handles.is_tree)?;
    let elsewhere = proxy_host_role(site);
    processes.retain(|process| Some(process.role.as_str()) != elsewhere);
    let page = Page {
        status: site.health.status,
        json: site.health.json.clone(),
        verify: is_verifiable(site),
        client: ClientJob::of(site),
        address: overridden(site, handles).remove(&site.names[0]),
    };
    let app = OfTheApp {
        import: ImportCheck {
            argv: import_check(site),
            env: server_variables(site, secrets),
            user: site.user.to_string(),
            folder: server_folder(site, handles.is_tree),
        },
        confine: confinement(site, &processes),
        mounting: is_mounting(site),
        open_files: open_files(site),
        files: FilesJob::of(site, secrets),
    };
    let within = site.health.within.as_secs_f64();
    let probe = Probe { url: Some(site.health_url()), within, page: Some(page), direct: None };
    Ok(start_job(site, processes, probe, Some(app)))
}

/// For `serve.py` on the app's host: the processes of a release beside those of another, which are ready when the
/// server answers at its own place. They write to the same logs.
///
/// # Errors
/// As [`serve_job`].
pub fn beside_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<ServeJob, Failure> {
    let mut job = serve_job(site, secrets, handles)?;
    let proxy = proxy_role(site);
    job.processes.retain(|process| Some(process.role.as_str()) != proxy);
    job.listening.retain(|role, _| Some(role.as_str()) != proxy);
    for process in &mut job.processes {
        process.role.push_str(NEXT);
    }
    let listening = std::mem::take(&mut job.listening);
    job.listening = listening.into_iter().map(|(role, all)| (role + NEXT, all)).collect();
    if let Some(app) = &mut job.app {
        app.confine = confinement(site, &job.processes);
    }
    job.check = None;
    job.probe.url = None;
    job.probe.page = None;
    job.probe.direct = Some(Direct::of(site));
    Ok(job)
}

/// For `serve.py` on the app's host, where all runs: it waits until the site answers.
///
/// # Errors
/// As [`serve_job`].
pub fn answer_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<ServeJob, Failure> {
    let mut job = serve_job(site, secrets, handles)?;
    job.processes.clear();
    job.listening.clear();
    job.check = None;
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
pub fn proxy_job(site: &Site, secrets: &Secrets, handles: &Handles) -> Result<ServeJob, Failure> {
    let mut processes = processes(site, secrets, handles.is_tree)?;
    let own = proxy_host_role(site);
    processes.retain(|process| Some(process.role.as_str()) == own);
    let probe =
        Probe { url: None, within: site.health.within.as_secs_f64(), page: None, direct: None };
    Ok(start_job(site, processes, probe, None))
}

/// What every start of processes needs to know.
fn start_job(
    site: &Site,
    processes: Vec<Process>,
    probe: Probe,
    app: Option<OfTheApp>,
) -> ServeJob {
    let mut listening = listening(site);
    listening.retain(|role, _| processes.iter().any(|process| process.role == *role));
    let proxy = processes.iter().find(|process| proxy_role(site) == Some(process.role.as_str()));
    let check = proxy.and_then(|process| load_check(site, &process.env));
    ServeJob { processes, goes_on: Vec::new(), listening, check, probe, app }
}

/// Ports and socket paths that the site's own processes open, by their roles.
fn listening(site: &Site) -> BTreeMap<String, Vec<Listening>> {
    let site = &*site.as_served();
    let mut found: BTreeMap<_, Vec<Listening>> = BTreeMap::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        found.entry("wsgi".to_owned()).or_default().push(match Bind::of(site) {
            Bind::Unix(path) => Listening::Path(path),
            Bind::Tcp { port, .. } => Listening::Port(port),
        });
    }
    if let Some(proxy) = proxy_role(site) {
        let ports = found.entry(proxy.to_owned()).or_default();
        let is_open = site.proxy.plain_http.is_some_and(|plain| plain != PlainHttp::Closed);
        if site.tls.is_none() || is_open {
            ports.push(Listening::Port(80));
        }
        if site.tls.is_some() {
            ports.push(Listening::Port(443));
        }
    }
    found
}

fn load_check(site: &Site, env: &BTreeMap<String, String>) -> Option<LoadCheck> {
    let path = site.proxy.config.as_ref()?;
    let (role, argv) = match site.proxy.server {
        ProxyServer::Nginx => ("nginx", ["/usr/sbin/nginx", "-t", "-q"].as_slice()),
        ProxyServer::Apache => ("apache", ["/usr/sbin/apache2", "-t"].as_slice()),
        ProxyServer::None => return None,
    };
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Some(LoadCheck { role, argv, env: env.clone(), file })
}

fn confinement(site: &Site, processes: &[Process]) -> Option<Confinement> {
    if !site.host.read_only_root {
        return None;
    }
    let is_apache = |role: &str| site.wsgi.server == WsgiServer::ModWsgi && role == "apache";
    let roles = processes
        .iter()
        .filter(|process| process.user.is_some() || is_apache(&process.role))
        .map(|process| process.role.clone())
        .collect();
    Some(Confinement { roles, writable: writable_folders(site) })
}
