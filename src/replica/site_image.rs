//! The images of a site's own machine: base, environment, dependencies, release, suite.

use std::path::Path;

use serde::Serialize;

use super::apt::{BUILD_PINS, Lasting, pins, sources};
use super::host_facts::{CLOCK_LIBRARY, CLOCK_PACKAGE};
use super::image::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec};
use super::spec::{BuildNetwork, Content, FileEntry};
use super::template::{Templates, context, shell_quote};
use crate::bounded;
use crate::digest::{Digest, sha256};
use crate::failure::{Failure, Kind};
use crate::release::{Form, Release};
use crate::site::{BaseOrigin, Lock, ProxyServer, ServerOrigin, Site, SuiteSource, WsgiServer};

/// The most bytes of requirements and constraints.
const LARGEST: u64 = 16 << 20;
/// User and group id of every site's app user.
pub const APP_ID: u32 = 10_001;

/// A locale to generate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Locale {
    pub name: String,
    pub charset: String,
}

impl Locale {
    /// `None` for those that every Debian has: `C`, `POSIX`, `C.UTF-8`.
    #[must_use]
    pub(super) fn to_generate(name: &str) -> Option<Self> {
        if matches!(name, "C" | "POSIX" | "C.UTF-8" | "C.utf8") {
            return None;
        }
        let charset = name.split_once('.').map_or("ISO-8859-1", |(_, charset)| charset);
        let charset = charset.split('@').next().unwrap_or(charset);
        let charset = if charset.eq_ignore_ascii_case("utf8") { "UTF-8" } else { charset };
        Some(Locale { name: name.to_owned(), charset: charset.to_owned() })
    }
}

/// Where the images of a site's machine are in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteImages {
    pub release: ImageIndex,
    pub suite: ImageIndex,
}

/// Adds the site's images to the chain.
///
/// # Errors
/// Usage or deploy: a template or a requirements file that cannot be read.
pub(super) fn add_site_images(
    chain: &mut Chain,
    site: &Site,
    release: &Release,
    templates: &Templates,
) -> Result<SiteImages, Failure> {
    let base = chain.add(base(&site.base.origin)?);
    let environment = chain.add(environment(site, base, templates)?);
    let suite = chain.add(suite(site, environment, templates)?);
    let dependencies = chain.add(dependencies(site, release, environment, templates)?);
    let release = chain.add(installed(site, release, dependencies, templates)?);
    Ok(SiteImages { release, suite })
}

/// The base; a root file system is known by what is in it.
fn base(origin: &BaseOrigin) -> Result<ImageSpec, Failure> {
    let BaseOrigin::Rootfs(path) = origin else { return Ok(ImageSpec::base(origin.clone())) };
    Ok(ImageSpec::rootfs(path, &sha256_of(path)?))
}

fn environment(site: &Site, base: ImageIndex, templates: &Templates) -> Result<ImageSpec, Failure> {
    let mut packages: Vec<&str> =
        vec!["python3", "python3-venv", "ca-certificates", "openssl", "tzdata"];
    match site.proxy.server {
        ProxyServer::Nginx => packages.push("nginx"),
        ProxyServer::Apache => packages.push("apache2"),
        ProxyServer::None => {}
    }
    if site.wsgi.from == ServerOrigin::Distribution {
        packages.extend(match site.wsgi.server {
            WsgiServer::Gunicorn => vec!["gunicorn"],
            WsgiServer::Uwsgi => vec!["uwsgi-core", "uwsgi-plugin-python3"],
            WsgiServer::ModWsgi => vec!["libapache2-mod-wsgi-py3"],
            WsgiServer::Waitress => vec!["python3-waitress"],
        });
    }
    let mut locales: Vec<Locale> = [&site.base.locale, &site.wsgi.locale]
        .into_iter()
        .filter_map(|name| Locale::to_generate(name))
        .collect();
    locales.sort();
    locales.dedup();
    if !locales.is_empty() {
        packages.push("locales");
    }
    if site.host.clock.is_some() {
        packages.push(CLOCK_PACKAGE);
    }
    packages.extend(site.base.packages.iter().map(String::as_str));
    let proxy = match site.proxy.server {
        ProxyServer::Nginx => "nginx",
        ProxyServer::Apache => "apache",
        ProxyServer::None => "none",
    };
    let sources = sources(&site.base.sources, templates)?;
    let script = templates.render(
        "image/environment.sh.j2",
        context! {
            rootfs => matches!(site.base.origin, BaseOrigin::Rootfs(_)),
            sources => sources.script,
            folder_sources => sources.fleeting,
            packages, locales, proxy,
            modules => site.proxy.modules,
            pins => pins(&site.base.packages, Lasting::Forever, templates)?,
            locale => site.base.locale,
            timezone => site.base.timezone,
            user => site.user,
            home => site.home(),
            data => site.data,
            app_id => APP_ID,
            has_clock => site.host.clock.is_some(),
            clock_library => CLOCK_LIBRARY,
            python => site.python.to_string(),
            index_options => index_options(site, Installer::Pip),
        },
    )?;
    let title = format!("environment of {}", site.name);
    let spec = ImageSpec::built(ImageKind::Environment, title, base, script);
    Ok(match sources.identity {
        Some(identity) => spec.with_files(sources.files, &[&identity]),
        None => spec,
    })
}

