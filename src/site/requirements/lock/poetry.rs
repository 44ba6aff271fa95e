//! `poetry.lock`: since version 2.1 each package says its groups; before, `pyproject.toml` does.

use std::collections::BTreeMap;

use pep508_rs::{ExtraName, MarkerTree};
use toml::{Table, Value};

use super::beside::Beside;
use super::graph::{Edge, Graph, Node};
use super::pin::{Pin, marker};
use super::project;
use super::refusal::Refusal;
use super::table::{hashes, tables, text, texts, toml};
use crate::site::requirements::line::normalised;

pub(super) fn read(content: &str, beside: &mut Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let lock = toml(content)?;
    let metadata = lock.get("metadata").and_then(Value::as_table);
    let Some(version) = metadata.and_then(|metadata| text(metadata, "lock-version")) else {
        return Err(Refusal::NoLock("it does not say `lock-version`".to_owned()));
    };
    let packages = tables(&lock, "package");
    if packages.iter().any(|package| package.contains_key("groups")) || packages.is_empty() {
        return by_group(&packages, beside);
    }
    // The oldest ones have all the files in a table of their own.
    let files = metadata.and_then(|metadata| metadata.get("files")?.as_table());
    if files.is_some_and(Table::is_empty) && version.starts_with('0') {
        return Err(Refusal::TooOld(format!("it is of version {version}")));
    }
    let mut graph = Graph::default();
    for package in packages {
        graph.add(node(package, files)?);
    }
    graph.reached(project::requirements(beside)?)
}

fn by_group(packages: &[&Table], beside: &Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let mut pins = Vec::new();
    for package in packages.iter().filter(|package| texts(package, "groups").contains(&"main")) {
        let own = match package.get("markers") {
            Some(Value::Table(of_groups)) => marker(text(of_groups, "main"))?,
            other => marker(other.and_then(Value::as_str))?,
        };
        let wanted: Vec<ExtraName> =
            beside.extras.iter().filter_map(|extra| extra.parse().ok()).collect();
        if !own.evaluate_extras(&wanted) {
            continue;
        }
        if let Some(source) = elsewhere(package) {
            let package = text(package, "name").unwrap_or_default().to_owned();
            return Err(Refusal::NotOfAnIndex { package, source });
        }
        pins.push(Pin { marker: own.simplify_extras(&wanted), ..pin(package, None) });
    }
    Ok(pins)
}

fn pin(package: &Table, files: Option<&Table>) -> Pin {
    let name = text(package, "name").unwrap_or_default();
    let own = hashes(package, "files");
    let own = if own.is_empty() { files.map_or(own, |files| hashes(files, name)) } else { own };
    Pin {
        name: name.to_owned(),
        version: text(package, "version").unwrap_or_default().to_owned(),
        marker: MarkerTree::TRUE,
        hashes: own,
    }
}

fn node(package: &Table, files: Option<&Table>) -> Result<Node, Refusal> {
    let mut requires: Vec<Edge> = Vec::new();
    let mut extras: BTreeMap<String, Vec<Edge>> = BTreeMap::new();
    let own = package.get("dependencies").and_then(Value::as_table);
    // `colorama (>=0.4)`, or with its own extras: `redis[hiredis] (>=4)`.
    let optional = package.get("extras").and_then(Value::as_table);
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (extra, _) in optional.into_iter().flatten() {
        for line in optional.map_or(Vec::new(), |all| texts(all, extra)) {
            let name = line.split(&['[', ' ', '('][..]).next().unwrap_or(line);
            names.entry(normalised(name)).or_default().push(normalised(extra));
        }
    }
    for (name, value) in own.into_iter().flatten() {
        let is_optional = value.get("optional").and_then(Value::as_bool).unwrap_or_default();
        for mut edge in project::edges_of(name, value)? {
            if is_optional {
                edge.marker = edge.marker.simplify_extras_with(|_| true);
                for extra in names.get(&normalised(name)).into_iter().flatten() {
                    extras.entry(extra.clone()).or_default().push(edge.clone());
                }
            } else {
                requires.push(edge);
            }
        }
    }
    Ok(Node { pin: pin(package, files), source: elsewhere(package), requires, extras })
}

/// `git (https://...)` for what is in no index.
fn elsewhere(package: &Table) -> Option<String> {
    let source = package.get("source")?.as_table()?;
    let kind = match text(source, "type")? {
        "legacy" | "pypi" => return None,
        "git" => "git",
        "url" => "an address",
        _ => "a path",
    };
    Some(format!("{kind} ({})", text(source, "url").unwrap_or_default()))
}
