//! What every build on this machine may use: mirrors, roots, variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::digest::Digest;

/// Debian's own mirror; `STAGECTL_MIRROR` names another.
const MIRROR: &str = "http://deb.debian.org/debian";
/// The archive of Debian's days; `STAGECTL_SNAPSHOTS` names another.
const SNAPSHOTS: &str = "http://snapshot.debian.org/archive";
/// Where Debian-like and other systems keep their bundle of roots.
const ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
/// Variables that builds may see.
const BUILD_VARIABLES: [&str; 12] = [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
];

/// What is the same for every build on this machine.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// Where concurrent runs on this machine agree on who builds what.
    pub locks: PathBuf,
    /// Debian's package mirror for bootstraps.
    pub mirror: String,
    /// Debian's snapshot archive, for bases of a certain day.
    pub snapshots: String,
    /// The host's bundle of trusted roots, for builds that download.
    pub roots: Option<Vec<u8>>,
    /// Variables that builds may see: proxies, package indexes.
    pub variables: BTreeMap<String, String>,
}

impl Workshop {
    /// Returns what builds on this machine may use, by its files and variables.
    #[must_use]
    pub fn of_this_machine() -> Workshop {
        let variable = |key: &str| std::env::var(key).ok().filter(|value| !value.is_empty());
        let mut variables: BTreeMap<String, String> = BUILD_VARIABLES
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), variable(key)?)))
            .collect();
        // uv has names of its own for what pip's users set.
        if let Some(index) = variables.get("PIP_INDEX_URL").cloned() {
            variables.entry("UV_DEFAULT_INDEX".to_owned()).or_insert(index);
        }
        let named = variable("SSL_CERT_FILE").map(PathBuf::from);
        let roots = named
            .into_iter()
            .chain(ROOTS.map(PathBuf::from))
            .find_map(|path| std::fs::read(path).ok());
        let locks = variable("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let locks = locks.join(format!("stagectl-locks-{}", rustix::process::getuid().as_raw()));
        Workshop {
            locks,
            snapshots: variable("STAGECTL_SNAPSHOTS").unwrap_or_else(|| SNAPSHOTS.to_owned()),
            mirror: variable("STAGECTL_MIRROR").unwrap_or_else(|| MIRROR.to_owned()),
            roots,
            variables,
        }
    }

    /// The same on an engine: who builds what there is nobody's business on another.
    #[must_use]
    pub fn on(self, engine: &str) -> Self {
        let folder = &Digest::of("engine").with(engine).hex()[..12];
        Workshop { locks: self.locks.join(folder), ..self }
    }
}
