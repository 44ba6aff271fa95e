//! The line of a description that a problem is about, as it may be shown: without anything that may be a secret.
//!
//! A description has no secret in it when it is right, and problems are about those that are not. What is shown
//! is therefore decided by the text alone, which may be no YAML at all, and in doubt it is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::giveaway::credential;
use super::problem::Place;
use super::yaml;
use crate::bounded;
use crate::failure::SourceLine;

/// The most characters of a line that is looked at, and of what is shown of it.
const LONGEST_LINE: usize = 2000;
const MOST_SHOWN: usize = 100;
/// How many characters before the place are shown of a long line.
const BEFORE: usize = 40;
/// What stands in the place of what is left out.
const BLANK: &str = "***";
/// The fewest characters of a secret's value that is looked for.
const SHORTEST_VALUE: usize = 4;

/// The descriptions whose lines are shown.
pub(super) struct Sources<'a> {
    root: &'a Path,
    /// Of each file that was asked for.
    files: BTreeMap<PathBuf, Vec<String>>,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Sources<'a> {
    /// Those of the project in this folder; `variable` is the environment that secrets are taken from.
    pub(super) fn new(root: &'a Path, variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Sources { root, files: BTreeMap::new(), variable }
    }

    /// The line at a place; `None` for what is no line of a description, and for one that nothing may be shown of.
    pub(super) fn line(&mut self, place: &Place) -> Option<SourceLine> {
        let is_description = place.file.parent() == Some(Path::new("environments"));
        if place.line == 0 || !is_description {
            return None;
        }
        if !self.files.contains_key(&*place.file) {
            let bytes =
                bounded::start(&self.root.join(&place.file), yaml::MAX_BYTES as u64).ok()?;
            let text = String::from_utf8_lossy(&bytes);
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let lines = text.lines().map(str::to_owned).collect();
            self.files.insert(place.file.to_path_buf(), lines);
        }
        let lines = self.files.get(&*place.file)?;
        let line = lines.get(place.line - 1)?;
        let values = values_of_secrets(lines, self.variable);
        if values.iter().any(|value| line.contains(value.as_str())) {
            return None;
        }
        redact_line(lines, place.line - 1, place.column.saturating_sub(1))
    }
}

/// What the variables hold that the secrets of a file are taken from.
fn values_of_secrets(lines: &[String], variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"from_env["']?\s*:\s*["']?(\w+)"#).expect("a pattern of ours")
    });
    let names =
        lines.iter().flat_map(|line| NAME.captures_iter(line)).map(|found| found[1].to_owned());
    names.filter_map(|name| variable(&name)).filter(|value| value.len() >= SHORTEST_VALUE).collect()
}

/// The line as it may be shown; `column` counts characters from zero.
fn redact_line(lines: &[String], index: usize, column: usize) -> Option<SourceLine> {
    let line = &lines[index];
    if line.len() > LONGEST_LINE || credential(line).is_some() || is_in_block_text(lines, index) {
        return None;
    }
    let mut blanks = blanks_of(line, column);
    if is_withheld(lines, index) {
        blanks.push((value_of(line), line.len()));
    }
    let at = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let (text, before) = blank_out(line, blanks, at);
    Some(cut(&text.replace('\t', " "), before))
}

/// The line with these parts left out, and how many characters come before the byte `at` of the original.
fn blank_out(line: &str, mut blanks: Vec<(usize, usize)>, at: usize) -> (String, usize) {
    blanks.sort_unstable();
    let (mut text, mut from, mut before) = (String::new(), 0, None);
    for (start, end) in blanks {
        if end <= from || start >= end {
            continue;
        }
        let start = start.max(from);
        if at < start {
            before.get_or_insert(text.chars().count() + line[from..at.max(from)].chars().count());
        }
        text.push_str(&line[from..start]);
        if at < end {
            before.get_or_insert(text.chars().count());
        }
        // Of two that touch each other one is enough.
        if start > from || !text.ends_with(BLANK) {
            text.push_str(BLANK);
        }
        from = end;
    }
    let before =
        before.unwrap_or_else(|| text.chars().count() + line[from..at.max(from)].chars().count());
    text.push_str(&line[from..]);
    (text.trim_end().to_owned(), before)
}

/// What is shown of a long line: that around the place.
fn cut(text: &str, before: usize) -> SourceLine {
    let letters: Vec<char> = text.chars().collect();
    let before = before.min(letters.len());
    let from = if letters.len() > MOST_SHOWN { before.saturating_sub(BEFORE) } else { 0 };
    let to = letters.len().min(from + MOST_SHOWN);
    let mark = |is_cut: bool| if is_cut { "…" } else { "" };
    let middle: String = letters[from..to].iter().collect();
    let text = format!("{}{middle}{}", mark(from > 0), mark(to < letters.len()));
    SourceLine { text, before: before - from + usize::from(from > 0) }
}

