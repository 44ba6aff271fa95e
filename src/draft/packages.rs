//! What the project says of itself as a Python package: name, Python, requirements, release.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use toml::{Table, Value};

use super::guess::Guess;
use super::required::{Required, name as requirement};
use super::sources::Sources;
use crate::failure::Failure;
use crate::release::{Form, Release};
use crate::site::{KeyPath, RequirementFiles};

/// Locks of packaging tools, which are requirements, too: that of a standard first.
const LOCKS: [&str; 5] = ["pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"];
/// Requirements files, the most exact first.
const REQUIREMENTS: [&str; 7] = [
    "requirements.lock",
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/main.txt",
    "requirements-prod.txt",
];

/// What serves pages: modules and distributions of the same name.
const FRAMEWORKS: [&str; 7] =
    ["flask", "django", "bottle", "falcon", "pyramid", "cherrypy", "werkzeug"];
/// Extras that are there for a site.
const USUAL_EXTRAS: [&str; 7] = ["server", "web", "wsgi", "app", "webapp", "api", "production"];

/// The project as a package.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// The distribution's name, where somebody said one.
    pub(super) name: Option<String>,
    /// `Requires-Python` and the like, with the place that says it.
    pub(super) python: Option<(String, String)>,
    /// Names of what it requires, normalized.
    pub(super) requires: Vec<String>,
    /// Names of what its extras require.
    pub(super) extras: BTreeMap<String, BTreeSet<String>>,
    /// The file of them that the site installs, from the project's folder.
    pub(super) requirements: Option<String>,
    /// True where these say every version.
    pub(super) is_locked: bool,
    /// The release, from the project's folder.
    pub(super) release: String,
    pub(super) is_tree: bool,
    pub(super) guesses: Vec<Guess>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl Packages {
    pub(super) fn of(sources: &Sources) -> Self {
        let mut packages = Packages::default();
        let pyproject = packages.pyproject(sources);
        let project = pyproject.as_ref().and_then(|table| table.get("project")?.as_table());
        let text = |key: &str| project.and_then(|project| project.get(key)?.as_str());
        packages.name = text("name").map(str::to_owned);
        packages.python = python(sources, text("requires-python"));
        let described: Vec<&str> = project
            .and_then(|project| project.get("dependencies")?.as_array())
            .map(|all| all.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let required = Required::of(sources, pyproject.as_ref());
        packages.requires.extend(required.always);
        packages.extras = required.extras;
        packages.release(sources);
        packages.requirements(sources, !described.is_empty());
        if let Some(table) = &pyproject
            && finds_packages_by_itself(table, sources)
        {
            packages.notes.push(
                "setuptools looks for the packages by itself here, and would take `environments` for one: \
                 name yours in pyproject.toml, `[tool.setuptools] packages = [\"...\"]`"
                    .to_owned(),
            );
        }
        packages
    }

    fn pyproject(&mut self, sources: &Sources) -> Option<Table> {
        let text = sources.text("pyproject.toml")?;
        match text.parse::<Table>() {
            Ok(table) => Some(table),
            Err(error) => {
                let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
                self.notes.push(format!(
                    "pyproject.toml cannot be read (line {line}: {}), so nothing was taken from it",
                    error.message().lines().next().unwrap_or_default()
                ));
                None
            }
        }
    }

    /// The newest wheel in `dist`, or the folder itself.
    fn release(&mut self, sources: &Sources) {
        if let Some(wheel) = newest_wheel(sources, self.name.as_deref()) {
            self.release = format!("dist/{wheel}");
            let why = "the newest wheel in dist".to_owned();
            self.guesses.push(Guess { what: format!("release {}", self.release), why });
            if self.name.is_none() {
                self.name = wheel.split('-').next().map(str::to_owned);
            }
            return;
        }
        ".".clone_into(&mut self.release);
        let opened = Release::open(&sources.root).ok();
        let said = opened.as_ref().and_then(|release| release.requires_python.clone());
        if let Some(needed) = said.filter(|_| self.python.is_none()) {
            self.python = Some((needed, "the build description".to_owned()));
        }
        self.is_tree = !matches!(opened, Some(Release { form: Form::Source(_), .. }));
        if let Some(release) = opened.as_ref().filter(|_| !self.is_tree) {
            self.name.get_or_insert_with(|| release.name.clone());
        }
        let required = opened.and_then(|release| release.requires_dist).unwrap_or_default();
        for name in required.iter().filter(|line| !line.contains("extra ==")) {
            if let Some(name) = requirement(name).filter(|name| !self.needs(name)) {
                self.requires.push(name);
            }
        }
        let (what, why) = if self.is_tree {
            ("release: this folder as it is", "nothing here says how to build a package")
        } else {
            (
                "release: built from this folder",
                "there is a build description, and no wheel in dist",
            )
        };
        self.guesses.push(Guess { what: what.to_owned(), why: why.to_owned() });
        if self.is_tree && sources.has(".env") {
            self.notes.push(
                "`.env` is in the folder, and so in the release: take live secrets out of it first"
                    .to_owned(),
            );
        }
    }

    fn requirements(&mut self, sources: &Sources, is_described: bool) {
        let is_locked = sources.has(REQUIREMENTS[0]);
        if let Some(lock) = LOCKS.into_iter().find(|lock| sources.has(lock) && !is_locked)
            && self.lock(sources, lock)
        {
            return;
        }
        let found = REQUIREMENTS.iter().find_map(|path| Some((*path, sources.text(path)?)));
        let Some((path, text)) = found else {
            if self.is_tree && !is_described {
                self.notes.push(
                    "there is no requirements.txt: name what the app needs in `install.extra`"
                        .to_owned(),
                );
            }
            return;
        };
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.split(" #").next().unwrap_or(line).trim())
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let is_exact = lines.iter().all(|line| line.contains("==") || line.starts_with('-'));
        self.requires.extend(lines.iter().filter_map(|line| requirement(line)));
        if is_described && !is_exact {
            return;
        }
        if let Err(problem) = carried(&sources.root, path) {
            self.notes.push(format!(
                "{path} is not taken, because not all of it comes along: {problem}; write \
                 `requirements: ../{path}` below `install` when it does"
            ));
            return;
        }
        if !is_exact {
            self.notes.push(format!(
                "{path} does not name every version: for the same verdict tomorrow, \
                 `uv pip compile {path} -o requirements.lock`"
            ));
        }
        self.is_locked = is_exact;
        self.requirements = Some(path.to_owned());
        self.guesses
            .push(Guess { what: format!("requirements of {path}"), why: "it is there".into() });
    }

    /// Takes a tool's lock for the requirements, if a site can be installed by it.
    fn lock(&mut self, sources: &Sources, path: &str) -> bool {
        match carried(&sources.root, path) {
            Ok(files) => {
                self.requires.extend(files.pinned());
                self.is_locked = true;
                self.requirements = Some(path.to_owned());
                let what = format!("requirements of {path}");
                let why = "it locks every version".to_owned();
                self.guesses.push(Guess { what, why });
                true
            }
            Err(problem) => {
                self.notes.push(format!("{path} is not taken: {problem}"));
                false
            }
        }
    }

    /// The extra that brings what serves pages, where the requirements themselves do not, and what that is.
    ///
    /// What the application's own sources import is looked at first: a project may need a framework for
    /// something else than its pages.
    pub(super) fn extra_for<'a>(
        &self,
        own: &[&str],
        all: impl Iterator<Item = &'a str>,
    ) -> Option<(&str, String)> {
        static IMPORTED: LazyLock<Regex> = LazyLock::new(|| {
            let names = FRAMEWORKS.join("|");
            Regex::new(&format!(r"(?m)^[ \t]*(?:from|import)[ \t]+({names})\b"))
                .expect("a constant pattern")
        });
        let imported =
            |text: &str| IMPORTED.captures_iter(text).map(|found| found[1].to_owned()).collect();
        let own: Vec<String> =
            own.iter().flat_map(|text| -> Vec<String> { imported(text) }).collect();
        let is_bare = !self.needs_any(&FRAMEWORKS);
        let of_others = all.filter(|_| is_bare).flat_map(imported);
        let mut missing = own.into_iter().chain(of_others).filter(|name| !self.needs(name));
        missing.find_map(|framework| {
            let having = || self.extras.iter().filter(|(_, names)| names.contains(&framework));
            let usual = having().find(|(extra, _)| USUAL_EXTRAS.contains(&extra.as_str()));
            let (extra, _) = usual.or_else(|| having().next())?;
            Some((extra.as_str(), framework))
        })
    }

    pub(super) fn needs(&self, name: &str) -> bool {
        self.requires.iter().any(|required| required == name)
    }

    pub(super) fn needs_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.needs(name))
    }
}

