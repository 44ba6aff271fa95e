//! What runs on the live site today, and the site as it is with that.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Install, Lock, Site, SuiteSource};
use crate::site::value::{Date, Published};

/// The marker of the tests that hold for the live release, too, where nothing else is said.
const MARKER: &str = "live";

/// What runs on the live site today.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Live {
    /// On this machine; `None` where the description does not say it.
    pub release: Option<PathBuf>,
    /// The same, where a package index has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<Published>,
    pub install: Pins,
    /// The marker expression of the tests that have to be green on it.
    pub select: Option<String>,
    /// Who leaves data behind through the site, and looks for them with `--check`.
    pub visit: Option<Visitor>,
    /// Paths of pages that a visitor asks for while the new release is deployed; `None`: those that the suite asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Vec<String>>,
}

/// Who uses the live release as users do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Visitor {
    /// A Python script on this machine.
    Script(PathBuf),
    /// A shell command in the suite's container.
    Command { run: String },
}

/// What decides which versions are installed; of the live release, where that is another than for the new one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Pins {
    pub requirements: Option<Lock>,
    pub constraints: Option<PathBuf>,
    /// The files of the project that these two include.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<PathBuf>,
    pub as_of: Option<Date>,
}

impl Live {
    /// Whether the description has no word of it.
    #[must_use]
    pub(in crate::site) fn says_nothing(&self) -> bool {
        *self == Live::default()
    }
}

impl Site {
    /// Returns the site as it is with the live release: with what that was installed with, and with the tests that
    /// hold for it.
    #[must_use]
    pub fn with_live_release(&self) -> Site {
        let mut site = self.clone();
        site.install = self.live.install.over(&self.install);
        if let SuiteSource::Pytest { path, select, .. } = &mut site.critical.suite {
            if self.live.select.is_some() {
                select.clone_from(&self.live.select);
            } else if has_marked_tests(path) {
                *select = Some(MARKER.to_owned());
            }
        }
        site
    }
}

impl Pins {
    fn over(&self, new: &Install) -> Install {
        let mut install = new.clone();
        if self.requirements.is_some() || self.constraints.is_some() {
            install.included.extend(self.included.iter().cloned());
        }
        install.requirements = self.requirements.clone().or(install.requirements);
        install.constraints = self.constraints.clone().or(install.constraints);
        install.as_of = self.as_of.or(install.as_of);
        install
    }
}

/// Whether a file of tests speaks of the marker, as far as can be seen without importing it.
fn has_marked_tests(folder: &Path) -> bool {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    let sources = files.filter(|entry| {
        entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == "py")
    });
    sources
        .map(walkdir::DirEntry::into_path)
        .any(|path| fs::read_to_string(path).is_ok_and(|text| text.lines().any(names_the_marker)))
}

/// `@pytest.mark.live`, `pytestmark = pytest.mark.live`; none of a longer name, none in a comment.
fn names_the_marker(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default();
    code.match_indices("mark.live").any(|(at, found)| {
        let next = code[at + found.len()..].chars().next();
        !next.is_some_and(|char| char.is_alphanumeric() || char == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_where_python_would_find_it() {
        for (line, expected) in [
            ("@pytest.mark.live", true),
            ("pytestmark = [pytest.mark.live, pytest.mark.slow]", true),
            ("@mark.live()", true),
            ("@pytest.mark.lively", false),
            ("@pytest.mark.live_only", false),
            ("# @pytest.mark.live", false),
            ("def test_live(): ...", false),
        ] {
            assert_eq!(names_the_marker(line), expected, "{line}");
        }
    }
}
