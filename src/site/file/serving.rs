//! The keys of serving: `proxy`, `wsgi`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{self, AnyScalar};
use crate::site::model::{PlainHttp, ProxyServer, ServerOrigin, Socket, WsgiServer};

/// What stands in front of the WSGI server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Proxy")]
pub(in crate::site) struct ProxyFile {
    /// The proxy's program.
    pub(in crate::site) server: ProxyServer,
    /// Folders served by the proxy itself: URL prefix, below `prefix`, to a folder in the app's home.
    #[serde(rename = "static")]
    #[schemars(example = BTreeMap::from([("/static/", "static")]))]
    pub(in crate::site) static_files: BTreeMap<String, String>,
    /// Where the app lives below the site's names; slashes at both ends.
    #[schemars(example = &"/board/")]
    pub(in crate::site) prefix: String,
    /// What the site does on port 80: sends to HTTPS, serves the app, or does not listen.
    /// `redirect` with TLS behind a proxy, `closed` with TLS and no proxy, `serve` without TLS, if
    /// left out.
    pub(in crate::site) http: Option<PlainHttp>,
}

impl Default for ProxyFile {
    fn default() -> Self {
        ProxyFile {
            server: ProxyServer::Nginx,
            static_files: BTreeMap::new(),
            prefix: scalar::slash(),
            http: None,
        }
    }
}

/// The WSGI server and the application: `application` or `file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Wsgi")]
pub(in crate::site) struct WsgiFile {
    /// The server's program.
    #[schemars(required)]
    pub(in crate::site) server: Option<WsgiServer>,
    /// Where the server comes from: a Debian package, or the Python package index (named in the
    /// release, its lock, or `install.extra`). `distribution` for `uwsgi` and `mod_wsgi`, `index` for
    /// gunicorn and waitress, if left out.
    pub(in crate::site) from: Option<ServerOrigin>,
    /// The application, as `package.module:callable`.
    #[schemars(example = &"noticeboard.wsgi:application")]
    pub(in crate::site) application: Option<String>,
    /// A `.wsgi` script: an absolute path on the site, or one from the app's home.
    #[schemars(example = &"noticeboard.wsgi")]
    pub(in crate::site) file: Option<String>,
    /// What the server process really has as `LANG`; that of the base if left out. Debian's Apache
    /// says `C`.
    #[schemars(example = &"C")]
    pub(in crate::site) locale: Option<String>,
    /// Worker processes.
    #[serde(default = "scalar::workers")]
    #[schemars(range(min = 1, max = 512))]
    pub(in crate::site) workers: u16,
    /// Threads of each worker.
    #[serde(default = "scalar::threads")]
    #[schemars(range(min = 1, max = 512))]
    pub(in crate::site) threads: u16,
    /// What is between the proxy and the server. `mod_wsgi` has none.
    #[serde(default)]
    pub(in crate::site) socket: Socket,
    /// Passed on to the server, under its own names for them.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("harakiri", 20)]))]
    pub(in crate::site) options: BTreeMap<String, AnyScalar>,
}
