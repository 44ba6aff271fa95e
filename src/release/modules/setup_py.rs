//! What the call of `setup()` names in so many words; nothing of a `setup.py` is run.

use regex::Regex;

use crate::python::{expression, literals, without_literals};

/// The expression that an argument of a call, or a variable, is given; the last one.
#[must_use]
pub fn argument<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = Regex::new(&format!(r"(?m)(?:^|[\s,(]){name}\s*=\s*")).ok()?;
    let from = start.find_iter(text).last()?.end();
    Some(expression(&text[from..]))
}

/// The texts of a list or tuple of nothing but texts.
pub(super) fn list(expression: &str) -> Option<Vec<String>> {
    let is_list = expression.starts_with(['[', '(']) && expression.ends_with([']', ')']);
    let rest = without_literals(expression);
    let code = rest.lines().map(|line| line.split('#').next().unwrap_or(line));
    let is_plain = code.flat_map(str::chars).all(|c| c.is_whitespace() || "[](),".contains(c));
    (is_list && is_plain).then(|| literals(expression))
}
