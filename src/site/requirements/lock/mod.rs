//! Lock files of packaging tools, as requirements with one version and its hashes each.
//!
//! Only what the app itself needs is taken: no groups of development, and of its extras those that the site
//! asks for. What an index does not have (git, a path, an address) is refused by name: the site has it neither.

mod graph;
mod pdm;
mod pin;
mod pipfile;
mod poetry;
mod project;
mod pylock;
mod uv;

use std::collections::BTreeSet;

use super::Unread;
use crate::site::masked::masked;
use pin::Pin;

/// What else a tool's reading looks at.
pub(super) struct Beside<'a> {
    /// The extras of the release that are wanted, normalised.
    pub(super) extras: &'a BTreeSet<String>,
    /// Reads a file that lies beside the lock.
    pub(super) read: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, Unread>,
}

/// Which tool writes a file of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    /// <https://packaging.python.org/en/latest/specifications/pylock-toml/>
    Pylock,
}

impl Tool {
    /// By the last part of a path; `None` for requirements as pip has them.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path.rsplit('/').next().unwrap_or(path) {
            "uv.lock" => Some(Tool::Uv),
            "poetry.lock" => Some(Tool::Poetry),
            "pdm.lock" => Some(Tool::Pdm),
            "Pipfile.lock" => Some(Tool::Pipenv),
            "pylock.toml" => Some(Tool::Pylock),
            name => {
                let middle = name.strip_prefix("pylock.")?.strip_suffix(".toml")?;
                (!middle.is_empty()).then_some(Tool::Pylock)
            }
        }
    }

    /// How the same becomes requirements.
    fn export(self) -> &'static str {
        match self {
            Tool::Uv => "`uv export --no-dev --no-emit-project -o requirements.lock`",
            Tool::Poetry => "`poetry export -o requirements.lock`",
            Tool::Pdm => "`pdm export --prod -o requirements.lock`",
            Tool::Pipenv => "`pipenv requirements --hash > requirements.lock`",
            Tool::Pylock => "the tool that wrote it can do that",
        }
    }

    /// The lock as requirements, sorted by name.
    ///
    /// # Errors
    /// Text that is no lock, one that is older than what can be read, a package that no index has.
    pub(super) fn requirements(
        self,
        content: &[u8],
        beside: &mut Beside<'_>,
    ) -> Result<Vec<u8>, Unread> {
        let text =
            std::str::from_utf8(content).map_err(|_| ("it is not UTF-8".to_owned(), None))?;
        let pins = match self {
            Tool::Uv => uv::read(text, beside),
            Tool::Poetry => poetry::read(text, beside),
            Tool::Pdm => pdm::read(text, beside),
            Tool::Pipenv => pipfile::read(text),
            Tool::Pylock => pylock::read(text, beside),
        };
        let pins = pins.map_err(|refusal| self.explain(refusal))?;
        Ok(Pin::requirements(pins).into_bytes())
    }

    fn explain(self, refusal: Refusal) -> Unread {
        match refusal {
            Refusal::NoLock(message) => (message, None),
            Refusal::TooOld(message) => {
                (message, Some(format!("lock anew, or export requirements: {}", self.export())))
            }
            Refusal::NotOfAnIndex { package, source } => {
                let hint = format!(
                    "build a wheel of {package} into the folder of `install.wheels`, and name that version in \
                     requirements that take the lock's place: {}",
                    self.export()
                );
                let source = masked(&source);
                (
                    format!("{package} is locked to {source}, which the site does not have"),
                    Some(hint),
                )
            }
        }
    }
}

/// Why a lock is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    NoLock(String),
    TooOld(String),
    /// A package of another place than an index: `git (https://...)`.
    NotOfAnIndex {
        package: String,
        source: String,
    },
}

/// A TOML document.
fn toml(text: &str) -> Result<toml::Table, Refusal> {
    text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
        let what = error.message().lines().next().unwrap_or_default();
        Refusal::NoLock(format!("line {line}: {what}"))
    })
}

/// The tables of a list.
fn tables<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a toml::Table> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_table).collect()
}

/// A text of a table.
fn text<'a>(table: &'a toml::Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

/// The texts of a list.
fn texts<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a str> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
}

/// The hashes of the files that a list names, each in one key.
fn hashes(package: &toml::Table, key: &str) -> Vec<String> {
    tables(package, key)
        .into_iter()
        .filter_map(|file| text(file, "hash").map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests;
