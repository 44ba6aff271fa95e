//! The images of a site's own machine: base, installer, packages, environment, dependencies, release; and the suite's.

use super::chain::{Chain, ImageIndex, ImageSpec};
use super::environment::environment;
use super::install::unreadable;
use super::install::{Installation, Pinned, suite};
use super::packages::add_packages;
use crate::digest::of_file;
use crate::failure::Failure;
use crate::release::Release;
use crate::replica::spec::BuildNetwork;
use crate::replica::template::Templates;
use crate::site::{BaseOrigin, Site};

/// Where the images of a site's machine are in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::replica) struct SiteImages {
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
    let packages = add_packages(chain, site, base, templates)?;
    let host = chain.add(environment(site, site.name.as_str(), packages, templates)?);
    let suite = add_suite(chain, site, packages, templates)?;
    let installation = Installation::new(site, release)?;
    let dependencies = chain.add(installation.dependencies(host, templates)?);
    let release = chain.add(installation.release(dependencies, templates)?);
    Ok((SiteImages { release, suite }, installation.pinned()))
}

/// Adds the image of a site's suite, and what it stands on.
///
/// # Errors
/// Usage: a template or a requirements file that cannot be read.
pub(in crate::replica) fn add_suite_image(
    chain: &mut Chain,
    site: &Site,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let base = chain.add(base(&site.base.origin)?);
    let packages = add_packages(chain, site, base, templates)?;
    add_suite(chain, site, packages, templates)
}

/// The tools are below what is the site's alone, so that sites share them.
fn add_suite(
    chain: &mut Chain,
    site: &Site,
    packages: ImageIndex,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let tools = chain.add(suite(site, packages, templates)?);
    let whose = format!("the suite of {}", site.name);
    Ok(chain.add(environment(site, &whose, tools, templates)?))
}

/// The base; a root file system is known by what is in it.
fn base(origin: &BaseOrigin) -> Result<ImageSpec, Failure> {
    let BaseOrigin::Rootfs(path) = origin else { return Ok(ImageSpec::base(origin.clone())) };
    let content = of_file(path).map_err(|error| unreadable(path, &error))?;
    Ok(ImageSpec::rootfs(path, &content))
}

/// A short word for the network that an image needs, for the plan.
#[must_use]
pub(in crate::replica) fn network_word(network: BuildNetwork) -> &'static str {
    match network {
        BuildNetwork::Bridge => "downloads",
        BuildNetwork::None => "offline",
    }
}
