//! What services are made of: an image, a command, files, and how each is known to be ready.

use std::path::Path;

use crate::failure::Failure;
use crate::replica::image::chain::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec};
use crate::replica::image::locale::Locale;
use crate::replica::network::Addresses;
use crate::replica::paths;
use crate::replica::secret::Secrets;
use crate::replica::spec::FileEntry;
use crate::replica::template::{Templates, built_in, context};
use crate::site::{BaseOrigin, DebianSuite, KindOfService, Site, service_suite};
use crate::{bounded, tls};

/// The most bytes of a file of SQL; a seed may be larger, it is streamed.
const LARGEST: u64 = 16 << 20;

/// Where the certificate's chain and key of a service that speaks TLS are put.
pub(in crate::replica::service) const CERTIFICATE: &str = paths::SERVICE_CERTIFICATE;

pub(in crate::replica::service) const KEY: &str = paths::SERVICE_KEY;

/// A service, ready to be put into a plan.
#[derive(Debug, Clone)]
pub(in crate::replica) struct ServicePart {
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
pub(in crate::replica) struct Making<'a> {
    pub site: &'a Site,
    pub secrets: &'a Secrets,
    pub templates: &'a Templates,
    /// Those of the services among them, each found by its names.
    pub certificates: &'a [tls::Chain],
    pub addresses: &'a Addresses,
}

/// A program of a version, from a Debian or from an image.
pub(super) struct Program<'a> {
    kind: &'static KindOfService,
    version: &'a str,
    image: Option<&'a str>,
}

impl<'a> Program<'a> {
    pub(super) fn new(
        kind: &'static KindOfService,
        version: &'a str,
        image: Option<&'a str>,
    ) -> Self {
        Program { kind, version, image }
    }

    /// The image that has it.
    ///
    /// # Panics
    /// For a version that the check of the description let through by mistake.
    pub(super) fn image(
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
pub(super) fn as_user(user: &str, command: &[&str]) -> Vec<String> {
    let mut argv = words(&["/bin/sh", paths::AS_USER_SH, user]);
    argv.extend(words(command));
    argv
}

pub(in crate::replica) fn port_ready(port: u16, request: &str, answer: &str) -> Ready {
    let argv = words(&["/bin/bash", paths::PORT_READY_SH, &port.to_string(), request, answer]);
    Ready { argv, stdin: None }
}

/// Ready is: it speaks TLS on this port. The last one that a service opens.
pub(super) fn tls_ready(port: u16) -> Ready {
    let argv = words(&["/bin/bash", paths::TLS_READY_SH, &port.to_string()]);
    Ready { argv, stdin: None }
}

pub(in crate::replica) fn script_file(name: &str, template: &str) -> FileEntry {
    FileEntry::new(paths::own(name), 0o644, built_in(template))
}

pub(in crate::replica) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    bounded::read(path, LARGEST).map_err(|error| unreadable(path, &error))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read {}", path.display())).because(error)
}

/// SQL files for a build: as files, and as the script's values. `of` is a further database.
pub(super) fn init_files(
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
