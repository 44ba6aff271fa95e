//! The proxy's configuration.

mod headers;
mod live;

pub(super) use live::{Live, load_check};

use super::host::folder;
use super::process::{Bind, mount_point, mount_script, script_name, script_path, server_name};
use super::spec::FileEntry;
use super::template::{Templates, context};
use super::tls::{certificate_files, proxy_servers, proxy_tls};
use crate::failure::Failure;
use crate::site::{ApplicationGroup, ByteSize, NetworkFamilies, PlainHttp, ProxyServer, Site};

/// All files of the proxy.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(super) fn proxy_files(site: &Site, templates: &Templates) -> Result<Vec<FileEntry>, Failure> {
    if let Some(live) = Live::of(site)? {
        return live_files(site, &live, templates);
    }
    let home = site.home();
    let upstream = match (Bind::for_the_proxy(site), site.proxy.server) {
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
        .chain(&site.proxy.media)
        .map(|(url, path)| (format!("{prefix}{url}"), home.join(path).display().to_string()))
        .collect();
    let script = script_path(site);
    let (certificate, certificate_key) = certificate_files(0);
    // The longest first: Apache takes the first that fits.
    let mut mounts: Vec<(String, String)> = (site.wsgi.mounts.keys())
        .map(|url| (mount_point(site, url), mount_script(site, url)))
        .collect();
    mounts.sort_by_key(|(url, _)| std::cmp::Reverse(url.len()));
    let context = context! {
        site => site.name,
        wsgi => server_name(site.wsgi.server),
        upstream, static_files,
        tls => site.tls.is_some(),
        ipv6 => site.host.resolver.network() == NetworkFamilies::Both,
        tls_versions => tls_versions(site),
        plain_http => plain_http(site),
        server_names => names.join(" "),
        server_names_list => names,
        certificate, certificate_key,
        servers => proxy_servers(site, &names),
        tls_more => proxy_tls(site),
        prefix => site.proxy.prefix,
        script_name => script_name(site),
        user => site.user,
        group => login_group(site.user.as_str()),
        headers => headers::lines(site),
        passes_host => headers::passes_host(site),
        adds_headers => headers::apache_adds_its_own(site),
        body => site.proxy.body.map(|size| body_size(site.proxy.server, size)),
        timeout => site.proxy.timeout.map(|timeout| timeout.as_secs()),
        hsts => site.proxy.hsts,
        mounts,
        umask => site.wsgi.umask.map(|umask| format!("{umask:04o}")),
        application_group => match &site.wsgi.application_group {
            ApplicationGroup::Global => "%{GLOBAL}",
            ApplicationGroup::Own => "%{RESOURCE}",
            ApplicationGroup::Named(name) => name,
        },
        folder => site.wsgi.folder.as_ref().map_or(home.clone(), |folder| home.join(folder)),
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
    let mut files = match site.proxy.server {
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
        ],
    };
    files.extend(run_folders(site));
    Ok(files)
}

/// The live file instead of a made one.
fn live_files(site: &Site, live: &Live, templates: &Templates) -> Result<Vec<FileEntry>, Failure> {
    let mut files = vec![live.file(site)];
    if site.proxy.server == ProxyServer::Apache {
        let ports = if live.listens() {
            String::new()
        } else {
            templates.render(
                "proxy/apache-ports.conf.j2",
                context! {
                    tls => site.tls.is_some(),
                    plain_http => plain_http(site),
                },
            )?
        };
        files.push(FileEntry::new("/etc/apache2/ports.conf", 0o644, ports));
    }
    files.extend(run_folders(site));
    Ok(files)
}

/// What Debian's init makes before Apache starts.
fn run_folders(site: &Site) -> Vec<FileEntry> {
    if site.proxy.server != ProxyServer::Apache {
        return Vec::new();
    }
    ["/run/apache2", "/run/lock/apache2"].map(|path| folder(path, 0o755)).into()
}

/// In the words of the templates.
fn plain_http(site: &Site) -> &'static str {
    match site.proxy.plain_http {
        PlainHttp::Redirect => "redirect",
        PlainHttp::Serve => "serve",
        PlainHttp::Closed => "closed",
    }
}

/// In the words of nginx, or of Apache.
fn body_size(server: ProxyServer, ByteSize(bytes): ByteSize) -> String {
    let is_nginx = server == ProxyServer::Nginx;
    if is_nginx && bytes.is_multiple_of(1 << 20) {
        format!("{}m", bytes >> 20)
    } else if is_nginx && bytes.is_multiple_of(1 << 10) {
        format!("{}k", bytes >> 10)
    } else {
        bytes.to_string()
    }
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

/// The group of a user's login; Debian has some without one of their own.
fn login_group(user: &str) -> &str {
    if ["nobody", "sync", "_apt"].contains(&user) { "nogroup" } else { user }
}
