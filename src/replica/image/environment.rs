//! A site's own machine, on its packages: locale, time zone, user, folders that live on, the proxy's modules.

use super::chain::{ImageIndex, ImageKind, ImageSpec};
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::service::login_at_the_socket;
use crate::replica::template::{Templates, context};
use crate::site::{BaseOrigin, LoginHome, ProxyServer, Site};

/// User and group id of an app user that a base does not have.
pub(in crate::replica) const APP_ID: u32 = 10_001;

/// Returns the image of the site's machine on this parent, which has its packages; `whose` is for people.
///
/// # Errors
/// Usage: a template of the project's that cannot be rendered.
pub(super) fn environment(
    site: &Site,
    whose: &str,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let proxy = match site.proxy.server {
        ProxyServer::Nginx => "nginx",
        ProxyServer::Apache => "apache",
        ProxyServer::None => "none",
    };
    let modules = added::words(&added::MODULES);
    let modules: Vec<&str> =
        modules.into_iter().chain(site.proxy.modules.iter().map(String::as_str)).collect();
    let script = templates.render(
        "image/environment.sh.j2",
        context! {
            proxy, modules,
            rootfs => matches!(site.base.origin, BaseOrigin::Rootfs(_)),
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
        },
    )?;
    let title = format!("environment of {whose}");
    Ok(ImageSpec::built(ImageKind::Environment, title, parent, script).offline())
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
