//! The WSGI server's configuration files.

use super::bind::Bind;
use super::layout::{
    CERTIFICATE, CERTIFICATE_KEY, mount_point, mount_script, script_name, script_path,
    server_folder, uwsgi_config,
};
use super::proxy::Live;
use crate::bounded;
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::spec::FileEntry;
use crate::replica::template::{Templates, context};
use crate::site::{Application, Callable, LiveServer, ProxyServer, ServerOrigin, Site, WsgiServer};

/// The most bytes of a live configuration.
const LARGEST: u64 = 1 << 20;

/// All files of the WSGI server: its configuration, the script made for a callable.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(in crate::replica) fn wsgi_files(
    site: &Site,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = Vec::new();
    if site.wsgi.server == WsgiServer::ModWsgi {
        let mounted = site.wsgi.mounts.iter().map(|(url, app)| (mount_script(site, url), app));
        let own = match &site.wsgi.application {
            Application::Callable(app) => Some((script_path(site), app)),
            Application::Script(_) => None,
        };
        for (script, app) in own.into_iter().chain(mounted) {
            let Callable { module, callable } = app;
            let factory = app.factory();
            let text = templates
                .render("wsgi/application.wsgi.j2", context! { module, callable, factory })?;
            files.push(FileEntry::new(script, 0o644, text));
        }
    }
    if let Some(text) = live_text(site)? {
        let path = match site.wsgi.server {
            WsgiServer::Uwsgi => uwsgi_config(site),
            _ => added::GUNICORN_CONFIG.of(site),
        };
        let text = live_server(site, &text).in_a_replica(&site.venv().display().to_string());
        files.push(FileEntry::new(path, 0o644, text));
    } else if site.wsgi.server == WsgiServer::Uwsgi {
        let (module, callable, script) = match &site.wsgi.application {
            Application::Callable(Callable { module, callable }) => {
                (module.as_str(), callable.as_str(), None)
            }
            Application::Script(_) => ("", "", Some(script_path(site))),
        };
        let mounts: Vec<(String, &Callable)> =
            site.wsgi.mounts.iter().map(|(url, app)| (mount_point(site, url), app)).collect();
        let bind = Bind::of(site);
        let speaks_uwsgi = match Live::of(site)? {
            Some(live) => live.speaks_uwsgi(),
            None => site.proxy.server != ProxyServer::Apache,
        };
        let address = match &bind {
            Bind::Unix(path) => path.clone(),
            Bind::Tcp { address, port } if *port == 443 => {
                format!("{address}:{port},{CERTIFICATE},{CERTIFICATE_KEY}")
            }
            Bind::Tcp { address, port } => format!("{address}:{port}"),
        };
        let text = templates.render(
            "wsgi/uwsgi.ini.j2",
            context! {
                site => site.name, module, callable, script,
                added => added_lines(site, &bind),
                distribution => site.wsgi.from == ServerOrigin::Distribution,
                workers => site.wsgi.workers,
                threads => site.wsgi.threads,
                proxy => if site.proxy.server == ProxyServer::None { "none" } else { "some" },
                wsgi_protocol => if speaks_uwsgi { "uwsgi" } else { "http" },
                tls => site.tls.is_some(),
                bind => address,
                unix => matches!(bind, Bind::Unix(_)),
                venv => site.venv(),
                folder => server_folder(site, is_tree),
                umask => site.wsgi.umask.map(|umask| format!("{umask:04o}")),
                mounts,
                script_name => script_name(site),
                options => site.wsgi.options,
            },
        )?;
        files.push(FileEntry::new(uwsgi_config(site), 0o644, text));
    }
    Ok(files)
}

/// The live configuration of the server, if there is one.
///
/// # Errors
/// Usage: the file cannot be read, or is not text.
pub(in crate::replica) fn live_text(site: &Site) -> Result<Option<String>, Failure> {
    let Some(path) = &site.wsgi.config else { return Ok(None) };
    let text = bounded::read_text(path, LARGEST).map_err(|error| {
        Failure::usage(format!("could not read {}", path.display())).because(&error)
    })?;
    Ok(Some(text))
}

/// What it says.
pub(in crate::replica) fn live_server<'a>(site: &Site, text: &'a str) -> LiveServer<'a> {
    LiveServer::new(site.wsgi.server, text)
}

/// The lines that no key describes, whatever the application is.
fn added_lines(site: &Site, bind: &Bind) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if site.wsgi.from == ServerOrigin::Distribution {
        lines.push(added::PLUGINS.text);
    }
    let is_described = |name: &str| site.wsgi.options.contains_key(name);
    if !is_described("need-app") {
        lines.push(added::NEED_APP.text);
    }
    if matches!(bind, Bind::Unix(_)) && !is_described("chmod-socket") {
        lines.push(added::CHMOD_SOCKET.text);
    }
    lines
}
