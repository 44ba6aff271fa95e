//! The proxy's configuration.

use super::host::folder;
use super::process::{Bind, script_name, script_path, server_name};
use super::spec::FileEntry;
use super::template::{Templates, context};
use super::tls::{certificate_files, proxy_servers, proxy_tls};
use crate::failure::Failure;
use crate::site::{PlainHttp, ProxyServer, Site};

/// All files of the proxy.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(super) fn proxy_files(site: &Site, templates: &Templates) -> Result<Vec<FileEntry>, Failure> {
    let home = site.home();
    let upstream = match (Bind::of(site), site.proxy.server) {
        (Bind::Unix(path), ProxyServer::Apache) => format!("unix:{path}|http://localhost"),
        (Bind::Unix(path), _) => format!("unix:{path}"),
        (Bind::Tcp { address, port }, ProxyServer::Apache) => format!("http://{address}:{port}"),
        (Bind::Tcp { address, port }, _) => format!("{address}:{port}"),
    };
    let mut names: Vec<String> = site.names.iter().map(ToString::to_string).collect();
    names.extend(site.wildcards.iter().map(|name| format!("*.{name}")));
    // Described relative to the prefix, as the app writes them.
    let prefix = script_name(site).unwrap_or_default();
    let static_files: Vec<(String, String)> = site
        .proxy
        .static_files
        .iter()
        .map(|(url, path)| (format!("{prefix}{url}"), home.join(path).display().to_string()))
        .collect();
    let script = script_path(site);
    let (certificate, certificate_key) = certificate_files(0);
    let context = context! {
        site => site.name,
        wsgi => server_name(site.wsgi.server),
        upstream, static_files,
        tls => site.tls.is_some(),
        tls_versions => tls_versions(site),
        plain_http => match site.proxy.plain_http {
            PlainHttp::Redirect => "redirect",
            PlainHttp::Serve => "serve",
            PlainHttp::Closed => "closed",
        },
        server_names => names.join(" "),
        server_names_list => names,
        certificate, certificate_key,
        servers => proxy_servers(site, &names),
        tls_more => proxy_tls(site),
        prefix => site.proxy.prefix,
        script_name => script_name(site),
        user => site.user,
        workers => site.wsgi.workers,
        threads => site.wsgi.threads,
        options => site.wsgi.options,
        venv => site.venv(),
        home => home,
        script_folder => script.rsplit_once('/').map_or("/", |(folder, _)| folder),
        script => script,
    };
    let file = |path: String, template: &str| -> Result<FileEntry, Failure> {
        Ok(FileEntry::new(path, 0o644, templates.render(template, &context)?))
    };
    Ok(match site.proxy.server {
        ProxyServer::None => Vec::new(),
        ProxyServer::Nginx => {
            vec![file(
                format!("/etc/nginx/sites-enabled/{}.conf", site.user),
                "proxy/nginx.conf.j2",
            )?]
        }
        ProxyServer::Apache => vec![
            file(format!("/etc/apache2/sites-enabled/{}.conf", site.user), "proxy/apache.conf.j2")?,
            file("/etc/apache2/ports.conf".to_owned(), "proxy/apache-ports.conf.j2")?,
            folder("/run/apache2", 0o755, 0),
            folder("/run/lock/apache2", 0o755, 0),
        ],
    })
}

/// In the words of nginx, or of Apache.
fn tls_versions(site: &Site) -> String {
    let Some(tls) = &site.tls else { return String::new() };
    let words = tls.versions.iter().map(|version| version.word());
    match site.proxy.server {
        ProxyServer::Apache => {
            format!("-all {}", words.map(|word| format!("+{word}")).collect::<Vec<_>>().join(" "))
        }
        _ => words.collect::<Vec<_>>().join(" "),
    }
}
