//! The files of the project at hand, read within bounds and as text, whatever is in them.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::bounded;
use crate::release::Modules;

/// Bytes of a file that are looked at.
const MOST_BYTES: u64 = 256 * 1024;
/// Python sources that are looked at, those that lie higher first, and how deep they may lie.
const MOST_SOURCES: usize = 1500;
const DEPTH: usize = 6;
/// Files of a folder that are looked through for them.
const MOST_FILES: usize = 50_000;
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
    /// Its name for `import` in what the build packages; `None` where it has none, or is not packaged.
    pub(super) module: Option<String>,
}

impl Source {
    /// `shop.wsgi` for `src/shop/wsgi.py`; `None` where it has none.
    fn guessed_module(path: &Path) -> Option<String> {
        let path = path.strip_prefix("src").unwrap_or(path).with_extension("");
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

    /// `shop` for `src/shop/wsgi.py`; `None` for what is in no package.
    pub(super) fn package(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src").unwrap_or(&self.path);
        path.parent()?.iter().next()?.to_str()
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
    /// What can be imported of the release.
    pub(super) modules: Option<Modules>,
}

impl Sources {
    pub(super) fn of(root: &Path) -> Self {
        let walk = WalkDir::new(root).min_depth(1).max_depth(DEPTH).sort_by_file_name();
        let files = walk.into_iter().filter_entry(|entry| !is_elsewhere(entry));
        let files = files.flatten().filter(|entry| {
            entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == "py")
        });
        let mut paths: Vec<PathBuf> = files
            .take(MOST_FILES)
            .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_path_buf()))
            .filter(|path| !is_a_test(path))
            .collect();
        paths.sort_by_key(|path| (path.components().count(), path.clone()));
        paths.truncate(MOST_SOURCES);
        let mut sources =
            Sources { root: root.to_path_buf(), python: Vec::new(), modules: Modules::of(root) };
        for path in paths {
            if let Some(text) = sources.text(&path) {
                let module = Source::guessed_module(&path);
                sources.python.push(Source { path, text, module });
            }
        }
        sources.name_modules();
        sources
    }

    /// Takes the name from every source that the build does not package, and gives the others theirs.
    fn name_modules(&mut self) {
        let Some(modules) = self.modules.as_ref().filter(|modules| modules.are_known()) else {
            return;
        };
        let names = modules.by_file();
        for source in &mut self.python {
            let name = source.path.to_str().and_then(|path| names.get(path));
            source.module = name.map(|name| (*name).to_owned());
        }
    }

    /// The same where a wheel is the release: what is not in it is not imported.
    pub(super) fn keep_to_wheel(&mut self, wheel: &Path) {
        let Some(modules) = Modules::of(wheel) else { return };
        for source in &mut self.python {
            source.module = source.module.take().filter(|module| modules.has(module));
        }
        self.modules = Some(modules);
    }

    /// False where it is sure that nothing of this name can be imported of the release.
    pub(super) fn may_import(&self, module: &str) -> bool {
        self.modules.as_ref().is_none_or(|modules| modules.missing(module).is_none())
    }

    /// True for a module below the folder of `manage.py`, where that folder is itself a package.
    pub(super) fn is_in_a_package(&self, module: &str) -> bool {
        let below = format!(".{module}");
        let of = |source: &Source| source.module.as_ref()?.strip_suffix(&below).map(str::to_owned);
        self.python.iter().filter_map(of).any(|package| {
            let manage = format!("{package}.manage");
            self.python.iter().any(|source| source.module.as_ref() == Some(&manage))
        })
    }

    /// The sources of the app as it is installed, without examples and the like.
    pub(super) fn of_app(&self) -> impl Iterator<Item = &Source> {
        self.python.iter().filter(|source| source.module.is_some() && !is_beside(&source.path))
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

pub(super) fn is_elsewhere(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.file_type().is_dir()
        && (name.starts_with('.')
            || ELSEWHERE.contains(&&*name)
            || entry.path().join("pyvenv.cfg").exists())
}

/// Parts of a path that hold code for other purposes than the app's own.
const BESIDE: [&str; 22] = [
    "example",
    "examples",
    "example_project",
    "sample",
    "samples",
    "demo",
    "demos",
    "benchmark",
    "benchmarks",
    "doc",
    "docs",
    "test",
    "tests",
    "testing",
    "testsuite",
    "scripts",
    "tools",
    "dev",
    "migrations",
    "node_modules",
    "skeleton",
    "scaffolds",
];

/// True for what is installed, perhaps, but serves nobody: examples, benchmarks, templates of projects.
pub(super) fn is_beside(path: &Path) -> bool {
    path.iter().map(|part| part.to_string_lossy()).any(|part| {
        let stem = part.strip_suffix(".py").unwrap_or(&part);
        BESIDE.contains(&stem) || part.ends_with("_template") || part.starts_with("test_")
    })
}

fn is_a_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("test_") || name == "conftest.py" || name == "setup.py" || name == "tests.py"
}
