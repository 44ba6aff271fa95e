//! What every build on this machine may use: mirrors, roots, variables.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::digest::Digest;
use crate::state;

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
    /// Where it is known when an image was last used, by its key; none where nobody has a folder for it.
    pub uses: Option<PathBuf>,
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
        let state = variable("XDG_STATE_HOME").map(PathBuf::from);
        let home = variable("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let uses = state.or(home).filter(|folder| folder.is_absolute());
        Workshop {
            locks,
            uses: uses.map(|folder| folder.join("stagectl/uses")),
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
        let uses = self.uses.map(|uses| uses.join(folder));
        Workshop { locks: self.locks.join(folder), uses, ..self }
    }

    /// Notes that the image of a key is used now. That it cannot be noted makes the image look older, and no more.
    pub fn note_use(&self, key: &str) {
        let Some(uses) = &self.uses else { return };
        if state::private_folder(uses).is_ok() {
            File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(uses.join(key))
                .and_then(|file| file.set_modified(SystemTime::now()))
                .ok();
        }
    }

    /// When the image of a key was last used, in seconds since 1970; `None` where nobody has noted it.
    #[must_use]
    pub fn last_use(&self, key: &str) -> Option<i64> {
        // A label that anybody may have written names no file elsewhere.
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let modified =
            self.uses.as_ref().filter(|_| is_key)?.join(key).metadata().ok()?.modified().ok()?;
        Some(Timestamp::try_from(modified).ok()?.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_use_of_an_image_is_known_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let uses = folder.path().join("state/uses");
        let workshop = Workshop { uses: Some(uses.clone()), ..Workshop::of_this_machine() };
        assert_eq!(workshop.last_use("key"), None);
        workshop.note_use("key");
        let first = workshop.last_use("key").unwrap();
        File::open(uses.join("key")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(workshop.last_use("key"), Some(0));
        workshop.note_use("key");
        assert!(workshop.last_use("key").unwrap() >= first);
        let nowhere = Workshop { uses: None, ..workshop };
        nowhere.note_use("key");
        assert_eq!(nowhere.last_use("key"), None);
    }
}
