//! Where a value on one line of YAML begins and ends, and what a person has to see to.

use crate::site::scalar::ScalarKind;
use crate::site::tree::{Node, Value as Written};

/// Why a value cannot be put into a text: what a person has to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    #[error("it goes over several lines")]
    SeveralLines,
    #[error("an anchor or an alias stands there: other keys may change with it")]
    Shared,
    #[error("there is no place for it that leaves everything else as it is")]
    NoPlace,
}

/// Lines of a text, each with its end.
pub(super) fn lines_of(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// The byte at which a column, from 1 and in characters, begins.
pub(super) fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
}

/// Whether nothing but a remark stands behind a byte.
pub(super) fn is_last(line: &str, end: usize) -> bool {
    let rest = line[end..].trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// Where a value on one line ends: a quoted or plain word, or a list or map in brackets. Nothing where it goes on below.
pub(super) fn end_of(line: &str, start: usize) -> Option<usize> {
    let rest = &line[start..];
    match rest.chars().next()? {
        quote @ ('"' | '\'') => end_of_quoted(rest, quote).map(|end| start + end),
        '[' | '{' => end_of_brackets(rest).map(|end| start + end),
        _ => Some(start + end_of_plain(line, start)),
    }
}

/// Where a value ends that is on one line.
pub(super) fn end_on_line(line: &str, node: &Node) -> Result<usize, Obstacle> {
    let start = byte_of(line, node.place.column);
    let first = line[start..].chars().next();
    match (&node.value, first) {
        (_, Some('&' | '*')) => Err(Obstacle::Shared),
        (Written::Scalar(scalar), _) if scalar.kind == ScalarKind::Empty => Err(Obstacle::NoPlace),
        (Written::Scalar(_), Some('|' | '>')) => Err(Obstacle::SeveralLines),
        (Written::List(_) | Written::Map(_), first) if !matches!(first, Some('[' | '{')) => {
            Err(Obstacle::SeveralLines)
        }
        (Written::Scalar(scalar), Some(first)) if !matches!(first, '"' | '\'') => {
            let end = end_of(line, start).ok_or(Obstacle::SeveralLines)?;
            (line[start..end] == scalar.text).then_some(end).ok_or(Obstacle::SeveralLines)
        }
        _ => end_of(line, start).ok_or(Obstacle::SeveralLines),
    }
}

fn end_of_quoted(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => _ = chars.next(),
            // Between single quotes, two of them are one.
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
            }
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn end_of_brackets(rest: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        match c {
            quote @ ('"' | '\'') if rest[..at].ends_with(['[', '{', ',', ' ', ':']) => {
                at += end_of_quoted(&rest[at..], quote)?;
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

fn end_of_plain(line: &str, start: usize) -> usize {
    let (before, rest) = line.split_at(start);
    let is_flow = before.matches(['[', '{']).count() > before.matches([']', '}']).count();
    let end = rest.char_indices().find(|(at, c)| {
        matches!(c, '\n' | '\r')
            || (*c == '#' && rest[..*at].ends_with(char::is_whitespace))
            || (is_flow && matches!(c, ',' | '}' | ']'))
    });
    rest[..end.map_or(rest.len(), |(at, _)| at)].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_yaml_has_its_end() {
        let table = [
            ("plain word  # remark\n", Some("plain word")),
            ("\"a \\\" b\" # c", Some("\"a \\\" b\"")),
            ("'it''s' # c", Some("'it''s'")),
            ("[a, 'x]', {b: \"}\"}]  # c", Some("[a, 'x]', {b: \"}\"}]")),
            ("[it's, b] # c", Some("[it's, b]")),
            ("\"goes on\n", None),
            ("[a,\n", None),
        ];
        for (line, value) in table {
            assert_eq!(end_of(line, 0).map(|end| &line[..end]), value, "{line}");
        }
        assert_eq!(end_of("{a: b, c: d}", 4), Some(5));
    }
}
