//! What the call of `setup()` names in so many words; nothing of a `setup.py` is run.

use std::sync::LazyLock;

use regex::Regex;

static TEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""([^"\\\n]*)"|'([^'\\\n]*)'"#).expect("a constant pattern"));

/// The expression that an argument of a call, or a variable, is given; the last one.
pub(super) fn argument<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = Regex::new(&format!(r"(?m)(?:^|[\s,(]){name}\s*=\s*")).ok()?;
    let from = start.find_iter(text).last()?.end();
    Some(expression(&text[from..]))
}

/// Up to the comma, the line's end or the bracket that ends it.
pub(super) fn expression(text: &str) -> &str {
    let (mut depth, mut quote) = (0_i32, None);
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            quote = Some(open).filter(|open| *open != c);
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' | ',' | '\n' if depth == 0 => return text[..at].trim(),
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    text.trim()
}

pub(super) fn texts(expression: &str) -> Vec<String> {
    let found = TEXT.captures_iter(expression);
    found.filter_map(|text| Some(text.get(1).or(text.get(2))?.as_str().to_owned())).collect()
}

/// The texts of a list or tuple of nothing but texts.
pub(super) fn list(expression: &str) -> Option<Vec<String>> {
    let is_list = expression.starts_with(['[', '(']) && expression.ends_with([']', ')']);
    let rest = TEXT.replace_all(expression, "");
    let code = rest.lines().map(|line| line.split('#').next().unwrap_or(line));
    let is_plain = code.flat_map(str::chars).all(|c| c.is_whitespace() || "[](),".contains(c));
    (is_list && is_plain).then(|| texts(expression))
}
