//! The site's own host: the container that the proxy and the app share, and its files.

use std::collections::BTreeMap;

use super::process::{
    Bind, CERTIFICATE, CERTIFICATE_KEY, described_variables, script_name, script_path, server_name,
    socket_folder, uwsgi_config, working_folder,
};
use super::secret::Secrets;
use super::site_image::APP_ID;
use super::spec::{Content, FileEntry};
use super::template::{Templates, built_in, context, render_file};
use crate::failure::Failure;
use crate::site::{
    Application, FileOwner, PlainHttp, ProxyServer, ServerOrigin, Site, SuiteSource, TlsVersion,
    WsgiServer,
};
use crate::tls::Chain;

/// What the host's processes need beside the image's own rights: to bind, and to become others.
pub(super) const CAPABILITIES: [&str; 7] =
    ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "NET_BIND_SERVICE", "KILL"];

/// stagectl's own programs on a host.
#[must_use]
pub(super) fn inside_files() -> Vec<FileEntry> {
    let mut files: Vec<FileEntry> = ["host.sh", "step.py", "serve.py", "diagnose.py"]
        .into_iter()
        .map(|name| {
            FileEntry::new(
                format!("/opt/stagectl/{name}"),
                0o644,
                built_in(&format!("inside/{name}")),
            )
        })
        .collect();
    files.push(folder("/var/log/stagectl", 0o755, 0));
    files
}

/// The root that the host's programs shall trust.
#[must_use]
pub(super) fn trust_file(root_pem: &str) -> FileEntry {
    FileEntry::new("/opt/stagectl/root.pem", 0o644, root_pem)
}

/// The critical suite's own files, and where its result goes.
#[must_use]
pub fn suite_files(site: &Site) -> Vec<FileEntry> {
    let mut files = vec![folder("/opt/stagectl/results", 0o755, APP_ID)];
    let path = match &site.critical.suite {
        SuiteSource::Pytest { path, .. } => Some(path),
        SuiteSource::Command { path, .. } => path.as_ref(),
    };
    files.push(match path {
        Some(path) => FileEntry {
            content: Content::HostFolder(path.clone()),
            ..FileEntry::new("/opt/stagectl/critical", 0o755, Vec::new())
        },
        None => folder("/opt/stagectl/critical", 0o755, 0),
    });
    files
}

/// Where the run's secrets stand on the site's host, readable by root alone: a later command on a
/// replica that was left up needs them.
pub const SECRETS_FILE: &str = "/opt/stagectl/secrets.json";

/// All files of the site's host.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(super) fn host_files(
    site: &Site,
    certificate: Option<&Chain>,
    secrets: &Secrets,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = inside_files();
    files.push(folder(&socket_folder(site), 0o755, APP_ID));
    if let Some(chain) = certificate {
        // Without a proxy the app's own server reads the key.
        let owner = if site.proxy.server == ProxyServer::None { APP_ID } else { 0 };
        files.push(trust_file(&chain.root_pem));
        files.push(FileEntry::new(CERTIFICATE, 0o644, chain.certificates_pem.as_bytes()));
        files.push(
            FileEntry::new(CERTIFICATE_KEY, 0o600, chain.key_pem.as_bytes()).owned_by(owner, owner),
        );
    }
    files.extend(proxy_files(site, templates)?);
    files.extend(wsgi_files(site, is_tree, templates)?);
    files.extend(config_files(site, secrets)?);
    files.push(FileEntry::new(SECRETS_FILE, 0o600, secrets.to_json()));
    Ok(files)
}

fn folder(path: &str, mode: u32, owner: u32) -> FileEntry {
    FileEntry {
        content: Content::Folder,
        ..FileEntry::new(path, mode, Vec::new()).owned_by(owner, owner)
    }
}

fn proxy_files(site: &Site, templates: &Templates) -> Result<Vec<FileEntry>, Failure> {
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
        certificate => CERTIFICATE,
        certificate_key => CERTIFICATE_KEY,
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
    let words = tls.versions.iter().map(|version| match version {
        TlsVersion::V1_2 => "TLSv1.2",
        TlsVersion::V1_3 => "TLSv1.3",
    });
    match site.proxy.server {
        ProxyServer::Apache => {
            format!("-all {}", words.map(|word| format!("+{word}")).collect::<Vec<_>>().join(" "))
        }
        _ => words.collect::<Vec<_>>().join(" "),
    }
}

fn wsgi_files(
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

/// The site's own config files, rendered with its values.
fn config_files(site: &Site, secrets: &Secrets) -> Result<Vec<FileEntry>, Failure> {
    let secret: BTreeMap<String, &str> =
        secrets.iter().map(|(name, value)| (name.to_string(), value)).collect();
    let context = context! {
        site => context! { name => site.name, url => site.url(), host => site.names[0], home => site.home(), user => site.user },
        names => site.names,
        env => described_variables(site, secrets),
        secret,
        services => site.services,
    };
    site.files
        .iter()
        .map(|file| {
            let text = render_file(&file.template, &context)?;
            let owner = match file.owner {
                FileOwner::Root => 0,
                FileOwner::App => APP_ID,
            };
            Ok(FileEntry::new(file.path.display().to_string(), file.mode, text)
                .owned_by(owner, owner))
        })
        .collect()
}

/// Ports and socket paths that the host's processes open.
#[must_use]
pub(super) fn listening(site: &Site) -> Vec<serde_json::Value> {
    let mut found = Vec::new();
    if site.proxy.server != ProxyServer::None {
        if site.wsgi.server != WsgiServer::ModWsgi {
            found.push(match Bind::of(site) {
                Bind::Unix(path) => path.into(),
                Bind::Tcp { port, .. } => port.into(),
            });
        }
        if site.tls.is_none() || site.proxy.plain_http != PlainHttp::Closed {
            found.push(80.into());
        }
        if site.tls.is_some() {
            found.push(443.into());
        }
    } else if let Bind::Tcp { port, .. } = Bind::of(site) {
        found.push(port.into());
    }
    found
}
