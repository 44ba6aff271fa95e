//! Small pieces of YAML: scalars that read back as the text they were, lines with their comments.

use crate::site::SCHEMA_ADDRESS;

/// A file that names its schema in the first line, where the YAML language server of an editor looks for it.
pub(crate) fn with_schema(text: String) -> String {
    format!("# yaml-language-server: $schema={SCHEMA_ADDRESS}\n{text}")
}

/// A text as YAML: plain where that is the same, else in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    let is_path = text == "." || text.starts_with("./") || text.starts_with("../");
    let begins = |c: char| c.is_ascii_alphabetic() || c == '/' || c == '_';
    let is_plain = (is_path || text.starts_with(begins))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@+=:".contains(c))
        && !text.contains(": ")
        && !text.ends_with(':')
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// A line, and its comment in a column of its own.
pub(crate) fn line(yaml: &str, comment: &str) -> String {
    const COLUMN: usize = 41;
    if comment.is_empty() {
        return format!("{yaml}\n");
    }
    let gap = COLUMN.saturating_sub(yaml.chars().count()).max(2);
    format!("{yaml}{}# {comment}\n", " ".repeat(gap))
}
