//! The processes of a site's hosts: what is started, with which variables, as whom.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::failure::Failure;
use crate::replica::added;
use crate::replica::host::bind::Bind;
use crate::replica::host::clock::clock_variables;
use crate::replica::host::layout::{described_folder, log_of, script_path, server_folder};
use crate::replica::host::process::{
    described_variables, process_variables, server_variables, system_path,
};
use crate::replica::host::server::wsgi_command;
use crate::replica::secret::Secrets;
use crate::site::{Application, Callable, ProxyServer, Site, Systemd, WsgiServer};

/// A process to start. Holds secrets: it goes to the host over standard input, and nowhere else.
#[derive(Serialize)]
pub(in crate::replica) struct Process {
    /// What it is called in logs and reports, and by its notes in `/run`.
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
    /// What its output is written to.
    pub log: String,
}

/// Never shows the command of a site's own process: it may hold secrets.
impl std::fmt::Debug for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.role, self.argv[0])
    }
}

/// The processes of the site's hosts, in the order in which they are started on each.
///
/// # Errors
/// Usage: a combination that no server can do.
pub(in crate::replica) fn processes(
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

/// A command that imports the application and looks for its callable, to tell why a server cannot.
#[must_use]
pub(in crate::replica) fn import_check(site: &Site) -> Vec<String> {
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
