//! The WSGI server's configuration files.

use super::process::{
    Bind, CERTIFICATE, CERTIFICATE_KEY, script_name, script_path, uwsgi_config, working_folder,
};
use super::spec::FileEntry;
use super::template::{Templates, context};
use crate::failure::Failure;
use crate::site::{Application, ProxyServer, ServerOrigin, Site, WsgiServer};

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
    if let (WsgiServer::ModWsgi, Application::Callable { module, callable }) =
        (site.wsgi.server, &site.wsgi.application)
    {
        let text = templates.render("wsgi/application.wsgi.j2", context! { module, callable })?;
        files.push(FileEntry::new(script_path(site), 0o644, text));
    }
    if site.wsgi.server == WsgiServer::Uwsgi {
        let (module, callable, script) = match &site.wsgi.application {
            Application::Callable { module, callable } => {
                (module.as_str(), callable.as_str(), None)
            }
            Application::Script(_) => ("", "", Some(script_path(site))),
        };
        let bind = Bind::of(site);
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
                distribution => site.wsgi.from == ServerOrigin::Distribution,
                workers => site.wsgi.workers,
                threads => site.wsgi.threads,
                proxy => if site.proxy.server == ProxyServer::None { "none" } else { "some" },
                wsgi_protocol => if site.proxy.server == ProxyServer::Apache { "http" } else { "uwsgi" },
                tls => site.tls.is_some(),
                bind => address,
                unix => matches!(bind, Bind::Unix(_)),
                venv => site.venv(),
                folder => working_folder(site, is_tree),
                script_name => script_name(site),
                options => site.wsgi.options,
            },
        )?;
        files.push(FileEntry::new(uwsgi_config(site), 0o644, text));
    }
    Ok(files)
}
