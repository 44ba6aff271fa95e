//! A first description, guessed from a project at hand: its files are read as text, nothing of it is
//! run. Pure but for reading and, at the end, writing files that are not there yet.

mod age;
mod application;
mod at_hand;
mod database;
mod django;
mod environment;
mod files;
mod guess;
mod packages;
mod questions;
mod required;
mod server;
mod settings_classes;
mod sources;
mod write;
mod written_folders;
pub(crate) mod yaml;

pub mod like;

pub use guess::{Draft, Guess, Wishes};
use std::path::Path;
use std::str::FromStr as _;

use jiff::ZonedDateTime;
use pep440_rs::{Version, VersionSpecifiers};

use crate::site::{Date, DebianSuite, PythonVersion, python_suite, suite_names, suite_python};
use application::Application;
use at_hand::AtHand;
use django::Django;
use environment::{Environment, Surroundings};
use packages::Packages;
use server::Server;
use sources::{Source, Sources};

pub use files::{Written, write};

/// What a project's files say, before anybody was asked.
#[derive(Debug)]
pub struct Findings {
    sources: Sources,
    packages: Packages,
    django: Option<Django>,
    server: Server,
    at_hand: AtHand,
    /// The Debian suite that has the Python which the project asks for.
    pub debian: DebianSuite,
    why_debian: String,
    /// Public names that the project's settings allow.
    pub names: Vec<String>,
}

/// The suite of a site whose project does not say which Python it needs.
const USUAL: &str = "bookworm";

impl Findings {
    /// Looks at a project's folder.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let mut sources = Sources::of(root);
        let packages = Packages::of(&sources);
        if packages.release != "." {
            let wheel = sources.root.join(&packages.release);
            sources.keep_to_wheel(&wheel);
        }
        let django = Django::of(&sources);
        let server = Server::of(&sources, &packages);
        let at_hand = AtHand::of(&sources);
        let (debian, why_debian) = debian_of_image(&at_hand, packages.python.as_ref())
            .unwrap_or_else(|| debian(packages.python.as_ref()));
        let names = django.as_ref().map(Django::public_names).unwrap_or_default();
        Findings { sources, packages, django, server, at_hand, debian, why_debian, names }
    }

    /// The same without what lies beside the sources: services, packages and variables.
    #[must_use]
    pub fn without_what_is_at_hand(self) -> Self {
        Findings { at_hand: AtHand::default(), ..self }
    }

    /// Folders of Python projects below one that is none itself, the highest first.
    #[must_use]
    pub fn projects_below(&self) -> Vec<String> {
        let marks =
            ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "manage.py"];
        let root = &self.sources.root;
        let is_one = |folder: &Path| marks.iter().any(|mark| folder.join(mark).is_file());
        let own = ["Procfile", "app.py", "wsgi.py", "main.py"];
        if is_one(root) || self.django.is_some() || own.iter().any(|file| self.sources.has(file)) {
            return Vec::new();
        }
        let walk = walkdir::WalkDir::new(root).min_depth(1).max_depth(2).sort_by_file_name();
        let folders =
            walk.into_iter().filter_entry(|entry| !sources::is_elsewhere(entry)).flatten();
        let folders = folders.filter(|entry| entry.file_type().is_dir() && is_one(entry.path()));
        let mut below: Vec<String> = folders
            .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.display().to_string()))
            .collect();
        below.sort_by_key(|path| path.matches('/').count());
        below
    }

    /// True where nothing looks like a Python project.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let packaged = ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"];
        self.sources.python.is_empty()
            && self.packages.requirements.is_none()
            && self.packages.release == "."
            && !packaged.iter().any(|file| self.sources.has(file))
    }

    /// The login name of the app: that of the project, where it is one.
    fn user(&self) -> String {
        let folder = self.sources.root.file_name().unwrap_or_default().to_string_lossy();
        let named = self.at_hand.image.user.as_deref().or(self.packages.name.as_deref());
        let name = named.unwrap_or(&folder).to_lowercase();
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(32)
            .collect();
        let name = name.trim_matches('-');
        let is_good = name.starts_with(|c: char| c.is_ascii_lowercase());
        // Users of every Debian, which are somebody else.
        let is_taken = [
            "root", "daemon", "bin", "sys", "mail", "news", "proxy", "backup", "list", "www-data",
            "nobody", "postgres", "mysql", "redis",
        ]
        .contains(&name);
        if is_good && !is_taken { name.to_owned() } else { "app".to_owned() }
    }

    /// The day of which the site's libraries are, where neither the project nor a lock is of today.
    fn rests_since(&self, debian: &DebianSuite) -> Option<Date> {
        let today = ZonedDateTime::now().date();
        let is_open = !self.packages.is_locked;
        is_open.then(|| age::rests_since(&self.sources.root, debian, today)).flatten()
    }

    fn texts(&self) -> impl Iterator<Item = (&Source, &str)> {
        self.sources.of_app().map(|source| (source, source.text.as_str()))
    }

    /// The description of one site.
    #[must_use]
    pub fn draft(&self, wishes: &Wishes) -> Draft {
        let user = self.user();
        let named = match self.django.as_ref().and_then(|django| django.application.clone()) {
            Some(application) if self.server.application.is_none() => {
                Some((application, "the settings".to_owned()))
            }
            _ => self.server.application.clone(),
        };
        let (application, about_application, notes) = Application::of(&self.sources, named);
        let modules = application.as_ref().map_or_else(Vec::new, Application::modules);
        let is_own =
            |source: &Source| modules.iter().any(|own| source.module.as_deref() == Some(own));
        let own: Vec<&str> =
            self.texts().filter(|(source, _)| is_own(source)).map(|it| it.1).collect();
        let all = self.texts().map(|(_, text)| text);
        let extra = self.packages.extra_for(&own, all).filter(|_| !self.packages.is_tree);
        let environment = Environment::of(Surroundings {
            sources: &self.sources,
            packages: &self.packages,
            django: self.django.as_ref(),
            at_hand: &self.at_hand,
            debian: &wishes.debian,
            user: &user,
            name: &user,
        });
        write::draft(&write::Parts {
            wishes,
            user: &user,
            packages: &self.packages,
            sources: &self.sources,
            django: self.django.as_ref(),
            server: &self.server,
            extra,
            application,
            about_application,
            about_names: notes,
            environment,
            as_of: self.rests_since(&wishes.debian),
            release_step: self.at_hand.release_step.as_deref(),
            folder: self.at_hand.image.folder.as_deref().filter(|folder| {
                let is_safe = !folder.split('/').any(|part| part == "..");
                is_safe && self.sources.root.join(folder).is_dir()
            }),
            why_debian: if wishes.debian == self.debian { &self.why_debian } else { "asked for" },
        })
    }
}

