//! What the build descriptions say is required: names to guess by, and no more than their text tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use pep508_rs::{Requirement, VerbatimUrl};
use regex::Regex;
use toml::{Table, Value};

use super::sources::Sources;
use crate::python::literals;
use crate::release::{setup_cfg_keys, setup_cfg_list, setup_py_argument};

/// Names of distributions, normalised.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Required {
    pub(super) always: BTreeSet<String>,
    /// By the extra that wants them.
    pub(super) extras: BTreeMap<String, BTreeSet<String>>,
}

impl Required {
    pub(super) fn of(sources: &Sources, pyproject: Option<&Table>) -> Self {
        let mut required = Required::default();
        if let Some(table) = pyproject {
            required.read_project(table);
            required.read_poetry(table);
        }
        if let Some(text) = sources.text("setup.cfg") {
            required.read_setup_cfg(&text);
        }
        if let Some(text) = sources.text("setup.py") {
            let named = setup_py_argument(&text, "install_requires").map(literals);
            required.always.extend(named.unwrap_or_default().iter().filter_map(|line| name(line)));
        }
        if let Some(text) = sources.text("PKG-INFO") {
            required.read_metadata(&text);
        }
        required
    }

    fn add(&mut self, extra: &str, lines: impl IntoIterator<Item = String>) {
        let names = lines.into_iter().filter_map(|line| name(&line));
        self.extras.entry(extra.to_owned()).or_default().extend(names);
    }

    fn read_project(&mut self, table: &Table) {
        let Some(project) = table.get("project").and_then(Value::as_table) else { return };
        let lines = texts(project.get("dependencies"));
        self.always.extend(lines.iter().filter_map(|line| name(line)));
        let extras = project.get("optional-dependencies").and_then(Value::as_table);
        for (extra, lines) in extras.into_iter().flatten() {
            self.add(extra, texts(Some(lines)));
        }
    }

    /// `[tool.poetry.dependencies]`: names and what is wanted of them.
    fn read_poetry(&mut self, table: &Table) {
        let poetry = table.get("tool").and_then(|tool| tool.get("poetry")?.as_table());
        let all = poetry.and_then(|poetry| poetry.get("dependencies")?.as_table());
        for (distribution, wanted) in all.into_iter().flatten() {
            let is_optional = wanted.get("optional").and_then(Value::as_bool).unwrap_or_default();
            if distribution != "python" && !is_optional {
                self.always.extend(name(distribution));
            }
        }
        let extras = poetry.and_then(|poetry| poetry.get("extras")?.as_table());
        for (extra, names) in extras.into_iter().flatten() {
            self.add(extra, texts(Some(names)));
        }
    }

    fn read_setup_cfg(&mut self, text: &str) {
        let lines = setup_cfg_list(text, "options", "install_requires");
        self.always.extend(lines.iter().filter_map(|line| name(line)));
        // The second one is pbr's.
        for section in ["options.extras_require", "extras"] {
            for extra in setup_cfg_keys(text, section) {
                self.add(&extra, setup_cfg_list(text, section, &extra));
            }
        }
    }

    /// Those of an sdist, which its build has written.
    fn read_metadata(&mut self, text: &str) {
        static EXTRA: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"\bextra\s*==\s*["']([\w.-]+)["']"#).expect("a constant pattern")
        });
        let head = text.split("\n\n").next().unwrap_or(text);
        for line in head.lines().filter_map(|line| line.strip_prefix("Requires-Dist:")) {
            match EXTRA.captures(line) {
                Some(found) => self.add(&found[1], [line.to_owned()]),
                None => self.always.extend(name(line)),
            }
        }
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// The distribution that a line of requirements names: `psycopg2-binary`; `psycopg[c]` is told from
/// `psycopg`.
pub(super) fn name(line: &str) -> Option<String> {
    let line = line.split(" --").next().unwrap_or(line).trim_end_matches('\\').trim();
    let read: Requirement<VerbatimUrl> = line.parse().ok()?;
    Some(read.name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_and_extras_are_read_wherever_a_build_writes_them() {
        let table = [
            (
                "pyproject.toml",
                "[project]\nname = 'a'\ndependencies = ['Flask_Login>=1']\n[project.optional-dependencies]\nserver = ['Flask[async]']\n",
            ),
            (
                "pyproject.toml",
                "[tool.poetry.dependencies]\npython = '^3'\nflask-login = '^1'\nflask = {version = '*', optional = true}\n\
                 [tool.poetry.extras]\nserver = ['flask']\n",
            ),
            (
                "setup.cfg",
                "[options]\ninstall_requires =\n  flask-login>=1\n[options.extras_require]\nserver =\n  flask>=2\n",
            ),
            (
                "PKG-INFO",
                "Name: a\nRequires-Dist: flask-login>=1\nRequires-Dist: flask ; extra == \"server\"\n\nRequires-Dist: x\n",
            ),
        ];
        for (file, text) in table {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), text).unwrap();
            let pyproject = text.parse::<Table>().ok();
            let found = Required::of(&Sources::of(folder.path()), pyproject.as_ref());
            assert_eq!(found.always.into_iter().collect::<Vec<_>>(), ["flask-login"], "{text}");
            let flask = BTreeSet::from(["flask".to_owned()]);
            assert_eq!(found.extras, BTreeMap::from([("server".to_owned(), flask)]), "{text}");
        }
    }

    #[test]
    fn what_a_setup_py_works_out_is_not_guessed() {
        let text = "setup(name='a', install_requires=['flask-login', 'x==1'] + more())\n";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("setup.py"), text).unwrap();
        let found = Required::of(&Sources::of(folder.path()), None);
        assert_eq!(found.always.into_iter().collect::<Vec<_>>(), ["flask-login", "x"]);
    }
}
