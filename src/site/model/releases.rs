//! Where a release lies on its host: in place, or in a folder of its own below `releases`.

use std::path::PathBuf;

use serde::Serialize;

use super::Site;

/// Each release in a folder of its own, and a link to the one that runs, as Capistrano and its like have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Releases {
    /// How many stay on the host, with the one that runs.
    pub keep: u16,
}

impl Site {
    /// The folder of what runs: the app's own, or the link to one below [`Site::releases_folder`].
    #[must_use]
    pub fn current(&self) -> PathBuf {
        match (&self.runs_from, self.releases) {
            (Some(folder), _) => folder.clone(),
            (None, Some(_)) => self.link(),
            (None, None) => self.home(),
        }
    }

    /// The link to the release that runs; not there where a release is in place.
    #[must_use]
    pub fn link(&self) -> PathBuf {
        self.home().join("current")
    }

    /// The folder that has one for each release, named by its version; not there where a release is in place.
    #[must_use]
    pub fn releases_folder(&self) -> PathBuf {
        self.home().join("releases")
    }

    /// The folder that a release is installed or unpacked below.
    #[must_use]
    pub fn folder_of(&self, release: &str) -> PathBuf {
        match self.releases {
            Some(_) => self.releases_folder().join(release),
            None => self.home(),
        }
    }

    /// The virtual environment of the release that runs.
    #[must_use]
    pub fn venv(&self) -> PathBuf {
        self.current().join("venv")
    }

    /// Where the release that runs is unpacked to, if it is a tree.
    #[must_use]
    pub fn app(&self) -> PathBuf {
        self.current().join("app")
    }
}
