//! Descriptions as their leaves, by their key paths; services under one name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::capture::Description;
use crate::drift::form::plain;

/// Keys that a host does not know, or that are no part of the environment.
pub(super) const NOT_COMPARED: [&str; 20] = [
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
    "capture",
    "intended",
    "live",
    "deploy",
    "health",
    "critical",
    "resources",
    "outside",
    "files",
    "tls",
];

/// Maps whose members are compared each by itself.
const HOLDERS: [&str; 9] =
    ["base", "env", "services", "proxy", "wsgi", "host", "processes", "timers", "user"];

/// Keys that the host has and the description has not, with their values.
pub(super) fn unsaid(
    described: &BTreeMap<Vec<String>, Value>,
    seen: &BTreeMap<Vec<String>, Value>,
) -> BTreeMap<String, (Vec<String>, Value)> {
    let is_said = |path: &[String]| {
        described.keys().any(|own| own.starts_with(path) || path.starts_with(own))
    };
    let not_said = seen.iter().filter(|(path, _)| {
        !NOT_COMPARED.contains(&path[0].as_str())
            && path[0] != "install"
            && !is_said(path)
            && match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                // The keys of a proxy do not say all of it any more; then it is brought along as it is.
                ["proxy", "config"] => true,
                ["wsgi", "listen"] => !is_live_text(seen),
                [.., "config"] => false,
                _ => true,
            }
    });
    not_said.map(|(path, value)| (path.join("."), (path.clone(), value.clone()))).collect()
}

/// Whether the proxy is brought along as its live configuration.
fn is_live_text(seen: &BTreeMap<Vec<String>, Value>) -> bool {
    seen.contains_key(&vec!["proxy".to_owned(), "config".to_owned()])
}

/// What a host has beyond its description, as it is kept for the next look.
#[must_use]
pub fn beyond(described: &Value, live: &Description) -> BTreeMap<String, String> {
    let (mut own, mut seen) = (BTreeMap::new(), BTreeMap::new());
    leaves(described, &mut Vec::new(), &mut own);
    leaves(&renamed(live.tree(), described), &mut Vec::new(), &mut seen);
    unsaid(&own, &seen)
        .into_iter()
        .map(|(key, (path, value))| (key, plain(&path, &value)))
        .collect()
}

/// The leaves of the maps whose members are compared, and all else as one.
pub(super) fn leaves(
    value: &Value,
    path: &mut Vec<String>,
    into: &mut BTreeMap<Vec<String>, Value>,
) {
    let descends = |path: &[String], map: &Map<String, Value>| match path {
        [] => true,
        [first] => HOLDERS.contains(&first.as_str()),
        [first, ..] if first == "env" => false,
        [first, second] if first == "proxy" => matches!(second.as_str(), "static" | "media"),
        [first, second] if first == "host" => {
            matches!(second.as_str(), "resolver" | "limits" | "hosts")
        }
        [first, second] if first == "wsgi" => matches!(second.as_str(), "options" | "systemd"),
        [first, _] => {
            matches!(first.as_str(), "services" | "processes" | "timers") && !map.is_empty()
        }
        [first, _, third] => {
            (first == "services" && third == "settings")
                || (first == "processes" && third == "systemd")
        }
        _ => false,
    };
    match value {
        Value::Object(map) if descends(path, map) => {
            for (key, value) in map {
                path.push(key.clone());
                leaves(value, path, into);
                path.pop();
            }
        }
        Value::String(name) if path.len() == 1 && path[0] == "user" => {
            into.insert(vec!["user".to_owned(), "name".to_owned()], name.clone().into());
        }
        Value::Null => {}
        other if !path.is_empty() => {
            into.insert(path.clone(), other.clone());
        }
        _ => {}
    }
}

/// The live services under the names that the description gives them: by what they are and where they are found.
pub(super) fn renamed(mut live: Value, described: &Value) -> Value {
    let kinds = ["postgres", "mariadb", "redis", "valkey", "memcached", "rabbitmq", "smtp"];
    let kind_of =
        |service: &Value| kinds.iter().find(|kind| service.get(**kind).is_some()).copied();
    let Some(own) = described.get("services").and_then(Value::as_object) else { return live };
    let Some(services) = live.get_mut("services").and_then(Value::as_object_mut) else {
        return live;
    };
    let mut named = Map::new();
    for (name, service) in std::mem::take(services) {
        let names =
            |service: &Value| service.get("names").map(|value| plain(&["names".to_owned()], value));
        let same_kind = |other: &Value| {
            kind_of(other).is_some()
                && (kind_of(other) == kind_of(&service)
                    || matches!(
                        (kind_of(other), kind_of(&service)),
                        (Some("valkey"), Some("redis"))
                    ))
        };
        let by_host = own.iter().find(|(key, other)| {
            same_kind(other) && names(other).or_else(|| Some((*key).clone())) == names(&service)
        });
        let mut alike = own.iter().filter(|(_, other)| same_kind(other));
        let only = alike.next().filter(|_| alike.next().is_none());
        let found = by_host.or(only).map_or(name, |(name, _)| name.clone());
        named.entry(found).or_insert(service);
    }
    *services = named;
    live
}
