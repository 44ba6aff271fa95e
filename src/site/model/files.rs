//! What a live host has on its disk: folders that live on, and files.

use std::path::PathBuf;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::site::value::OwnerName;

/// A folder that lives on across releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    /// Where it is in the replica; absolute.
    pub path: PathBuf,
    /// Permission bits; as `mkdir` makes it, or as the base has it, if absent.
    pub mode: Option<u32>,
    /// The site's user if absent.
    pub owner: Option<OwnerName>,
    /// That of the owner's login if absent.
    pub group: Option<OwnerName>,
}

/// As a description writes it: its path alone where nothing else is said.
impl Serialize for DataFolder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DataFolder { path, mode, owner, group } = self;
        if mode.is_none() && owner.is_none() && group.is_none() {
            return path.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", path)?;
        if let Some(mode) = mode {
            map.serialize_entry("mode", &format!("{mode:04o}"))?;
        }
        for (key, name) in [("owner", owner), ("group", group)] {
            if let Some(name) = name {
                map.serialize_entry(key, name)?;
            }
        }
        map.end()
    }
}

/// A file or a folder that the live host has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigFile {
    /// Where it is in the replica; absolute.
    pub path: PathBuf,
    #[serde(flatten)]
    pub content: FileContent,
    /// The site's user if absent.
    #[serde(serialize_with = "or_the_site_s_user")]
    pub owner: Option<OwnerName>,
    /// That of the owner's login if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<OwnerName>,
    /// Permission bits of a file, such as `0o640`. Absent for a folder whose files have those that they
    /// are executable with or not.
    pub mode: Option<u32>,
}

/// As a description writes it.
#[expect(clippy::ref_option, reason = "serde gives it so")]
fn or_the_site_s_user<S: Serializer>(
    owner: &Option<OwnerName>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    owner.as_ref().map_or("app", OwnerName::as_str).serialize(serializer)
}

/// What is in it: a file of this machine, or what becomes of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileContent {
    /// Rendered with the site's values.
    Template(PathBuf),
    /// Copied as it is: a file, or a folder with all that is below it.
    Source(PathBuf),
}

impl FileContent {
    /// On this machine.
    pub fn host_path(&mut self) -> &mut PathBuf {
        match self {
            FileContent::Template(path) | FileContent::Source(path) => path,
        }
    }
}
