//! The command of each WSGI server, and where it listens.

use super::bind::{Bind, SOCKET_MODE};
use super::layout::{script_name, uwsgi_config};
use super::tls::gunicorn_options;
use super::wsgi::{live_server, live_text};
use crate::failure::Failure;
use crate::replica::added;
use crate::site::{Application, Callable, LiveServer, ProxyServer, ServerOrigin, Site, WsgiServer};

pub(in crate::replica) fn wsgi_command(site: &Site) -> Result<Vec<String>, Failure> {
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
            let live = live_text(site)?;
            if live.is_some() {
                argv.extend(["--config".to_owned(), added::GUNICORN_CONFIG.of(site)]);
            }
            let says_where = live.as_deref().and_then(|text| live_server(site, text).place());
            if says_where.is_none() || site.proxy.server == ProxyServer::None {
                argv.extend([added::BIND.text.to_owned(), bind_text(&bind)]);
            }
            for (option, count) in
                [("--workers", site.wsgi.workers), ("--threads", site.wsgi.threads)]
            {
                argv.extend(count.iter().flat_map(|n| [option.to_owned(), n.to_string()]));
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
            let listen = added::LISTEN.text;
            argv.push(match &bind {
                Bind::Unix(path) => format!("{}={path}", added::UNIX_SOCKET.text),
                // To waitress `[::]` is IPv6 alone.
                Bind::Tcp { address, port } if address == "[::]" => format!("{listen}=*:{port}"),
                Bind::Tcp { address, port } => format!("{listen}={address}:{port}"),
            });
            if matches!(bind, Bind::Unix(_)) && !site.wsgi.options.contains_key(SOCKET_MODE) {
                argv.push(added::SOCKET_MODE.text.to_owned());
            }
            argv.extend(site.wsgi.threads.map(|count| format!("--threads={count}")));
            if let Some(prefix) = script_name(site) {
                argv.push(format!("{}={prefix}", added::URL_PREFIX.text));
            }
            argv.extend(passed_through(site));
            let callable = callable(site)?;
            if let Some(factory) = callable.strip_suffix("()") {
                argv.extend(["--call".to_owned(), factory.to_owned()]);
            } else {
                argv.push(callable);
            }
            Ok(argv)
        }
        WsgiServer::Uwsgi => {
            let uwsgi = match site.wsgi.from {
                ServerOrigin::Index => program("uwsgi"),
                ServerOrigin::Distribution => "/usr/bin/uwsgi-core".to_owned(),
            };
            let mut argv = vec![uwsgi];
            if let Some(text) = live_text(site)? {
                argv.extend(beside_the_ini(site, live_server(site, &text), &bind));
            }
            argv.extend(["--ini".to_owned(), uwsgi_config(site)]);
            Ok(argv)
        }
        WsgiServer::ModWsgi => Err(Failure::bug("mod_wsgi runs inside Apache")),
    }
}

/// What uWSGI's live command line says, if its live configuration does not.
fn beside_the_ini(site: &Site, live: LiveServer<'_>, bind: &Bind) -> Vec<String> {
    let mut options = Vec::new();
    if site.wsgi.from == ServerOrigin::Distribution && !live.has_plugins() {
        let (_, python) = added::pair(&added::PLUGINS);
        options.extend(["--plugins".to_owned(), python.trim().to_owned()]);
    }
    if !live.has_virtualenv() && !live.has_plugins() {
        let venv = site.venv().display().to_string();
        options.extend([format!("--{}", added::VIRTUALENV.text), venv]);
    }
    if live.place().is_none() {
        let is_http = site.proxy.server == ProxyServer::Apache;
        let option = if is_http { "--http-socket" } else { "--socket" };
        let place = match bind {
            Bind::Unix(path) => path.clone(),
            tcp @ Bind::Tcp { .. } => bind_text(tcp),
        };
        options.extend([option.to_owned(), place]);
    }
    options
}

fn bind_text(bind: &Bind) -> String {
    match bind {
        Bind::Unix(path) => format!("unix:{path}"),
        Bind::Tcp { address, port } => format!("{address}:{port}"),
    }
}

fn callable(site: &Site) -> Result<String, Failure> {
    match &site.wsgi.application {
        Application::Callable(Callable { module, callable }) => Ok(format!("{module}:{callable}")),
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
