//! What serves the site: the proxy and the WSGI server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
