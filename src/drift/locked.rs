//! The versions that a description's lock asks for.

use std::collections::BTreeMap;

use crate::bounded;
use crate::site::{Lock, Site, normalised};

const LARGEST: u64 = 8 << 20;

/// Distributions with one version each, of the file that `install.requirements` names; nothing where there is none here, or
/// where it is no list of `name==version`.
#[must_use]
pub fn locked(site: &Site) -> Option<BTreeMap<String, String>> {
    let Some(Lock::Project(path)) = &site.install.requirements else { return None };
    let pins = pins_of(&bounded::read_text(path, LARGEST).ok()?);
    (!pins.is_empty()).then_some(pins)
}

/// The same with what the description adds to the lock.
#[must_use]
pub fn with_extra(
    mut pins: BTreeMap<String, String>,
    described: &serde_json::Value,
) -> BTreeMap<String, String> {
    let extra = described.pointer("/install/extra").and_then(serde_json::Value::as_array);
    let lines: Vec<&str> =
        extra.into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    pins.extend(pins_of(&lines.join("\n")));
    pins
}

fn pins_of(text: &str) -> BTreeMap<String, String> {
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    let mut ambiguous = Vec::new();
    for line in text.lines().map(str::trim) {
        let Some((name, rest)) = line.split_once("==") else { continue };
        let name = name.split('[').next().unwrap_or(name).trim();
        let is_name = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let version: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || ".+!_-".contains(*c))
            .collect();
        if !is_name || version.is_empty() {
            continue;
        }
        let name = normalised(name);
        // With a marker there may be several, one for each Python.
        if pins.insert(name.clone(), version).is_some() {
            ambiguous.push(name);
        }
    }
    pins.retain(|name, _| !ambiguous.contains(name));
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_says_one_version_of_each() {
        let pins = pins_of(
            "Flask[async]==3.0.1 \\\n    --hash=sha256:00\n# x==1\nidna==3.7 ; python_version < '3.9'\nidna==3.20\nrequests>=2\n",
        );
        let pins: Vec<(&str, &str)> =
            pins.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect();
        assert_eq!(pins, [("flask", "3.0.1")]);
    }
}
