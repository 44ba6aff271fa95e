//! What setuptools packages, by whichever of its three files says so, or by its own discovery.

use std::collections::BTreeMap;

use toml::Value;

use super::names::{self, Which, fits};
use super::root::Root;
use super::{Packaging, Project, Surely, setup_cfg, setup_py};
use crate::python::{expression, literals};

/// Outermost folders and modules that are no packages to the discovery in a flat layout:
/// <https://setuptools.pypa.io/en/latest/userguide/package_discovery.html#flat-layout>
const NOT_FOUND: [&str; 34] = [
    "ci",
    "bin",
    "debian",
    "doc",
    "docs",
    "documentation",
    "manpages",
    "news",
    "newsfragments",
    "changelog",
    "test",
    "tests",
    "unit_test",
    "unit_tests",
    "example",
    "examples",
    "scripts",
    "tools",
    "util",
    "utils",
    "python",
    "build",
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "htmlcov",
    "setup",
    "conftest",
    "toxfile",
    "noxfile",
    "tasks",
    "fabfile",
    "manage",
];

/// What one of the files says.
#[derive(Debug, Default)]
struct Said {
    packages: Option<Packages>,
    modules: Vec<String>,
    /// Folders by package; the empty one has all that are not named.
    folders: BTreeMap<String, String>,
}

#[derive(Debug)]
enum Packages {
    Listed(Vec<String>),
    Found {
        below: Vec<String>,
        include: Vec<String>,
        exclude: Vec<String>,
        which: Which,
    },
    /// Worked out by code.
    Unknown,
}

