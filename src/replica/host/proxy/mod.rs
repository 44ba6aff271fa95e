//! The proxy's configuration.

mod headers;
mod live;

pub(in crate::replica) use live::{Live, proxy_folder};

use headers::Protocol;

use super::bind::Bind;
use super::layout::{mount_point, mount_script, script_name, script_path, server_folder};
use super::server::server_name;
use super::tls::{certificate_files, proxy_servers, proxy_tls};
use super::wsgi::{live_server, live_text};
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::spec::FileEntry;
use crate::replica::spec::folder;
use crate::replica::template::{Templates, context};
use crate::site::{
    ApplicationGroup, ByteSize, NetworkFamilies, PlainHttp, ProxyServer, Site, WsgiServer,
};

/// All files of the proxy.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(in crate::replica) fn proxy_files(
    site: &Site,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
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
    let protocol = protocol(site)?;
    let context = context! {
        speaks_uwsgi => protocol == Protocol::Uwsgi,
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
        headers => headers::lines(site, protocol),
        passes_host => headers::passes_host(site),
        preserve_host => added::PRESERVE_HOST.text,
        daemon => daemon(site),
        adds_headers => headers::apache_adds_its_own(site),
        body => site.proxy.body.map(|size| body_size(site.proxy.server, size)),
        pass_authorization => site.wsgi.pass_authorization,
        timeout => site.proxy.timeout.map(|timeout| timeout.as_secs()),
        hsts => site.proxy.hsts,
        mounts,
        umask => site.wsgi.umask.map(|umask| format!("{umask:04o}")),
        application_group => match &site.wsgi.application_group {
            ApplicationGroup::Global => Some("%{GLOBAL}"),
            // mod_wsgi's own default.
            ApplicationGroup::Own => None,
            ApplicationGroup::Named(name) => Some(name.as_str()),
        },
        folder => daemon_folder(site, is_tree),
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
            vec![file(added::NGINX_SITE.of(site), "proxy/nginx.conf.j2")?]
        }
        ProxyServer::Apache => vec![
            file(added::APACHE_SITE.of(site), "proxy/apache.conf.j2")?,
            file(added::PORTS.text.to_owned(), "proxy/apache-ports.conf.j2")?,
        ],
    };
    files.extend(run_folders(site));
    Ok(files)
}

/// What the made proxy and the server speak with each other.
fn protocol(site: &Site) -> Result<Protocol, Failure> {
    if site.wsgi.server != WsgiServer::Uwsgi || site.proxy.server != ProxyServer::Nginx {
        return Ok(Protocol::Http);
    }
    let live = live_text(site)?;
    let is_http = live.is_some_and(|text| live_server(site, &text).speaks_http());
    Ok(if is_http { Protocol::Http } else { Protocol::Uwsgi })
}

/// The live file instead of a made one.
fn live_files(site: &Site, live: &Live, templates: &Templates) -> Result<Vec<FileEntry>, Failure> {
    let mut files = vec![live.file(site)];
    // What Debian's file says holds where nobody says otherwise.
    if site.proxy.server == ProxyServer::Apache
        && (live.listens() || site.proxy.plain_http.is_some())
    {
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
        files.push(FileEntry::new(added::PORTS.text, 0o644, ports));
    }
    files.extend(run_folders(site));
    Ok(files)
}

/// The folder of `mod_wsgi`'s processes, where its own choice (the user's home) is not the one: it also
/// goes into Python's path. Modules of a tree are found by that, as by other servers, which work there.
fn daemon_folder(site: &Site, is_tree: bool) -> Option<String> {
    (is_tree || site.wsgi.folder.is_some()).then(|| server_folder(site, is_tree))
}

/// What Debian's init makes before Apache starts.
fn run_folders(site: &Site) -> Vec<FileEntry> {
    if site.proxy.server != ProxyServer::Apache {
        return Vec::new();
    }
    ["/run/apache2", "/run/lock/apache2"].map(|path| folder(path, 0o755)).into()
}

/// In the words of the templates.
fn plain_http(site: &Site) -> Option<&'static str> {
    Some(match site.proxy.plain_http? {
        PlainHttp::Redirect => "redirect",
        PlainHttp::Serve => "serve",
        PlainHttp::Closed => "closed",
    })
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

/// The line of Apache that starts the app's own processes.
fn daemon(site: &Site) -> String {
    let user = site.user.as_str();
    added::DAEMON
        .of(site)
        .replace(&format!("group={user}"), &format!("group={}", login_group(user)))
}

/// The group of a user's login; Debian has some without one of their own.
fn login_group(user: &str) -> &str {
    if ["nobody", "sync", "_apt"].contains(&user) { "nogroup" } else { user }
}