/// A word that says that a secret comes after it.
static TELLING: LazyLock<Regex> = LazyLock::new(|| {
    let words = "pas+(?:w|phrase|code)?|pwd|secret|token|credential|api_?-?key|private|auth|salt|dsn|cookie|session";
    Regex::new(&format!(r#"(?i)[\w.-]*(?:{words})[\w.-]*["']?[\s:=]*"#)).expect("a pattern of ours")
});

/// The parts of a line that may be secrets: from and to, in bytes.
fn blanks_of(line: &str, column: usize) -> Vec<(usize, usize)> {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[^\s"'{\[(=,]*:\S.*@|://[^\s?#"']*([?#][^\s"']*)"#)
            .expect("a pattern of ours")
    });
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^(?:"[^"]*"|'[^']*'|[^\s"':{}\[\],&*!|>]+)\s*:(?:\s+|$)"#)
            .expect("a pattern of ours")
    });
    static REFERENCE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$\{[^}]*\}").expect("a pattern of ours"));
    let mut blanks = Vec::new();
    for found in LOGIN.captures_iter(line) {
        let part = found.get(1).or(found.get(0)).map(|part| (part.start(), part.end()));
        blanks.extend(part);
    }
    // A reference to a secret is none, and no word before one.
    let words =
        REFERENCE.replace_all(line, |found: &regex::Captures<'_>| "_".repeat(found[0].len()));
    for found in TELLING.find_iter(&words) {
        if found.end() < line.len() {
            blanks.push((found.end(), end_of_value(line, found.end())));
        }
    }
    let at = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    blanks.extend(find_other_values(line, at));
    // What is wrong with a key is seen without its value.
    if let Some(found) = KEY.find(&line[at..]).filter(|found| at + found.end() < line.len()) {
        blanks.push((at + found.end(), line.len()));
    }
    // Nobody reads a comment to find what is wrong, and what was taken out may stand in one.
    blanks.extend(line.find(" #").map(|at| (at + 1, line.len())));
    if line.trim_start().starts_with('#') {
        blanks.push((0, line.len()));
    }
    blanks
}

/// The values of a map in one line that are not at the place: nobody knows what a misspelt key holds.
fn find_other_values(line: &str, at: usize) -> Vec<(usize, usize)> {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        let key = r#"(?:[^\s"':{}\[\],]+|"[^"]*"|'[^']*')"#;
        let value = r#""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{}\[\],][^{}\[\],]*"#;
        Regex::new(&format!(r"{key}\s*:\s+({value})")).expect("a pattern of ours")
    });
    let from = line.find('{').unwrap_or(line.len());
    let values = PAIR.captures_iter(&line[from..]).filter_map(|found| found.get(1));
    let values = values.map(|value| (from + value.start(), from + value.end()));
    values.filter(|(start, end)| !(*start..*end).contains(&at)).collect()
}

/// Where the value that begins here ends, where that is sure: one in quotes, or a word of a map in one line.
fn end_of_value(line: &str, from: usize) -> usize {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{}\[\],]+)\s*([,}])"#)
            .expect("a pattern of ours")
    });
    let is_in_map = line[..from].contains('{');
    let end = VALUE.captures(&line[from..]).filter(|_| is_in_map);
    end.and_then(|found| found.get(1)).map_or(line.len(), |mark| from + mark.start())
}

/// Where the value of a line begins, in bytes.
fn value_of(line: &str) -> usize {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let from = indent + (text.len() - text.trim_start_matches(['-', ' ']).len());
    match key_of(line) {
        Some(key) => {
            let after = from + key.len();
            let rest = &line[after..];
            after + (rest.len() - rest.trim_start_matches([':', ' ']).len())
        }
        None => from,
    }
}

/// The key that a line begins with, in its quotes, after the dash of a list.
fn key_of(line: &str) -> Option<&str> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^\s*(?:- +)*("[^"]*"|'[^']*'|[^\s"':#{}\[\],&*!|>-][^\s:]*)\s*:(?:\s|$)"#)
            .expect("a pattern of ours")
    });
    KEY.captures(line)?.get(1).map(|key| key.as_str())
}

/// True for a key whose values are nobody's affair: variables, secrets, and what is called like one.
fn is_telling(key: &str) -> bool {
    let key = key.trim_matches(['"', '\'']);
    let is_variables = key.to_lowercase().contains("env");
    is_variables || TELLING.find(key).is_some()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines that a line may belong to, the nearest first, however badly it is indented.
fn above(lines: &[String], index: usize) -> impl Iterator<Item = &str> {
    let own = lines[index].as_str();
    // What has no key goes on with what the line before it began.
    let is_rest = key_of(own).is_none();
    let mut indent = if is_rest { usize::MAX } else { indent_of(own) };
    let mut is_item = own.trim_start().starts_with('-');
    let before = lines[..index].iter().rev().map(String::as_str);
    let before = before.filter(|line| {
        let text = line.trim_start();
        !text.is_empty() && !text.starts_with('#')
    });
    let mut is_next = true;
    before.filter(move |line| {
        let own = indent_of(line);
        let is_dash = line.trim_start().starts_with('-');
        // What was begun there may be meant to go on here.
        let is_open = std::mem::replace(&mut is_next, false)
            && line.trim_end().ends_with([':', ',', '{', '[']);
        let is_above = own < indent || own == indent && (is_open || is_item && !is_dash);
        if is_above {
            indent = own;
            is_item = is_dash;
        }
        is_above
    })
}

/// True where the values of a line may be secrets: it belongs to a key that says so.
fn is_withheld(lines: &[String], index: usize) -> bool {
    key_of(&lines[index]).is_some_and(is_telling)
        || above(lines, index).any(|line| {
            key_of(line).is_some_and(is_telling)
                || TELLING.find(line).is_some_and(|_| line.contains('{'))
        })
}

/// True inside a text of several lines, such as a key or a script.
fn is_in_block_text(lines: &[String], index: usize) -> bool {
    static MARK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[|>][+0-9-]*\s*(?:#.*)?$").expect("a pattern of ours"));
    above(lines, index).any(|line| MARK.is_match(line))
}

#[cfg(test)]
mod tests;
