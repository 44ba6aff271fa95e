//! A value put into a description's text, where every other line and every remark stays as it is.

mod flow;
mod line;
mod list;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::{Map, Value};

pub use self::flow::flow;
use self::flow::{block, nested};
pub use self::line::Obstacle;
use self::line::{byte_of, end_of, end_on_line, is_last, lines_of};
use super::problem::KeyPath;
use super::tree::{Node, Value as Written};
use super::yaml;

/// The text with another value at a path, or without the key where there is none.
///
/// # Errors
/// What stands there is for a person: the text would not say that and all else as before.
pub fn with_value(text: &str, path: &[String], value: Option<&Value>) -> Result<String, Obstacle> {
    let tree = read(text).ok_or(Obstacle::NoPlace)?;
    let new = match (tree.find(&keys_of(path)), value) {
        (Some(_), None) => without(text, &tree, path)?,
        (Some(node), Some(value)) => replaced(text, node, value)?,
        (None, None) => return Ok(text.to_owned()),
        (None, Some(value)) => added(text, &tree, path, value)?,
    };
    let mut wanted = as_json(&tree).ok_or(Obstacle::NoPlace)?;
    put(&mut wanted, path, value);
    let is_as_wanted = read(&new).is_some_and(|tree| as_json(&tree) == Some(wanted));
    is_as_wanted.then_some(new).ok_or_else(|| obstacle_in(text))
}

/// The line of a key, from 1, or of what it would stand in; 0 where that is the whole text.
#[must_use]
pub fn line_of_key(text: &str, path: &[String]) -> usize {
    let Some(tree) = read(text) else { return 0 };
    let there = (1..=path.len()).rev().map(|depth| keys_of(&path[..depth]));
    let nearest = there.into_iter().find(|keys| tree.find(keys).is_some());
    nearest.map_or(0, |keys| tree.key_place_of(&keys).line)
}

fn read(text: &str) -> Option<Node> {
    yaml::read(Path::new("description.yaml"), text.as_bytes()).ok()
}

fn keys_of(path: &[String]) -> KeyPath {
    KeyPath::of(path.iter().cloned())
}

fn as_json(tree: &Node) -> Option<Value> {
    serde_json::to_value(tree.to_yaml()).ok()
}

/// What becomes of a tree: a map that loses its last key goes with it.
fn put(tree: &mut Value, path: &[String], value: Option<&Value>) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value.cloned().unwrap_or_default();
        return;
    };
    if tree.is_null() {
        *tree = Value::Object(Map::new());
    }
    let Value::Object(map) = tree else { return };
    if value.is_some() {
        put(map.entry(first.clone()).or_insert(Value::Null), rest, value);
        return;
    }
    if let Some(below) = map.get_mut(first).filter(|_| !rest.is_empty()) {
        put(below, rest, None);
        if below.as_object().is_none_or(|below| !below.is_empty()) {
            return;
        }
    }
    map.remove(first);
}

/// Why a text that was changed does not say what was meant.
fn obstacle_in(text: &str) -> Obstacle {
    let is_alias = |word: &str| word.len() > 1 && word.starts_with(['&', '*']);
    let has_aliases = text.contains("<<:") || text.split([' ', '\n', '[', '{', ',']).any(is_alias);
    if has_aliases { Obstacle::Shared } else { Obstacle::NoPlace }
}

fn replaced(text: &str, node: &Node, value: &Value) -> Result<String, Obstacle> {
    let mut lines = lines_of(text);
    let at = node.place.line.checked_sub(1).filter(|at| *at < lines.len());
    let at = at.ok_or(Obstacle::NoPlace)?;
    match (end_on_line(&lines[at], node), &node.value, value) {
        (Ok(end), _, value) => {
            let start = byte_of(&lines[at], node.place.column);
            lines[at].replace_range(start..end, &flow(value));
        }
        (Err(Obstacle::SeveralLines), Written::List(items), Value::Array(new)) => {
            lines = list::rewritten(&lines, items, new).ok_or(Obstacle::SeveralLines)?;
        }
        (Err(obstacle), ..) => return Err(obstacle),
    }
    Ok(lines.concat())
}

