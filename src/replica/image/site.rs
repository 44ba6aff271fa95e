//! The images of a site's own machine: base, environment, dependencies, release, suite.

use super::apt::{Lasting, pins, sources};
use super::chain::{Chain, ImageIndex, ImageKind, ImageSpec};
use super::install::unreadable;
use super::install::{Installation, Pinned, installer_options, suite};
use super::locale::Locale;
use crate::digest::of_file;
use crate::failure::Failure;
use crate::release::Release;
use crate::replica::added;
use crate::replica::host::clock::{CLOCK_LIBRARY, CLOCK_PACKAGE};
use crate::replica::service::login_at_the_socket;
use crate::replica::spec::BuildNetwork;
use crate::replica::template::{Templates, context};
use crate::site::{BaseOrigin, LoginHome, ProxyServer, ServerOrigin, Site, WsgiServer};

/// User and group id of an app user that a base does not have.
pub(in crate::replica) const APP_ID: u32 = 10_001;

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
pub(in crate::replica) fn add_site_images(
    chain: &mut Chain,
    site: &Site,
    release: &Release,
    templates: &Templates,
) -> Result<(SiteImages, Pinned), Failure> {
    let base = chain.add(base(&site.base.origin)?);
    let environment = chain.add(environment(site, base, templates)?);
    let suite = chain.add(suite(site, environment, templates)?);
    let installation = Installation::new(site, release)?;
    let dependencies = chain.add(installation.dependencies(environment, templates)?);
    let release = chain.add(installation.release(dependencies, templates)?);
    Ok((SiteImages { release, suite }, installation.pinned()))
}

/// The base; a root file system is known by what is in it.
fn base(origin: &BaseOrigin) -> Result<ImageSpec, Failure> {
    let BaseOrigin::Rootfs(path) = origin else { return Ok(ImageSpec::base(origin.clone())) };
    let content = of_file(path).map_err(|error| unreadable(path, &error))?;
    Ok(ImageSpec::rootfs(path, &content))
}

fn environment(site: &Site, base: ImageIndex, templates: &Templates) -> Result<ImageSpec, Failure> {
    let mut packages: Vec<&str> = added::words(&added::PACKAGES);
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
        .chain(&site.host.locales)
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
            modules => added::words(&added::MODULES).into_iter().chain(site.proxy.modules.iter().map(String::as_str)).collect::<Vec<_>>(),
            pins => pins(&site.base.packages, Lasting::Forever, templates)?,
            locale => site.base.locale,
            timezone => site.base.timezone,
            localtime => site.host.localtime,
            user => site.user,
            logins => logins(site),
            home => site.home(),
            login_home => site.account.home.as_ref().map(LoginHome::path),
            is_homeless => site.account.home == Some(LoginHome::Nowhere),
            groups => site.account.groups,
            data => data_folders(site),
            owners => owners(site),
            units => groups_of_units(site),
            app_id => APP_ID,
            has_clock => site.host.clock.is_some(),
            clock_library => CLOCK_LIBRARY,
            python => site.python.to_string(),
            index_options => installer_options(site),
        },
    )?;
    let title = format!("environment of {}", site.name);
    let spec = ImageSpec::built(ImageKind::Environment, title, base, script);
    Ok(match sources.identity {
        Some(identity) => spec.with_files(sources.files, &[&identity]),
        None => spec,
    })
}

/// Logins that the host has because a service of its own has a socket there, as that one's package makes them.
fn logins(site: &Site) -> Vec<&'static str> {
    let mut logins: Vec<_> =
        site.sockets().filter_map(|service| login_at_the_socket(&service.kind)).collect();
    logins.sort_unstable();
    logins.dedup();
    logins
}

/// What the script has to know of the folders that live on.
fn data_folders(site: &Site) -> Vec<serde_json::Value> {
    let folders = site.data.iter().map(|folder| {
        let owner = site.owner_of(folder.owner.as_ref(), folder.group.as_ref());
        let mode = folder.mode.map(|mode| format!("{mode:04o}"));
        context! { path => folder.path, owner, mode }
    });
    folders.collect()
}

/// Users and groups that something belongs to, which the host has to have: each as `getent` calls it,
/// and where it is described.
fn owners(site: &Site) -> Vec<serde_json::Value> {
    let data = site.data.iter().map(|folder| (&folder.path, &folder.owner, &folder.group));
    let files = site.files.iter().map(|file| (&file.path, &file.owner, &file.group));
    let named = data.chain(files).flat_map(|(path, owner, group)| {
        let both = [("passwd", owner), ("group", group)];
        both.into_iter().filter_map(move |(list, name)| Some((list, name.as_ref()?, path)))
    });
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    named
        .filter(|(_, name, _)| !is_number(name.as_str()) && name.as_str() != "root")
        .map(|(list, name, path)| context! { list, name, path })
        .collect()
}

/// Groups of processes, which the host has to have, and the keys that name them.
fn groups_of_units(site: &Site) -> Vec<serde_json::Value> {
    let own = [("wsgi", &site.wsgi.systemd), ("proxy", &site.proxy.systemd)];
    let own = own.into_iter().map(|(of, unit)| (of.to_owned(), unit));
    let processes = site.processes.iter();
    let processes = processes.map(|(name, it)| (format!("processes.{name}"), &it.systemd));
    own.chain(processes)
        .filter_map(|(of, unit)| Some((format!("{of}.systemd.group"), unit.group.as_ref()?)))
        .filter(|(_, group)| !group.as_str().bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(key, group)| context! { key, group })
        .collect()
}

/// A short word for the network that an image needs, for the plan.
#[must_use]
pub(in crate::replica) fn network_word(network: BuildNetwork) -> &'static str {
    match network {
        BuildNetwork::Bridge => "downloads",
        BuildNetwork::None => "offline",
    }
}
