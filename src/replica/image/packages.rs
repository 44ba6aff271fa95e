//! The Debian packages of a site's own machine, and the installer of Python distributions: what sites share that
//! differ in their users, folders and time zones.

use super::apt::{Lasting, pins, sources};
use super::chain::{Chain, ImageIndex, ImageKind, ImageSpec};
use super::locale::Locale;
use super::options::installer_options;
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::host::clock::{CLOCK_LIBRARY, CLOCK_PACKAGE};
use crate::replica::template::{Templates, context};
use crate::site::{BaseOrigin, ProxyServer, ServerOrigin, Site, WsgiServer};

/// Adds the image with the site's packages, locales and installer.
///
/// # Errors
/// Usage: a template of the project's that cannot be rendered, a package source that cannot be read.
pub(super) fn add_packages(
    chain: &mut Chain,
    site: &Site,
    base: ImageIndex,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    // Below the packages, it is the same image for all sites of a Debian. Other bases get their Python with the
    // packages, by sources of their own perhaps.
    let is_debian = matches!(site.base.origin, BaseOrigin::Debian(_) | BaseOrigin::Snapshot { .. });
    if is_debian {
        let uv = chain.add(installer(chain, site, base, templates)?);
        return Ok(chain.add(host_packages(site, uv, templates)?));
    }
    let packages = chain.add(host_packages(site, base, templates)?);
    Ok(chain.add(installer(chain, site, packages, templates)?))
}

fn installer(
    chain: &Chain,
    site: &Site,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let index_options = installer_options(site);
    let script = templates.render("image/installer.sh.j2", context! { index_options })?;
    let title = format!("uv on {}", chain.get(parent).title);
    Ok(ImageSpec::built(ImageKind::Installer, title, parent, script))
}

fn host_packages(
    site: &Site,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let locales = locales(site);
    let sources = sources(&site.base.sources, templates)?;
    let script = templates.render(
        "image/host-packages.sh.j2",
        context! {
            rootfs => matches!(site.base.origin, BaseOrigin::Rootfs(_)),
            sources => sources.script,
            folder_sources => sources.fleeting,
            packages => packages(site, !locales.is_empty()),
            locales,
            pins => pins(&site.base.packages, Lasting::Forever, templates)?,
            has_clock => site.host.clock.is_some(),
            clock_library => CLOCK_LIBRARY,
            python => site.python.to_string(),
        },
    )?;
    let title = format!("packages of {}", site.name);
    let spec = ImageSpec::built(ImageKind::Packages, title, parent, script);
    Ok(match sources.identity {
        Some(identity) => spec.with_files(sources.files, &[&identity]),
        None => spec,
    })
}

/// What apt is asked for: the packages that are added, those of proxy and server, and the described ones.
fn packages(site: &Site, has_locales: bool) -> Vec<&str> {
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
    if has_locales {
        packages.push("locales");
    }
    if site.host.clock.is_some() {
        packages.push(CLOCK_PACKAGE);
    }
    packages.extend(site.base.packages.iter().map(String::as_str));
    packages
}

/// The locales that have to be generated, each once.
fn locales(site: &Site) -> Vec<Locale> {
    let mut locales: Vec<Locale> = [&site.base.locale, &site.wsgi.locale]
        .into_iter()
        .chain(&site.host.locales)
        .filter_map(|name| Locale::to_generate(name))
        .collect();
    locales.sort();
    locales.dedup();
    locales
}
