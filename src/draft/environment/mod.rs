//! Variables, secrets and services: what the sources ask for, and what is put there.

mod beside;
mod sqlite;
mod worked_out;

use std::collections::BTreeSet;

use super::at_hand::AtHand;
use super::database::{Database, Written};
use super::django::Django;
use super::guess::Guess;
use super::packages::Packages;
use super::questions::{Asked, find_questions};
use super::settings_classes::find_settings;
use super::sources::{Source, Sources};
use super::written_folders::folders_of_system;
use crate::site::{
    DebianSuite, KindOfService, MARIADB, PLACEHOLDER, POSTGRES, REDIS, suite_service,
};

/// Variables that a replica has by itself, or that say nothing of the site.
const OF_THE_SYSTEM: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "PYTHONPATH",
    "DJANGO_SETTINGS_MODULE",
    "PORT",
    "LANG",
    "VIRTUAL_ENV",
    "PWD",
    "TZ",
    "HOSTNAME",
    "WEB_CONCURRENCY",
    "CI",
    "SERVER_SOFTWARE",
];
/// The most variables that are listed.
const MOST: usize = 40;

/// A variable of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) comment: String,
}

/// A service of the site, as lines of YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) role: String,
    pub(super) yaml: String,
    pub(super) comment: String,
}

#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) variables: Vec<Variable>,
    /// Variables that have a default in the source: names and where they are asked for.
    pub(super) optional: Vec<(String, String)>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) services: Vec<Service>,
    /// Folders that the app writes to.
    pub(super) data: BTreeSet<String>,
    /// Debian packages that the requirements lean on, and those that only their build does.
    pub(super) packages: Vec<String>,
    pub(super) build_packages: Vec<String>,
    pub(super) guesses: Vec<Guess>,
    pub(super) notes: Vec<String>,
}

/// What the environment is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) sources: &'a Sources,
    pub(super) packages: &'a Packages,
    pub(super) django: Option<&'a Django>,
    pub(super) at_hand: &'a AtHand,
    pub(super) debian: &'a DebianSuite,
    pub(super) user: &'a str,
    pub(super) name: &'a str,
}

/// The secret that a variable of this name is given; `None` where its name is that of no secret.
fn secret_for(name: &str) -> Option<&'static str> {
    let is_one =
        ["SECRET", "PASSWORD", "TOKEN", "SALT", "_KEY"].iter().any(|word| name.contains(word));
    let secret = if name.contains("SECRET_KEY") { "session" } else { "other" };
    (is_one || name == "KEY").then_some(secret)
}

impl Environment {
    pub(super) fn of(around: Surroundings<'_>) -> Self {
        let mut environment = Environment::default();
        environment.debian_packages(around.packages);
        environment.take_image(around);
        environment.take_compose(around);
        if let Some(database) = around.django.and_then(|django| django.database.as_ref()) {
            environment.django_database(around, database);
        }
        let mut all: Vec<(Asked, String)> = Vec::new();
        let is_ours =
            |source: &&Source| around.django.is_none_or(|django| !django.is_of_others(source));
        for source in around.sources.of_app().filter(is_ours) {
            for asked in find_questions(&source.text).into_iter().chain(find_settings(&source.text))
            {
                let known = all.iter_mut().find(|(known, _)| known.name == asked.name);
                if let Some((known, _)) = known {
                    known.is_required |= asked.is_required;
                } else {
                    let place = format!("{}:{}", source.display_path(), asked.line);
                    all.push((asked, place));
                }
            }
        }
        for (asked, place) in all.iter().take(MOST) {
            environment.variable(around, asked, place);
        }
        environment.sqlite_files(around);
        environment.folders_of_system(around.sources);
        environment
    }

    fn folders_of_system(&mut self, sources: &Sources) {
        for source in sources.of_app() {
            let package = source.package().unwrap_or_default();
            self.data.extend(folders_of_system(&source.text, package));
        }
    }

