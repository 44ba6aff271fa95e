//! A description as a tree in which every key and value knows the place it was written at.

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

    /// The value of a key, which is made where it is not there or null.
    fn entry(&mut self, key: &str, make: impl FnOnce() -> Node) -> &mut Node {
        let found = self.entries.iter().position(|entry| entry.key == key);
        let place = found.unwrap_or_else(|| {
            let value = make();
            let (key, key_place) = (key.to_owned(), value.place.clone());
            self.entries.push(Entry { key, key_place, value });
            self.entries.len() - 1
        });
        &mut self.entries[place].value
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

    /// Puts a value at a path, or takes away what is there; maps that are missing on the way are made. False where
    /// something else than a map is in the way.
    pub(super) fn put(&mut self, path: &KeyPath, value: Option<Node>) -> bool {
        let Some((last, parents)) = path.keys().split_last() else { return false };
        let mut node = self;
        for key in parents {
            let place = node.place.clone();
            let Value::Map(map) = &mut node.value else { return false };
            if value.is_none() && map.get(key).is_none() {
                return true;
            }
            node = map.entry(key, || Node::empty_map(place));
        }
        let Value::Map(map) = &mut node.value else { return false };
        match value {
            Some(value) => {
                let place = value.place.clone();
                *map.entry(last, || Node::empty_map(place)) = value;
            }
            None => map.entries.retain(|entry| entry.key != *last),
        }
        true
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

    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.kind == ScalarKind::Null)
    }
}
