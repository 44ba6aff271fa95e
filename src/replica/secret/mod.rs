//! The secrets of one run: made or fetched at its start, never written anywhere.

mod matcher;
mod redact;
mod spelling;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rand::RngExt as _;
use rand::distr::Alphanumeric;

use self::matcher::Matcher;
pub use self::redact::{LONGEST_LINE, OVERLAP, cut_note};
use crate::bounded;
use crate::failure::Failure;
use crate::site::{SecretName, SecretSource, Site, Text};

/// Bytes of a file that is a secret.
const LARGEST_FILE: u64 = 64 << 10;

/// Values of a site's secrets. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<SecretName, String>,
    /// Made with the first text that is looked at.
    matcher: Arc<OnceLock<Matcher>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}

impl Secrets {
    fn of(values: BTreeMap<SecretName, String>) -> Self {
        Secrets { values, matcher: Arc::default() }
    }

    /// Makes or fetches each of the site's secrets.
    ///
    /// # Errors
    /// Usage: a variable that should hold one is not set, or a file cannot be read.
    pub fn for_site(
        site: &Site,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Secrets, Failure> {
        let mut values = BTreeMap::new();
        for (name, source) in &site.secrets {
            let value = match source {
                SecretSource::Generate(length) => {
                    rand::rng().sample_iter(Alphanumeric).take(*length).map(char::from).collect()
                }
                SecretSource::FromEnv(key) => {
                    variable(key).filter(|v| !v.is_empty()).ok_or_else(|| {
                        Failure::usage(format!(
                            "secret `{name}` of {} comes from ${key}, which is not set",
                            site.name
                        ))
                        .hint(format!("export {key}=... before the call"))
                    })?
                }
                SecretSource::FromFile { file, path } => from_file(path).map_err(|error| {
                    Failure::usage(format!(
                        "secret `{name}` of {} comes from {}, which cannot be read",
                        site.name,
                        file.display()
                    ))
                    .because(&error)
                })?,
            };
            values.insert(name.clone(), value);
        }
        Ok(Secrets::of(values))
    }

    /// A word in the place of each value, to see what becomes of the places where they stand.
    #[must_use]
    pub fn placeholders(site: &Site) -> Secrets {
        Secrets::of(site.secrets.keys().map(|name| (name.clone(), "secret".to_owned())).collect())
    }

    /// For the site's own host.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let map: BTreeMap<String, &String> =
            self.values.iter().map(|(name, value)| (name.to_string(), value)).collect();
        serde_json::to_vec(&map).unwrap_or_default()
    }

    /// Reads back what [`Secrets::to_json`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Secrets> {
        let map: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        let parsed = map.into_iter().map(|(name, value)| Some((name.parse().ok()?, value)));
        parsed.collect::<Option<_>>().map(Secrets::of)
    }

    /// The text with the values in place.
    #[must_use]
    pub fn reveal(&self, text: &Text) -> String {
        text.reveal(|name| self.values.get(name).map_or("", String::as_str))
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretName, &str)> {
        self.values.iter().map(|(name, value)| (name, value.as_str()))
    }

    /// What of the secrets cannot be kept out of texts sensibly, one line each.
    #[must_use]
    pub fn weak(&self) -> Vec<String> {
        let weak = self.values.iter().filter(|(_, value)| matcher::is_weak(value));
        weak.map(|(name, value)| {
            if value.len() < matcher::SHORTEST {
                format!("secret `{name}` is too short to be looked for in what is shown and written")
            } else {
                format!("secret `{name}` is a common word or number: it is kept out of what is shown and written only as a whole word")
            }
        })
        .collect()
    }

    fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| Matcher::new(self.iter()))
    }
}

/// A file's text without its last line break.
fn from_file(path: &Path) -> io::Result<String> {
    let mut text = bounded::read_text(path, LARGEST_FILE)?;
    if text.ends_with('\n') {
        text.truncate(text.len() - if text.ends_with("\r\n") { 2 } else { 1 });
    }
    if text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
    }
    Ok(text)
}

#[cfg(test)]
#[path = "tests.rs"]
mod forms;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_last_line_break_is_not_of_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let table = [("a b", "a b"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n")];
        for (content, expected) in table {
            std::fs::write(&path, content).unwrap();
            assert_eq!(from_file(&path).unwrap(), expected, "{content:?}");
        }
        for content in ["", "\n", "a\0b"] {
            std::fs::write(&path, content).unwrap();
            from_file(&path).unwrap_err();
        }
    }
}
