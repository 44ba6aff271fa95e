//! `Pipfile.lock`: what is for the app stands in `default`.

use serde_json::{Map, Value};

use super::pin::{Pin, marker};
use super::refusal::Refusal;

pub(super) fn read(content: &str) -> Result<Vec<Pin>, Refusal> {
    let lock: Value = serde_json::from_str(content)
        .map_err(|error| Refusal::NoLock(format!("it cannot be read: {error}")))?;
    let Some(packages) = lock.get("default").and_then(Value::as_object) else {
        return Err(Refusal::NoLock("it has no `default`".to_owned()));
    };
    let mut pins = Vec::new();
    for (name, package) in packages {
        let Some(package) = package.as_object() else { continue };
        if let Some(source) = elsewhere(package) {
            return Err(Refusal::NotOfAnIndex { package: name.clone(), source });
        }
        let version = text(package, "version").and_then(|version| version.strip_prefix("=="));
        let Some(version) = version else {
            return Err(Refusal::NoLock(format!("it does not say one version of {name}")));
        };
        let hashes = package.get("hashes").and_then(Value::as_array).into_iter().flatten();
        pins.push(Pin {
            name: name.clone(),
            version: version.to_owned(),
            marker: marker(text(package, "markers"))?,
            hashes: hashes.filter_map(|hash| hash.as_str().map(str::to_owned)).collect(),
        });
    }
    Ok(pins)
}

fn text<'a>(package: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    package.get(key)?.as_str()
}

/// `git (https://...)` for what is in no index.
fn elsewhere(package: &Map<String, Value>) -> Option<String> {
    let kinds = [("git", "git"), ("file", "an address"), ("path", "a path")];
    let (key, kind) = kinds.iter().find(|(key, _)| package.contains_key(*key))?;
    Some(format!("{kind} ({})", text(package, key).unwrap_or_default()))
}