fn dependencies(
    site: &Site,
    release: &Release,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let lock = match &site.install.requirements {
        Some(lock) => Some(release.requirements(lock)?.ok_or_else(|| no_such_lock(release, lock))?),
        None => None,
    };
    // With a lock, the lock is all there is; without one, what the release says it requires.
    let requires =
        if lock.is_some() { &[][..] } else { release.requires_dist.as_deref().unwrap_or_default() };
    let system_packages = site.wsgi.from == ServerOrigin::Distribution
        && matches!(site.wsgi.server, WsgiServer::Gunicorn | WsgiServer::Waitress);
    let script = templates.render(
        "image/dependencies.sh.j2",
        context! {
            requires, system_packages,
            has_lock => lock.is_some(),
            extra => site.install.extra,
            build_packages => site.install.build_packages,
            pins => pins(&site.install.build_packages, Lasting::WhileBuilding, templates)?,
            build_pins => BUILD_PINS,
            keep_build_packages => false,
            venv => site.venv(),
            options => install_options(site),
        },
    )?;
    let title = format!("dependencies of {} for {}", release.name, site.name);
    let (mut files, identity) = install_files(site)?;
    if let Some(lock) = lock {
        files.push(FileEntry::new(format!("{BUILD_FOLDER}/requirements.txt"), 0o644, lock));
    }
    Ok(ImageSpec::built(ImageKind::Dependencies, title, parent, script)
        .with_files(files, &[&identity]))
}

fn no_such_lock(release: &Release, lock: &Lock) -> Failure {
    let (Lock::Project(path) | Lock::Release(path)) = lock;
    Failure::new(Kind::Deploy, format!("{release} does not contain {}", path.display()))
        .hint("check `install.requirements`: a file of the project, or one inside the release")
}

fn installed(
    site: &Site,
    release: &Release,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let file = release
        .path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let form = match release.form {
        Form::Wheel => "wheel",
        Form::Source(_) => "source",
        Form::Tree(_) => "tree",
    };
    // Metadata that only a build can tell: then the release brings what it needs by itself.
    let with_dependencies = release.requires_dist.is_none() && site.install.requirements.is_none();
    let offline = form != "source" && !with_dependencies;
    let build_packages =
        if form == "source" { site.install.build_packages.clone() } else { Vec::new() };
    let script = templates.render(
        "image/release.sh.j2",
        context! {
            form, file, with_dependencies,
            pins => pins(&build_packages, Lasting::WhileBuilding, templates)?,
            build_pins => BUILD_PINS,
            build_packages,
            venv => site.venv(),
            home => site.home(),
            user => site.user,
            python => site.python.to_string(),
            options => if offline { "--offline".to_owned() } else { install_options(site) },
            build_options => index_options(site, Installer::Uv),
        },
    )?;
    let title = format!("{} for {}", release.name, site.name);
    let spec = ImageSpec::built(ImageKind::Release, title, parent, script);
    let (mut files, identity) =
        if offline { (Vec::new(), String::new()) } else { install_files(site)? };
    let spec = if form == "wheel" {
        files.push(FileEntry {
            content: Content::HostFile(release.path.clone()),
            ..FileEntry::new(format!("{BUILD_FOLDER}/{file}"), 0o644, Vec::new())
        });
        spec.with_files(files, &[&identity, &release.digest])
    } else {
        spec.with_files(files, &[&identity]).with_source(release)
    };
    Ok(if offline { spec.offline() } else { spec })
}