/// The suite that the Dockerfile starts from, or whose Python it has, where the project allows that.
fn debian_of_image(
    at_hand: &AtHand,
    python: Option<&(String, String)>,
) -> Option<(DebianSuite, String)> {
    let image = &at_hand.image;
    let suite = image.debian.clone().or_else(|| python_suite(image.python?))?;
    let own = suite_python(&suite)?;
    let fits = python.and_then(|(needed, _)| VersionSpecifiers::from_str(needed).ok()).is_none_or(
        |needed| {
            let minor = [u64::from(own.major), u64::from(own.minor)];
            (0..40).any(|patch| needed.contains(&Version::new([minor[0], minor[1], patch])))
        },
    );
    let why = match image.python {
        Some(python) if python != own => {
            format!("the Dockerfile starts from it, but with Python {python}; its own is {own}")
        }
        _ => format!("the Dockerfile starts from it; it has Python {own}"),
    };
    fits.then_some((suite, why))
}

/// The suite whose Python the project asks for; the usual one where that fits, too.
pub(in crate::draft) fn debian(python: Option<&(String, String)>) -> (DebianSuite, String) {
    let suite = |name: &str| name.parse::<DebianSuite>().expect("a suite's name");
    let of = |name: &str| suite_python(&suite(name));
    let Some((needed, place)) = python else {
        let python = of(USUAL).map_or(String::new(), |python| python.to_string());
        return (
            suite(USUAL),
            format!("usual, with Python {python}; nothing here asks for another"),
        );
    };
    let Ok(specifiers) = VersionSpecifiers::from_str(needed) else {
        return (suite(USUAL), format!("usual; {place} says `{needed}`, which cannot be read"));
    };
    let fits = |python: PythonVersion| {
        let minor = [u64::from(python.major), u64::from(python.minor)];
        (0..40).any(|patch| specifiers.contains(&Version::new([minor[0], minor[1], patch])))
    };
    let newest_first: Vec<&str> = suite_names().collect::<Vec<_>>().into_iter().rev().collect();
    let wanted = std::iter::once(USUAL).chain(newest_first);
    for name in wanted {
        if let Some(python) = of(name).filter(|python| fits(*python)) {
            return (suite(name), format!("it has Python {python}, and {place} says {needed}"));
        }
    }
    let why = format!("usual; no Debian has the Python of {place} ({needed}): see `base.image`");
    (suite(USUAL), why)
}

#[cfg(test)]
mod tests;
