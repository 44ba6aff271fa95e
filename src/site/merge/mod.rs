//! How the description of a site is put over the defaults of its project.
//!
//! What a key of the site puts aside, because the two exclude each other, is in `aside`.

mod aside;

use self::aside::put_aside;
use super::problem::KeyPath;
use super::tree::{Entry, Map, Node, Value};

/// Puts a site over the defaults: the site's keys win, maps merge, lists replace, and `null`
/// takes away.
pub(super) fn merge(defaults: &Node, site: &Node) -> Node {
    let mut merged = merge_at(&KeyPath::default(), Some(defaults), site);
    // An empty site file has no spot of its own inside; what is missing there is said of the file.
    merged.place = site.place.clone();
    merged
}

/// Below this, `null` is a value like any other.
fn is_data(path: &KeyPath) -> bool {
    path.keys().len() >= 2 && path.keys()[0] == "health" && path.keys()[1] == "json"
}

fn merge_at(path: &KeyPath, below: Option<&Node>, above: &Node) -> Node {
    let Value::Map(above_map) = &above.value else { return above.clone() };
    let short = below.and_then(|below| as_map_of_a_user(path, below));
    let below_map = short.as_ref().or_else(|| below.and_then(Node::as_map));
    let put_aside = below_map.map_or_else(Vec::new, |below| put_aside(path, below, above_map));
    let mut map = Map::default();
    for entry in below_map.map_or(&[][..], |map| &map.entries) {
        let taken = above_map.get(&entry.key).is_some() || put_aside.contains(&entry.key);
        if !taken && (!entry.value.is_null() || is_data(path)) {
            map.entries.push(entry.clone());
        }
    }
    for entry in &above_map.entries {
        if entry.value.is_null() && !is_data(path) {
            continue;
        }
        let below = below_map.and_then(|map| map.get(&entry.key));
        let value = merge_at(&path.key(&entry.key), below, &entry.value);
        map.entries.push(Entry { value, ..entry.clone() });
    }
    map.spoiled.clone_from(&above_map.spoiled);
    map.spoiled.extend(below_map.iter().flat_map(|map| map.spoiled.iter().cloned()));
    Node { place: above.place.clone(), value: Value::Map(map) }
}

/// `user: shop` of the defaults is short for a map with that name, to which a site may add.
fn as_map_of_a_user(path: &KeyPath, below: &Node) -> Option<Map> {
    let is_name = path.is(&["user"]) && matches!(below.value, Value::Scalar(_));
    let name =
        || Entry { key: "name".to_owned(), key_place: below.place.clone(), value: below.clone() };
    is_name.then(|| Map { entries: vec![name()], spoiled: Vec::new() })
}

#[cfg(test)]
mod tests;
