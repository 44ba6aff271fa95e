//! What the text of a Python source says, read as text and never run: literals, calls, assignments.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// A pattern that is right: the tests run each of them.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// The text with blanks for its comments and for its texts of several lines, docstrings first of all;
/// every line stays where it is.
#[must_use]
pub fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let triple = ["\"\"\"", "'''"].into_iter().find(|quote| rest.starts_with(quote));
        let length = if let Some(quote) = triple {
            let inside = &rest[quote.len()..];
            let length = inside.find(quote).map_or(rest.len(), |at| at + 2 * quote.len());
            code.push_str("\"\"");
            code.extend(rest[..length].chars().filter(|c| *c == '\n'));
            length
        } else if c == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if matches!(c, '"' | '\'') {
            let length = quoted(rest, c);
            code.push_str(&rest[..length]);
            length
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    code
}

/// How long a text in quotes is, quotes included; one that is not closed ends with its line.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' if !is_escaped => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What is assigned to a name at the top of a source: the line's rest, and all lines up to the
/// bracket that closes it.
#[must_use]
pub fn assigned<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = pattern(&format!(r"(?m)^{name}[ \t]*(?::[^=\n]+)?=[ \t]*"));
    // The last one counts, as it does for Python.
    let from = start.find_iter(text).last()?.end();
    Some(expression(&text[from..]))
}

/// The expression that begins here: to the end of its line, or of the line that closes its brackets.
#[must_use]
pub fn expression(text: &str) -> &str {
    let (mut depth, mut quote) = (0_i32, None);
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            quote = Some(open).filter(|open| *open != c);
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth < 0 {
                    return text[..at].trim();
                }
            }
            '\n' | ',' if depth == 0 => return text[..at].trim(),
            _ => {}
        }
    }
    text.trim()
}

/// The text of a string literal, if the expression is nothing else.
#[must_use]
pub fn literal(expression: &str) -> Option<&str> {
    let expression = expression.trim();
    let quote = expression.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = expression.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains([quote, '\\', '\n'])).then_some(inner)
}

static TEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r#""([^"\\\n]*)"|'([^'\\\n]*)'"#));

/// The expression with nothing in the place of its string literals.
#[must_use]
pub fn without_literals(expression: &str) -> Cow<'_, str> {
    TEXT.replace_all(expression, "")
}

/// Every string literal in an expression.
#[must_use]
pub fn literals(expression: &str) -> Vec<String> {
    let found = TEXT.captures_iter(expression);
    found.filter_map(|text| Some(text.get(1).or(text.get(2))?.as_str().to_owned())).collect()
}

/// What a key of a dictionary literal is given, at any depth: the first one.
#[must_use]
pub fn member<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    let start = pattern(&format!(r#"["']{key}["']\s*:\s*"#));
    Some(expression(&dictionary[start.find(dictionary)?.end()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_assignment_counts_with_all_its_lines() {
        let text = "A = 1\nHOSTS = []\nHOSTS: list[str] = [\n    'a.example',  # the first\n    \"b\"\n]\nB = 2\n";
        assert_eq!(literals(assigned(text, "HOSTS").unwrap()), ["a.example", "b"]);
        assert_eq!(assigned(text, "B"), Some("2"));
        assert_eq!(assigned(text, "C"), None);
        assert_eq!(literal("'x' + y"), None);
        assert_eq!(literal(" 'x' "), Some("x"));
    }

    #[test]
    fn a_comment_is_gone_and_a_text_that_looks_like_one_stays() {
        assert_eq!(without_comments("a = 'x # y'  # z\nb"), "a = 'x # y'  \nb");
    }

    #[test]
    fn a_member_is_found_with_its_expression() {
        let text = "{'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': env('DB', default='x'),\n\
                    'HOST': \"db.internal\"}}";
        assert_eq!(member(text, "ENGINE"), Some("'django.db.backends.postgresql'"));
        assert_eq!(member(text, "NAME"), Some("env('DB', default='x')"));
        assert_eq!(member(text, "HOST"), Some("\"db.internal\""));
        assert_eq!(member(text, "PORT"), None);
    }
}
