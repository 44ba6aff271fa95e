//! `pdm.lock`: a package says its groups where the strategy is `inherit_metadata`; else `pyproject.toml` does.

use std::collections::BTreeMap;

use pep508_rs::MarkerTree;
use toml::Table;

use super::beside::Beside;
use super::graph::{Graph, Node};
use super::pin::{Pin, marker};
use super::project;
use super::refusal::Refusal;
use super::table::{hashes, tables, text, texts, toml};
use crate::site::requirements::line::normalised;

pub(super) fn read(content: &str, beside: &mut Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let lock = toml(content)?;
    if !lock.contains_key("metadata") {
        return Err(Refusal::NoLock("it has no `metadata`".to_owned()));
    }
    let packages = tables(&lock, "package");
    if packages.iter().any(|package| package.contains_key("groups")) || packages.is_empty() {
        return by_group(&packages, beside);
    }
    let mut graph = Graph::default();
    for package in packages.iter().filter(|package| texts(package, "extras").is_empty()) {
        let edges = |package: &Table| {
            let lines = texts(package, "dependencies").into_iter();
            lines.map(project::edge).collect::<Result<Vec<_>, _>>()
        };
        // A package with extras stands there once more, with what they bring.
        let mut extras = BTreeMap::new();
        for other in packages.iter().filter(|other| text(other, "name") == text(package, "name")) {
            for extra in texts(other, "extras") {
                extras.insert(normalised(extra), edges(other)?);
            }
        }
        graph.add(Node {
            pin: pin(package, MarkerTree::TRUE),
            source: elsewhere(package),
            requires: edges(package)?,
            extras,
        });
    }
    graph.reached(project::requirements(beside)?)
}

fn by_group(packages: &[&Table], beside: &Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let mut pins = Vec::new();
    for package in packages {
        let is_wanted =
            |group: &str| group == "default" || beside.extras.contains(&normalised(group));
        let is_ours = texts(package, "groups").into_iter().any(is_wanted);
        // With extras it stands there once more, without files.
        if !is_ours || !texts(package, "extras").is_empty() {
            continue;
        }
        if let Some(source) = elsewhere(package) {
            let package = text(package, "name").unwrap_or_default().to_owned();
            return Err(Refusal::NotOfAnIndex { package, source });
        }
        pins.push(pin(package, marker(text(package, "marker"))?));
    }
    Ok(pins)
}

fn pin(package: &Table, marker: MarkerTree) -> Pin {
    Pin {
        name: text(package, "name").unwrap_or_default().to_owned(),
        version: text(package, "version").unwrap_or_default().to_owned(),
        marker,
        hashes: hashes(package, "files"),
    }
}

/// `git (https://...)` for what is in no index.
fn elsewhere(package: &Table) -> Option<String> {
    let kinds = [("git", "git"), ("url", "an address"), ("path", "a path")];
    let (key, kind) = kinds.iter().find(|(key, _)| package.contains_key(*key))?;
    Some(format!("{kind} ({})", text(package, key).unwrap_or_default()))
}
