//! The images and containers of what a site leans on, and how each is known to be ready.

mod cache;
mod postgres;

use std::path::Path;

use cache::{memcached, redis};
use postgres::postgres_part;

use super::image::{Chain, ImageIndex, ImageKind, ImageSpec};
use super::secret::Secrets;
use super::site_image::Locale;
use super::spec::FileEntry;
use super::template::{Templates, built_in, context};
use crate::failure::Failure;
use crate::site::{
    BaseOrigin, DebianSuite, Role, Service, ServiceKind, ServiceProgram, service_suite,
};

/// A service, ready to be put into a plan.
#[derive(Debug, Clone)]
pub(super) struct ServicePart {
    pub image: ImageIndex,
    pub command: Vec<String>,
    pub files: Vec<FileEntry>,
    pub capabilities: Vec<String>,
    /// Run inside until it succeeds; its last line of output is what was last seen.
    pub ready: Ready,
}

/// A command that succeeds when a service is ready.
#[derive(Clone)]
pub struct Ready {
    pub argv: Vec<String>,
    /// May hold secrets; never shown.
    pub stdin: Option<String>,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.argv.join(" "))
    }
}

/// Adds the service's images to the chain.
///
/// # Errors
/// Usage: an init file that cannot be read.
pub(super) fn service_part(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    secrets: &Secrets,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    match &service.kind {
        ServiceKind::Postgres(postgres) => postgres_part(chain, role, postgres, secrets, templates),
        ServiceKind::Redis { version, password } => {
            let image = packages(
                chain,
                suite(ServiceProgram::Redis, version),
                &["redis-server"],
                &[],
                templates,
            )?;
            Ok(redis(image, password.as_ref(), secrets))
        }
        ServiceKind::Memcached { version } => {
            let image = packages(
                chain,
                suite(ServiceProgram::Memcached, version),
                &["memcached"],
                &[],
                templates,
            )?;
            Ok(memcached(image))
        }
    }
}

/// The image of the resolver: the newest suite that is there anyway.
///
/// # Errors
/// None of a user's making.
pub(super) fn resolver_image(
    chain: &mut Chain,
    suite: &DebianSuite,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    packages(chain, suite.clone(), &["dnsmasq-base"], &[], templates)
}

/// # Panics
/// For a version that the check of the description let through by mistake.
fn suite(program: ServiceProgram, version: &str) -> DebianSuite {
    service_suite(program, version).expect("a version that the description's check knows")
}

pub(in crate::replica) fn packages(
    chain: &mut Chain,
    suite: DebianSuite,
    packages: &[&str],
    locales: &[Locale],
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let base = chain.add(ImageSpec::base(BaseOrigin::Debian(suite.clone())));
    let script = templates.render("image/packages.sh.j2", context! { packages, locales })?;
    let title = format!("{} of Debian {suite}", packages[0]);
    Ok(chain.add(ImageSpec::built(ImageKind::Packages, title, base, script)))
}

fn as_user(user: &str, command: &[&str]) -> Vec<String> {
    let mut argv = words(&["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups"]);
    argv.extend(words(command));
    argv
}

pub(in crate::replica) fn port_ready(port: u16, request: &str, answer: &str) -> Ready {
    let argv =
        words(&["/bin/bash", "/opt/stagectl/port-ready.sh", &port.to_string(), request, answer]);
    Ready { argv, stdin: None }
}

pub(in crate::replica) fn script_file(name: &str, template: &str) -> FileEntry {
    FileEntry::new(format!("/opt/stagectl/{name}"), 0o644, built_in(template))
}

pub(in crate::replica) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::usage(format!("could not read {}", path.display())).because(&error)
    })
}
