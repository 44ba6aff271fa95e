//! A value put into a description's text, where every other line and every remark stays as it is.

use std::path::Path;

use serde_json::Value;

use super::problem::KeyPath;
use super::scalar::ScalarKind;
use super::tree::{Node, Value as Written};
use super::yaml;

/// The text with another value at a path; `None` where that is for a person: what stands there goes over several lines, or the
/// text would not say what is meant afterwards.
#[must_use]
pub fn with_value(text: &str, path: &[String], value: &Value) -> Option<String> {
    let tree = yaml::read(Path::new("description.yaml"), text.as_bytes()).ok()?;
    let keys = path.iter().fold(KeyPath::default(), |path, key| path.key(key));
    let new = match tree.find(&keys) {
        Some(node) if value.is_null() => without(text, &tree, &keys, node)?,
        Some(node) => replaced(text, node, value)?,
        None if value.is_null() => text.to_owned(),
        None => added(text, &tree, path, value)?,
    };
    let read = yaml::read(Path::new("description.yaml"), new.as_bytes()).ok()?;
    let is_there = match read.find(&keys) {
        Some(node) => serde_json::to_value(node.to_yaml()).ok()? == *value,
        None => value.is_null(),
    };
    is_there.then_some(new)
}

/// Lines of a text, each with its end.
fn lines_of(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// Where a value on one line ends: a quoted or plain word, or a list or map in brackets.
fn end_of(line: &str, start: usize) -> Option<usize> {
    let rest = &line[start..];
    let first = rest.chars().next()?;
    let is_flow = |at: usize| {
        let before = &line[..at];
        before.matches(['[', '{']).count() > before.matches([']', '}']).count()
    };
    match first {
        quote @ ('"' | '\'') => {
            let mut escaped = false;
            for (at, c) in rest.char_indices().skip(1) {
                match c {
                    '\\' if quote == '"' && !escaped => escaped = true,
                    c if c == quote && !escaped => return Some(start + at + 1),
                    _ => escaped = false,
                }
            }
            None
        }
        '[' | '{' => {
            let mut depth = 0;
            let mut quote: Option<char> = None;
            for (at, c) in rest.char_indices() {
                match (quote, c) {
                    (Some(open), c) if c == open => quote = None,
                    (None, '"' | '\'') => quote = Some(c),
                    (None, '[' | '{') => depth += 1,
                    (None, ']' | '}') => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(start + at + 1);
                        }
                    }
                    _ => {}
                }
            }
            None
        }
        _ => {
            let flow = is_flow(start);
            let end = rest.char_indices().find(|(at, c)| {
                matches!(c, '\n' | '\r')
                    || (*c == '#' && rest[..*at].ends_with(char::is_whitespace))
                    || (flow && matches!(c, ',' | '}' | ']'))
            });
            let end = end.map_or(rest.len(), |(at, _)| at);
            Some(start + rest[..end].trim_end().len())
        }
    }
}

/// The byte at which a column, from 1 and in characters, begins.
fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
}

fn replaced(text: &str, node: &Node, value: &Value) -> Option<String> {
    let mut lines = lines_of(text);
    let line = lines.get(node.place.line.checked_sub(1)?)?.clone();
    let start = byte_of(&line, node.place.column);
    let is_block = match &node.value {
        Written::Scalar(scalar) => {
            scalar.kind == ScalarKind::Empty || line[start..].starts_with(['|', '>', '&', '*'])
        }
        Written::List(_) | Written::Map(_) => !line[start..].starts_with(['[', '{']),
    };
    if is_block {
        return None;
    }
    let end = end_of(&line, start)?;
    lines[node.place.line - 1] = format!("{}{}{}", &line[..start], flow(value), &line[end..]);
    Some(lines.concat())
}

/// Without a key that stands alone on its line.
fn without(text: &str, tree: &Node, path: &KeyPath, node: &Node) -> Option<String> {
    let place = tree.key_place_of(path);
    let mut lines = lines_of(text);
    let at = place.line.checked_sub(1)?;
    let line = lines.get(at)?;
    let start = byte_of(line, place.column);
    let value = byte_of(line, node.place.column);
    let is_alone = line[..start].trim().is_empty() && node.place.line == place.line;
    let rest = end_of(line, value).map(|end| line[end..].trim_start().to_owned())?;
    if !is_alone || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    lines.remove(at);
    Some(lines.concat())
}

