//! What `pyproject.toml` says the app itself requires, for locks that do not.

use std::str::FromStr as _;

use pep508_rs::{MarkerTree, Requirement, VerbatimUrl};
use toml::{Table, Value};

use super::beside::Beside;
use super::graph::Edge;
use super::pin::marker;
use super::refusal::Refusal;
use super::table::{text, texts, toml};
use crate::site::requirements::line::normalised;

/// The requirements of the project beside the lock, with those of the wanted extras.
pub(super) fn requirements(beside: &mut Beside<'_>) -> Result<Vec<Edge>, Refusal> {
    let unread = |why: &str| {
        Refusal::NoLock(format!("it says less than needed without its pyproject.toml: {why}"))
    };
    let content = (beside.read)("pyproject.toml").map_err(|(why, _)| unread(&why))?;
    let table = toml(&String::from_utf8_lossy(&content))?;
    let mut edges = Vec::new();
    if let Some(project) = table.get("project").and_then(Value::as_table) {
        for line in texts(project, "dependencies") {
            edges.push(edge(line)?);
        }
        let optional = project.get("optional-dependencies").and_then(Value::as_table);
        for (extra, _) in optional.into_iter().flatten() {
            if let Some(optional) = optional.filter(|_| beside.extras.contains(&normalised(extra)))
            {
                for line in texts(optional, extra) {
                    edges.push(edge(line)?);
                }
            }
        }
    }
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry")?.as_table());
    if let Some(poetry) = poetry {
        of_poetry(poetry, beside, &mut edges)?;
    }
    Ok(edges)
}

/// `[tool.poetry.dependencies]`
fn of_poetry(poetry: &Table, beside: &Beside<'_>, edges: &mut Vec<Edge>) -> Result<(), Refusal> {
    let extras = poetry.get("extras").and_then(Value::as_table);
    let wanted: Vec<String> = extras
        .into_iter()
        .flatten()
        .filter(|(extra, _)| beside.extras.contains(&normalised(extra)))
        .flat_map(|(extra, _)| extras.map_or(Vec::new(), |all| texts(all, extra)))
        .map(normalised)
        .collect();
    let all = poetry.get("dependencies").and_then(Value::as_table);
    for (name, value) in all.into_iter().flatten().filter(|(name, _)| *name != "python") {
        for edge in edges_of(name, value)? {
            let is_optional = value.get("optional").and_then(Value::as_bool).unwrap_or_default();
            if !is_optional || wanted.contains(&normalised(name)) {
                edges.push(edge);
            }
        }
    }
    Ok(())
}

/// `name = ">=1"`, `name = {version = ">=1", extras = [...], markers = "..."}`, or a list of those.
pub(super) fn edges_of(name: &str, value: &Value) -> Result<Vec<Edge>, Refusal> {
    let one = |table: Option<&Table>| {
        Ok(Edge {
            name: name.to_owned(),
            version: None,
            extras: table.map_or(Vec::new(), |table| {
                texts(table, "extras").into_iter().map(str::to_owned).collect()
            }),
            marker: marker(table.and_then(|table| text(table, "markers")))?,
        })
    };
    match value {
        Value::Array(list) => list.iter().map(|value| one(value.as_table())).collect(),
        value => Ok(vec![one(value.as_table())?]),
    }
}

/// A requirement as pip writes it.
pub(super) fn edge(line: &str) -> Result<Edge, Refusal> {
    let read = Requirement::<VerbatimUrl>::from_str(line)
        .map_err(|_| Refusal::NoLock(format!("the requirement `{line}` cannot be read")))?;
    Ok(Edge {
        name: read.name.to_string(),
        version: None,
        extras: read.extras.iter().map(ToString::to_string).collect(),
        marker: without_extra(read.marker),
    })
}

/// What an extra brings is reached by the extra.
fn without_extra(marker: MarkerTree) -> MarkerTree {
    marker.simplify_extras_with(|_| true)
}
