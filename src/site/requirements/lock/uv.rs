//! `uv.lock`: every package with what it requires, and the app itself among them.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::beside::Beside;
use super::graph::{Edge, Graph, Node};
use super::pin::{Pin, marker};
use super::refusal::Refusal;
use super::table::{tables, text, texts, toml};
use crate::site::requirements::line::normalised;

pub(super) fn read(content: &str, beside: &Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let lock = toml(content)?;
    if lock.get("version").and_then(Value::as_integer) != Some(1) {
        return Err(Refusal::NoLock("it is no `uv.lock` of version 1".to_owned()));
    }
    let mut graph = Graph::default();
    let mut from = None;
    for package in tables(&lock, "package") {
        let Some(name) = text(package, "name") else { continue };
        let source = package.get("source").and_then(Value::as_table);
        let requires = edges(tables(package, "dependencies"))?;
        let mut extras = BTreeMap::new();
        for (extra, _) in
            package.get("optional-dependencies").and_then(Value::as_table).into_iter().flatten()
        {
            let group = package["optional-dependencies"].as_table().map(|all| tables(all, extra));
            extras.insert(normalised(extra), edges(group.unwrap_or_default())?);
        }
        if source.is_some_and(is_the_app) {
            let wanted = beside.extras.iter().filter_map(|extra| extras.get(extra)).flatten();
            from = Some(requires.iter().chain(wanted).cloned().collect::<Vec<_>>());
        }
        graph.add(Node {
            pin: Pin {
                name: name.to_owned(),
                version: text(package, "version").unwrap_or_default().to_owned(),
                marker: pep508_rs::MarkerTree::TRUE,
                hashes: hashes(package),
            },
            source: source.and_then(elsewhere),
            requires,
            extras,
        });
    }
    let from = from.ok_or_else(|| {
        Refusal::NoLock(
            "no package of it is the project itself, as in a workspace's root".to_owned(),
        )
    })?;
    graph.reached(from)
}

/// True for the project that the lock lies in.
fn is_the_app(source: &Table) -> bool {
    ["editable", "virtual", "directory"].iter().any(|key| text(source, key) == Some("."))
}

/// `git (https://...)` for what is in no index.
fn elsewhere(source: &Table) -> Option<String> {
    if source.contains_key("registry") || is_the_app(source) {
        return None;
    }
    let (kind, place) = source.iter().next()?;
    let kind = match kind.as_str() {
        "git" => "git",
        "url" => "an address",
        _ => "a path",
    };
    Some(format!("{kind} ({})", place.as_str().unwrap_or_default()))
}

fn edges(list: Vec<&Table>) -> Result<Vec<Edge>, Refusal> {
    let edge = |table: &Table| {
        let own = |key: &str| texts(table, key).into_iter().map(str::to_owned).collect();
        Ok(Edge {
            name: text(table, "name").unwrap_or_default().to_owned(),
            version: text(table, "version").map(str::to_owned),
            extras: own("extra"),
            marker: marker(text(table, "marker"))?,
        })
    };
    list.into_iter().map(edge).collect()
}

fn hashes(package: &Table) -> Vec<String> {
    let sdist = package.get("sdist").and_then(Value::as_table);
    let files = sdist.into_iter().chain(tables(package, "wheels"));
    files.filter_map(|file| text(file, "hash").map(str::to_owned)).collect()
}
