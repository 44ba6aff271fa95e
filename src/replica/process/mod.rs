//! The processes of a site's host: what is started, with which variables, as whom.

mod server;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::added;
use super::host_facts::clock_variables;
use super::secret::Secrets;
use crate::failure::Failure;
use crate::site::{Application, Callable, ProxyServer, Site, Systemd, WsgiServer};

pub(super) use server::Bind;
pub use server::server_name;
use server::wsgi_command;

/// Where the certificate's chain and key are on the host. Not in `/etc/ssl/private`: an app that
/// is its own server could not enter that folder.
pub(super) const CERTIFICATE: &str = "/etc/ssl/site/fullchain.pem";
pub(super) const CERTIFICATE_KEY: &str = "/etc/ssl/site/privkey.pem";

/// A process to start. Holds secrets: it goes to the host over standard input, and nowhere else.
#[derive(Clone, Serialize)]
pub(super) struct Process {
    pub role: String,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// `None` is root, which drops to the user by itself.
    pub user: Option<String>,
    pub folder: String,
    /// That of whoever starts it if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub umask: Option<u32>,
    /// A unix socket that root opens for it, as a socket unit of systemd does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// What its unit of systemd says beside that.
    #[serde(skip_serializing_if = "Systemd::says_nothing")]
    pub systemd: Systemd,
    pub log: String,
}

/// Never shows the command of a site's own process: it may hold secrets.
impl std::fmt::Debug for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.role, self.argv[0])
    }
}

/// The folder of the site's unix socket, owned by the app's user.
#[must_use]
pub(super) fn socket_folder(site: &Site) -> String {
    added::SOCKET_FOLDER.of(site)
}

/// What a WSGI server of its own has: the described variables, and those that systemd gives to a process
/// of a user.
#[must_use]
pub(super) fn server_variables(site: &Site, secrets: &Secrets) -> BTreeMap<String, String> {
    let mut env = process_variables(site, secrets, &site.wsgi.locale);
    if !site.env.contains_key("PATH") {
        env.insert("PATH".to_owned(), system_path().to_owned());
    }
    env
}

/// What one more process of the site has: as a command, and also what the description says of the
/// variables of a login, such as a unit file's `Environment=`.
#[must_use]
pub(super) fn process_variables(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
) -> BTreeMap<String, String> {
    let mut env = command_variables(site, secrets, locale);
    env.extend(described_variables(site, secrets));
    env
}

/// What the app's commands have: the described variables and what a login gives, with the programs of
/// the release in the path; home and shell are as the host has them (`become.py`). Whoever deploys has another path and home than the live process.
#[must_use]
pub(super) fn command_variables(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
) -> BTreeMap<String, String> {
    let mut env = login_variables(site, &format!("{}/bin", site.venv().display()), locale);
    let own = ["PATH", "HOME", "SHELL", "USER", "LOGNAME"];
    env.extend(clock_variables(site));
    let described = described_variables(site, secrets);
    env.extend(described.into_iter().filter(|(name, _)| !own.contains(&name.as_str())));
    env
}

/// What a login of the site's user gives, with one more folder of programs. Its home and its shell are
/// as the host has them: `become.py` looks there.
fn login_variables(site: &Site, programs: &str, locale: &str) -> BTreeMap<String, String> {
    let of_a_login = [added::USER, added::LOGNAME];
    let mut env: BTreeMap<String, String> = of_a_login
        .iter()
        .map(|variable| {
            let (name, value) = added::pair(variable);
            (name.to_owned(), value.replace("USER", site.user.as_str()))
        })
        .collect();
    env.insert("PATH".to_owned(), format!("{programs}:{}", system_path()));
    env.insert(added::LANG.text.to_owned(), locale.to_owned());
    env
}