/// With a key that is not there yet, behind the last one of the map that it belongs to.
fn added(text: &str, tree: &Node, path: &[String], value: &Value) -> Option<String> {
    let mut lines = lines_of(text);
    if lines.last().is_some_and(|line| !line.ends_with('\n')) {
        lines.last_mut()?.push('\n');
    }
    // As deep as the description goes.
    let mut holder = KeyPath::default();
    let mut depth = 0;
    for key in &path[..path.len() - 1] {
        let next = holder.key(key);
        if tree.find(&next).and_then(Node::as_map).is_none() {
            break;
        }
        holder = next;
        depth += 1;
    }
    let map = tree.find(&holder)?.as_map()?;
    let new = nested(&path[depth..], value);
    let Some(last) = map.entries.last() else {
        return (depth == 0).then(|| lines.concat() + &block(&path[depth..], value, 0));
    };
    let first = map.entries.first()?;
    let line = lines.get(first.key_place.line.checked_sub(1)?)?.clone();
    let column = byte_of(&line, first.key_place.column);
    if !line[..column].trim().is_empty() {
        // A map in braces, on one line.
        let open = line[..column].rfind('{')?;
        let end = end_of(&line, open)?;
        let at = first.key_place.line - 1;
        lines[at] = format!("{}, {new}{}", line[..end - 1].trim_end(), &line[end - 1..]);
        return Some(lines.concat());
    }
    let indent = column;
    let mut at = last.key_place.line;
    while lines.get(at).is_some_and(|line| {
        let own = line.len() - line.trim_start().len();
        !line.trim().is_empty()
            && (own > indent || (own == indent && line.trim_start().starts_with("- ")))
    }) {
        at += 1;
    }
    lines.insert(at, block(&path[depth..], value, indent));
    Some(lines.concat())
}

/// `a: {b: value}`
fn nested(path: &[String], value: &Value) -> String {
    match path {
        [] => flow(value),
        [last] => format!("{}: {}", word(last), flow(value)),
        [first, rest @ ..] => format!("{}: {{{}}}", word(first), nested(rest, value)),
    }
}

fn block(path: &[String], value: &Value, indent: usize) -> String {
    format!("{}{}\n", " ".repeat(indent), nested(path, value))
}

/// A value on one line, as YAML.
#[must_use]
pub fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let members: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", word(key), flow(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text that reads back as itself, in quotes where it has to be.
fn word(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@+=:".contains(c))
        && !text.ends_with(':')
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "# The office's.\nbase:\n  debian: bookworm   # as in May\n  packages: [curl, libpq5]\nwsgi: {server: gunicorn, workers: 2}  # two\n\
                        env:\n  THEME: paper\n  # old\n  LEVEL: \"1\"\n";

    fn put(path: &str, value: Value) -> Option<String> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        with_value(TEXT, &path, &value)
    }

    #[test]
    fn a_value_is_changed_where_it_stands_and_remarks_stay() {
        let changed = |path: &str, value: Value, old: &str, new: &str| {
            assert_eq!(put(path, value).unwrap(), TEXT.replace(old, new), "{path}");
        };
        changed("base.debian", json!("trixie"), "bookworm   # as", "trixie   # as");
        changed("wsgi.workers", json!(4), "workers: 2}", "workers: 4}");
        changed("base.packages", json!(["curl"]), "[curl, libpq5]", "[curl]");
        changed("env.LEVEL", json!("yes"), "\"1\"", "\"yes\"");
        changed("env.THEME", Value::Null, "  THEME: paper\n", "");
    }

    #[test]
    fn a_new_key_comes_behind_those_of_its_map() {
        assert_eq!(put("env.NEW", json!("a b")).unwrap(), TEXT.to_owned() + "  NEW: \"a b\"\n");
        assert_eq!(
            put("wsgi.threads", json!(3)).unwrap(),
            TEXT.replace("workers: 2}", "workers: 2, threads: 3}")
        );
        assert_eq!(
            put("host.tmp.exec", json!(false)).unwrap(),
            TEXT.to_owned() + "host: {tmp: {exec: false}}\n"
        );
        assert_eq!(
            put("base.locale", json!("C")).unwrap(),
            TEXT.replace("libpq5]\n", "libpq5]\n  locale: C\n")
        );
    }

    #[test]
    fn what_goes_over_several_lines_is_for_a_person() {
        let text = "base:\n  packages:\n    - curl\n";
        let path = ["base".to_owned(), "packages".to_owned()];
        assert_eq!(with_value(text, &path, &json!(["curl", "jq"])), None);
    }
}
