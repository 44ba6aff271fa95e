//! How live hosts are asked, as the command line says it.

use std::path::PathBuf;
use std::time::Duration;

use super::context::parse_span;
use crate::capture::{Questions, Terms, is_word};
use crate::failure::Failure;
use crate::outside_look::Detour;

/// How hosts are asked.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct AskedArgs {
    /// What serves the app there: a unit of systemd, a vassal of uWSGI's emperor, a program of supervisor, or a group of
    /// processes of `mod_wsgi`
    #[arg(long, value_name = "UNIT")]
    pub(super) unit: Option<String>,
    /// A variable whose value is harmless, and may leave the host. May be given several times
    #[arg(long = "harmless", value_name = "VARIABLE")]
    pub(super) harmless: Vec<String>,
    /// Read as root, by a sudo that does not ask
    #[arg(long)]
    pub(super) sudo: bool,
    /// How long a host may take to answer
    #[arg(long, value_name = "SPAN", default_value = "2min", value_parser = parse_span)]
    pub(super) patience: Duration,
    /// Where a name is looked for instead, as NAME:443=ADDRESS[:PORT]. May be given several times
    #[arg(long = "resolve", value_name = "NAME:PORT=ADDRESS")]
    pub(super) detours: Vec<Detour>,
    /// The roots of a private authority, in PEM
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
}

impl AskedArgs {
    /// What is asked, with the project's key.
    ///
    /// # Errors
    /// Usage: a word is none.
    pub(super) fn questions(&self, key: String) -> Result<Questions, Failure> {
        let words = self.unit.iter().chain(&self.harmless);
        if let Some(odd) = words.into_iter().find(|word| !is_word(word)) {
            return Err(Failure::usage(format!("`{odd}` is no name of a unit or a variable"))
                .hint("letters, digits, dots, dashes and underscores"));
        }
        let suffix = |unit: &String| {
            if unit.contains('.') { unit.clone() } else { format!("{unit}.service") }
        };
        Ok(Questions { unit: self.unit.as_ref().map(suffix), harmless: self.harmless.clone(), key })
    }

    pub(super) fn terms(&self) -> Terms {
        Terms { patience: self.patience, sudo: self.sudo }
    }
}
