//! Where answers are kept: `.stagectl/crucial/SITE.json`.

use std::fs;
use std::path::{Path, PathBuf};

use super::answer::{Crucial, SCHEMA};
use crate::bounded;
use crate::failure::Failure;
use crate::state;

/// The folder below ours.
const FOLDER: &str = "crucial";
/// The most bytes of an answer that is read.
const LARGEST: u64 = 16 << 20;

impl Crucial {
    /// The last answer for a site; one of another version, or that cannot be read, is none.
    #[must_use]
    pub fn read(root: &Path, site: &str) -> Option<Crucial> {
        let path = root.join(".stagectl").join(FOLDER).join(format!("{site}.json"));
        let crucial: Crucial = serde_json::from_slice(&bounded::read(&path, LARGEST).ok()?).ok()?;
        Some(crucial).filter(|one| one.schema == SCHEMA)
    }

    /// Keeps the answer, with its page beside it; the file of the page.
    ///
    /// # Errors
    /// Usage or infrastructure: the folder is not ours alone, or cannot be written to.
    pub fn keep(&self, root: &Path, page: &str) -> Result<PathBuf, Failure> {
        state::look_at(root)?;
        let folder = state::folder_below(root, Path::new(FOLDER))?;
        state::look_at_folder(&folder)?;
        let json = serde_json::to_string_pretty(self).map_err(|error| {
            Failure::bug("could not write what is crucial as JSON").because(&error)
        })? + "\n";
        put(&folder, &format!("{}.json", self.site), &json)?;
        put(&folder, &format!("{}.html", self.site), page)
    }
}

fn put(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let (file, new) = (folder.join(name), folder.join(format!("{name}.new")));
    fs::write(&new, text).and_then(|()| fs::rename(&new, &file)).map_err(|error| {
        Failure::infrastructure(format!("could not write {}", file.display())).because(&error)
    })?;
    Ok(file)
}
