//! `pylock.toml`, the lock that several tools write.
//!
//! <https://packaging.python.org/en/latest/specifications/pylock-toml/>

use std::sync::LazyLock;

use pep508_rs::MarkerTree;
use regex::{Captures, Regex};
use toml::{Table, Value};

use super::beside::Beside;
use super::pin::{Pin, marker};
use super::refusal::Refusal;
use super::table::{tables, text, texts, toml};
use crate::site::requirements::line::normalised;

pub(super) fn read(content: &str, beside: &Beside<'_>) -> Result<Vec<Pin>, Refusal> {
    let lock = toml(content)?;
    if text(&lock, "lock-version").is_none_or(|version| !version.starts_with("1.")) {
        return Err(Refusal::NoLock("it is no `pylock.toml` of version 1".to_owned()));
    }
    let groups = texts(&lock, "default-groups");
    let mut pins = Vec::new();
    for package in tables(&lock, "packages") {
        let Some(name) = text(package, "name") else { continue };
        let own = decide(text(package, "marker"), &groups, beside)?;
        if own.is_false() || is_the_app(package) {
            continue;
        }
        if let Some(source) = elsewhere(package) {
            return Err(Refusal::NotOfAnIndex { package: name.to_owned(), source });
        }
        let Some(version) = text(package, "version") else {
            return Err(Refusal::NoLock(format!("it does not say the version of {name}")));
        };
        let (name, version) = (name.to_owned(), version.to_owned());
        pins.push(Pin { name, version, marker: own, hashes: hashes(package) });
    }
    Ok(pins)
}

/// The marker with what it asks of extras and groups, `'server' in extras`, answered.
fn decide(text: Option<&str>, groups: &[&str], beside: &Beside<'_>) -> Result<MarkerTree, Refusal> {
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["']([\w.-]+)["']\s+(not\s+in|in)\s+(extras|dependency_groups)\b"#)
            .expect("a constant pattern")
    });
    let Some(text) = text else { return Ok(MarkerTree::TRUE) };
    let answered = ASKED.replace_all(text, |found: &Captures<'_>| {
        let is_there = match &found[3] {
            "extras" => beside.extras.contains(&normalised(&found[1])),
            _ => groups.iter().any(|group| normalised(group) == normalised(&found[1])),
        };
        let is_true = is_there == (&found[2] == "in");
        // As text that means it: the parser has no words for the two.
        if is_true {
            "(os_name == 'posix' or os_name != 'posix')"
        } else {
            "(os_name == 'posix' and os_name != 'posix')"
        }
    });
    marker(Some(&answered))
}

/// True for the project that the lock lies in.
fn is_the_app(package: &Table) -> bool {
    let folder = package.get("directory").and_then(Value::as_table);
    folder.is_some_and(|folder| text(folder, "path") == Some("."))
}

/// `git (https://...)` for what is in no index.
fn elsewhere(package: &Table) -> Option<String> {
    let kinds = [("vcs", "git"), ("directory", "a path"), ("archive", "an address")];
    let (key, kind) = kinds.iter().find(|(key, _)| package.contains_key(*key))?;
    let place = package.get(*key)?.as_table()?;
    let place = text(place, "url").or_else(|| text(place, "path")).unwrap_or_default();
    Some(format!("{kind} ({place})"))
}

fn hashes(package: &Table) -> Vec<String> {
    let sdist = package.get("sdist").and_then(Value::as_table);
    let files = sdist.into_iter().chain(tables(package, "wheels"));
    let all = files.filter_map(|file| file.get("hashes")?.as_table());
    let of = |table: &Table| {
        ["sha256", "sha384", "sha512"]
            .iter()
            .find_map(|kind| Some(format!("{kind}:{}", text(table, kind)?)))
    };
    all.filter_map(of).collect()
}
