//! The secrets of one run: made or fetched at its start, never written anywhere.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand::distr::Alphanumeric;

use crate::failure::Failure;
use crate::site::{SecretName, SecretSource, Site, Text};

/// Shorter values are not looked for in texts: they would match everywhere.
const SHORTEST_REDACTED: usize = 4;

/// Values of a site's secrets. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<SecretName, String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Secrets {
    /// Makes or fetches each of the site's secrets.
    ///
    /// # Errors
    /// Usage: a variable that should hold one is not set.
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
            };
            values.insert(name.clone(), value);
        }
        Ok(Secrets(values))
    }

    /// A word in the place of each value, to see what becomes of the places where they stand.
    #[must_use]
    pub fn placeholders(site: &Site) -> Secrets {
        Secrets(site.secrets.keys().map(|name| (name.clone(), "secret".to_owned())).collect())
    }

    /// For the site's own host.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let map: BTreeMap<String, &String> =
            self.0.iter().map(|(name, value)| (name.to_string(), value)).collect();
        serde_json::to_vec(&map).unwrap_or_default()
    }

    /// Reads back what [`Secrets::to_json`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Secrets> {
        let map: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        let parsed = map.into_iter().map(|(name, value)| Some((name.parse().ok()?, value)));
        parsed.collect::<Option<_>>().map(Secrets)
    }

    /// The text with the values in place.
    #[must_use]
    pub fn reveal(&self, text: &Text) -> String {
        text.reveal(|name| self.0.get(name).map_or("", String::as_str))
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretName, &str)> {
        self.0.iter().map(|(name, value)| (name, value.as_str()))
    }

    /// The text with every value replaced by its name: for all that leaves the replica.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0 {
            if value.len() >= SHORTEST_REDACTED && text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("[secret {name}]"));
            }
        }
        text
    }
}
