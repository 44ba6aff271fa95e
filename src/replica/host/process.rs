//! The processes of a site's host: what is started, with which variables, as whom.

use std::collections::BTreeMap;

use super::bind::Bind;
use super::clock::clock_variables;
use super::layout::{Process, described_folder, log_of, script_path, server_folder};
use super::server::wsgi_command;
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::secret::Secrets;
use crate::site::{Application, Callable, ProxyServer, Site, WsgiServer};

/// What a WSGI server of its own has: the described variables, and those that systemd gives to a process
/// of a user.
#[must_use]
pub(in crate::replica) fn server_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    let mut env = process_variables(site, secrets, &site.wsgi.locale);
    if !site.env.contains_key("PATH") {
        env.insert("PATH".to_owned(), system_path().to_owned());
    }
    env
}

/// What one more process of the site has: as a command, and also what the description says of the
/// variables of a login, such as a unit file's `Environment=`.
#[must_use]
pub(in crate::replica) fn process_variables(
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
pub(in crate::replica) fn command_variables(
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
pub(in crate::replica) fn suite_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
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
pub(in crate::replica) fn described_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    site.env.iter().map(|(key, text)| (key.clone(), secrets.reveal(text))).collect()
}

/// Variables that a live process may have beside the described ones.
pub(in crate::replica) const STANDARD_VARIABLES: [&str; 16] = [
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
