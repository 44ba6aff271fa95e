//! Which passing site is nearest to a failing one, and in which keys the two differ.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::site::Site;

/// The passing site with the fewest different keys, and those keys.
pub(super) fn nearest<'a>(
    failing: &Site,
    passing: impl Iterator<Item = &'a Site>,
) -> Option<(&'a Site, Vec<String>)> {
    passing.map(|site| (site, differences(failing, site))).min_by_key(|(_, keys)| keys.len())
}

/// The key paths in which two environments differ, as a description writes them.
fn differences(one: &Site, two: &Site) -> Vec<String> {
    let (one, two) = (leaves(one), leaves(two));
    let mut keys: Vec<String> = one
        .iter()
        .filter(|(key, value)| two.get(*key) != Some(value))
        .map(|(key, _)| key.clone())
        .chain(two.keys().filter(|key| !one.contains_key(*key)).cloned())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Every leaf of a site by its key path; what only names it is left out.
fn leaves(site: &Site) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(site) {
        collect(&value, String::new(), &mut leaves);
    }
    leaves.retain(|key, _| !matches!(key.as_str(), "name" | "summary" | "order" | "source"));
    leaves
}

fn collect(value: &Value, path: String, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = as_written(key);
                let inner = match (path.as_str(), key) {
                    (_, None) => path.clone(),
                    ("", Some(key)) => key.to_owned(),
                    (_, Some(key)) => format!("{path}.{key}"),
                };
                collect(value, inner, leaves);
            }
        }
        Value::Null => {}
        other => {
            leaves.insert(path, other.clone());
        }
    }
}

/// A member's name as a description writes it; `None` for a level that it does not have.
fn as_written(member: &str) -> Option<&str> {
    match member {
        "origin" | "kind" | "suite" => None,
        "static_files" => Some("static"),
        "plain_http" => Some("http"),
        other => Some(other),
    }
}
