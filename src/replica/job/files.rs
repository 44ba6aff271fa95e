//! For `files.py`: which files of a site's host make its environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::replica::host::files::files_with_secrets;
use crate::replica::host::tls::RUNS_OWN;
use crate::replica::paths;
use crate::replica::secret::Secrets;
use crate::site::{BaseOrigin, Site};

/// What a site has beside its packages, whose own files are known by their versions.
const FOLDERS: [&str; 4] = ["/etc", "/opt", "/usr/local", "/usr/share/ca-certificates"];
/// stagectl's own.
const OURS: &str = paths::OWN;

/// What `files.py` lists, and what it keeps to itself.
#[derive(Serialize)]
pub(in crate::replica) struct FilesJob {
    /// What is listed, with all that is below.
    folders: Vec<PathBuf>,
    /// What of that is not.
    left_out: Vec<PathBuf>,
    /// Folders in which the app writes: their files have no digest.
    data: Vec<PathBuf>,
    /// Files of the description.
    described: Vec<PathBuf>,
    /// Those of them that hold a secret.
    secret: Vec<PathBuf>,
    /// The secrets themselves: a file that has one is listed without its digest.
    values: Vec<String>,
    /// Whether the host's files come from a live one, and hide what nobody here knows.
    live: bool,
    /// Files that each run makes anew, and the words that stand for what is in them.
    runs_own: BTreeMap<&'static str, &'static str>,
}

impl FilesJob {
    #[must_use]
    pub(super) fn of(site: &Site, secrets: &Secrets) -> Self {
        let described: Vec<PathBuf> = site.files.iter().map(|file| file.path.clone()).collect();
        let data: Vec<PathBuf> = site.data.iter().map(|folder| folder.path.clone()).collect();
        let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
        folders.push(site.home());
        folders.extend(data.iter().cloned());
        folders.extend(described.iter().cloned());
        // What is installed is listed by its versions.
        let releases = match site.releases {
            Some(_) => vec![site.releases_folder(), site.link()],
            None => vec![site.venv()],
        };
        let left_out = std::iter::once(PathBuf::from(OURS)).chain(releases).collect();
        FilesJob {
            folders,
            left_out,
            data,
            described,
            secret: files_with_secrets(site, secrets),
            values: secrets.iter().map(|(_, value)| value.to_owned()).collect(),
            live: matches!(site.base.origin, BaseOrigin::Rootfs(_) | BaseOrigin::Image(_)),
            runs_own: RUNS_OWN.into_iter().collect(),
        }
    }
}
