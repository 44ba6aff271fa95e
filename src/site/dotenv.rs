//! Files of variables, as many tools read them: `NAME=value` a line, `#` for remarks, quotes.

use std::collections::HashMap;
use std::path::Path;

use super::problem::{KeyPath, Place, Problem, Problems};

/// A variable, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) place: Place,
}

/// Reads a file; a name that comes twice has its last value, as a shell would have it.
///
/// # Errors
/// Every line that says nothing.
pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Variable>, Problems> {
    let mut variables: Vec<Option<Variable>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut problems = Problems::default();
    for entry in entries(file, text) {
        match entry {
            Ok(variable) => {
                if let Some(earlier) = places.insert(variable.name.clone(), variables.len()) {
                    variables[earlier] = None;
                }
                variables.push(Some(variable));
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(variables.into_iter().flatten().collect()) } else { Err(problems) }
}

/// Names and values of a file that is an example for people, in its order; what cannot be read says nothing.
#[must_use]
pub fn example_variables(text: &str) -> Vec<(String, String)> {
    let read = entries(Path::new(""), text).into_iter().flatten();
    read.map(|variable| (variable.name, variable.value)).collect()
}

/// Every assignment, or what is wrong with the line, in their order.
fn entries(file: &Path, text: &str) -> Vec<Result<Variable, Problem>> {
    let start = Place::file(file);
    let mut entries = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let trimmed = line.trim_start();
        let column = line.len() - trimmed.len() + 1;
        let place = Place { line: index + 1, column, ..start.clone() };
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let assignment = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        let read = match assignment.split_once('=') {
            None => {
                Err(("there is no `=` in the line", "write `NAME=value`; remarks begin with `#`"))
            }
            Some((name, rest)) => {
                let mut next = || lines.next().map(|(_, line)| line);
                value(rest.trim_start(), &mut next).map(|value| (name.trim().to_owned(), value))
            }
        };
        entries.push(match read {
            Ok((name, value)) => Ok(Variable { name, value, place }),
            Err((message, hint)) => {
                Err(Problem::new(place, KeyPath::default(), message).hint(hint))
            }
        });
    }
    entries
}

type Wrong = (&'static str, &'static str);

/// The value that begins here; in quotes it may go on for lines.
fn value<'a>(
    written: &'a str,
    next: &mut impl FnMut() -> Option<&'a str>,
) -> Result<String, Wrong> {
    if let Some(quote @ ('\'' | '"')) = written.chars().next() {
        return quoted(&written[1..], quote, next);
    }
    // A remark stands apart; a `#` inside a word is part of it.
    let end = written.find(" #").or_else(|| written.find("\t#")).unwrap_or(written.len());
    let end = if written.starts_with('#') { 0 } else { end };
    let value = written[..end].trim_end();
    if value.contains("${") {
        return Err((
            "references are not followed in a file of variables",
            "write the variable in `env`, or in single quotes if the text is meant",
        ));
    }
    Ok(value.to_owned())
}

fn quoted<'a>(
    written: &'a str,
    quote: char,
    next: &mut impl FnMut() -> Option<&'a str>,
) -> Result<String, Wrong> {
    let mut value = String::new();
    let mut line = written;
    loop {
        let mut letters = line.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' if quote == '"' => match letters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, other @ ('"' | '\\' | '$'))) => value.push(other),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => value.push('\\'),
                },
                '$' if quote == '"' && line[at..].starts_with("${") => {
                    return Err((
                        "references are not followed in a file of variables",
                        "write the variable in `env`, or in single quotes if the text is meant",
                    ));
                }
                _ if letter == quote => {
                    let rest = line[at + 1..].trim();
                    if rest.is_empty() || rest.starts_with('#') {
                        return Ok(value);
                    }
                    return Err((
                        "something stands behind the closing quote",
                        "put quotes around the whole value",
                    ));
                }
                _ => value.push(letter),
            }
        }
        value.push('\n');
        line = next().ok_or((
            "the quote that begins here is not closed",
            "close it, or write the value without quotes",
        ))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_variables(text: &str) -> String {
        match read(Path::new("site.env"), text) {
            Ok(variables) => {
                let line = |v: &Variable| format!("{}={:?}", v.name, v.value);
                variables.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            Err(problems) => problems.render(),
        }
    }

    #[test]
    fn a_file_of_variables_is_read_as_other_tools_read_it() {
        let text = "# live, as of May\nexport A=1\nB = two words  # a remark\nC='a $x ${y} # \"z\"'\n\
                    D=\"line\\n\\\"two\\\" \\$\"\nE=\nF=a#b=c\nG=\"one\ntwo\"\n\n  A=2\r\nH=#none\n";
        insta::assert_snapshot!(list_variables(text), @r#"
        B="two words"
        C="a $x ${y} # \"z\""
        D="line\n\"two\" $"
        E=""
        F="a#b=c"
        G="one\ntwo"
        A="2"
        H=""
        "#);
    }

    #[test]
    fn every_line_that_says_nothing_is_told_with_its_place() {
        insta::assert_snapshot!(list_variables("A=1\n  nonsense\nB=${A}\nC='x' y\nD=\"open\nE=2\n"), @r"
        error: site.env:2:3: there is no `=` in the line
        hint: write `NAME=value`; remarks begin with `#`
        error: site.env:3:1: references are not followed in a file of variables
        hint: write the variable in `env`, or in single quotes if the text is meant
        error: site.env:4:1: something stands behind the closing quote
        hint: put quotes around the whole value
        error: site.env:5:1: the quote that begins here is not closed
        hint: close it, or write the value without quotes
        ");
    }
}
