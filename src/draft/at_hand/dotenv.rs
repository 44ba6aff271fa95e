//! A file of example variables, `NAME=value` a line.

/// Names and values; what is empty or plainly a placeholder says nothing.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter_map(|line| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split(" #").next().unwrap_or(value).trim(),
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && says_something(value)).then(|| (name.to_owned(), value.to_owned()))
    });
    lines.collect()
}

/// False for what somebody is to fill in, for what a shell works out, and for places of another machine.
pub(super) fn says_something(value: &str) -> bool {
    let lower = value.to_lowercase();
    let is_to_be_filled = ["change", "your", "xxx", "todo", "replace", "<", "...", "example"]
        .iter()
        .any(|word| lower.contains(word));
    let is_of_another_machine =
        value.starts_with('/') || lower.contains("localhost") || lower.contains("127.0.0.1");
    !value.is_empty() && !is_to_be_filled && !is_of_another_machine && !value.contains('$')
}