    fn debian_packages(&mut self, packages: &Packages) {
        const LIBRARIES: [(&str, &[&str], &[&str]); 14] = [
            ("psycopg2", &["libpq5"], &["gcc", "libc6-dev", "libpq-dev", "python3-dev"]),
            ("psycopg", &["libpq5"], &[]),
            (
                "mysqlclient",
                &["libmariadb3"],
                &["gcc", "libc6-dev", "pkg-config", "libmariadb-dev", "python3-dev"],
            ),
            ("uwsgi", &[], &["gcc", "libc6-dev", "python3-dev"]),
            // These call a program, or load a library by its name.
            ("gitpython", &["git"], &[]),
            ("pypandoc", &["pandoc"], &[]),
            ("python-magic", &["libmagic1"], &[]),
            ("pytesseract", &["tesseract-ocr"], &[]),
            ("pdf2image", &["poppler-utils"], &[]),
            ("cairosvg", &["libcairo2"], &[]),
            ("cairocffi", &["libcairo2"], &[]),
            ("weasyprint", &["libpango-1.0-0", "libpangoft2-1.0-0"], &[]),
            ("misaka", &[], &["gcc", "libc6-dev", "libffi-dev", "python3-dev"]),
            (
                "pycairo",
                &["libcairo2"],
                &["gcc", "libc6-dev", "libcairo2-dev", "pkg-config", "python3-dev"],
            ),
        ];
        for (name, there, build) in LIBRARIES {
            if packages.needs(name) {
                self.packages.extend(there.iter().map(ToString::to_string));
                self.build_packages.extend(build.iter().map(ToString::to_string));
                let what = [there, build].concat().join(", ");
                let why = format!("{name} is among the requirements");
                self.guesses.push(Guess { what: format!("Debian packages {what}"), why });
            }
        }
        for list in [&mut self.packages, &mut self.build_packages] {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn django_database(&mut self, around: Surroundings<'_>, database: &Database) {
        // Compose has said it, with the names that its variables know.
        let is_described = |kind: &&KindOfService| {
            self.services
                .iter()
                .any(|service| service.yaml.starts_with(&format!("{{{}:", kind.key)))
        };
        if [&POSTGRES, &MARIADB].iter().any(is_described) && !self.variables.is_empty() {
            return;
        }
        let program = match database.engine.as_str() {
            "postgresql" | "postgresql_psycopg2" | "postgis" => &POSTGRES,
            "mysql" => &MARIADB,
            "sqlite3" => return,
            "" => {
                self.notes.push(
                    "the settings work out which database it is: describe it below `services`, if \
                     it is none in a file"
                        .to_owned(),
                );
                return;
            }
            other => {
                self.notes.push(format!(
                    "the settings name the database engine `{other}`: describe it below `services`"
                ));
                return;
            }
        };
        let Some(version) = suite_service(around.debian, program) else { return };
        let mut fixed = |written: &Written, fallback: &str| match written {
            Written::Literal(text) => text.clone(),
            Written::Variable(asked) => {
                let value = asked.default.clone().filter(|text| !text.is_empty());
                let value = value.unwrap_or_else(|| fallback.to_owned());
                self.set(&asked.name, &value, "");
                value
            }
            Written::Nothing | Written::Code => fallback.to_owned(),
        };
        let name = fixed(&database.name, around.name);
        let user = fixed(&database.user, around.user);
        let host = match &database.host {
            // What is the engine's own machine on a laptop is another one on a site.
            Written::Variable(asked) => {
                self.set(&asked.name, "db.internal", "");
                "db.internal".to_owned()
            }
            other => fixed(other, "localhost"),
        };
        let password = match &database.password {
            Written::Variable(asked) => {
                self.set(&asked.name, "${secret.db}", "");
                self.secrets.insert("db".to_owned());
                "${secret.db}".to_owned()
            }
            Written::Literal(text) => {
                self.notes.push(
                    "the settings hold the database's password: the replica's is the same; better take \
                     it from a variable"
                        .to_owned(),
                );
                text.clone()
            }
            Written::Nothing | Written::Code => {
                self.secrets.insert("db".to_owned());
                "${secret.db}".to_owned()
            }
        };
        let is_local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "");
        let place = if is_local { "host: app".to_owned() } else { format!("names: [{host}]") };
        self.service(
            "db",
            format!(
                "{{{}: \"{version}\", {place}, database: {}, user: {}, password: {}}}",
                program.key,
                super::yaml::scalar(&name),
                super::yaml::scalar(&user),
                super::yaml::scalar(&password)
            ),
            format!("{} {version}, as {} has it", program.title, around.debian),
            "DATABASES in the settings",
        );
    }

    fn variable(&mut self, around: Surroundings<'_>, asked: &Asked, place: &str) {
        let name = asked.name.as_str();
        if OF_THE_SYSTEM.contains(&name) || self.variables.iter().any(|known| known.name == name) {
            return;
        }
        if self.service_for(around, name, place) || self.sqlite(around, asked, place) {
            return;
        }
        if let Some(secret) = secret_for(name) {
            if !asked.is_required && !name.contains("SECRET_KEY") {
                self.optional.push((name.to_owned(), place.to_owned()));
                return;
            }
            self.secrets.insert(secret.to_owned());
            self.set(name, &format!("${{secret.{secret}}}"), &format!("asked for in {place}"));
        } else if name.ends_with("HOSTS") && asked.is_list {
            // pydantic reads lists as JSON; without any it allows all.
            if asked.is_required {
                self.set(name, "[\"*\"]", &format!("asked for in {place}"));
            } else {
                self.optional.push((name.to_owned(), place.to_owned()));
            }
        } else if name.ends_with("HOSTS") {
            // What all sites share names none of them.
            self.set(name, "${site.host}", &format!("asked for in {place}"));
        } else if !asked.is_required {
            self.optional.push((name.to_owned(), place.to_owned()));
        } else if let Some((value, file)) = around.at_hand.examples.get(name) {
            self.set(name, value, &format!("as in {file}; asked for in {place}"));
        } else if name.ends_with("DEBUG") {
            self.set(name, "False", &format!("asked for in {place}"));
        } else {
            self.set(
                name,
                PLACEHOLDER,
                &format!("asked for in {place}: write what the live site has"),
            );
            self.notes.push(format!("{name} has to be set ({place}): it is `change-me` in `env`"));
        }
    }

    /// Adds the service that a variable's name stands for.
    fn service_for(&mut self, around: Surroundings<'_>, name: &str, place: &str) -> bool {
        let is_redis = ["REDIS_URL", "CELERY_BROKER_URL", "CACHE_URL", "REDIS_URI"].contains(&name)
            && around.packages.needs_any(&[
                "redis",
                "django-redis",
                "celery",
                "rq",
                "flask-caching",
            ]);
        if is_redis {
            let Some(version) = suite_service(around.debian, &REDIS) else {
                return false;
            };
            self.set(name, "redis://cache.internal/0", &format!("asked for in {place}"));
            let yaml = format!("{{redis: \"{version}\", names: [cache.internal]}}");
            let comment = format!("Redis {version}, as {} has it", around.debian);
            self.service("cache", yaml, comment, name);
            return true;
        }
        if !["DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "DATABASE_URI", "DB_URL"].contains(&name) {
            return false;
        }
        let packages = around.packages;
        let is_alchemy = packages.needs_any(&["sqlalchemy", "flask-sqlalchemy"]);
        let (program, scheme) = if packages.needs_any(&["psycopg2", "psycopg2-binary"]) {
            (&POSTGRES, "postgresql")
        } else if packages.needs_any(&["psycopg", "psycopg-binary"]) {
            (&POSTGRES, if is_alchemy { "postgresql+psycopg" } else { "postgresql" })
        } else if packages.needs("pymysql") {
            (&MARIADB, if is_alchemy { "mysql+pymysql" } else { "mysql" })
        } else if packages.needs("mysqlclient") {
            (&MARIADB, "mysql")
        } else {
            return false;
        };
        let Some(version) = suite_service(around.debian, program) else { return false };
        let user = around.user;
        let database = around.name.replace('-', "_");
        self.secrets.insert("db".to_owned());
        self.set(
            name,
            &format!("{scheme}://{user}:${{secret.db}}@db.internal/{database}"),
            &format!("asked for in {place}"),
        );
        let yaml = format!(
            "{{{}: \"{version}\", names: [db.internal], database: {database}, user: {user}, \
             password: \"${{secret.db}}\"}}",
            program.key
        );
        let comment = format!("{} {version}, as {} has it", program.title, around.debian);
        self.service("db", yaml, comment, name);
        true
    }

    fn set(&mut self, name: &str, value: &str, comment: &str) {
        if self.variables.iter().all(|known| known.name != name) {
            self.variables.push(Variable {
                name: name.to_owned(),
                value: value.to_owned(),
                comment: comment.to_owned(),
            });
        }
    }

    fn service(&mut self, role: &str, yaml: String, comment: String, why: &str) {
        if self.services.iter().all(|known| known.role != role) {
            let what = format!("service {role}: {}", comment.split(',').next().unwrap_or(&comment));
            self.guesses.push(Guess { what, why: why.to_owned() });
            self.services.push(Service { role: role.to_owned(), yaml, comment });
        }
    }
}
