//! The keys in which two merged descriptions differ, as they are written.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::difference::Difference;
use crate::site::kind::is_kind;
use crate::site::problem::KeyPath;
use crate::site::scalar::{Scalar, ScalarKind};
use crate::site::tree::{Node, Value};

/// Keys that never make a difference of verdicts, and those of the two sites' identity.
const OF_NO_ENVIRONMENT: [&str; 11] = [
    "capture",
    "summary",
    "login",
    "order",
    "advisory",
    "logs",
    "secrets",
    "project",
    "release",
    "required",
    "uncovered",
];

/// Keys that hold a map of things of their own: where one site has none of them, each is a difference.
const HOLDERS: [&str; 13] = [
    "base",
    "install",
    "env",
    "services",
    "outside",
    "host",
    "deploy",
    "resources",
    "processes",
    "timers",
    "proxy",
    "wsgi",
    "critical",
];

/// What images are made of, beside services that one site alone has, or in another version.
const OF_IMAGES: [&[&str]; 8] = [
    &["base"],
    &["python"],
    &["install"],
    &["user"],
    &["files"],
    &["proxy", "server"],
    &["wsgi", "server"],
    &["wsgi", "from"],
];

/// Lists of things that stand for themselves, each a name with or without a version: `libpq5=15.3-0+deb12u1`.
const OF_MEMBERS: [&[&str]; 1] = [&["base", "packages"]];

/// Whether a first key never makes a difference of verdicts, or says whose the site is.
#[must_use]
pub fn is_of_no_environment(key: &str) -> bool {
    OF_NO_ENVIRONMENT.contains(&key)
}

/// A key in which two descriptions differ, and what each has there.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) path: KeyPath,
    /// What it is of a list, where it is one of many.
    pub(super) member: Option<String>,
    pub(super) green: Option<Node>,
    pub(super) red: Option<Node>,
}

impl Key {
    pub(super) fn difference(&self) -> Difference {
        let text = |node: &Option<Node>| node.as_ref().map(in_a_line);
        let keys: Vec<&str> =
            self.path.keys().iter().chain(&self.member).map(String::as_str).collect();
        Difference { key: keys.join("."), one: text(&self.red), two: text(&self.green) }
    }

    /// Gives a description what the failing one has.
    pub(super) fn put_into(&self, tree: &mut Node) {
        if self.member.is_none() {
            tree.put(&self.path, self.red.clone());
            return;
        }
        let place = tree.place_of(&self.path).clone();
        let mut items = items_at(tree, &self.path);
        let old = self.green.as_ref().and_then(|green| {
            let text = in_a_line(green);
            items.iter().position(|item| in_a_line(item) == text)
        });
        match (old, self.red.clone()) {
            (Some(old), Some(red)) => items[old] = red,
            (Some(old), None) => drop(items.remove(old)),
            (None, red) => items.extend(red),
        }
        tree.put(&self.path, Some(Node { place, value: Value::List(items) }));
    }

    pub(super) fn changes_image(&self) -> bool {
        changes_image(&self.path)
    }
}

/// What gives a site on the command line what a description has at a path.
pub(super) fn setting(tree: &Node, path: &KeyPath) -> String {
    format!("{path}={}", tree.find(path).map_or("null".to_owned(), in_a_line))
}

fn items_at(tree: &Node, path: &KeyPath) -> Vec<Node> {
    match tree.find(path).map(|node| &node.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    }
}

/// Whether a key has a part in what images are made of.
pub(super) fn changes_image(path: &KeyPath) -> bool {
    let keys = path.keys();
    let of_service = match keys {
        [services, _] => services == "services",
        [services, _, kind] => services == "services" && is_kind(kind),
        _ => false,
    };
    of_service || OF_IMAGES.iter().any(|place| keys.iter().zip(*place).all(|(key, of)| key == of))
}

/// The differences of two descriptions, in the order of their paths.
pub(super) fn keys_between(green: &Node, red: &Node) -> Vec<Key> {
    let mut keys = Vec::new();
    collect(&KeyPath::default(), (Some(green), Some(red)), &mut keys);
    keys.retain(|key| !is_of_no_environment(&key.path.keys()[0]));
    keys.sort_by(|one, two| one.path.cmp(&two.path));
    keys
}