/// What the tests have in the suite's container, without stagectl's own: they are the users' browser,
/// so that nothing of the site's process is there that the description does not name for them. Their
/// locale is one that every Debian has: what a test reads and writes does not depend on the site.
#[must_use]
pub(super) fn suite_variables(site: &Site, secrets: &Secrets) -> BTreeMap<String, String> {
    let mut env = login_variables(site, SUITE_PROGRAMS, "C.UTF-8");
    env.extend(clock_variables(site));
    let mut described = described_variables(site, secrets);
    described.retain(|name, _| site.critical.site_env.contains(name));
    env.extend(described);
    env.extend(site.critical.env.iter().map(|(key, text)| (key.clone(), secrets.reveal(text))));
    env
}

/// Exactly the variables of the description.
#[must_use]
pub(super) fn described_variables(site: &Site, secrets: &Secrets) -> BTreeMap<String, String> {
    site.env.iter().map(|(key, text)| (key.clone(), secrets.reveal(text))).collect()
}

/// Variables that a live process may have beside the described ones.
pub(super) const STANDARD_VARIABLES: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "PWD",
    "APACHE_RUN_USER",
    "APACHE_RUN_GROUP",
    "APACHE_RUN_DIR",
    "APACHE_LOCK_DIR",
    "APACHE_LOG_DIR",
    "APACHE_PID_FILE",
    "SERVER_SOFTWARE",
    "UWSGI_RELOADS",
    "UWSGI_ORIGINAL_PROC_NAME",
];

/// The programs of the suite's own environment, in its container.
const SUITE_PROGRAMS: &str = "/opt/stagectl/suite/bin";

/// Where Debian looks for programs.
#[must_use]
pub fn system_path() -> &'static str {
    added::pair(&added::SYSTEM_PATH).1
}

/// The folder that the app and its commands run in.
#[must_use]
pub(super) fn working_folder(site: &Site, is_tree: bool) -> String {
    let home = site.home();
    if is_tree { home.join("app") } else { home }.display().to_string()
}

/// The folder that the WSGI server works in.
#[must_use]
pub(super) fn server_folder(site: &Site, is_tree: bool) -> String {
    described_folder(site, site.wsgi.folder.as_deref(), is_tree)
}

pub(super) fn described_folder(site: &Site, folder: Option<&Path>, is_tree: bool) -> String {
    match folder {
        Some(folder) => site.home().join(folder).display().to_string(),
        None => working_folder(site, is_tree),
    }
}

/// What a process's output is written to.
#[must_use]
pub(super) fn log_of(role: &str) -> String {
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
pub(super) fn role_of_the_proxy_s_host(site: &Site) -> Option<&'static str> {
    proxy_role(site).filter(|_| site.has_a_proxy_s_host())
}

/// The roles of the processes of a site's hosts.
#[must_use]
pub fn process_roles(site: &Site) -> Vec<String> {
    let wsgi = (site.wsgi.server != WsgiServer::ModWsgi).then_some("wsgi");
    let more = site.processes.keys().map(ToString::to_string);
    let proxy = proxy_role(site).map(str::to_owned);
    wsgi.into_iter().map(str::to_owned).chain(more).chain(proxy).collect()
}

/// The processes of the site's hosts, in the order in which they are started on each.
///
/// # Errors
/// Usage: a combination that no server can do.
pub(super) fn processes(
    site: &Site,
    secrets: &Secrets,
    is_tree: bool,
) -> Result<Vec<Process>, Failure> {
    let site = &*site.as_served();
    let mut processes = Vec::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        processes.push(Process {
            role: "wsgi".to_owned(),
            argv: wsgi_command(site)?,
            env: server_variables(site, secrets),
            user: Some(site.user.to_string()),
            folder: server_folder(site, is_tree),
            umask: site.wsgi.umask,
            socket: Bind::of(site).is_root_s().map(str::to_owned),
            systemd: site.wsgi.systemd.clone(),
            log: log_of("wsgi"),
        });
    }
    processes.extend(site.processes.iter().map(|(role, process)| Process {
        role: role.to_string(),
        argv: vec!["/bin/sh".to_owned(), "-c".to_owned(), secrets.reveal(&process.run)],
        env: process_variables(site, secrets, &process.locale),
        user: Some(site.user.to_string()),
        folder: described_folder(site, process.folder.as_deref(), is_tree),
        umask: process.umask,
        socket: None,
        systemd: process.systemd.clone(),
        log: log_of(role.as_str()),
    }));
    match site.proxy.server {
        ProxyServer::Nginx => processes.push(Process {
            role: "nginx".to_owned(),
            argv: ["/usr/sbin/nginx", "-g", added::DAEMON_OFF.text].map(str::to_owned).to_vec(),
            env: BTreeMap::from([("PATH".to_owned(), system_path().to_owned())]),
            user: None,
            folder: "/".to_owned(),
            umask: None,
            socket: None,
            systemd: site.proxy.systemd.clone(),
            log: log_of("nginx"),
        }),
        ProxyServer::Apache => processes.push(apache(site, secrets)),
        ProxyServer::None => {}
    }
    Ok(processes)
}