/// Requirements that a site can take, or the first thing that it cannot, as `check` says it.
fn carried(root: &Path, path: &str) -> Result<RequirementFiles, String> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let key = KeyPath::from(["install", "requirements"]);
    RequirementFiles::of_project(&root, &root.join(path), &key, &BTreeSet::new()).map_err(
        |problems| {
            let first = Failure::from(problems).message;
            let mut lines = first.lines();
            let what = lines.next().unwrap_or_default().to_owned();
            let hint = lines.next().and_then(|line| line.trim().strip_prefix("hint: "));
            hint.map_or(what.clone(), |hint| format!("{what} ({hint})"))
        },
    )
}

/// `(">=3.11", "requires-python")`
fn python(sources: &Sources, requires: Option<&str>) -> Option<(String, String)> {
    let files = [".python-version", "runtime.txt"];
    let said = files.iter().find_map(|file| {
        let text = sources.text(file)?;
        let version = text.lines().next()?.trim().trim_start_matches("python-").to_owned();
        let mut parts = version.split('.');
        let (major, minor) = (parts.next()?.parse::<u8>().ok()?, parts.next()?.parse::<u8>().ok()?);
        Some((format!("=={major}.{minor}.*"), (*file).to_owned()))
    });
    said.or_else(|| Some((requires?.to_owned(), "requires-python".to_owned())))
}

