//! The text of a first description.

mod django;
mod install;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::application::{Application, HealthPage, health_page};
use super::django::Django;
use super::environment::Environment;
use super::guess::{Draft, Guess, Wishes};
use super::packages::Packages;
use super::server::Server;
use super::sources::Sources;
use super::yaml::{line, scalar, with_schema};
use crate::site::Date;

/// Everything that a description is written of.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) wishes: &'a Wishes,
    pub(super) user: &'a str,
    pub(super) packages: &'a Packages,
    pub(super) sources: &'a Sources,
    pub(super) django: Option<&'a Django>,
    pub(super) server: &'a Server,
    /// The release's extra without which it serves nothing, and what that brings.
    pub(super) extra: Option<(&'a str, String)>,
    pub(super) application: Option<Application>,
    pub(super) about_application: Guess,
    pub(super) about_names: Vec<String>,
    pub(super) environment: Environment,
    /// What the Procfile runs before a release is served.
    pub(super) release_step: Option<&'a str>,
    /// The day of which its libraries are.
    pub(super) as_of: Option<Date>,
    pub(super) why_debian: &'a str,
    /// Where the Dockerfile has the server work, from the project's folder.
    pub(super) folder: Option<&'a str>,
}

/// What the server and its files need beyond what the sources say.
#[derive(Debug, Default)]
struct Extra {
    /// Variables: name, value, comment.
    variables: Vec<(&'static str, String, &'static str)>,
    /// A file on the site: its name, its comment, its template.
    file: Option<(String, &'static str, String)>,
    static_files: Option<(String, String)>,
    steps: Vec<(&'static str, String)>,
    health: HealthPage,
    /// Folders that live on across releases.
    data: BTreeSet<String>,
    application: String,
}

pub(super) fn draft(parts: &Parts<'_>) -> Draft {
    let extra = parts.extra();
    let mut files = vec![
        ("environments/defaults.yaml".to_owned(), with_schema(parts.defaults(&extra))),
        (format!("environments/{}.yaml", parts.wishes.site), with_schema(parts.site())),
    ];
    if let Some((name, _, template)) = &extra.file {
        files.push((format!("environments/{name}.j2"), template.clone()));
    }
    files.extend(parts.suite(&extra));
    let (guesses, notes) = parts.list_guesses(&extra);
    Draft { files, guesses, notes }
}

impl Parts<'_> {
    fn home(&self) -> String {
        format!("/srv/{}", self.user)
    }

    /// The folder of `manage.py`, or that of the Dockerfile, on the site, from the app's home.
    fn folder(&self) -> Option<String> {
        let named = || self.folder.unwrap_or_default();
        let folder = self.django.map_or_else(named, |django| django.folder.as_str());
        let is_below = self.packages.is_tree && !folder.is_empty();
        is_below.then(|| format!("app/{folder}"))
    }

    fn extra(&self) -> Extra {
        let mut extra = Extra { application: self.written_application(), ..Extra::default() };
        extra.data.extend(self.environment.data.iter().cloned());
        if let Some(django) = self.django {
            self.extra_of_django(django, &mut extra);
            let (page, why) = django.page.clone();
            extra.health = HealthPage::well(page, why);
        } else {
            extra.health = health_page(self.sources).unwrap_or_default();
        }
        if let Some(Application::Made(made)) = &self.application {
            let (name, text) = made.file();
            extra.variables.push(("PYTHONPATH", self.home(), "where the application's module is"));
            extra.file = Some((name, "the project makes its application for its own server", text));
        }
        if self.packages.needs("flask-migrate") && self.sources.root.join("migrations").is_dir() {
            let app = match &self.application {
                Some(Application::Factory { module, name }) => format!("{module}:{name}"),
                _ => extra.application.clone(),
            };
            let step = format!("flask --app {app} db upgrade");
            extra.steps.push(("migrate", self.in_the_tree(&step)));
        } else if self.sources.has("alembic.ini") && self.packages.is_tree {
            extra.steps.push(("migrate", self.in_the_tree("alembic upgrade head")));
        }
        if let Some(step) = self.release_step {
            let is_known = extra.steps.iter().any(|(name, _)| *name == "migrate")
                && ["migrate", "upgrade", "collectstatic"].iter().any(|word| step.contains(word));
            // A build does not bring `manage.py` along.
            let is_of_the_tree = step.contains("manage.py") || step.contains("./");
            if !is_known && (self.packages.is_tree || !is_of_the_tree) {
                extra.steps.push(("release", self.in_the_tree(step)));
            }
        }
        extra
    }

    /// A command that is run where `manage.py` and the like are.
    fn in_the_tree(&self, command: &str) -> String {
        match self.folder() {
            Some(folder) => format!("cd {}/{folder} && {command}", self.home()),
            None if self.packages.is_tree => format!("cd {}/app && {command}", self.home()),
            None => command.to_owned(),
        }
    }

    fn defaults(&self, extra: &Extra) -> String {
        let mut text = String::from(
            "# What all sites share; a site's own keys win. Every key: docs/description.md of stagectl,\n\
             # or `stagectl schema` for editors.\n",
        );
        let release = &self.packages.release;
        let about = match (release.as_str(), self.packages.is_tree) {
            (".", true) => "what is deployed: this folder, as it is",
            (".", false) => "what is deployed: built from this folder",
            _ => "what is deployed; `--release` names another one",
        };
        text.push_str(&line(&format!("release: {}", scalar(release)), about));
        text.push_str(&line(
            &format!("user: {}", scalar(self.user)),
            &format!("the app runs as this user, in {}", self.home()),
        ));
        text.push_str(&self.install());
        text.push_str(&self.wsgi(extra));
        if let Some((url, folder)) = &extra.static_files {
            text.push_str("\nproxy:\n");
            let yaml = format!("  static: {{{}: {}}}", scalar(url), scalar(folder));
            text.push_str(&line(&yaml, "the proxy serves these itself"));
        }
        text.push_str(&self.variables(extra));
        if !extra.data.is_empty() {
            let folders: Vec<String> = extra.data.iter().map(|folder| scalar(folder)).collect();
            text.push('\n');
            let yaml = format!("data: [{}]", folders.join(", "));
            text.push_str(&line(&yaml, "lives on across releases; the app may write there"));
        }
        if let Some((name, comment, _)) = &extra.file {
            text.push_str("\nfiles:\n");
            let yaml = format!("  - {{path: {}/{name}, template: {name}.j2}}", self.home());
            text.push_str(&line(&yaml, comment));
        }
        if !extra.steps.is_empty() {
            text.push_str("\ndeploy:\n  steps:\n");
            for (name, run) in &extra.steps {
                text.push_str(&format!("    - {{name: {name}, run: {}}}\n", scalar(run)));
            }
        }
        let HealthPage { path, status, why } = &extra.health;
        text.push('\n');
        let yaml = format!("health: {{path: {}, status: {status}}}", scalar(path));
        text.push_str(&line(&yaml, &format!("healthy means: this page answers ({why})")));
        text.push_str(
            "\ncritical:\n  path: ../tests/critical\n  requirements: ../tests/critical/requirements.txt\n",
        );
        text
    }

    fn wsgi(&self, extra: &Extra) -> String {
        let server = self.server;
        let mut text = String::from("\nwsgi:\n");
        text.push_str(&line(
            &format!("  server: {}", server.name),
            "gunicorn, uwsgi, mod_wsgi or waitress",
        ));
        text.push_str(&line(
            &format!("  application: {}", scalar(&extra.application)),
            &self.about_application.why,
        ));
        if let Some(folder) = self.folder() {
            text.push_str(&line(
                &format!("  folder: {}", scalar(&folder)),
                if self.django.is_some() { "where manage.py is" } else { "as in the Dockerfile" },
            ));
        }
        let workers = server.workers.filter(|count| (1..=512).contains(count));
        text.push_str(&match workers {
            Some(count) => line(&format!("  workers: {count}"), "as on the live site"),
            None => line("  # workers: 2", "as on the live site; else the server's own number"),
        });
        if let Some(threads) = server.threads.filter(|count| (1..=512).contains(count)) {
            text.push_str(&format!("  threads: {threads}\n"));
        }
        if !server.options.is_empty() {
            let options = server.options.iter().map(|(key, value)| format!("{key}: {value}"));
            text.push_str(&format!("  options: {{{}}}\n", options.collect::<Vec<_>>().join(", ")));
        }
        text
    }

    fn variables(&self, extra: &Extra) -> String {
        let environment = &self.environment;
        let mut text = String::new();
        let is_empty = environment.variables.is_empty() && extra.variables.is_empty();
        if is_empty && environment.optional.is_empty() {
            return text;
        }
        text.push('\n');
        let head = if is_empty { "env: {}" } else { "env:" };
        text.push_str(&line(head, "what the live process has, and nothing else"));
        for (name, value, comment) in &extra.variables {
            text.push_str(&line(&format!("  {name}: {}", scalar(value)), comment));
        }
        for variable in &environment.variables {
            let yaml = format!("  {}: {}", variable.name, scalar(&variable.value));
            text.push_str(&line(&yaml, &variable.comment));
        }
        for (name, place) in &environment.optional {
            let comment = format!("has a default in {place}");
            text.push_str(&line(&format!("  # {name}: ..."), &comment));
        }
        if !environment.secrets.is_empty() {
            text.push_str("\nsecrets:\n");
            for secret in &environment.secrets {
                text.push_str(&line(
                    &format!("  {secret}: {{generate: 32}}"),
                    "made for each run; never a live one",
                ));
            }
        }
        text
    }

    fn site(&self) -> String {
        let Wishes { site, name, debian } = self.wishes;
        let mut text = format!(
            "# One live site; its name is the file's. `stagectl site new NAME --like {site}` makes another.\n"
        );
        let summary = format!("summary: Debian {debian}, nginx + {}", self.server.name);
        text.push_str(&line(&summary, ""));
        text.push_str(&line("order: 10", "sites run by order, then name"));
        text.push_str("\nbase:\n");
        text.push_str(&line(&format!("  debian: {debian}"), self.why_debian));
        if !self.environment.packages.is_empty() {
            let list = self.environment.packages.join(", ");
            text.push_str(&line(&format!("  packages: [{list}]"), "as on the live host"));
        }
        text.push_str(&line("  locale: C.UTF-8", "such as de_DE.UTF-8"));
        text.push_str(&line("  timezone: UTC", "such as Europe/Berlin"));
        text.push('\n');
        text.push_str(&line(
            &format!("names: [{}]", scalar(name.as_str())),
            "what the world calls it; the first is its address",
        ));
        text.push_str("tls:\n");
        let certificate = format!("  certificate: {{names: [{}]}}", scalar(name.as_str()));
        text.push_str(&line(&certificate, "as the live one: `\"*.example.org\"`, several, ..."));
        if !self.environment.services.is_empty() {
            text.push_str("\nservices:\n");
            for service in &self.environment.services {
                text.push_str(&format!(
                    "  # {}\n  {}: {}\n",
                    service.comment, service.role, service.yaml
                ));
            }
        }
        text
    }

    /// The critical suite, unless there is one.
    fn suite(&self, extra: &Extra) -> Vec<(String, String)> {
        let folder = self.sources.root.join("tests/critical");
        let mut files = Vec::new();
        if !has_tests(&folder) {
            let module = self.user.replace('-', "_");
            files.push((format!("tests/critical/test_{module}.py"), test(&extra.health)));
        }
        if !folder.join("requirements.txt").exists() {
            let text = "# What the critical suite needs; it never gets into the app's own environment.\n\
                        pytest\nrequests\n";
            files.push(("tests/critical/requirements.txt".to_owned(), text.to_owned()));
        }
        files
    }

    fn list_guesses(&self, extra: &Extra) -> (Vec<Guess>, Vec<String>) {
        let guess = |what: String, why: &str| Guess { what, why: why.to_owned() };
        let mut guesses = vec![guess(format!("Debian {}", self.wishes.debian), self.why_debian)];
        guesses.extend(self.packages.guesses.iter().cloned());
        if let Some(day) = self.as_of {
            let what = format!("libraries as of {day}");
            guesses.push(guess(what, "no file here is younger, and no lock says their versions"));
        }
        guesses.extend(self.server.guesses.iter().cloned());
        guesses.push(self.about_application.clone());
        if let Some((extra, framework)) = &self.extra {
            guesses.push(guess(format!("extra {extra}"), &format!("it brings {framework}")));
        }
        if let Some(django) = self.django {
            guesses
                .push(guess(format!("Django, with {}", django.settings), &django.why_settings()));
        }
        if let Some((name, why, _)) = &extra.file {
            guesses.push(guess(format!("file {name} on the site"), why));
        }
        for (name, run) in &extra.steps {
            guesses.push(guess(format!("deploy step {name}"), run));
        }
        guesses.extend(self.environment.guesses.iter().cloned());
        for folder in &extra.data {
            guesses.push(guess(format!("data in {folder}"), "the app writes there"));
        }
        guesses.push(guess(format!("health page {}", extra.health.path), &extra.health.why));
        let mut notes = self.packages.notes.clone();
        notes.extend(self.django.and_then(about_missing_settings));
        notes.extend(self.about_names.iter().cloned());
        notes.extend(self.environment.notes.iter().cloned());
        (guesses, notes)
    }
}

/// Where the settings are not those that the project names.
fn about_missing_settings(django: &Django) -> Option<String> {
    let (missing, taken) = (django.missing.as_ref()?, &django.settings);
    Some(format!(
        "{missing} is not in the project, so that the site has {taken}: what the live settings say beyond it belongs into the site's own"
    ))
}

fn has_tests(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|end| end == "py")
            && (name.starts_with("test_") || name.ends_with("_test"))
    })
}

fn test(HealthPage { path: page, status, .. }: &HealthPage) -> String {
    let page = page.as_str();
    let url = if page == "/" { "os.environ[\"STAGECTL_URL\"]" } else { "page" };
    let join = match page {
        "/" => String::new(),
        page => format!("    page = os.environ[\"STAGECTL_URL\"].rstrip(\"/\") + {page:?}\n"),
    };
    format!(
        "\"\"\"The critical suite: what has to work after a deploy. Runs in the replica, under the live name.\"\"\"\n\
         import os\n\nimport requests\n\n\ndef test_the_site_answers():\n{join}    \
         answer = requests.get({url}, timeout=10)\n    assert answer.status_code == {status}\n"
    )
}
