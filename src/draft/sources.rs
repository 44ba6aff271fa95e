//! The files of the project at hand, read within bounds and as text, whatever is in them.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::bounded;

/// Bytes of a file that are looked at.
const MOST_BYTES: u64 = 256 * 1024;
/// Python sources that are looked at, and how deep they may lie.
const MOST_SOURCES: usize = 300;
const DEPTH: usize = 4;
/// Folders that hold no part of the app.
const ELSEWHERE: [&str; 9] = [
    "tests",
    "test",
    "docs",
    "node_modules",
    "migrations",
    "environments",
    "build",
    "dist",
    "venv",
];

/// A Python source of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// From the project's folder.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// Its name for `import`: `shop.wsgi` for `src/shop/wsgi.py`; `None` where it has none.
    pub(super) fn module(&self) -> Option<String> {
        let path = self.path.strip_prefix("src").unwrap_or(&self.path).with_extension("");
        let mut parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap_or("")).collect();
        if parts.last() == Some(&"__init__") {
            parts.pop();
        }
        let is_name = |part: &&str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        (!parts.is_empty() && parts.iter().all(is_name)).then(|| parts.join("."))
    }

    pub(super) fn display_path(&self) -> String {
        self.path.display().to_string()
    }
}

/// The project's folder, and the Python sources in it, those that lie higher first.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) root: PathBuf,
    pub(super) python: Vec<Source>,
}

impl Sources {
    pub(super) fn of(root: &Path) -> Self {
        let walk = WalkDir::new(root).min_depth(1).max_depth(DEPTH).sort_by_file_name();
        let files = walk.into_iter().filter_entry(|entry| !is_elsewhere(entry));
        let files = files.flatten().filter(|entry| {
            entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == "py")
        });
        let mut paths: Vec<PathBuf> = files
            .take(MOST_SOURCES)
            .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_path_buf()))
            .filter(|path| !is_a_test(path))
            .collect();
        paths.sort_by_key(|path| (path.components().count(), path.clone()));
        let mut sources = Sources { root: root.to_path_buf(), python: Vec::new() };
        for path in paths {
            if let Some(text) = sources.text(&path) {
                sources.python.push(Source { path, text });
            }
        }
        sources
    }

    /// The beginning of a file as text; `None` where there is no such regular file.
    pub(super) fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = bounded::start(&self.root.join(path), MOST_BYTES).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// True for a regular file, or a link to one.
    pub(super) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }
}

fn is_elsewhere(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.file_type().is_dir()
        && (name.starts_with('.')
            || ELSEWHERE.contains(&&*name)
            || entry.path().join("pyvenv.cfg").exists())
}

fn is_a_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("test_") || name == "conftest.py" || name == "setup.py" || name == "tests.py"
}
