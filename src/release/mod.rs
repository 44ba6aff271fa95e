//! What was built: the release's file or folder, its identity and its metadata. Pure.
//!
//! `contents` reads every packing member by member, `open` makes a [`Release`] of it, `support` says
//! whether a site can run it, `modules` what can be imported of it, `pack` sends it on.

mod changed;
mod contents;
#[cfg(test)]
mod fixture;
mod folder;
mod headers;
mod history;
mod lock;
mod member;
mod metadata;
mod modules;
mod open;
mod own_output;
mod pack;
mod problem;
mod support;
mod tarball;
mod wheel;
mod zipped;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use history::History;
pub use modules::{Missing, Modules, Surely, setup_cfg_keys, setup_cfg_list, setup_py_argument};
pub use support::{WheelName, wheel_name};

/// A built app, identified by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The file or folder on this machine.
    pub path: PathBuf,
    pub form: Form,
    /// SHA-256 of the file, or of a folder's names, modes and contents; lowercase hex.
    pub digest: String,
    /// The distribution's name as written in its metadata; the folder's or file's stem without any.
    pub name: String,
    /// `None` for a tree without metadata.
    pub version: Option<String>,
    /// `Requires-Python`, as written.
    pub requires_python: Option<String>,
    /// `Requires-Dist` lines, when the metadata says them without building.
    pub requires_dist: Option<Vec<String>>,
    /// What git knows of a folder whose build asks it.
    pub history: Option<History>,
    /// Below the folder: what belongs to the rehearsal, and not to the release.
    pub left_out: Vec<PathBuf>,
    /// The extras that the metadata names, normalised; empty where only a build would tell.
    pub extras: Vec<String>,
}

/// How the release is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    Wheel,
    /// An sdist, or any archive or folder with a `pyproject.toml` or `setup.py`: built with the
    /// site's own Python.
    Source(Packing),
    /// A tree without a build description: unpacked into the app's home.
    Tree(Packing),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    TarGz,
    Zip,
    Folder,
}

impl Release {
    /// The first eight digits of the digest, as shown to people.
    #[must_use]
    pub fn short_digest(&self) -> &str {
        &self.digest[..8]
    }

    /// What a folder of its own is called: by its version, or its digest where it has none, without what a path or
    /// a shell would read otherwise.
    #[must_use]
    pub fn folder_name(&self) -> String {
        let name = self.version.as_deref().unwrap_or_else(|| self.short_digest());
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        // `..` would lead elsewhere.
        if name.starts_with('.') { format!("_{name}") } else { name }
    }

    /// One of which its name alone is known, and of which nothing is made.
    #[must_use]
    pub fn unknown(name: &str) -> Release {
        Release::recorded(name, None, (&"0".repeat(64), PathBuf::new()))
    }

    /// One that is known by what is recorded of it: its name, its version, its digest, where it was. Nothing is made of it.
    #[must_use]
    pub fn recorded(name: &str, version: Option<&str>, (digest, path): (&str, PathBuf)) -> Release {
        Release {
            path,
            form: Form::Wheel,
            digest: digest.to_owned(),
            name: name.to_owned(),
            version: version.filter(|version| !version.is_empty()).map(str::to_owned),
            requires_python: None,
            requires_dist: None,
            history: None,
            left_out: Vec::new(),
            extras: Vec::new(),
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Name and version, as people say it: `noticeboard 1.2`.
impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(formatter, "{} {version}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}
