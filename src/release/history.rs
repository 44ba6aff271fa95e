//! The history of a source folder, where its build asks git for the version or for the files of a package.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;
use walkdir::{DirEntry, WalkDir};

use super::member::{Member, MemberKind};
use super::problem::Problem;
use crate::bounded;
use crate::digest::Digest;

/// What of a build asks git: setuptools-scm, setuptools-git, hatch-vcs, pbr, versioneer, versioningit and the like,
/// and the settings by which pdm and flit do.
static ASKING: LazyLock<Regex> = LazyLock::new(|| {
    let words = r#"setuptools[-_]scm|use_scm_version|setuptools[-_]git|hatch[-_]vcs|pbr|versioneer|versioningit|flit[-_]scm|dynamic[-_]versioning|vcs[-_]versioning|source\s*=\s*"scm""#;
    Regex::new(&format!(r"(?:^|[^\w-])(?:{words})(?:$|[^\w])")).expect("a pattern")
});
/// The files that say how a folder is built.
const BUILD_FILES: [&str; 3] = ["pyproject.toml", "setup.py", "setup.cfg"];
const MOST_BYTES: u64 = 1 << 20;

/// A repository that goes into the build beside the files, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct History {
    folder: PathBuf,
    /// Of the commit and the tags: what a version is made of.
    identity: String,
}

impl History {
    /// Returns the history of a folder with a build that asks git; `None` where there is none, or nobody asks.
    pub(super) fn of(root: &Path) -> Result<Option<History>, Problem> {
        let folder = root.join(".git");
        let texts = BUILD_FILES.iter().filter_map(|name| text(&root.join(name)));
        if !folder.is_dir() || !texts.into_iter().any(|text| ASKING.is_match(&text)) {
            return Ok(None);
        }
        let identity = identify(&folder)?;
        Ok(Some(History { folder, identity }))
    }

    /// Adds to the digest of the files what is built of this as well.
    pub(super) fn add_to(&self, digest: &str) -> String {
        Digest::of("release with history").with(digest).with(&self.identity).hex()
    }

    /// Returns what goes into the build, each with its file: the folder `.git`, without hooks, logs and locks.
    pub(super) fn members(&self) -> Result<Vec<(Member, PathBuf)>, Problem> {
        let walk = WalkDir::new(&self.folder).sort_by_file_name().into_iter();
        let mut members = Vec::new();
        for entry in walk.filter_entry(|entry| !is_left_out(entry)) {
            let entry = entry.map_err(|error| Problem::Machine(error.into()))?;
            let below = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path());
            let Some(below) = below.to_str() else { continue };
            let name = format!(".git/{below}").trim_end_matches('/').to_owned();
            let kind = if entry.file_type().is_dir() {
                MemberKind::Folder
            } else if entry.file_type().is_file() {
                let about = entry.metadata().map_err(|error| Problem::Machine(error.into()))?;
                MemberKind::File { size: about.len(), executable: false }
            } else {
                continue;
            };
            members.push((Member { name, kind }, entry.into_path()));
        }
        Ok(members)
    }
}

fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    (entry.depth() == 1 && matches!(&*name, "hooks" | "logs" | "lfs")) || name.ends_with(".lock")
}

/// The commit that is checked out, and the tags.
fn identify(folder: &Path) -> Result<String, Problem> {
    let read = |name: &str| match fs::read(folder.join(name)) {
        // A branch may have no file of its own, and stand in `packed-refs`, as tags may; either need not be there.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(Problem::Machine),
    };
    let head = String::from_utf8_lossy(&read("HEAD")?).into_owned();
    let mut digest = Digest::of("history").with(&head);
    if let Some(branch) = head.trim().strip_prefix("ref: ") {
        digest.add(read(branch)?);
    }
    digest.add(read("packed-refs")?);
    let tags = folder.join("refs/tags");
    // A repository without a tag need not have the folder.
    if !tags.is_dir() {
        return Ok(digest.key());
    }
    for entry in WalkDir::new(&tags).sort_by_file_name() {
        let entry = entry.map_err(|error| Problem::Machine(error.into()))?;
        if entry.file_type().is_file() {
            // Wherever the repository lies.
            let name = entry.path().strip_prefix(&tags).unwrap_or(entry.path());
            digest.add(name.as_os_str().as_encoded_bytes());
            digest.add(fs::read(entry.path()).map_err(Problem::Machine)?);
        }
    }
    Ok(digest.key())
}

fn text(path: &Path) -> Option<String> {
    let bytes = bounded::start(path, MOST_BYTES).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_history_goes_with_a_build_that_asks_git() {
        let asks = |file: &str, text: &str| {
            let folder = tempfile::tempdir().unwrap();
            fixture::tree(folder.path(), &[(".git/HEAD", "ref: refs/heads/main\n"), (file, text)]);
            History::of(folder.path()).unwrap().is_some()
        };
        assert!(asks("pyproject.toml", "requires = [\"setuptools\", \"setuptools-scm>=8\"]"));
        assert!(asks("pyproject.toml", "requires = ['hatchling','hatch-vcs']"));
        assert!(asks("pyproject.toml", "[tool.pdm.version]\nsource = \"scm\"\n"));
        assert!(asks("setup.py", "setup(setup_requires=['pbr'], pbr=True)"));
        assert!(asks("setup.py", "setup(use_scm_version=True)"));
        assert!(!asks("pyproject.toml", "requires = [\"setuptools\"]\nname = \"pbrush\""));
        assert!(!asks("setup.py", "setup(name='a', version='1')"));
    }

    #[test]
    fn the_same_commit_is_the_same_release_wherever_it_lies() {
        let of = || {
            let folder = tempfile::tempdir().unwrap();
            let files = [
                ("setup.py", "setup(use_scm_version=True)"),
                (".git/HEAD", "ref: refs/heads/main\n"),
                (".git/refs/heads/main", "1111\n"),
                (".git/refs/tags/v1", "1111\n"),
            ];
            fixture::tree(folder.path(), &files);
            History::of(folder.path()).unwrap().unwrap().add_to("files")
        };
        assert_eq!(of(), of());
    }

    #[test]
    fn another_commit_or_tag_is_another_release_and_a_fetch_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let of = |files: &[(&str, &str)]| {
            fixture::tree(root, files);
            History::of(root).unwrap().unwrap().add_to("files")
        };
        let build = ("pyproject.toml", "requires = [\"setuptools-scm\"]");
        let first = of(&[
            build,
            (".git/HEAD", "ref: refs/heads/main\n"),
            (".git/refs/heads/main", "1111\n"),
        ]);
        assert_eq!(of(&[(".git/FETCH_HEAD", "x"), (".git/refs/remotes/origin/x", "2")]), first);
        let tagged = of(&[(".git/refs/tags/v1", "1111\n")]);
        assert_ne!(tagged, first);
        assert_ne!(of(&[(".git/refs/heads/main", "2222\n")]), tagged);
    }
}
