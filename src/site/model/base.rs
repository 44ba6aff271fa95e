//! The machine of a site: what it starts from, how the release is installed, what it may use.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::value::{ByteSize, Date, DebianSuite};

/// What the machine of the site starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Base {
    pub origin: BaseOrigin,
    /// Package sources beside the base's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<AptSource>,
    /// Debian packages as on the live host; `name=version` pins.
    pub packages: Vec<String>,
    pub locale: String,
    pub timezone: String,
}

/// Where the image of a host's Debian comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseOrigin {
    /// The local store's, the registry's, or a bootstrap from the package mirror.
    Debian(DebianSuite),
    /// An image reference, preferably with a digest.
    Image(String),
    /// An archive of a root file system (absolute path on this machine).
    Rootfs(PathBuf),
    /// A suite as it was at the end of a day, from the snapshot archive.
    #[serde(untagged)]
    Snapshot { debian: DebianSuite, snapshot: Date },
}

/// A source of Debian packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AptSource {
    Repository {
        uris: Vec<String>,
        suites: Vec<String>,
        /// None where the suites are folders.
        components: Vec<String>,
        key: Option<PathBuf>,
    },
    /// A folder of the project: packages alone, or a repository.
    Folder { folder: PathBuf, suites: Vec<String>, components: Vec<String>, key: Option<PathBuf> },
}

impl AptSource {
    /// The public key that signs it.
    #[must_use]
    pub fn key(&self) -> Option<&PathBuf> {
        let (AptSource::Repository { key, .. } | AptSource::Folder { key, .. }) = self;
        key.as_ref()
    }
}

/// How the release and what it needs come into the site's virtual environment.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Install {
    /// A requirements or lock file.
    pub requirements: Option<Lock>,
    pub constraints: Option<PathBuf>,
    /// The files of the project that these two include.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<PathBuf>,
    pub with: Installer,
    /// Nothing younger than this is installed.
    pub as_of: Option<Date>,
    /// The extras of the release, normalised.
    pub extras: Vec<String>,
    /// Requirements that the site adds to the release; its own name means the release.
    pub extra: Vec<String>,
    /// Debian packages that are there while installing and gone afterwards.
    pub build_packages: Vec<String>,
    /// The package index, if not the usual one.
    pub index: Option<String>,
    pub extra_indexes: Vec<String>,
    /// A folder of wheels (a wheel house), searched beside the index.
    pub wheels: Option<PathBuf>,
    pub owner: EnvironmentOwner,
}

/// Whose the virtual environment is, once it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentOwner {
    /// The app reads it, and cannot change it.
    #[default]
    Root,
    /// The site's user: the app can change its own programs.
    App,
}

/// What installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Installer {
    /// uv, held to pip's rules: fast, and the same on every Debian.
    #[default]
    Uv,
    /// The site's own pip, as its Debian has it.
    Pip,
}

/// Where the requirements are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// A file of the project (absolute path on this machine).
    Project(PathBuf),
    /// A member of the release, relative to its root.
    Release(PathBuf),
}

/// What a host's containers may use at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resources {
    pub memory: ByteSize,
    /// In thousandths of a processor.
    pub milli_cpus: u32,
    /// The most processes at a time.
    pub pids: u32,
}
