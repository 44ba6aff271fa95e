//! The processes of a site's host: what is started, with which variables, as whom.

use std::collections::BTreeMap;

use serde::Serialize;

use super::secret::Secrets;
use super::tls::gunicorn_options;
use crate::failure::Failure;
use crate::site::{Application, ProxyServer, ServerOrigin, Site, Socket, WsgiServer};

/// The port between proxy and WSGI server.
const INNER_PORT: u16 = 8000;

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
    pub log: String,
}

impl std::fmt::Debug for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.role, self.argv.join(" "))
    }
}

/// Where the WSGI server listens for the proxy (or for the world).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bind {
    Unix(String),
    Tcp { address: &'static str, port: u16 },
}

impl Bind {
    #[must_use]
    pub(super) fn of(site: &Site) -> Self {
        match (site.proxy.server, site.wsgi.socket) {
            (ProxyServer::None, _) => {
                Bind::Tcp { address: "0.0.0.0", port: if site.tls.is_some() { 443 } else { 80 } }
            }
            (_, Socket::Unix) => Bind::Unix(format!("{}/wsgi.sock", socket_folder(site))),
            (_, Socket::Tcp) => Bind::Tcp { address: "127.0.0.1", port: INNER_PORT },
        }
    }
}

/// The folder of the site's unix socket, owned by the app's user.
#[must_use]
pub(super) fn socket_folder(site: &Site) -> String {
    format!("/run/{}", site.user)
}

