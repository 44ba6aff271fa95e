//! The site's own hosts, their files and what listens there: that of the app, which the proxy shares
//! unless it has one of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::process::{Bind, described_variables, proxy_role, socket_folder};
use super::proxy::{Live, proxy_files};
use super::secret::Secrets;
use super::site_image::APP_ID;
use super::spec::{Content, FileEntry};
use super::template::{Templates, built_in, built_in_folder, context, render_file};
use super::tls::{client_tls_files, server_tls_files, trust_file};
use super::wsgi_config::wsgi_files;
use crate::failure::Failure;
use crate::site::{FileOwner, Listen, PlainHttp, Site, SuiteSource, WsgiServer};
use crate::tls::Certificates;

/// What the host's processes need beside the image's own rights: to bind, and to become others.
pub(super) const CAPABILITIES: [&str; 7] =
    ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "NET_BIND_SERVICE", "KILL"];

/// stagectl's own programs on a host.
#[must_use]
pub(super) fn inside_files() -> Vec<FileEntry> {
    let mut files: Vec<FileEntry> = built_in_folder("inside")
        .into_iter()
        .map(|(name, text)| FileEntry::new(format!("/opt/stagectl/{name}"), 0o644, text))
        .collect();
    files.push(folder("/var/log/stagectl", 0o755, 0));
    files
}

/// stagectl's plugin, as a module.
pub(super) const PYTEST_PLUGIN: &str = "stagectl_pytest";

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
    if matches!(site.critical.suite, SuiteSource::Pytest { .. }) {
        let packages = format!("/opt/stagectl/suite/lib/python{}/site-packages", site.python);
        files.push(FileEntry::new(
            format!("{packages}/{PYTEST_PLUGIN}.py"),
            0o644,
            built_in("suite/stagectl_pytest.py"),
        ));
    }
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
    certificates: Option<&Certificates>,
    root_pem: Option<&str>,
    secrets: &Secrets,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = inside_files();
    files.push(folder(&socket_folder(site), 0o755, APP_ID));
    if let Some(Listen::Unix(path)) = &site.wsgi.listen
        && let Some(own) = path.parent().map(|folder| folder.display().to_string())
        && !["/tmp", "/var/tmp", &socket_folder(site)].contains(&own.as_str())
    {
        files.push(folder(&own, 0o755, APP_ID));
    }
    files.extend(root_pem.map(trust_file));
    files.extend(certificates.iter().flat_map(|all| client_tls_files(site, all)));
    if !site.has_a_proxy_s_host() {
        files.extend(media_folders(site));
        files.extend(front_files(site, certificates, templates)?);
    }
    files.extend(wsgi_files(site, is_tree, templates)?);
    for file in config_files(site, secrets) {
        files.push(file?);
    }
    files.push(FileEntry::new(SECRETS_FILE, 0o600, secrets.to_json()));
    Ok(files)
}

/// All files of a host that is the proxy's own.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(super) fn proxy_host_files(
    site: &Site,
    certificates: Option<&Certificates>,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = inside_files();
    files.extend(front_files(site, certificates, templates)?);
    Ok(files)
}

/// What the host has that the site's names lead to: the proxy's configuration and the certificates.
fn front_files(
    site: &Site,
    certificates: Option<&Certificates>,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = Vec::new();
    files.extend(certificates.iter().flat_map(|all| server_tls_files(site, all)));
    if let (Some(certificates), Some(live)) = (certificates, Live::of(site)?) {
        files.extend(live.certificate_files(&certificates.server[0]));
    }
    files.extend(proxy_files(site, templates)?);
    Ok(files)
}

/// The folders that the app writes to and the proxy reads: a `data` folder that one is in is opened
/// for the proxy, too.
fn media_folders(site: &Site) -> Vec<FileEntry> {
    let media: Vec<PathBuf> =
        site.proxy.media.values().map(|folder| site.home().join(folder)).collect();
    let above = site.data.iter().filter(|data| media.iter().any(|media| media.starts_with(data)));
    let mut folders: Vec<&PathBuf> = above.chain(&media).collect();
    folders.dedup();
    folders.into_iter().map(|path| folder(&path.display().to_string(), 0o755, APP_ID)).collect()
}

pub(super) fn folder(path: &str, mode: u32, owner: u32) -> FileEntry {
    FileEntry {
        content: Content::Folder,
        ..FileEntry::new(path, mode, Vec::new()).owned_by(owner, owner)
    }
}

/// Every template of the site that cannot be rendered, before anything is made.
#[must_use]
pub fn template_problems(site: &Site, templates: &Templates) -> Vec<Failure> {
    let secrets = Secrets::placeholders(site);
    let own = config_files(site, &secrets).into_iter().filter_map(Result::err);
    let proxy = proxy_files(site, templates).err();
    let wsgi = wsgi_files(site, false, templates).err();
    own.chain(proxy).chain(wsgi).collect()
}

/// The site's own config files, rendered with its values.
fn config_files(site: &Site, secrets: &Secrets) -> Vec<Result<FileEntry, Failure>> {
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

/// The site's own config files that are others with other secrets.
#[must_use]
pub(super) fn files_with_secrets(site: &Site, secrets: &Secrets) -> Vec<PathBuf> {
    let placeholders = config_files(site, &Secrets::placeholders(site));
    let rendered = site.files.iter().zip(config_files(site, secrets)).zip(placeholders);
    let other = rendered.filter(|((_, one), two)| match (one, two) {
        (Ok(one), Ok(two)) => one.content != two.content,
        // Whatever it makes of a secret.
        _ => true,
    });
    other.map(|((file, _), _)| file.path.clone()).collect()
}

/// Ports and socket paths that the site's own processes open, by their roles.
#[must_use]
pub(super) fn listening(site: &Site) -> BTreeMap<&'static str, Vec<Value>> {
    let mut found: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    if site.wsgi.server != WsgiServer::ModWsgi {
        found.entry("wsgi").or_default().push(match Bind::of(site) {
            Bind::Unix(path) => path.into(),
            Bind::Tcp { port, .. } => port.into(),
        });
    }
    if let Some(proxy) = proxy_role(site) {
        let ports = found.entry(proxy).or_default();
        if site.tls.is_none() || site.proxy.plain_http != PlainHttp::Closed {
            ports.push(80.into());
        }
        if site.tls.is_some() {
            ports.push(443.into());
        }
    }
    found
}
