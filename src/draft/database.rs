//! The default database of a Django project's settings.

use std::sync::LazyLock;

use regex::Regex;

use super::questions::{Asked, find_questions};
use crate::python::{assigned, literal, literals, member};

/// The default database of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    /// The last part of `ENGINE`: `postgresql`, `mysql`, `sqlite3`.
    pub(super) engine: String,
    pub(super) name: Written,
    pub(super) user: Written,
    pub(super) password: Written,
    pub(super) host: Written,
    /// Where the file of `SQLite` is, as far as that can be told.
    pub(super) file: Option<SqliteFile>,
}

/// A database in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SqliteFile {
    /// In this folder of the site.
    In(String),
    /// Beside the sources, under this name.
    InProject(String),
}

impl SqliteFile {
    fn of(settings: &str, code: &str) -> Option<Self> {
        let named = literal(code).map(str::to_owned);
        if let Some(path) = &named
            && path.starts_with('/')
        {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let lasts = !folder.is_empty() && !folder.starts_with("/tmp");
            return lasts.then(|| SqliteFile::In(folder.to_owned()));
        }
        let is_beside = named.is_some() || is_beside_sources(settings, code);
        let file = named.or_else(|| literals(code).pop())?;
        let file = file.rsplit('/').next().unwrap_or(&file).to_owned();
        let is_file = !file.is_empty() && !file.contains([':', '{', '%', '?']);
        (is_beside && is_file && find_questions(code).is_empty())
            .then_some(SqliteFile::InProject(file))
    }
}

/// How a setting gets its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Nothing,
    Literal(String),
    Variable(Asked),
    /// Worked out in a way that text alone does not tell.
    Code,
}

impl Written {
    fn of(dictionary: &str, key: &str) -> Self {
        let Some(code) = member(dictionary, key) else { return Written::Nothing };
        if let Some(text) = literal(code) {
            return Written::Literal(text.to_owned());
        }
        find_questions(code).into_iter().next().map_or(Written::Code, Written::Variable)
    }
}

/// True for a path that is made of the place of the settings' own source.
pub(super) fn is_beside_sources(settings: &str, code: &str) -> bool {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[A-Za-z_]\w*\b").expect("a constant pattern"));
    let mut open = vec![code];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(code) = open.pop() {
        if code.contains("__file__") || code.contains("BASE_DIR") {
            return true;
        }
        for name in NAME.find_iter(code).map(|found| found.as_str()) {
            if !seen.contains(&name) && seen.len() < 50 {
                seen.push(name);
                open.extend(assigned(settings, name));
            }
        }
    }
    false
}

impl Database {
    /// Of what the settings, whose whole text the first one is, give `DATABASES`.
    pub(super) fn of(settings: &str, code: &str) -> Option<Self> {
        let default = member(code, "default").unwrap_or(code);
        let engine = member(default, "ENGINE").map(literals)?.into_iter().next()?;
        Some(Database {
            engine: engine.rsplit('.').next().unwrap_or_default().to_owned(),
            name: Written::of(default, "NAME"),
            user: Written::of(default, "USER"),
            password: Written::of(default, "PASSWORD"),
            host: Written::of(default, "HOST"),
            file: member(default, "NAME").and_then(|code| SqliteFile::of(settings, code)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_sqlite_is_told_by_its_name() {
        let beside = |name: &str| Some(SqliteFile::InProject(name.to_owned()));
        let table = [
            ("BASE_DIR / 'db.sqlite3'", beside("db.sqlite3")),
            ("os.path.join(BASE_DIR, 'data', 'shop.db')", beside("shop.db")),
            ("'shop.db'", beside("shop.db")),
            ("'/var/lib/shop/shop.db'", Some(SqliteFile::In("/var/lib/shop".to_owned()))),
            ("'/tmp/shop.db'", None),
            ("':memory:'", None),
            ("os.environ.get('DB', 'shop.db')", None),
            ("config.get('name')", None),
            ("os.path.join(here, 'x.db')", None),
            ("os.path.join(project_root, 'x.db')", beside("x.db")),
        ];
        let settings = "here = config.get('here')\nplace = os.path.dirname(__file__)\nproject_root = os.path.join(place, '..')\n";
        for (code, expected) in table {
            assert_eq!(SqliteFile::of(settings, code), expected, "{code}");
        }
    }
}
