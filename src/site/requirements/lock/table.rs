//! What a TOML document of a lock says, by key.

use super::refusal::Refusal;

/// A TOML document.
pub(super) fn toml(text: &str) -> Result<toml::Table, Refusal> {
    text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
        let what = error.message().lines().next().unwrap_or_default();
        Refusal::NoLock(format!("line {line}: {what}"))
    })
}

/// The tables of a list.
pub(super) fn tables<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a toml::Table> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_table).collect()
}

/// A text of a table.
pub(super) fn text<'a>(table: &'a toml::Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

/// The texts of a list.
pub(super) fn texts<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a str> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
}

/// The hashes of the files that a list names, each in one key.
pub(super) fn hashes(package: &toml::Table, key: &str) -> Vec<String> {
    tables(package, key)
        .into_iter()
        .filter_map(|file| text(file, "hash").map(str::to_owned))
        .collect()
}