fn suite(site: &Site, parent: ImageIndex, templates: &Templates) -> Result<ImageSpec, Failure> {
    let requirements = site.critical.requirements.as_deref().map(read).transpose()?;
    let script = templates.render(
        "image/suite.sh.j2",
        context! {
            has_requirements => requirements.is_some(),
            pytest => matches!(site.critical.suite, SuiteSource::Pytest { .. }),
            options => install_options(site),
        },
    )?;
    let (mut files, identity) = install_files(site)?;
    if let Some(bytes) = requirements {
        files.push(FileEntry::new(format!("{BUILD_FOLDER}/requirements.txt"), 0o644, bytes));
    }
    let title = format!("test tools of {}", site.name);
    Ok(ImageSpec::built(ImageKind::Suite, title, parent, script).with_files(files, &[&identity]))
}

/// The wheel house and the constraints, with a digest of the wheel house's content.
fn install_files(site: &Site) -> Result<(Vec<FileEntry>, String), Failure> {
    let mut files = Vec::new();
    let mut digest = Digest::of("install");
    if let Some(constraints) = &site.install.constraints {
        files.push(FileEntry::new(
            format!("{BUILD_FOLDER}/constraints.txt"),
            0o644,
            read(constraints)?,
        ));
    }
    if let Some(wheels) = &site.install.wheels {
        for entry in
            walkdir::WalkDir::new(wheels).sort_by_file_name().into_iter().filter_map(Result::ok)
        {
            if entry.file_type().is_file() {
                digest.add(entry.file_name().as_encoded_bytes());
                digest.add(sha256_of(entry.path())?);
            }
        }
        files.push(FileEntry {
            content: Content::HostFolder(wheels.clone()),
            ..FileEntry::new(format!("{BUILD_FOLDER}/wheels"), 0o755, Vec::new())
        });
    }
    Ok((files, digest.key()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    bounded::read(path, LARGEST).map_err(|error| unreadable(path, &error))
}

/// Of a file that is too large to be held in memory.
fn sha256_of(path: &Path) -> Result<String, Failure> {
    bounded::open(path).and_then(sha256).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read {}", path.display())).because(error)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Installer {
    Pip,
    Uv,
}

/// Options that every installation from an index shares.
fn install_options(site: &Site) -> String {
    let mut options = vec![index_options(site, Installer::Uv)];
    if site.install.constraints.is_some() {
        options.push(format!("--constraint {BUILD_FOLDER}/constraints.txt"));
    }
    options.retain(|option| !option.is_empty());
    options.join(" ")
}

fn index_options(site: &Site, installer: Installer) -> String {
    let install = &site.install;
    let mut options = Vec::new();
    if let Some(index) = &install.index {
        options.push(format!("--index-url {}", shell_quote(index)));
    }
    for index in &install.extra_indexes {
        options.push(format!("--extra-index-url {}", shell_quote(index)));
    }
    if installer == Installer::Uv {
        if let Some(date) = install.as_of {
            options.push(format!("--exclude-newer {date}"));
        }
        if install.wheels.is_some() {
            options.push(format!("--find-links {BUILD_FOLDER}/wheels"));
        }
    }
    options.join(" ")
}

/// Whether the release's image may be built without the package index.
#[must_use]
pub fn is_frozen(site: &Site) -> bool {
    site.install.requirements.is_some() || site.install.as_of.is_some()
}

/// A short word for the network that an image needs, for the plan.
#[must_use]
pub(super) fn network_word(network: BuildNetwork) -> &'static str {
    match network {
        BuildNetwork::Bridge => "downloads",
        BuildNetwork::None => "offline",
    }
}
