//! Which modules of a release can be imported once it is installed, as far as that can be told without a
//! build: what its wheel holds, or what the build description packages.

mod flit_and_others;
mod names;
mod root;
mod setup_cfg;
mod setup_py;
mod setuptools;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::Table;

use super::Packing;
use super::contents::{Contents, LARGEST_TEXT, packing_of};
use super::folder::Purpose;
use super::metadata::pyproject;
use super::open::is_source;
use crate::bounded;
use crate::site::nearest;
use root::Root;

pub use setup_cfg::{setup_cfg_keys, setup_cfg_list};
pub use setup_py::argument as setup_py_argument;

/// What can be imported of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    /// The file of each module, from the release's outermost folder.
    files: BTreeMap<String, String>,
    /// Every file of the release, packaged or not.
    all: BTreeSet<String>,
    surely: Surely,
    /// A tree is imported from the folder that the server works in, whichever that is.
    is_tree: bool,
    /// What says so: `pyproject.toml`.
    pub said_by: &'static str,
}

/// How much can be told without a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surely {
    Known,
    Guessed,
}

/// A module that the release does not bring along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub module: String,
    /// The nearest name that it has.
    pub nearest: Option<String>,
    /// The file that has the module's name, and is not packaged.
    pub unpackaged: Option<String>,
    /// Guessed, where a requirement could bring it.
    pub surely: Surely,
}

/// What the rules of a build tool come to.
#[derive(Debug)]
struct Packaging {
    roots: Vec<Root>,
    surely: Surely,
    said_by: &'static str,
}

/// What the rules are read of.
struct Project<'a> {
    files: &'a BTreeSet<String>,
    read: &'a dyn Fn(&str) -> Option<String>,
    pyproject: Option<Table>,
}

impl Modules {
    /// Those of a release; `None` where it cannot be read.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let packing = packing_of(path)?;
        let contents = Contents::new(path, packing);
        let listing = contents.list().ok()?;
        let is_wheel = packing == Packing::Zip && path.extension().is_some_and(|end| end == "whl");
        let top = match packing {
            Packing::Folder => None,
            _ if is_wheel => None,
            _ => listing.top(),
        };
        let prefix = top.map_or_else(String::new, |top| format!("{top}/"));
        let below = |name: &str| name.strip_prefix(&prefix).map(str::to_owned);
        let files: BTreeSet<String> = listing.files().filter_map(below).collect();
        if is_wheel {
            return Some(Modules::of_wheel(files));
        }
        let read = |name: &str| {
            // What a walk leaves out of the release, as what an earlier build said, is on the disk.
            if packing == Packing::Folder {
                return bounded::read_text(&path.join(name), LARGEST_TEXT).ok();
            }
            let bytes = contents.read(&format!("{prefix}{name}")).ok()??;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        // A broken pyproject.toml is the opening's affair.
        let build = read("pyproject.toml").and_then(|text| pyproject(text.as_bytes()).ok());
        if !is_source(build.as_ref(), |name| files.contains(name)) {
            // A tree keeps what an earlier build of a source would have left.
            let tree = Contents { purpose: Purpose::Tree, ..contents };
            let files = tree.list().ok()?.files().filter_map(below).collect();
            return Some(Modules::of_tree(files));
        }
        Some(Modules::of_source(files, &read))
    }

    fn of_wheel(all: BTreeSet<String>) -> Self {
        let installed = |name: &String| {
            let inside = name.split_once(".data/").map(|(_, rest)| rest);
            let inside = inside.and_then(|rest| {
                rest.strip_prefix("purelib/").or_else(|| rest.strip_prefix("platlib/"))
            });
            let module = names::module(inside.unwrap_or(name))?;
            Some((module, name.clone()))
        };
        let files = all.iter().filter_map(installed).collect();
        Modules { files, all, surely: Surely::Known, is_tree: false, said_by: "the wheel" }
    }

    fn of_tree(all: BTreeSet<String>) -> Self {
        let own = |name: &String| {
            Some((names::module(name.strip_prefix("src/").unwrap_or(name))?, name.clone()))
        };
        let files = all.iter().filter_map(own).collect();
        Modules { files, all, surely: Surely::Known, is_tree: true, said_by: "the tree" }
    }