/// Without a key, and without the maps of which it is the only one.
fn without(text: &str, tree: &Node, path: &[String]) -> Result<String, Obstacle> {
    let mut lines = lines_of(text);
    let is_only = |depth: usize| {
        let holder = tree.find(&keys_of(&path[..depth])).and_then(Node::as_map);
        holder.is_some_and(|map| map.entries.len() == 1)
    };
    let depth = (1..path.len()).rev().take_while(|depth| is_only(*depth)).last();
    let mut gone: Vec<usize> = Vec::new();
    for depth in depth.unwrap_or(path.len())..=path.len() {
        let keys = keys_of(&path[..depth]);
        let (key, node) = (tree.key_place_of(&keys), tree.find(&keys).ok_or(Obstacle::NoPlace)?);
        let at = key.line.checked_sub(1).filter(|at| *at < lines.len());
        let at = at.ok_or(Obstacle::NoPlace)?;
        let (line, start) = (&lines[at], byte_of(&lines[at], key.column));
        gone.push(at);
        let is_here = node.place.line == key.line;
        if !is_here && depth < path.len() {
            continue;
        }
        if !is_here {
            let Written::List(items) = &node.value else { return Err(Obstacle::SeveralLines) };
            gone.extend(list::places_of(&lines, items).ok_or(Obstacle::SeveralLines)?);
            break;
        }
        let end = end_on_line(line, node)?;
        if !line[..start].trim().is_empty() {
            lines[at] = without_member(line, start, end).ok_or(Obstacle::NoPlace)?;
            gone.pop();
        } else if !is_last(line, end) {
            return Err(Obstacle::NoPlace);
        }
        break;
    }
    let kept = lines.into_iter().enumerate().filter(|(at, _)| !gone.contains(at));
    Ok(kept.map(|(_, line)| line).collect())
}

/// A map in braces without one of its members, and the comma that it had.
fn without_member(line: &str, start: usize, end: usize) -> Option<String> {
    let (before, behind) = (&line[..start], &line[end..]);
    if let Some(rest) = behind.trim_start().strip_prefix(',') {
        return Some(format!("{before}{}", rest.trim_start_matches(' ')));
    }
    let before = before.trim_end().strip_suffix(',')?;
    Some(format!("{before}{behind}"))
}

/// With a key that is not there yet, behind the last one of the map that it belongs to.
fn added(text: &str, tree: &Node, path: &[String], value: &Value) -> Result<String, Obstacle> {
    let mut lines = lines_of(text);
    if let Some(last) = lines.last_mut().filter(|line| !line.ends_with('\n')) {
        last.push('\n');
    }
    // As deep as the description goes.
    let is_map = |depth: &usize| {
        tree.find(&keys_of(&path[..*depth])).is_some_and(|node| node.as_map().is_some())
    };
    let depth = (1..path.len()).take_while(is_map).last().unwrap_or(0);
    let holder = tree.find(&keys_of(&path[..depth])).and_then(Node::as_map);
    let map = holder.ok_or(Obstacle::NoPlace)?;
    let (Some(first), Some(last)) = (map.entries.first(), map.entries.last()) else {
        let whole = lines.concat() + &block(&path[depth..], value, 0);
        return if depth == 0 { Ok(whole) } else { Err(Obstacle::NoPlace) };
    };
    let at = first.key_place.line.checked_sub(1).filter(|at| *at < lines.len());
    let at = at.ok_or(Obstacle::NoPlace)?;
    let (line, indent) = (&lines[at], byte_of(&lines[at], first.key_place.column));
    if !line[..indent].trim().is_empty() {
        // A map in braces, on one line.
        let open = line[..indent].rfind('{').ok_or(Obstacle::NoPlace)?;
        let end = end_of(line, open).ok_or(Obstacle::SeveralLines)?;
        let new = nested(&path[depth..], value);
        lines[at] = format!("{}, {new}{}", line[..end - 1].trim_end(), &line[end - 1..]);
        return Ok(lines.concat());
    }
    let mut at = last.key_place.line;
    while lines.get(at).is_some_and(|line| {
        let own = line.len() - line.trim_start().len();
        !line.trim().is_empty()
            && (own > indent || (own == indent && line.trim_start().starts_with("- ")))
    }) {
        at += 1;
    }
    lines.insert(at, block(&path[depth..], value, indent));
    Ok(lines.concat())
}
