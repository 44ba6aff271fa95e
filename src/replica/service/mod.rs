//! The images and containers of what a site leans on, and how each is known to be ready.

mod cache;
mod databases;
mod mail;
mod mariadb;
mod other;
mod pgbouncer;
mod postgres;
mod rabbitmq;
mod seed;
mod weather;

use std::path::Path;

use cache::{REDIS_PROGRAM, VALKEY_PROGRAM, memcached_part, redis_part};
use mail::mail_part;
use mariadb::mariadb_part;
use other::other_part;
use pgbouncer::pgbouncer_part;
use postgres::postgres_part;
use rabbitmq::rabbitmq_part;

use super::image::chain::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec};
use super::image::locale::Locale;
use super::network::Addresses;
use super::secret::Secrets;
use super::spec::FileEntry;
use super::template::{Templates, built_in, context};
use crate::bounded;
use crate::failure::Failure;
use crate::site::{
    BaseOrigin, DebianSuite, KindOfService, Role, Service, ServiceKind, ServiceTls, Site,
    service_suite,
};
use crate::tls;

pub(super) use cache::login_at_the_socket;
pub(super) use mail::mail_variables;
pub(super) use postgres::hba_rules;

pub(super) use weather::{weather_image, weather_part, weather_role};

/// The most bytes of a file of SQL; a seed may be larger, it is streamed.
const LARGEST: u64 = 16 << 20;
/// Where the certificate's chain and key of a service that speaks TLS are put.
const CERTIFICATE: &str = "/opt/stagectl/certificate.pem";
const KEY: &str = "/opt/stagectl/certificate-key.pem";

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

/// What services are made with.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub site: &'a Site,
    pub secrets: &'a Secrets,
    pub templates: &'a Templates,
    /// Those of the services among them, each found by its names.
    pub certificates: &'a [tls::Chain],
    pub addresses: &'a Addresses,
}

/// Adds the service's images to the chain.
///
/// # Errors
/// Usage: an init file or a seed that cannot be read.
pub(super) fn service_part(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let mut part = part_of(chain, role, service, making)?;
    let named =
        |chain: &&tls::Chain| chain.names.iter().any(|name| *name == service.names[0].as_str());
    if let (true, Some(certificate)) =
        (service.tls != ServiceTls::None, making.certificates.iter().find(named))
    {
        part.files.push(FileEntry::new(
            CERTIFICATE,
            0o644,
            certificate.certificates_pem.as_bytes(),
        ));
        // These start as root and give it to the service; nobody else is on the others' hosts.
        let mode = match service.kind {
            ServiceKind::Postgres(_) | ServiceKind::Mariadb(_) | ServiceKind::Smtp(_) => 0o600,
            _ => 0o644,
        };
        part.files.push(FileEntry::new(KEY, mode, certificate.key_pem.as_bytes()));
    }
    Ok(part)
}

fn part_of(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = service.image.as_deref();
    match &service.kind {
        ServiceKind::Postgres(postgres) => postgres_part(chain, role, postgres, service, making),
        ServiceKind::Mariadb(mariadb) => mariadb_part(chain, role, mariadb, service, making),
        ServiceKind::Redis(described) => {
            redis_part(chain, &REDIS_PROGRAM, described, service, making)
        }
        ServiceKind::Valkey(described) => {
            redis_part(chain, &VALKEY_PROGRAM, described, service, making)
        }
        ServiceKind::Memcached { version } => memcached_part(chain, version, service, making),
        ServiceKind::Rabbitmq(rabbitmq) => rabbitmq_part(chain, rabbitmq, service, making),
        ServiceKind::Pgbouncer(pooler) => pgbouncer_part(chain, pooler, image, making),
        ServiceKind::Smtp(smtp) => mail_part(chain, service, smtp, making),
        ServiceKind::Other(other) => other_part(chain, role, other, image, making),
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
    packages(chain, suite.clone(), &["dnsmasq-base", "tcpdump"], &[], templates)
}

/// A program of a version, from a Debian or from an image.
struct Program<'a> {
    kind: &'static KindOfService,
    version: &'a str,
    image: Option<&'a str>,
}

impl<'a> Program<'a> {
    fn new(kind: &'static KindOfService, version: &'a str, image: Option<&'a str>) -> Self {
        Program { kind, version, image }
    }

    /// The image that has it.
    ///
    /// # Panics
    /// For a version that the check of the description let through by mistake.
    fn image(
        &self,
        chain: &mut Chain,
        names: &[&str],
        locales: &[Locale],
        templates: &Templates,
    ) -> Result<ImageIndex, Failure> {
        if let Some(reference) = self.image {
            return Ok(chain.add(ImageSpec::base(BaseOrigin::Image(reference.to_owned()))));
        }
        let suite = service_suite(self.kind, self.version)
            .expect("a version that the description's check knows");
        packages(chain, suite, names, locales, templates)
    }
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

/// A command that needs the file `as-user.sh`.
fn as_user(user: &str, command: &[&str]) -> Vec<String> {
    let mut argv = words(&["/bin/sh", "/opt/stagectl/as-user.sh", user]);
    argv.extend(words(command));
    argv
}

pub(in crate::replica) fn port_ready(port: u16, request: &str, answer: &str) -> Ready {
    let argv =
        words(&["/bin/bash", "/opt/stagectl/port-ready.sh", &port.to_string(), request, answer]);
    Ready { argv, stdin: None }
}

/// Ready is: it speaks TLS on this port. The last one that a service opens.
fn tls_ready(port: u16) -> Ready {
    let argv = words(&["/bin/bash", "/opt/stagectl/tls-ready.sh", &port.to_string()]);
    Ready { argv, stdin: None }
}

pub(in crate::replica) fn script_file(name: &str, template: &str) -> FileEntry {
    FileEntry::new(format!("/opt/stagectl/{name}"), 0o644, built_in(template))
}

pub(in crate::replica) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    bounded::read(path, LARGEST).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read {}", path.display())).because(error)
}

/// SQL files for a build: as files, and as the script's values. `of` is a further database.
fn init_files(
    paths: &[std::path::PathBuf],
    of: Option<&str>,
) -> Result<(Vec<FileEntry>, Vec<serde_json::Value>), Failure> {
    let mut files = Vec::new();
    let mut values = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let of = of.map_or_else(String::new, |database| format!("{database}-"));
        let target = format!("{BUILD_FOLDER}/init-{of}{index}.sql");
        files.push(FileEntry::new(&target, 0o644, read(path)?));
        let title = path.file_name().map(|name| name.to_string_lossy().into_owned());
        values.push(context! { path => target, title });
    }
    Ok((files, values))
}