fn collect(path: &KeyPath, (green, red): (Option<&Node>, Option<&Node>), keys: &mut Vec<Key>) {
    let is_holder = matches!(path.keys(), [only] if HOLDERS.contains(&only.as_str()));
    let maps = match (green.map(Node::as_map), red.map(Node::as_map)) {
        (Some(Some(green)), Some(Some(red))) => Some((Some(green), Some(red))),
        (Some(Some(green)), None) if is_holder => Some((Some(green), None)),
        (None, Some(Some(red))) if is_holder => Some((None, Some(red))),
        _ => None,
    };
    if let Some((green, red)) = maps {
        let entries = green.iter().chain(&red).flat_map(|map| &map.entries);
        let names: BTreeSet<&str> = entries.map(|entry| entry.key.as_str()).collect();
        for name in names {
            let (green, red) =
                (green.and_then(|map| map.get(name)), red.and_then(|map| map.get(name)));
            collect(&path.key(name), (green, red), keys);
        }
        return;
    }
    if green.map(Node::to_yaml) == red.map(Node::to_yaml) {
        return;
    }
    let is_list = |node: Option<&Node>| {
        node.is_none_or(|node| node.is_null() || matches!(node.value, Value::List(_)))
    };
    if OF_MEMBERS.iter().any(|of| path.is(of)) && is_list(green) && is_list(red) {
        collect_members(path, (green, red), keys);
    } else {
        let (green, red) = (green.cloned(), red.cloned());
        keys.push(Key { path: path.clone(), member: None, green, red });
    }
}

/// Each member of two lists that one of them has alone, or in another version.
fn collect_members(
    path: &KeyPath,
    (green, red): (Option<&Node>, Option<&Node>),
    keys: &mut Vec<Key>,
) {
    let members = |node: Option<&Node>| -> BTreeMap<String, Node> {
        let items = match node.map(|node| &node.value) {
            Some(Value::List(items)) => &items[..],
            _ => &[],
        };
        let name =
            |text: String| text.trim_matches('"').split('=').next().unwrap_or_default().to_owned();
        items.iter().map(|item| (name(in_a_line(item)), item.clone())).collect()
    };
    let (green, red) = (members(green), members(red));
    let names: BTreeSet<&String> = green.keys().chain(red.keys()).collect();
    for name in names {
        let (green, red) = (green.get(name), red.get(name));
        if green.map(Node::to_yaml) != red.map(Node::to_yaml) {
            let (path, member) = (path.clone(), Some(name.clone()));
            keys.push(Key { path, member, green: green.cloned(), red: red.cloned() });
        }
    }
}

/// A value as a description may have it on one line.
pub(super) fn in_a_line(node: &Node) -> String {
    let all =
        |parts: Vec<String>, [open, close]: [char; 2]| format!("{open}{}{close}", parts.join(", "));
    match &node.value {
        Value::Scalar(scalar) => quoted(&scalar.text, scalar.kind),
        Value::List(items) => all(items.iter().map(in_a_line).collect(), ['[', ']']),
        Value::Map(map) => {
            let entry = |entry: &crate::site::tree::Entry| {
                let key = quoted(&entry.key, Scalar::plain(entry.key.as_str()).kind);
                format!("{key}: {}", in_a_line(&entry.value))
            };
            all(map.entries.iter().map(entry).collect(), ['{', '}'])
        }
    }
}

/// A scalar so that it is read as what it is.
fn quoted(text: &str, kind: ScalarKind) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._-/+@".contains(character);
    let reads_the_same = match kind {
        ScalarKind::Text => {
            text.chars().all(is_plain)
                && !text.starts_with('-')
                && matches!(Scalar::plain(text).kind, ScalarKind::Text)
        }
        ScalarKind::Empty => return "null".to_owned(),
        _ => true,
    };
    if reads_the_same { text.to_owned() } else { format!("{text:?}") }
}
