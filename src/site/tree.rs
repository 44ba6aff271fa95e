//! A description as a tree in which every key and value knows the place it was written at, and how
//! the tree of the defaults and that of a site become one.

use serde_yaml::Value as Yaml;

use super::problem::{KeyPath, Place};
use super::scalar::{Scalar, ScalarKind};

/// A value and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Map),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
    /// Keys that were meant to be here but were taken out because of a problem that is reported
    /// already; nobody complains that they are missing.
    pub(super) spoiled: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) value: Node,
}

impl Map {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

impl Node {
    pub(super) fn empty_map(place: Place) -> Self {
        Node { place, value: Value::Map(Map::default()) }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(map) => map.get(key),
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            Value::Scalar(_) => None,
        }
    }

    pub(super) fn find(&self, path: &KeyPath) -> Option<&Node> {
        path.keys().iter().try_fold(self, |node, key| node.child(key))
    }

    /// The text at a path, if there is text.
    pub(super) fn text_at(&self, path: &KeyPath) -> Option<&str> {
        match &self.find(path)?.value {
            Value::Scalar(scalar)
                if !matches!(scalar.kind, ScalarKind::Empty | ScalarKind::Null) =>
            {
                Some(&scalar.text)
            }
            _ => None,
        }
    }

    /// Where a path leads to, or as near to it as the tree goes.
    pub(super) fn place_of(&self, path: &KeyPath) -> &Place {
        let mut node = self;
        for key in path.keys() {
            match node.child(key) {
                Some(child) => node = child,
                None => break,
            }
        }
        &node.place
    }

    /// Where the key that leads to a path is written.
    pub(super) fn key_place_of(&self, path: &KeyPath) -> &Place {
        let Some((last, parents)) = path.keys().split_last() else { return &self.place };
        parents
            .iter()
            .try_fold(self, |node, key| node.child(key))
            .and_then(Node::as_map)
            .and_then(|map| map.entries.iter().find(|entry| entry.key == *last))
            .map_or_else(|| self.place_of(path), |entry| &entry.key_place)
    }

    /// True where a key was there but taken out with a problem.
    pub(super) fn is_spoiled(&self, path: &KeyPath, key: &str) -> bool {
        self.find(path)
            .and_then(Node::as_map)
            .is_some_and(|map| map.spoiled.iter().any(|k| k == key))
    }

    /// The same as plain YAML, without places.
    pub(super) fn to_yaml(&self) -> Yaml {
        match &self.value {
            Value::List(items) => Yaml::Sequence(items.iter().map(Node::to_yaml).collect()),
            Value::Map(map) => Yaml::Mapping(
                map.entries
                    .iter()
                    .map(|entry| (Yaml::from(entry.key.as_str()), entry.value.to_yaml()))
                    .collect(),
            ),
            Value::Scalar(scalar) => match scalar.kind {
                ScalarKind::Empty | ScalarKind::Null => Yaml::Null,
                ScalarKind::Flag(flag) => flag.into(),
                ScalarKind::Integer(number) => number.into(),
                ScalarKind::Number(number) => number.into(),
                ScalarKind::Text | ScalarKind::Ambiguous => scalar.text.as_str().into(),
            },
        }
    }

    #[cfg(test)]
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.to_yaml()).unwrap()
    }

    fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.kind == ScalarKind::Null)
    }
}

/// Keys of which a map has one: a site's choice puts aside the one of the defaults.
const ALTERNATIVES: [(&[&str], &[&str]); 4] = [
    (&["base"], &["debian", "image"]),
    (&["services", "*"], &["postgres", "redis", "memcached"]),
    (&["wsgi"], &["application", "file"]),
    (&["secrets", "*"], &["generate", "from_env", "from_file"]),
];

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
    let below_map = below.and_then(Node::as_map);
    let put_aside = ALTERNATIVES
        .iter()
        .filter(|(place, _)| path.is(place))
        .flat_map(|(_, keys)| keys.iter())
        .filter(|_| {
            ALTERNATIVES.iter().any(|(place, keys)| {
                path.is(place) && keys.iter().any(|key| above_map.get(key).is_some())
            })
        })
        .collect::<Vec<_>>();
    let mut map = Map::default();
    for entry in below_map.map_or(&[][..], |map| &map.entries) {
        let taken =
            above_map.get(&entry.key).is_some() || put_aside.iter().any(|k| **k == entry.key);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::yaml;

    fn merged(defaults: &str, site: &str) -> serde_json::Value {
        let read = |text: &str| yaml::read("x.yaml", text.as_bytes()).unwrap();
        merge(&read(defaults), &read(site)).to_json()
    }

    #[test]
    fn the_sites_keys_win_maps_merge_lists_replace_and_null_takes_away() {
        let table = [
            ("a: 1\nb: 2", "b: 3", r#"{"a":1,"b":3}"#),
            ("env: {A: x, B: y}", "env: {B: z}", r#"{"env":{"A":"x","B":"z"}}"#),
            ("names: [a, b]", "names: [c]", r#"{"names":["c"]}"#),
            ("tls: {versions: [x]}\nuser: app", "tls: null", r#"{"user":"app"}"#),
            (
                "base: {debian: x, locale: C}",
                "base: {image: y}",
                r#"{"base":{"locale":"C","image":"y"}}"#,
            ),
            ("a: 1", "", r#"{"a":1}"#),
            ("", "health: {json: {error: null}}", r#"{"health":{"json":{"error":null}}}"#),
        ];
        for (defaults, site, expected) in table {
            assert_eq!(merged(defaults, site).to_string(), expected, "{defaults} + {site}");
        }
    }
}
