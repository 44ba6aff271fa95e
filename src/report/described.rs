//! The description that a site had in a run, kept beside its report: a later run is held against it.

use std::fs;
use std::path::Path;

use super::files::put;
use crate::bounded;
use crate::failure::Failure;
use crate::site::SiteName;
use crate::state::could_not;

/// The file in the folder of each site of a run.
const NAME: &str = "environment.yaml";
/// The most bytes of it that are read.
const LARGEST: u64 = 4 << 20;

/// Keeps the description of a site in the folder of a run.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub fn keep_description(run: &Path, site: &SiteName, text: &str) -> Result<(), Failure> {
    let folder = run.join(site.as_str());
    fs::create_dir_all(&folder).map_err(|error| could_not("make", &folder, &error))?;
    put(&folder.join(NAME), text.as_bytes())
}

/// The description that a run kept of a site.
#[must_use]
pub fn description_in(root: &Path, run: &str, site: &SiteName) -> Option<String> {
    let file = root.join(".stagectl/runs").join(run).join(site.as_str()).join(NAME);
    String::from_utf8(bounded::read(&file, LARGEST).ok()?).ok()
}
