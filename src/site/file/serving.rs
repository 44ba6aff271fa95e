//! The keys of serving: `tls`, `proxy`, `wsgi`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::{self, AnyScalar};

/// The site's certificate and TLS versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub(in crate::site) struct TlsFile {
    /// What the certificate says.
    #[serde(default)]
    pub(in crate::site) certificate: CertificateFile,
    /// The versions that the site accepts.
    #[serde(default = "versions")]
    pub(in crate::site) versions: Vec<TlsVersionFile>,
}

fn versions() -> Vec<TlsVersionFile> {
    vec![TlsVersionFile::V1_2, TlsVersionFile::V1_3]
}

/// What a certificate says. It is made anew under a private root.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Certificate")]
pub(in crate::site) struct CertificateFile {
    /// Its names: exact ones, or wildcards such as `*.site-b.example`. The site's own names if left
    /// out. All names of the site have to be covered.
    #[schemars(example = ["*.site-b.example", "site-b.example"])]
    pub(in crate::site) names: Option<Vec<String>>,
    /// Kind and size of its key.
    pub(in crate::site) key: KeyFile,
    /// How many certificates are between it and the root.
    pub(in crate::site) intermediates: u8,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Key")]
pub(in crate::site) enum KeyFile {
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
    #[serde(rename = "ecdsa-p384")]
    EcdsaP384,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "TlsVersion")]
pub(in crate::site) enum TlsVersionFile {
    #[serde(rename = "TLSv1.2")]
    V1_2,
    #[serde(rename = "TLSv1.3")]
    V1_3,
}

/// What stands in front of the WSGI server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Proxy")]
pub(in crate::site) struct ProxyFile {
    /// The proxy's program.
    pub(in crate::site) server: ProxyServerFile,
    /// Folders served by the proxy itself: URL prefix to a folder in the app's home.
    #[serde(rename = "static")]
    #[schemars(example = BTreeMap::from([("/static/", "static")]))]
    pub(in crate::site) static_files: BTreeMap<String, String>,
    /// Where the app lives below the site's names; slashes at both ends.
    #[schemars(example = "/board/")]
    pub(in crate::site) prefix: String,
    /// What the site does on port 80: sends to HTTPS, serves the app, or does not listen.
    /// `redirect` with TLS behind a proxy, `closed` with TLS and no proxy, `serve` without TLS, if
    /// left out.
    pub(in crate::site) http: Option<PlainHttpFile>,
}

impl Default for ProxyFile {
    fn default() -> Self {
        ProxyFile {
            server: ProxyServerFile::Nginx,
            static_files: BTreeMap::new(),
            prefix: scalar::slash(),
            http: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ProxyServer")]
pub(in crate::site) enum ProxyServerFile {
    Nginx,
    Apache,
    /// The WSGI server answers itself.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "PlainHttp")]
pub(in crate::site) enum PlainHttpFile {
    Redirect,
    Serve,
    Closed,
}

/// The WSGI server and the application: `application` or `file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Wsgi")]
pub(in crate::site) struct WsgiFile {
    /// The server's program.
    #[schemars(required)]
    pub(in crate::site) server: Option<WsgiServerFile>,
    /// Where the server comes from: a Debian package, or the Python package index (named in the
    /// release, its lock, or `install.extra`). `distribution` for uwsgi and mod_wsgi, `index` for
    /// gunicorn and waitress, if left out.
    pub(in crate::site) from: Option<ServerOriginFile>,
    /// The application, as `package.module:callable`.
    #[schemars(example = "noticeboard.wsgi:application")]
    pub(in crate::site) application: Option<String>,
    /// A `.wsgi` script: an absolute path on the site, or one from the app's home.
    #[schemars(example = "noticeboard.wsgi")]
    pub(in crate::site) file: Option<String>,
    /// What the server process really has as `LANG`; that of the base if left out. Debian's Apache
    /// says `C`.
    #[schemars(example = "C")]
    pub(in crate::site) locale: Option<String>,
    /// Worker processes.
    #[serde(default = "scalar::workers")]
    pub(in crate::site) workers: u16,
    /// Threads of each worker.
    #[serde(default = "scalar::threads")]
    pub(in crate::site) threads: u16,
    /// What is between the proxy and the server. mod_wsgi has none.
    #[serde(default)]
    pub(in crate::site) socket: SocketFile,
    /// Passed on to the server, under its own names for them.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("harakiri", 20)]))]
    pub(in crate::site) options: BTreeMap<String, AnyScalar>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WsgiServer")]
pub(in crate::site) enum WsgiServerFile {
    Gunicorn,
    Uwsgi,
    ModWsgi,
    Waitress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ServerOrigin")]
pub(in crate::site) enum ServerOriginFile {
    Distribution,
    Index,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Socket")]
pub(in crate::site) enum SocketFile {
    Unix,
    #[default]
    Tcp,
}
