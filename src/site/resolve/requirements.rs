//! Requirements files of the project: what they include is there, and stays inside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::path::{Folders, Wanted};
use super::{Complaint, KeyPath, Problem, Resolver};
use crate::bounded;
use crate::site::problem::{Place, Problems};
use crate::site::requirements::{FileProblem, RequirementFiles};

/// The most bytes of one file.
const LARGEST: u64 = 16 << 20;

impl Resolver<'_> {
    /// The files that a requirements file includes, directly or not.
    ///
    /// What is wrong in them is reported where it stands.
    pub(super) fn included(
        &mut self,
        key: &KeyPath,
        main: Option<&Path>,
        extras: &BTreeSet<String>,
    ) -> Option<Vec<PathBuf>> {
        let Some(main) = main else { return Some(Vec::new()) };
        let root = &self.folders.root;
        match RequirementFiles::of_project(root, main, key, extras) {
            Ok(files) => {
                // What is made of a lock lies nowhere.
                let others =
                    files.names().filter(|name| *name != files.main && root.join(name).is_file());
                Some(others.map(|name| root.join(name)).collect())
            }
            Err(found) => {
                self.problems.extend(found);
                None
            }
        }
    }
}

impl RequirementFiles {
    /// Reads a file of a project, by its path on this machine, and what it includes; `key` is where
    /// a description names it.
    ///
    /// # Errors
    /// Everything in it that cannot be carried along.
    pub fn of_project(
        root: &Path,
        main: &Path,
        key: &KeyPath,
        extras: &BTreeSet<String>,
    ) -> Result<Self, Problems> {
        let folders = Folders { root: root.to_owned() };
        let name = main.strip_prefix(root).unwrap_or(main).to_string_lossy().into_owned();
        let mut read = |name: &str| {
            let path = folders
                .find_in(&[""], name, Wanted::File)
                .map_err(|Complaint { message, hint }| (message, hint))?;
            bounded::read(&path, LARGEST)
                .map_err(|error| (format!("the file cannot be read: {error}"), None))
        };
        Self::read(&name, extras, &mut read).map_err(|found| {
            let mut problems = Problems::default();
            for FileProblem { file, line, message, hint } in found {
                let place = Place { line, column: usize::from(line > 0), ..Place::file(file) };
                problems.push(Problem::new(place, key.clone(), message).maybe_hint(hint));
            }
            problems
        })
    }
}