impl Project<'_> {
    pub(super) fn setuptools(&self) -> Option<Packaging> {
        // An sdist says what its own build came to.
        if self.has("PKG-INFO")
            && let Some(tops) = self.tops_of_sdist()
        {
            return Some(self.with_tops(tops));
        }
        let said = [
            (self.of_pyproject(), "pyproject.toml"),
            (self.of_setup_cfg(), "setup.cfg"),
            (self.of_setup_py(), "setup.py"),
        ];
        let found = said.into_iter().find(|(said, _)| {
            said.as_ref().is_some_and(|said| said.packages.is_some() || !said.modules.is_empty())
        });
        match found {
            Some((Some(said), file)) => self.of_said(&said, file),
            _ => Some(self.discovered()),
        }
    }

    fn tops_of_sdist(&self) -> Option<Vec<String>> {
        let beside = self.files.iter().find_map(|file| {
            let (folder, name) = file.rsplit_once('/')?;
            let is_one =
                folder.ends_with(".egg-info") && matches!(name, "SOURCES.txt" | "top_level.txt");
            is_one.then_some(folder)
        });
        let text = (self.read)(&format!("{}/top_level.txt", beside?))?;
        let tops: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        Some(tops.into_iter().filter(|top| names::is_name(top)).collect())
    }

    /// Each top in the folder nearest to the root that has it.
    fn with_tops(&self, tops: Vec<String>) -> Packaging {
        let roots = tops.into_iter().filter_map(|top| {
            let ends = [format!("{top}/__init__.py"), format!("{top}.py"), format!("{top}/")];
            let folders = ends.iter().flat_map(|end| {
                self.files.iter().filter_map(move |file| {
                    let at = file.find(end.as_str())?;
                    let whole = end.ends_with('/') || at + end.len() == file.len();
                    let before = &file[..at];
                    (whole && (before.is_empty() || before.ends_with('/'))).then_some(before)
                })
            });
            let folder = folders.min_by_key(|folder| folder.matches('/').count())?;
            Some(Root::tops(folder, [top]))
        });
        Packaging { roots: roots.collect(), surely: Surely::Known, said_by: "top_level.txt" }
    }

    fn of_pyproject(&self) -> Option<Said> {
        let table = self.value(&["tool", "setuptools"])?;
        let texts = |value: Option<&Value>| -> Vec<String> {
            let all = value.and_then(Value::as_array).into_iter().flatten();
            all.filter_map(|value| Some(value.as_str()?.to_owned())).collect()
        };
        let packages = table.get("packages").map(|packages| match packages {
            Value::Array(_) => Packages::Listed(texts(Some(packages))),
            packages => {
                let find = packages.get("find");
                let of = |key: &str| texts(find.and_then(|find| find.get(key)));
                let is_regular = find
                    .and_then(|find| find.get("namespaces"))
                    .is_some_and(|value| value.as_bool() == Some(false));
                let which = if is_regular { Which::Regular } else { Which::Namespaces };
                Packages::Found {
                    below: of("where"),
                    include: of("include"),
                    exclude: of("exclude"),
                    which,
                }
            }
        });
        let folders = table.get("package-dir").and_then(Value::as_table).into_iter().flatten();
        let folders =
            folders.filter_map(|(name, at)| Some((name.clone(), at.as_str()?.to_owned())));
        Some(Said { packages, modules: texts(table.get("py-modules")), folders: folders.collect() })
    }

    fn of_setup_cfg(&self) -> Option<Said> {
        let text = (self.read)("setup.cfg")?;
        let of = |section: &str, key: &str| setup_cfg::value(&text, section, key);
        let list = |section: &str, key: &str| {
            of(section, key).map_or_else(Vec::new, |value| setup_cfg::list(&value))
        };
        let find = "options.packages.find";
        let packages = of("options", "packages").map(|value| match value.trim() {
            "find:" | "find_namespace:" => Packages::Found {
                below: list(find, "where"),
                include: list(find, "include"),
                exclude: list(find, "exclude"),
                which: if value.trim() == "find:" { Which::Regular } else { Which::Namespaces },
            },
            value => Packages::Listed(setup_cfg::list(value)),
        });
        let folders = list("options", "package_dir").into_iter().filter_map(|line| {
            let (name, folder) = line.split_once('=')?;
            Some((name.trim().to_owned(), folder.trim().to_owned()))
        });
        Some(Said { packages, modules: list("options", "py_modules"), folders: folders.collect() })
    }

    fn of_setup_py(&self) -> Option<Said> {
        let text = (self.read)("setup.py")?;
        let packages = setup_py::argument(&text, "packages").map(|value| {
            let call = ["find_packages(", "find_namespace_packages(", "setuptools.find_packages("]
                .iter()
                .find_map(|call| Some((value.strip_prefix(call)?.strip_suffix(')')?, *call)));
            match (setup_py::list(value), call) {
                (Some(list), _) => Packages::Listed(list),
                (None, Some((inside, call))) => {
                    let of = |name: &str| match setup_py::argument(inside, name) {
                        Some(value) => setup_py::list(value)
                            .or_else(|| Some(literals(value)))
                            .unwrap_or_default(),
                        None => Vec::new(),
                    };
                    let mut below = of("where");
                    if inside.trim_start().starts_with(['"', '\'']) {
                        below = literals(expression(inside));
                    }
                    let is_regular = !call.contains("namespace");
                    let which = if is_regular { Which::Regular } else { Which::Namespaces };
                    Packages::Found { below, include: of("include"), exclude: of("exclude"), which }
                }
                (None, None) => Packages::Unknown,
            }
        });
        let modules = setup_py::argument(&text, "py_modules").map_or_else(Vec::new, literals);
        let folders = setup_py::argument(&text, "package_dir").map_or_else(Vec::new, literals);
        let folders = folders.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        Some(Said { packages, modules, folders: folders.collect() })
    }

    fn of_said(&self, said: &Said, file: &'static str) -> Option<Packaging> {
        let usual = said.folders.get("").map_or("", String::as_str);
        let mut roots = Vec::new();
        match &said.packages {
            Some(Packages::Unknown) => return None,
            Some(Packages::Listed(list)) => {
                roots.push(Root::exactly(usual, list.iter().cloned(), []));
                for (package, folder) in
                    said.folders.iter().filter(|(package, _)| !package.is_empty())
                {
                    roots.push(Root::exactly(folder, list.iter().cloned(), []).becoming(package));
                }
            }
            Some(Packages::Found { below, include, exclude, which }) => {
                let below = if below.is_empty() { vec![usual.to_owned()] } else { below.clone() };
                for folder in below {
                    let folder = if folder == "." { String::new() } else { folder };
                    let mut packages = names::packages(self.files, &folder, *which);
                    packages.retain(|name| {
                        let is_in =
                            |list: &[String]| list.iter().any(|pattern| fits(pattern, name));
                        (include.is_empty() || is_in(include)) && !is_in(exclude)
                    });
                    roots.push(Root::exactly(&folder, packages, []));
                }
            }
            None => {}
        }
        roots.push(Root::exactly(usual, [], said.modules.iter().cloned()));
        Some(Packaging { roots, surely: Surely::Known, said_by: file })
    }

    /// What setuptools finds where nobody says anything.
    fn discovered(&self) -> Packaging {
        if self.has_folder("src") {
            let roots = vec![Root::all("src")];
            return Packaging { roots, surely: Surely::Known, said_by: "the folder `src`" };
        }
        let is_found =
            |name: &String| !NOT_FOUND.contains(&name.as_str()) && !name.starts_with('_');
        let tops = names::packages(self.files, "", Which::Regular);
        let tops: Vec<String> =
            tops.into_iter().filter(|name| !name.contains('.')).filter(is_found).collect();
        let roots = if tops.is_empty() {
            let modules = self.files.iter().filter_map(|file| file.strip_suffix(".py"));
            let modules = modules.filter(|name| names::is_name(name)).map(str::to_owned);
            vec![Root::exactly("", [], modules.filter(is_found))]
        } else {
            vec![Root::tops("", tops)]
        };
        // With several it refuses to build, or takes folders without Python for packages.
        Packaging { roots, surely: Surely::Guessed, said_by: "setuptools' discovery" }
    }
}
