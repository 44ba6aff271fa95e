//! What serves the site: the proxy and the WSGI server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::systemd::Systemd;
use crate::site::value::ByteSize;

/// The web server in front of the app's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proxy {
    pub server: ProxyServer,
    #[serde(skip_serializing_if = "ProxyHost::is_the_app_s")]
    pub host: ProxyHost,
    /// What stands before it, if it is not asked by the world itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<Balancer>,
    /// URL prefix (with slashes, below `prefix`) to a folder in the app's home.
    pub static_files: BTreeMap<String, PathBuf>,
    /// URL prefix, as above, to an absolute folder on the site that the app writes to.
    pub media: BTreeMap<String, PathBuf>,
    /// Folders of the proxy's own host that the app's has, too: an absolute place there, to an absolute
    /// folder or one of the app's home.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub folders: BTreeMap<PathBuf, PathBuf>,
    /// Where the app lives below the names; `/` or `/board/`: slashes at both ends.
    pub prefix: String,
    /// As the live configuration has it if absent.
    pub plain_http: Option<PlainHttp>,
    /// Request headers to the app, over those that the proxy sends anyway.
    pub headers: BTreeMap<String, Header>,
    /// The largest body of a request.
    pub body: Option<ByteSize>,
    /// How long the proxy waits for the app.
    pub timeout: Option<Duration>,
    /// The value of `Strict-Transport-Security`.
    pub hsts: Option<String>,
    /// The live configuration on this machine, instead of a made one.
    pub config: Option<PathBuf>,
    /// Apache's, beside those that it always has.
    pub modules: Vec<String>,
    #[serde(skip_serializing_if = "Systemd::says_nothing")]
    pub systemd: Systemd,
}

/// What the proxy does with a request header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    NotSent,
    /// In the proxy's own words.
    Sent(String),
}

/// As written.
impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Header::NotSent => serializer.serialize_bool(false),
            Header::Sent(value) => serializer.serialize_str(value),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyServer {
    Nginx,
    Apache,
    /// The WSGI server answers itself.
    None,
}

/// Whose address and loopback the proxy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHost {
    /// Those of the app's host.
    #[default]
    App,
    /// Those of a host of its own.
    Own,
}

impl ProxyHost {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_the_app_s(&self) -> bool {
        *self == ProxyHost::App
    }
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

/// The WSGI server, and what it serves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wsgi {
    pub server: WsgiServer,
    pub from: ServerOrigin,
    pub application: Application,
    /// More applications in the same server: URL prefix (with slashes, below the proxy's).
    pub mounts: BTreeMap<String, Callable>,
    /// What the server process really has as `LANG`.
    pub locale: String,
    /// As the server has it by itself, or is told elsewhere, if absent; so are the threads of each.
    pub workers: Option<u16>,
    pub threads: Option<u16>,
    pub socket: Socket,
    /// Where it listens for the proxy, if not at a place of stagectl's choice.
    pub listen: Option<Listen>,
    /// The live configuration on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<PathBuf>,
    #[serde(skip_serializing_if = "Systemd::says_nothing")]
    pub systemd: Systemd,
    /// Where the server works: absolute, if described.
    pub folder: Option<PathBuf>,
    pub umask: Option<u32>,
    /// Only `mod_wsgi` has one.
    pub application_group: ApplicationGroup,
    /// Whether `mod_wsgi` passes the `Authorization` header on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_authorization: Option<bool>,
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

/// The interpreter that `mod_wsgi` runs an application in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ApplicationGroup {
    /// The process's first one.
    Global,
    /// One for each application, as where nothing is configured.
    #[default]
    Own,
    Named(String),
}

/// As written.
impl Serialize for ApplicationGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            ApplicationGroup::Global => "global",
            ApplicationGroup::Own => "own",
            ApplicationGroup::Named(name) => name,
        })
    }
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

/// A described place between the proxy and the WSGI server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    Unix(PathBuf),
    Tcp { address: String, port: u16 },
}

/// As written.
impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Listen::Unix(path) => path.serialize(serializer),
            Listen::Tcp { address, port } => {
                serializer.collect_str(&format_args!("{address}:{port}"))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    Callable(Callable),
    /// A `.wsgi` script: absolute, or relative to the app's home.
    Script(PathBuf),
}

/// `package.module:callable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Callable {
    pub module: String,
    /// As written: a factory has its brackets, `create_app()`.
    pub callable: String,
}

impl Callable {
    /// The factory that makes the application, without its brackets.
    #[must_use]
    pub fn factory(&self) -> Option<&str> {
        self.callable.strip_suffix("()")
    }
}

/// Where TLS ends before the site's own proxy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Balancer {
    /// Request headers to the site's proxy, over those that nginx sends anyway.
    pub headers: BTreeMap<String, Header>,
}
