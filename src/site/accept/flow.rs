//! Values on one line of YAML.

use serde_json::Value;

/// `a: {b: value}`
pub(super) fn nested(path: &[String], value: &Value) -> String {
    match path {
        [] => flow(value),
        [last] => format!("{}: {}", word(last), flow(value)),
        [first, rest @ ..] => format!("{}: {{{}}}", word(first), nested(rest, value)),
    }
}

pub(super) fn block(path: &[String], value: &Value, indent: usize) -> String {
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
