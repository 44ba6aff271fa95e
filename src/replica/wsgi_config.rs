//! The WSGI server's configuration files.

use super::added;
use super::process::{
    Bind, CERTIFICATE, CERTIFICATE_KEY, mount_point, mount_script, script_name, script_path,
    server_folder, uwsgi_config,
};
use super::proxy::Live;
use super::spec::FileEntry;
use super::template::{Templates, context};
use crate::failure::Failure;
use crate::site::{Application, Callable, ProxyServer, ServerOrigin, Site, WsgiServer};

/// All files of the WSGI server: its configuration, the script made for a callable.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(super) fn wsgi_files(
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
        for (script, Callable { module, callable }) in own.into_iter().chain(mounted) {
            let text =
                templates.render("wsgi/application.wsgi.j2", context! { module, callable })?;
            files.push(FileEntry::new(script, 0o644, text));
        }
    }
    if site.wsgi.server == WsgiServer::Uwsgi {
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
