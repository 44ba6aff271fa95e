//! The files of the site's own hosts: that of the app, which the proxy shares
//! unless it has one of its own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::bind::Bind;
use super::layout::socket_folder;
use super::process::described_variables;
use super::proxy::{Live, proxy_files, proxy_folder};
use super::tls::{client_tls_files, server_tls_files, trust_file};
use super::wsgi::wsgi_files;
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::paths;
use crate::replica::secret::Secrets;
use crate::replica::service::login_at_the_socket;
use crate::replica::spec::{Content, FileEntry, folder};
use crate::replica::template::{Templates, built_in, built_in_folder, context, render_file};
use crate::site::{FileContent, Listen, Service, Site, SuiteSource, Visitor};
use crate::tls::Certificates;

/// What the host's processes need beside the image's own rights: to bind, and to become others.
#[must_use]
pub(in crate::replica) fn capabilities() -> Vec<String> {
    added::words(&added::CAPABILITIES).into_iter().map(str::to_owned).collect()
}

/// stagectl's own programs on a host.
#[must_use]
pub(in crate::replica) fn inside_files() -> Vec<FileEntry> {
    let mut files: Vec<FileEntry> = built_in_folder("inside")
        .into_iter()
        // For mypy alone.
        .filter(|(name, _)| name != "job.pyi")
        .map(|(name, text)| FileEntry::new(paths::own(&name), 0o644, text))
        .collect();
    files.push(folder(paths::LOGS, 0o755));
    files
}

/// stagectl's plugin, as a module.
pub(in crate::replica) const PYTEST_PLUGIN: &str = "stagectl_pytest";

/// The critical suite's own files, and where its result goes.
#[must_use]
pub fn suite_files(site: &Site) -> Vec<FileEntry> {
    let mut files = vec![folder(paths::RESULTS, 0o755).of(site.login())];
    files.push(match site.critical.suite.folder() {
        Some(path) => FileEntry {
            content: Content::HostFolder(path.to_owned()),
            ..FileEntry::new(paths::CRITICAL, 0o755, Vec::new())
        },
        None => folder(paths::CRITICAL, 0o755),
    });
    if site.live.visit.is_some() {
        files.push(folder(paths::VISIT, 0o755).of(site.login()));
    }
    if let Some(Visitor::Script(script)) = &site.live.visit {
        files.push(FileEntry {
            content: Content::HostFile(script.clone()),
            ..FileEntry::new(paths::VISIT_PY, 0o644, Vec::new())
        });
    }
    if matches!(site.critical.suite, SuiteSource::Pytest { .. }) {
        let packages = paths::suite_packages(&site.python.to_string());
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
pub const SECRETS_FILE: &str = paths::SECRETS;

/// All files of the site's host.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(in crate::replica) fn host_files(
    site: &Site,
    certificates: Option<&Certificates>,
    root_pem: Option<&str>,
    secrets: &Secrets,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = inside_files();
    let served = site.as_served();
    let is_needed = matches!(Bind::of(site), Bind::Unix(_)) && site.wsgi.listen.is_none();
    if is_needed || site.host.read_only_root {
        files.push(folder(&socket_folder(site), 0o755).of(site.login()));
    }
    if let Some(Listen::Unix(path)) = &site.wsgi.listen
        && let Some(own) = path.parent().map(|folder| folder.display().to_string())
        && !["/tmp", "/var/tmp", "/run"].contains(&own.as_str())
    {
        files.push(folder(&own, 0o755).of(site.login()));
    }
    files.extend(site.sockets().filter_map(redis_folder));
    files.extend(root_pem.map(trust_file));
    files.extend(certificates.iter().flat_map(|all| client_tls_files(site, all)));
    if !site.has_proxy_host() {
        // Where a load balancer stands before it, that has the certificates.
        let own = certificates.filter(|_| site.proxy.behind.is_none());
        files.extend(front_files(&served, own, is_tree, templates)?);
        // A live configuration may name them all the same, from the time before.
        if let (Some(all), Some(live), None) = (certificates, Live::of(&served)?, own) {
            files.extend(live.certificate_files(&all.server[0]));
        }
    }
    files.extend(wsgi_files(&served, is_tree, templates)?);
    files.extend(described_files(site, secrets)?);
    files.push(FileEntry::new(SECRETS_FILE, 0o600, secrets.to_json()));
    Ok(files)
}

/// All files of a host that is the proxy's own.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(in crate::replica) fn proxy_host_files(
    site: &Site,
    certificates: Option<&Certificates>,
    secrets: &Secrets,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = inside_files();
    // Nothing of the release is on this host.
    files.extend(front_files(site, certificates, false, templates)?);
    // What its configuration includes.
    let described = described_files(site, secrets)?.into_iter();
    files.extend(described.filter(|file| Path::new(&file.path).starts_with(proxy_folder(site))));
    Ok(files)
}

/// What the host has that the site's names lead to: the proxy's configuration and the certificates.
fn front_files(
    site: &Site,
    certificates: Option<&Certificates>,
    is_tree: bool,
    templates: &Templates,
) -> Result<Vec<FileEntry>, Failure> {
    let mut files = Vec::new();
    files.extend(certificates.iter().flat_map(|all| server_tls_files(site, all)));
    if let (Some(certificates), Some(live)) = (certificates, Live::of(site)?) {
        files.extend(live.certificate_files(&certificates.server[0]));
    }
    files.extend(proxy_files(site, is_tree, templates)?);
    Ok(files)
}

