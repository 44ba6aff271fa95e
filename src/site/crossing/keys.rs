//! The keys in which two merged descriptions differ, as they are written.

use std::collections::BTreeSet;

use crate::site::difference::Difference;
use crate::site::kind::is_kind;
use crate::site::problem::KeyPath;
use crate::site::scalar::{Scalar, ScalarKind};
use crate::site::tree::{Node, Value};

/// Keys that never make a difference of verdicts, and those of the two sites' identity.
const OF_NO_ENVIRONMENT: [&str; 8] =
    ["summary", "login", "order", "advisory", "logs", "secrets", "project", "release"];

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

/// A key in which two descriptions differ, and what each has there.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) path: KeyPath,
    pub(super) green: Option<Node>,
    pub(super) red: Option<Node>,
}

impl Key {
    pub(super) fn difference(&self) -> Difference {
        let text = |node: &Option<Node>| node.as_ref().map(in_a_line);
        Difference { key: self.path.keys().join("."), one: text(&self.red), two: text(&self.green) }
    }

    pub(super) fn changes_image(&self) -> bool {
        let keys = self.path.keys();
        let of_service = match keys {
            [services, _] => services == "services",
            [services, _, kind] => services == "services" && is_kind(kind),
            _ => false,
        };
        of_service
            || OF_IMAGES.iter().any(|place| keys.iter().zip(*place).all(|(key, of)| key == of))
    }

    pub(super) fn setting(&self) -> String {
        self.set_to(self.red.as_ref())
    }

    pub(super) fn setting_back(&self) -> String {
        self.set_to(self.green.as_ref())
    }

    fn set_to(&self, node: Option<&Node>) -> String {
        format!("{}={}", self.path, node.map_or("null".to_owned(), in_a_line))
    }
}

/// The differences of two descriptions, in the order of their paths.
pub(super) fn keys_between(green: &Node, red: &Node) -> Vec<Key> {
    let mut keys = Vec::new();
    collect(&KeyPath::default(), (Some(green), Some(red)), &mut keys);
    keys.retain(|key| !OF_NO_ENVIRONMENT.contains(&key.path.keys()[0].as_str()));
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
    if green.map(Node::to_yaml) != red.map(Node::to_yaml) {
        keys.push(Key { path: path.clone(), green: green.cloned(), red: red.cloned() });
    }
}

/// A value as a description may have it on one line.
fn in_a_line(node: &Node) -> String {
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