/// What the app's commands have: the described variables and what a login gives.
#[must_use]
pub(super) fn command_variables(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
) -> BTreeMap<String, String> {
    let mut env = BTreeMap::from([
        ("PATH".to_owned(), format!("{}/bin:{SYSTEM_PATH}", site.venv().display())),
        ("HOME".to_owned(), site.home().display().to_string()),
        ("USER".to_owned(), site.user.to_string()),
        ("LOGNAME".to_owned(), site.user.to_string()),
        ("SHELL".to_owned(), "/bin/bash".to_owned()),
        ("LANG".to_owned(), locale.to_owned()),
    ]);
    env.extend(described_variables(site, secrets));
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

const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The folder that the app and its commands run in.
#[must_use]
pub(super) fn working_folder(site: &Site, is_tree: bool) -> String {
    let home = site.home();
    if is_tree { home.join("app") } else { home }.display().to_string()
}

/// The processes of the site's host, in the order in which they are started.
///
/// # Errors
/// Usage: a combination that no server can do.
pub(super) fn processes(
    site: &Site,
    secrets: &Secrets,
    is_tree: bool,
) -> Result<Vec<Process>, Failure> {
    let mut processes = Vec::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        processes.push(Process {
            role: "wsgi".to_owned(),
            argv: wsgi_command(site)?,
            env: command_variables(site, secrets, &site.wsgi.locale),
            user: Some(site.user.to_string()),
            folder: working_folder(site, is_tree),
            log: "/var/log/stagectl/wsgi.log".to_owned(),
        });
    }
    match site.proxy.server {
        ProxyServer::Nginx => processes.push(Process {
            role: "nginx".to_owned(),
            argv: words("/usr/sbin/nginx -g daemon|off;"),
            env: BTreeMap::from([("PATH".to_owned(), SYSTEM_PATH.to_owned())]),
            user: None,
            folder: "/".to_owned(),
            log: "/var/log/stagectl/nginx.log".to_owned(),
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
        ("PATH", SYSTEM_PATH),
        ("LANG", site.wsgi.locale.as_str()),
        ("APACHE_RUN_USER", "www-data"),
        ("APACHE_RUN_GROUP", "www-data"),
        ("APACHE_RUN_DIR", "/run/apache2"),
        ("APACHE_LOCK_DIR", "/run/lock/apache2"),
        ("APACHE_LOG_DIR", "/var/log/apache2"),
        ("APACHE_PID_FILE", "/run/apache2/apache2.pid"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    if site.wsgi.server == WsgiServer::ModWsgi {
        env.extend(described_variables(site, secrets));
    } else {
        env.insert("LANG".to_owned(), "C".to_owned());
    }
    Process {
        role: "apache".to_owned(),
        argv: words("/usr/sbin/apache2 -D FOREGROUND"),
        env,
        user: None,
        folder: "/".to_owned(),
        log: "/var/log/stagectl/apache.log".to_owned(),
    }
}

/// Words of a fixed command; `|` stands for a space inside a word.
fn words(text: &str) -> Vec<String> {
    text.split(' ').map(|word| word.replace('|', " ")).collect()
}

fn wsgi_command(site: &Site) -> Result<Vec<String>, Failure> {
    let venv = site.venv();
    let program = |name: &str| venv.join("bin").join(name).display().to_string();
    let bind = Bind::of(site);
    match site.wsgi.server {
        WsgiServer::Gunicorn => {
            let mut argv = match site.wsgi.from {
                ServerOrigin::Index => vec![program("gunicorn")],
                ServerOrigin::Distribution => {
                    vec![program("python"), "-m".into(), "gunicorn".into()]
                }
            };
            argv.push(callable(site)?);
            argv.extend(["--bind".to_owned(), bind_text(&bind)]);
            argv.extend(["--workers".to_owned(), site.wsgi.workers.to_string()]);
            if site.wsgi.threads > 1 {
                argv.extend(["--threads".to_owned(), site.wsgi.threads.to_string()]);
            }
            argv.extend(gunicorn_options(site));
            argv.extend(passed_through(site));
            Ok(argv)
        }
        WsgiServer::Waitress => {
            let mut argv = match site.wsgi.from {
                ServerOrigin::Index => vec![program("waitress-serve")],
                ServerOrigin::Distribution => {
                    vec![program("python"), "-m".into(), "waitress".into()]
                }
            };
            argv.push(match &bind {
                Bind::Unix(path) => format!("--unix-socket={path}"),
                Bind::Tcp { address, port } => format!("--listen={address}:{port}"),
            });
            if let Bind::Unix(_) = bind {
                argv.push("--unix-socket-perms=666".to_owned());
            }
            argv.push(format!("--threads={}", site.wsgi.threads.max(4)));
            if let Some(prefix) = script_name(site) {
                argv.push(format!("--url-prefix={prefix}"));
            }
            argv.extend(passed_through(site));
            argv.push(callable(site)?);
            Ok(argv)
        }
        WsgiServer::Uwsgi => {
            let uwsgi = match site.wsgi.from {
                ServerOrigin::Index => program("uwsgi"),
                ServerOrigin::Distribution => "/usr/bin/uwsgi-core".to_owned(),
            };
            Ok(vec![uwsgi, "--ini".to_owned(), uwsgi_config(site)])
        }
        WsgiServer::ModWsgi => Err(Failure::bug("mod_wsgi runs inside Apache")),
    }
}

/// Where uWSGI's configuration is on the host.
#[must_use]
pub(super) fn uwsgi_config(site: &Site) -> String {
    format!("/etc/uwsgi/{}.ini", site.user)
}

fn bind_text(bind: &Bind) -> String {
    match bind {
        Bind::Unix(path) => format!("unix:{path}"),
        Bind::Tcp { address, port } => format!("{address}:{port}"),
    }
}

fn callable(site: &Site) -> Result<String, Failure> {
    match &site.wsgi.application {
        Application::Callable { module, callable } => Ok(format!("{module}:{callable}")),
        Application::Script(path) => Err(Failure::usage(format!(
            "{} cannot serve the script {}",
            server_name(site.wsgi.server),
            path.display()
        ))
        .hint("write `application: package.module:callable`, or use uwsgi or mod_wsgi")),
    }
}

/// The server's name as people write it.
#[must_use]
pub fn server_name(server: WsgiServer) -> &'static str {
    match server {
        WsgiServer::Gunicorn => "gunicorn",
        WsgiServer::Uwsgi => "uwsgi",
        WsgiServer::ModWsgi => "mod_wsgi",
        WsgiServer::Waitress => "waitress",
    }
}

fn passed_through(site: &Site) -> impl Iterator<Item = String> {
    site.wsgi.options.iter().map(|(key, value)| {
        if value == "true" { format!("--{key}") } else { format!("--{key}={value}") }
    })
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
        Application::Callable { .. } => {
            site.home().join(format!("{}.wsgi", site.user)).display().to_string()
        }
    }
}

/// A command that imports the application and looks for its callable, to tell why a server cannot.
#[must_use]
pub(super) fn import_check(site: &Site) -> Vec<String> {
    let python = site.venv().join("bin/python").display().to_string();
    let code = match &site.wsgi.application {
        Application::Callable { module, callable } => {
            format!("import importlib; importlib.import_module({module:?}).{callable}")
        }
        Application::Script(_) => {
            format!("import runpy; runpy.run_path({:?})['application']", script_path(site))
        }
    };
    vec![python, "-c".to_owned(), code]
}