/// Apache with the variables that Debian's `envvars` gives it; as the WSGI server it has the
/// site's, too.
fn apache(site: &Site, secrets: &Secrets) -> Process {
    let mut env: BTreeMap<String, String> = [
        ("PATH", system_path()),
        ("LANG", site.wsgi.locale.as_str()),
        ("APACHE_RUN_USER", "www-data"),
        ("APACHE_RUN_GROUP", "www-data"),
        ("APACHE_RUN_DIR", "/var/run/apache2"),
        ("APACHE_LOCK_DIR", "/var/lock/apache2"),
        ("APACHE_LOG_DIR", "/var/log/apache2"),
        ("APACHE_PID_FILE", "/var/run/apache2/apache2.pid"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    if site.wsgi.server == WsgiServer::ModWsgi {
        env.extend(clock_variables(site));
        env.extend(described_variables(site, secrets));
    } else {
        env.insert("LANG".to_owned(), "C".to_owned());
    }
    Process {
        role: "apache".to_owned(),
        argv: ["/usr/sbin/apache2"]
            .into_iter()
            .chain(added::words(&added::FOREGROUND))
            .map(str::to_owned)
            .collect(),
        env,
        user: None,
        folder: "/".to_owned(),
        umask: None,
        socket: None,
        systemd: site.proxy.systemd.clone(),
        log: log_of("apache"),
    }
}

/// Where uWSGI's configuration is on the host.
#[must_use]
pub(super) fn uwsgi_config(site: &Site) -> String {
    added::UWSGI_INI.of(site)
}

/// The URL prefix as `SCRIPT_NAME` has it: no closing slash; `None` at the root.
#[must_use]
pub(super) fn script_name(site: &Site) -> Option<&str> {
    let name = site.proxy.prefix.trim_end_matches('/');
    (!name.is_empty()).then_some(name)
}

/// The script that `mod_wsgi` or uWSGI loads: the described one, or the one made for a callable.
#[must_use]
pub(super) fn script_path(site: &Site) -> String {
    match &site.wsgi.application {
        Application::Script(path) => site.home().join(path).display().to_string(),
        Application::Callable(_) => added::SCRIPT.of(site),
    }
}

/// The script of an application that is mounted beside the site's own.
#[must_use]
pub(super) fn mount_script(site: &Site, url: &str) -> String {
    let script = script_path(site);
    let stem = script.strip_suffix(".wsgi").unwrap_or(&script);
    format!("{stem}-{}.wsgi", url.trim_matches('/').replace('/', "-"))
}

/// A URL prefix below the site's own, as `SCRIPT_NAME` has it.
#[must_use]
pub(super) fn mount_point(site: &Site, url: &str) -> String {
    format!("{}{}", script_name(site).unwrap_or_default(), url.trim_end_matches('/'))
}

/// A command that imports the application and looks for its callable, to tell why a server cannot.
#[must_use]
pub(super) fn import_check(site: &Site) -> Vec<String> {
    let python = site.venv().join("bin/python").display().to_string();
    let code = match &site.wsgi.application {
        Application::Callable(Callable { module, callable }) => {
            format!("import importlib; importlib.import_module({module:?}).{callable}")
        }
        Application::Script(_) => {
            format!("import runpy; runpy.run_path({:?})['application']", script_path(site))
        }
    };
    vec![python, "-c".to_owned(), code]
}