fn newest_wheel(sources: &Sources, name: Option<&str>) -> Option<String> {
    let normal = |name: &str| name.to_lowercase().replace(['-', '.'], "_");
    let entries = std::fs::read_dir(sources.root.join("dist")).ok()?;
    let wheels = entries.flatten().filter_map(|entry| {
        let file = entry.file_name().into_string().ok()?;
        let is_ours = entry.path().extension().is_some_and(|end| end == "whl")
            && name.is_none_or(|name| normal(file.split('-').next().unwrap_or("")) == normal(name));
        let written = entry.metadata().ok()?.modified().ok()?;
        let path: PathBuf = entry.path();
        (is_ours && Release::open(Path::new(&path)).is_ok()).then_some((written, file))
    });
    wheels.max().map(|(_, file)| file)
}

/// True where setuptools' automatic discovery is on, which takes every folder for a package.
fn finds_packages_by_itself(pyproject: &Table, sources: &Sources) -> bool {
    let backend =
        pyproject.get("build-system").and_then(|build| build.get("build-backend")?.as_str());
    let is_setuptools = backend.is_some_and(|backend| backend.starts_with("setuptools"));
    let is_told = pyproject
        .get("tool")
        .and_then(|tool| tool.get("setuptools"))
        .is_some_and(|table| table.get("packages").is_some() || table.get("py-modules").is_some());
    is_setuptools
        && !is_told
        && !sources.has("setup.py")
        && !sources.has("setup.cfg")
        && !sources.root.join("src").is_dir()
}
