//! Values that a file gives as an example, and whether they say anything of the live site.

use crate::site::example_variables;

/// Names and values of a file of example variables, `NAME=value` a line.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let all = example_variables(text).into_iter();
    all.filter(|(name, value)| is_name(name) && says_something(value)).collect()
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