/// The folder of a socket of Redis, as Debian's unit makes it (`RuntimeDirectory=`): the host alone knows the
/// numbers of its users, and Redis takes them from there.
fn redis_folder(service: &Service) -> Option<FileEntry> {
    let login = login_at_the_socket(&service.kind)?;
    let path = service.kind.socket_folder()?;
    Some(folder(&path, 0o2755).of(format!("{login}:{login}")))
}

/// What `owners.sh` reads: the mode, the owner and the path of each file that has an owner by name.
pub const OWNERS: &str = paths::OWNERS;

/// The list of the files that have an owner by name.
#[must_use]
pub(in crate::replica) fn owners_file<'a>(
    files: impl IntoIterator<Item = &'a FileEntry>,
) -> FileEntry {
    let owned = files.into_iter().filter_map(|file| Some((file, file.owner.as_ref()?)));
    let lines: Vec<String> =
        owned.map(|(file, owner)| format!("{:o} {owner} {}\n", file.mode, file.path)).collect();
    FileEntry::new(OWNERS, 0o644, lines.concat())
}

/// Every template of the site that cannot be rendered, before anything is made.
#[must_use]
pub fn template_problems(site: &Site, templates: &Templates) -> Vec<Failure> {
    let secrets = Secrets::placeholders(site);
    let site = &*site.as_served();
    let own = rendered(site, &secrets).into_iter().filter_map(Result::err);
    let proxy = proxy_files(site, false, templates).err();
    let wsgi = wsgi_files(site, false, templates).err();
    own.chain(proxy).chain(wsgi).collect()
}

/// Every file that the site describes. A template is rendered with the site's values.
fn described_files(site: &Site, secrets: &Secrets) -> Result<Vec<FileEntry>, Failure> {
    let mut entries = Vec::new();
    for (file, content) in site.files.iter().zip(rendered(site, secrets)) {
        let owner = site.owner_of(file.owner.as_ref(), file.group.as_ref());
        let path = file.path.display().to_string();
        match (&file.content, content) {
            (FileContent::Template(_), text) => {
                let mode = file.mode.unwrap_or(0o640);
                entries.push(FileEntry::new(path, mode, text?.unwrap_or_default()).of(owner));
            }
            (FileContent::Source(source), _) => {
                entries.extend(copied(source, &path, file.mode, &owner)?);
            }
        }
    }
    Ok(entries)
}

/// What each file's template comes to; nothing for one that has none.
fn rendered(site: &Site, secrets: &Secrets) -> Vec<Result<Option<String>, Failure>> {
    let secret: BTreeMap<String, &str> =
        secrets.iter().map(|(name, value)| (name.to_string(), value)).collect();
    let context = context! {
        site => context! { name => site.name, url => site.url(), host => site.names[0], home => site.home(), user => site.user },
        names => site.names,
        env => described_variables(site, secrets),
        secret,
        services => site.services,
    };
    let templates = site.files.iter().map(|file| match &file.content {
        FileContent::Template(template) => Some(template),
        FileContent::Source(_) => None,
    });
    templates.map(|template| template.map(|path| render_file(path, &context)).transpose()).collect()
}

/// A file of this machine, or a folder with all that is below it, as it is put to a place. What its
/// links lead to was looked at when the description was read.
fn copied(
    source: &Path,
    target: &str,
    mode: Option<u32>,
    owner: &str,
) -> Result<Vec<FileEntry>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("could not read {}", source.display())).cause(error.to_string())
    };
    let mut entries = Vec::new();
    for entry in walkdir::WalkDir::new(source).follow_root_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| failed(&error))?;
        let below = entry.path().strip_prefix(source).unwrap_or(entry.path());
        let path = Path::new(target).join(below);
        let path = path.to_string_lossy().trim_end_matches('/').to_owned();
        let (mode, content) = if entry.path_is_symlink() && entry.depth() > 0 {
            let to = std::fs::read_link(entry.path()).map_err(|error| failed(&error))?;
            (0o777, Content::Link(to.display().to_string()))
        } else if entry.file_type().is_dir() {
            // Whoever may read may enter.
            (mode.map_or(0o755, |mode| mode | (mode & 0o444) >> 2), Content::Folder)
        } else {
            let seen = entry.metadata().map_err(|error| failed(&error))?;
            let usual = if seen.permissions().mode() & 0o111 == 0 { 0o644 } else { 0o755 };
            (mode.unwrap_or(usual), Content::HostFile(entry.path().to_owned()))
        };
        entries.push(FileEntry { content, ..FileEntry::new(path, mode, Vec::new()).of(owner) });
    }
    Ok(entries)
}

/// The files whose templates come to others with other secrets.
#[must_use]
pub(in crate::replica) fn files_with_secrets(site: &Site, secrets: &Secrets) -> Vec<PathBuf> {
    let placeholders = rendered(site, &Secrets::placeholders(site));
    let both = site.files.iter().zip(rendered(site, secrets)).zip(placeholders);
    let other = both.filter(|((_, one), two)| match (one, two) {
        (Ok(one), Ok(two)) => one != two,
        // Whatever it makes of a secret.
        _ => true,
    });
    other.map(|((file, _), _)| file.path.clone()).collect()
}