    fn of_source(all: BTreeSet<String>, read: &dyn Fn(&str) -> Option<String>) -> Self {
        let pyproject = read("pyproject.toml").and_then(|text| text.parse::<Table>().ok());
        let project = Project { files: &all, read, pyproject };
        let Packaging { roots, surely, said_by } = project.packaging();
        let mut files = BTreeMap::new();
        for name in &all {
            for module in roots.iter().filter_map(|root| root.module(name)) {
                files.entry(module).or_insert_with(|| name.clone());
            }
        }
        // Rules that come to nothing were not understood.
        let surely = if files.is_empty() { Surely::Guessed } else { surely };
        Modules { files, all, surely, is_tree: false, said_by }
    }

    /// What each file that is installed becomes.
    #[must_use]
    pub fn by_file(&self) -> BTreeMap<&str, &str> {
        self.files.iter().map(|(module, file)| (file.as_str(), module.as_str())).collect()
    }

    #[must_use]
    pub fn are_known(&self) -> bool {
        self.surely == Surely::Known && !self.is_tree
    }

    #[must_use]
    pub fn has(&self, module: &str) -> bool {
        self.files.contains_key(module) || (self.is_tree && self.file_named(module).is_some())
    }

    /// A file that would be this module if the right folder were imported from.
    fn file_named(&self, module: &str) -> Option<&String> {
        let path = module.replace('.', "/");
        let ends = [format!("{path}.py"), format!("{path}/__init__.py")];
        let is_one = |file: &&String| {
            ends.iter().any(|end| {
                file.strip_suffix(end.as_str())
                    .is_some_and(|before| before.is_empty() || before.ends_with('/'))
            })
        };
        self.all.iter().filter(is_one).min_by_key(|file| file.matches('/').count())
    }

    /// What is known of a module that is not there; `None` for one that is, or may be.
    #[must_use]
    pub fn missing(&self, module: &str) -> Option<Missing> {
        if self.has(module) || self.surely == Surely::Guessed {
            return None;
        }
        let top = module.split('.').next().unwrap_or(module);
        let is_ours = self.files.contains_key(top);
        let unpackaged = self.file_named(module).cloned();
        // Names that no requirement takes for its own.
        let is_plain =
            ["wsgi", "app", "application", "main", "manage", "run", "server", "site_wsgi"]
                .contains(&top);
        let surely = if is_ours || unpackaged.is_some() || is_plain {
            Surely::Known
        } else {
            Surely::Guessed
        };
        let last = module.rsplit('.').next().unwrap_or(module);
        let same_end = |known: &&str| known.rsplit('.').next() == Some(last);
        let known = || self.files.keys().map(String::as_str);
        let near = nearest(module, known()).map(str::to_owned).or_else(|| {
            known().filter(same_end).min_by_key(|known| known.len()).map(str::to_owned)
        });
        Some(Missing { module: module.to_owned(), nearest: near, unpackaged, surely })
    }
}

impl Project<'_> {
    fn packaging(&self) -> Packaging {
        let backend = self.text(&["build-system", "build-backend"]).unwrap_or_default();
        let first = backend.split('.').next().unwrap_or_default();
        let found = match first {
            "poetry" => self.poetry(),
            "hatchling" => self.hatch(),
            "flit_core" | "flit" => self.flit(),
            "pdm" => Some(self.pdm()),
            "uv_build" => self.uv(),
            "setuptools" | "" => self.setuptools(),
            _ => None,
        };
        found.unwrap_or_else(|| Packaging {
            roots: vec![Root::all("src"), Root::all("")],
            surely: Surely::Guessed,
            said_by: "the folder",
        })
    }

    /// What pyproject.toml says at a path of keys.
    fn value(&self, keys: &[&str]) -> Option<&toml::Value> {
        let (first, rest) = keys.split_first()?;
        let value = self.pyproject.as_ref()?.get(*first)?;
        rest.iter().try_fold(value, |value, key| value.get(*key))
    }

    fn text(&self, keys: &[&str]) -> Option<&str> {
        self.value(keys)?.as_str()
    }

    fn texts(&self, keys: &[&str]) -> Option<Vec<String>> {
        let all = self.value(keys)?.as_array()?.iter();
        Some(all.filter_map(|value| Some(value.as_str()?.to_owned())).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.files.contains(name)
    }

    fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.files.range(prefix.clone()..).next().is_some_and(|file| file.starts_with(&prefix))
    }
}

#[cfg(test)]
mod tests;
