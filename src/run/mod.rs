//! One invocation that owns resources: what it works with, and its start.

mod start;
mod surroundings;
mod workshop;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cancel::Stop;
use crate::docker::Docker;
use crate::event::{Events, Recorder};
use crate::guardian::Guardian;
use crate::release::Release;
use crate::replica::RunSpec;
use crate::report::image_times;
use crate::tls::Authority;

pub use start::{LEASE, Start};
pub use surroundings::{in_shell, this_computer};
pub use workshop::Workshop;

/// What one invocation works with, for all its sites.
#[derive(Debug)]
pub struct Run<E> {
    pub engine: E,
    pub spec: RunSpec,
    /// The release as the user gave it, for commands to paste.
    pub release_argument: String,
    pub events: Events,
    pub stop: Stop,
    pub workshop: Workshop,
    pub authority: Authority,
    /// The project's folder.
    pub root: PathBuf,
    /// Where the evidence of each site goes, and how a person would write it.
    pub folder: PathBuf,
    pub shown_folder: String,
    /// How long a replica that stays up may do so when nobody uses it.
    pub lease: Duration,
}

impl<E> Run<E> {
    /// The seconds that images of this project took when they were last made, by what they are called.
    #[must_use]
    pub fn recorded_images(&self) -> BTreeMap<String, f64> {
        image_times(&self.root)
    }
}

/// A run that was started, with what its end needs.
#[derive(Debug)]
pub struct Started {
    pub run: Run<Docker>,
    pub recorder: Recorder,
    pub guardian: Guardian,
}

/// Returns a path as a person in this folder would write it.
#[must_use]
pub fn path_from_here(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    let shown = path.strip_prefix(&here).unwrap_or(path);
    if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.display().to_string() }
}

/// Returns name, version and digest of a release, as labels carry them.
#[must_use]
pub fn release_label(release: &Release) -> String {
    let version = release.version.as_deref().unwrap_or("-");
    format!("{} {version} ({})", release.name, release.short_digest())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_names_this_folder_has_something_to_name() {
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(path_from_here(&here), ".");
        assert_eq!(path_from_here(&here.join("dist/a.whl")), "dist/a.whl");
        assert_eq!(path_from_here(Path::new("/elsewhere/a.whl")), "/elsewhere/a.whl");
    }
}
