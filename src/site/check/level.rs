//! Keys that stand on the wrong level: those of a map above, or of one below.

use serde_json::Value as Schema;

use crate::site::problem::KeyPath;
use crate::site::schema::reference;

/// How deep maps are looked through, and how many of them are named.
const DEPTH: usize = 4;
const MOST: usize = 3;

/// Returns where a key that is unknown at `path` is known, if that is another level of the same file: the
/// maps around it come first, then those below them.
pub(super) fn of_another(root: &Schema, key: &str, path: &KeyPath) -> Option<String> {
    let mut owners: Vec<Vec<String>> = Vec::new();
    let is_whole = root["properties"].get(key).is_some();
    collect(root, root, key, &mut Vec::new(), &mut owners);
    let here = path.keys();
    let is_around = |owner: &Vec<String>| here.starts_with(owner);
    if !here.is_empty() && is_whole {
        return Some(format!("`{key}` is a key at the top of the file: is the indentation right?"));
    }
    let shared = |owner: &[String]| owner.iter().zip(here).take_while(|(a, b)| a == b).count();
    let near = owners
        .iter()
        .filter(|owner| !owner.is_empty())
        .filter(|owner| is_around(owner) || shared(owner) + 1 >= owner.len());
    let mut names: Vec<String> = near.map(|owner| owner.join(".")).collect();
    names.dedup();
    if names.is_empty() || names.len() > MOST {
        return None;
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("`{key}` is a key of {}: is the indentation right?", names.join(" and of ")))
}

/// The paths of the maps that have the key; of a list's items, the list's own.
fn collect(
    root: &Schema,
    schema: &Schema,
    key: &str,
    path: &mut Vec<String>,
    owners: &mut Vec<Vec<String>>,
) {
    if path.len() >= DEPTH {
        return;
    }
    let schema = resolved(root, schema);
    let properties = schema["properties"].as_object();
    if properties.is_some_and(|properties| properties.contains_key(key)) {
        owners.push(path.clone());
    }
    for (name, below) in properties.into_iter().flatten() {
        path.push(name.clone());
        collect(root, below, key, path, owners);
        path.pop();
    }
    if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
        collect(root, items, key, path, owners);
    }
}

/// Behind references, and without the part of a schema that is null.
fn resolved<'a>(root: &'a Schema, schema: &'a Schema) -> &'a Schema {
    if let Some(name) = reference(schema) {
        return resolved(root, &root["$defs"][name]);
    }
    let parts = schema.get("anyOf").and_then(Schema::as_array);
    match parts.and_then(|parts| parts.iter().find(|part| part["type"] != "null")) {
        Some(part) => resolved(root, part),
        None => schema,
    }
}
