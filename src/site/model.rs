//! A site as it is meant: defaults merged, references followed, every value in a domain type.
//!
//! How it is written is `file/`; only the resolver sees both. Words that are the same as written
//! and as meant, such as `nginx`, have their enum here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{
    ByteSize, Date, DebianSuite, HostName, PythonVersion, Role, SecretName, SiteName, Text,
    UserName,
};

/// One live installation, ready to be planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    pub name: SiteName,
    pub summary: Option<String>,
    /// Sites run by order, then by name.
    pub order: i64,
    /// The file that describes it, from the project's root.
    pub source: PathBuf,
    pub base: Base,
    pub python: PythonVersion,
    pub install: Install,
    pub user: UserName,
    /// Folders inside the replica that live on across releases, owned by the user.
    pub data: Vec<PathBuf>,
    /// The names the world uses; the first one is the site's address.
    pub names: Vec<HostName>,
    /// Domains all of whose subdomains lead to the site (written `*.site-b.example` in `names`).
    pub wildcards: Vec<HostName>,
    /// Absent for a site that speaks plain HTTP only.
    pub tls: Option<Tls>,
    pub proxy: Proxy,
    pub wsgi: Wsgi,
    /// What the live process has, beside what every process has (`PATH`, `HOME`, `LANG`...).
    pub env: BTreeMap<String, Text>,
    pub secrets: BTreeMap<SecretName, SecretSource>,
    pub files: Vec<ConfigFile>,
    pub services: BTreeMap<Role, Service>,
    pub steps: Vec<DeployStep>,
    pub health: Health,
    pub critical: Critical,
    pub resources: Resources,
}

impl Site {
    /// The app user's home folder, which is also the working folder of the app and its commands.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        PathBuf::from("/srv").join(self.user.as_str())
    }

    /// The virtual environment that the release is installed into.
    #[must_use]
    pub fn venv(&self) -> PathBuf {
        self.home().join("venv")
    }

    /// The site's address as the world writes it, with the prefix and a closing slash.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{}", self.names[0], self.proxy.prefix)
    }
}

/// What the machine of the site starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Base {
    pub origin: BaseOrigin,
    /// Debian packages as on the live host; `name=version` pins.
    pub packages: Vec<String>,
    pub locale: String,
    pub timezone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseOrigin {
    /// The local store's, the registry's, or a bootstrap from the package mirror.
    Debian(DebianSuite),
    /// An image reference, preferably with a digest.
    Image(String),
}

/// How the release and what it needs come into the site's virtual environment.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Install {
    /// A requirements or lock file.
    pub requirements: Option<Lock>,
    pub constraints: Option<PathBuf>,
    /// Nothing younger than this is installed.
    pub as_of: Option<Date>,
    /// Requirements that the site adds to the release.
    pub extra: Vec<String>,
    /// Debian packages that are there while installing and gone afterwards.
    pub build_packages: Vec<String>,
    /// The package index, if not the usual one.
    pub index: Option<String>,
    pub extra_indexes: Vec<String>,
    /// A folder of wheels (a wheel house), searched beside the index.
    pub wheels: Option<PathBuf>,
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

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tls {
    pub certificate: CertificateShape,
    /// Accepted protocol versions, oldest first.
    pub versions: Vec<TlsVersion>,
}

/// What a certificate says, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateShape {
    /// Subject alternative names: exact, or with a leading `*.`; the first is the common name.
    pub names: Vec<String>,
    pub key: KeyShape,
    /// Certificates between the root and the leaf.
    pub intermediates: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum KeyShape {
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    EcdsaP256,
    EcdsaP384,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum TlsVersion {
    #[serde(rename = "TLSv1.2")]
    V1_2,
    #[serde(rename = "TLSv1.3")]
    V1_3,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proxy {
    pub server: ProxyServer,
    /// URL prefix (with slashes, below `prefix`) to a folder in the app's home.
    pub static_files: BTreeMap<String, PathBuf>,
    /// Where the app lives below the names; `/` or `/board/`: slashes at both ends.
    pub prefix: String,
    pub plain_http: PlainHttp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyServer {
    Nginx,
    Apache,
    /// The WSGI server answers itself.
    None,
}

/// What the site does on port 80.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlainHttp {
    /// Sends every request to HTTPS.
    Redirect,
    /// Serves the app.
    Serve,
    /// Does not listen.
    Closed,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wsgi {
    pub server: WsgiServer,
    pub from: ServerOrigin,
    pub application: Application,
    /// What the server process really has as `LANG`.
    pub locale: String,
    pub workers: u16,
    pub threads: u16,
    pub socket: Socket,
    /// Passed through to the server, in its own option names.
    pub options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WsgiServer {
    Gunicorn,
    Uwsgi,
    ModWsgi,
    Waitress,
}

/// Where the server's program comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServerOrigin {
    /// A Debian package.
    Distribution,
    /// The Python package index: named in the release, its lock, or `install.extra`.
    Index,
}

/// Between the proxy and the WSGI server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Socket {
    Unix,
    #[default]
    Tcp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// `package.module:callable`.
    Callable { module: String, callable: String },
    /// A `.wsgi` script: absolute, or relative to the app's home.
    Script(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// So many random characters, made for each run.
    Generate(usize),
    /// A variable of the environment that stagectl runs in.
    FromEnv(String),
}

/// A config file that the live host has, rendered from a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigFile {
    /// Where it is in the replica; absolute.
    pub path: PathBuf,
    /// The template's file on this machine.
    pub template: PathBuf,
    pub owner: FileOwner,
    /// Permission bits, such as `0o640`.
    pub mode: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum FileOwner {
    Root,
    #[default]
    App,
}

/// What the site leans on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    pub kind: ServiceKind,
    /// The names it has on the site's network.
    pub names: Vec<HostName>,
    /// How long its start may take.
    pub startup: Duration,
    pub memory: Option<ByteSize>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    Postgres(Postgres),
    Redis { version: String, password: Option<Text> },
    Memcached { version: String },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Postgres {
    /// The major version, such as `15`.
    pub version: String,
    pub database: String,
    pub user: String,
    pub password: Text,
    pub encoding: String,
    /// Collation and character type of the cluster, such as `C.UTF-8`.
    pub locale: String,
    /// The role that owns the database.
    pub owner: String,
    pub extensions: Vec<String>,
    /// SQL files run once as the superuser, in order (paths on this machine).
    pub init: Vec<PathBuf>,
    /// Settings of `postgresql.conf`.
    pub settings: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployStep {
    pub name: String,
    /// A shell command, run as the site's user with the site's variables in its home.
    pub run: Text,
    pub when: When,
    pub timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Only when the site is installed for the first time, as every fresh replica is.
    First,
    #[default]
    Every,
    /// Only over an earlier release.
    Upgrade,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    /// Path below the site's address.
    pub path: String,
    pub status: u16,
    /// Members that the JSON answer must have, if any.
    pub json: Option<serde_json::Value>,
    pub within: Duration,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Critical {
    pub suite: SuiteSource,
    /// A requirements file for the test tools, on this machine.
    pub requirements: Option<PathBuf>,
    /// The suite's time, from its start to its last test; over it, the site fails.
    pub budget: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteSource {
    /// A pytest folder on this machine, and the marker that selects.
    Pytest { path: PathBuf, select: Option<String> },
    /// A folder to bring along, if any, and a command that writes JUnit XML to `$STAGECTL_JUNIT`.
    Command { path: Option<PathBuf>, run: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resources {
    pub memory: ByteSize,
    /// In thousandths of a processor.
    pub milli_cpus: u32,
    /// The most processes at a time.
    pub pids: u32,
}
