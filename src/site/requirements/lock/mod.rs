//! Lock files of packaging tools, as requirements with one version and its hashes each.
//!
//! Only what the app itself needs is taken: no groups of development, and of its extras those that the site
//! asks for. What an index does not have (git, a path, an address) is refused by name: the site has it neither.

mod beside;
mod graph;
mod pdm;
mod pin;
mod pipfile;
mod poetry;
mod project;
mod pylock;
mod refusal;
mod table;
mod uv;

use super::unread::Unread;
use crate::site::masked::masked;
use pin::Pin;
use refusal::Refusal;

pub(super) use beside::Beside;

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

#[cfg(test)]
mod tests;
