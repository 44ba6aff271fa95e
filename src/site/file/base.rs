//! The keys of the machine: `base`, `install`, `resources`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar;
use crate::site::model::{EnvironmentOwner, Installer};

/// What the machine of the site starts from: `debian`, `image` or `rootfs`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Base")]
pub(in crate::site) struct BaseFile {
    /// A Debian suite by its code name: the image in the local store, else the registry's, else a
    /// bootstrap from the package mirror.
    #[schemars(example = &"bookworm")]
    pub(in crate::site) debian: Option<String>,
    /// A Debian-like image with Python, best with its digest. `python` has to say which one it has.
    #[schemars(example = &"registry.example/base@sha256:0123...")]
    pub(in crate::site) image: Option<String>,
    /// A root file system archive of the live host, made with `tar` and perhaps packed with gzip,
    /// bzip2, xz or zstd: a path from the description's folder. `python` has to say which one it has.
    #[schemars(example = &"base.tar.zst")]
    pub(in crate::site) rootfs: Option<String>,
    /// A day, as `2026-02-18`: the Debian suite as it was at that day's end, from Debian's snapshot
    /// archive.
    #[schemars(example = &"2026-02-18")]
    pub(in crate::site) snapshot: Option<String>,
    /// Package sources beside the base's own.
    #[serde(default)]
    pub(in crate::site) sources: Vec<SourceFile>,
    /// Debian packages as on the live host; `name=version` pins. A pinned package stays at its
    /// version.
    #[serde(default)]
    #[schemars(example = ["libpq5", "gettext-base"])]
    pub(in crate::site) packages: Vec<String>,
    /// The system's locale.
    #[serde(default = "scalar::locale")]
    #[schemars(example = &"de_DE.UTF-8")]
    pub(in crate::site) locale: String,
    /// The system's time zone.
    #[serde(default = "scalar::timezone")]
    #[schemars(example = &"Europe/Berlin")]
    pub(in crate::site) timezone: String,
}

/// A source of Debian packages: `uris` and `suites` of a repository, or a `folder` of the project.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Source")]
pub(in crate::site) struct SourceFile {
    /// The repository's addresses.
    #[schemars(example = ["https://apt.example/debian"])]
    pub(in crate::site) uris: Vec<String>,
    /// Its suites; one that ends with a slash is a folder (a flat repository).
    #[schemars(example = ["bookworm"])]
    pub(in crate::site) suites: Vec<String>,
    /// Its components; `main` if left out.
    #[schemars(example = ["main"])]
    pub(in crate::site) components: Vec<String>,
    /// The public key that signs it, armored or not: a path from the description's folder. Left
    /// out, the keys of the base decide.
    #[schemars(example = &"keys/apt.asc")]
    pub(in crate::site) key: Option<String>,
    /// A folder of `.deb` files, or of a whole repository: a path from the description's folder.
    /// With a `key` its signature is checked; without one it is trusted.
    #[schemars(example = &"debs")]
    pub(in crate::site) folder: Option<String>,
}

/// How the release and what it needs come into the site's virtual environment.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Install")]
pub(in crate::site) struct InstallFile {
    /// A requirements or lock file: a path from the description's folder, or, if there is none, a
    /// member of the release. `uv.lock`, `poetry.lock`, `pdm.lock`, `Pipfile.lock` and `pylock.toml` are
    /// read without their tools. Its hashes are kept: with one, every distribution needs one, as pip has
    /// it. What it includes by `-r` and `-c` comes along; a line that names the release itself is
    /// left out, since that is installed from its own file.
    #[schemars(example = &"requirements.lock")]
    pub(in crate::site) requirements: Option<String>,
    /// A constraints file: a path from the description's folder.
    #[schemars(example = &"constraints.txt")]
    pub(in crate::site) constraints: Option<String>,
    /// What installs: `uv`, held to pip's rules, or `pip`, the site's own.
    pub(in crate::site) with: Installer,
    /// A day, as `2026-02-18`: nothing younger is installed.
    #[schemars(example = &"2026-02-18")]
    pub(in crate::site) as_of: Option<String>,
    /// The extras of the release: `pdf` for what `pip install shop[pdf]` brings.
    #[schemars(example = ["pdf"])]
    pub(in crate::site) extras: Vec<String>,
    /// Requirements that the site adds to the release. One that names the release, such as
    /// `shop[pdf]`, means the release itself with these extras, never the package index's.
    #[schemars(example = ["gunicorn==23.0.0"])]
    pub(in crate::site) extra: Vec<String>,
    /// Debian packages that are there while installing, and gone afterwards.
    #[schemars(example = ["gcc", "libpq-dev"])]
    pub(in crate::site) build_packages: Vec<String>,
    /// The package index, if not the usual one.
    #[schemars(example = &"https://pypi.example/simple")]
    pub(in crate::site) index: Option<String>,
    /// Package indexes that are asked too.
    #[schemars(example = ["https://pypi.example/simple"])]
    pub(in crate::site) extra_indexes: Vec<String>,
    /// A folder of wheels that is searched beside the index: a path from the description's folder.
    #[schemars(example = &"../wheels")]
    pub(in crate::site) wheels: Option<String>,
    /// Whose the virtual environment is: `root`, so that the app can read and not change it, or
    /// `app`, the site's user. Whoever it is, nothing of it ever runs as root.
    pub(in crate::site) owner: EnvironmentOwner,
}

/// What the app's container may use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Resources")]
pub(in crate::site) struct ResourcesFile {
    /// Memory, with its unit: `512MiB`, `2GiB`.
    #[schemars(example = &"512MiB")]
    pub(in crate::site) memory: String,
    /// Processors; `0.5` is half of one.
    #[schemars(range(min = 0.01, max = 1024))]
    pub(in crate::site) cpus: f64,
    /// The most processes and threads at a time.
    #[schemars(range(min = 16, max = 4_194_304))]
    pub(in crate::site) pids: u32,
}

impl Default for ResourcesFile {
    fn default() -> Self {
        ResourcesFile { memory: scalar::memory(), cpus: scalar::cpus(), pids: scalar::pids() }
    }
}
