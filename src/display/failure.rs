//! A failure in words: the error, its causes, the log that explains most, and last what to do.

use std::collections::BTreeSet;

use console::measure_text_width;

use super::mode::Colour;
use super::text::count;
use crate::failure::{Excerpt, Failure, SourceLine, Spot};
use crate::report::{FailureReport, printable};

/// A failure that ends the program.
pub(super) fn failure(failure: &Failure, colour: Colour) -> Vec<String> {
    if !failure.problems.is_empty() {
        return problems(failure, colour);
    }
    let failure = FailureReport::from(failure);
    let mut lines = message(&failure.message, colour);
    lines.extend(causes(&failure));
    lines.extend(failure.log.iter().flat_map(log));
    lines.extend(failure.hints.iter().flat_map(|text| hint(text, colour)));
    lines
}

/// The problems of files, each with its line and the way out, and last how many there are.
fn problems(failure: &Failure, colour: Colour) -> Vec<String> {
    let mut lines: Vec<String> = failure
        .warnings
        .iter()
        .flat_map(|warning| first_and_rest(&colour.yellow("warning:"), warning))
        .collect();
    for problem in &failure.problems {
        lines.extend(first_and_rest(&colour.red("error:"), &problem.describe()));
        lines.extend(source(problem, colour));
        lines.extend(problem.hint.iter().flat_map(|text| hint(text, colour)));
    }
    let is_said = |hint: &&String| {
        failure.problems.iter().any(|problem| problem.hint.as_ref() == Some(*hint))
    };
    let more = failure.hints.iter().filter(|hint| !is_said(hint));
    lines.extend(more.flat_map(|text| hint(text, colour)));
    lines.push(number_of(failure));
    lines
}

/// The line of a problem, with a mark below the place.
fn source(problem: &Spot, colour: Colour) -> Vec<String> {
    let (Some(SourceLine { text, before }), Some(line)) = (&problem.source, problem.line) else {
        return Vec::new();
    };
    let at = text.char_indices().nth(*before).map_or(text.len(), |(at, _)| at);
    let (before, after) = (printable(&text[..at]), printable(&text[at..]));
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let place = " ".repeat(measure_text_width(&before));
    let bar = colour.dim("|");
    vec![
        format!("    {} {bar} {before}{after}", colour.dim(&number)),
        format!("    {margin} {bar} {place}{}", colour.red("^")),
    ]
}

/// `2 errors, 1 warning in 2 files`.
fn number_of(failure: &Failure) -> String {
    let all = failure.problems.len() + failure.unlisted;
    let mut text = count(all, "error");
    if !failure.warnings.is_empty() {
        text.push_str(&format!(", {}", count(failure.warnings.len(), "warning")));
    }
    let files: BTreeSet<&str> =
        failure.problems.iter().map(|problem| problem.file.as_str()).collect();
    text.push_str(&format!(" in {}", count(files.len(), "file")));
    if failure.unlisted > 0 {
        text.push_str(&format!("; the first {} are shown", failure.problems.len()));
    }
    text
}

/// The message; that of several problems has labels of its own from its second line on.
fn message(text: &str, colour: Colour) -> Vec<String> {
    let text = printable(text);
    let mut lines = text.lines();
    let first = format!("{} {}", colour.red("error:"), lines.next().unwrap_or_default());
    let further = lines.map(|line| {
        if let Some(rest) = line.strip_prefix("error:") {
            format!("{}{rest}", colour.red("error:"))
        } else if let Some(rest) = line.strip_prefix("hint:") {
            format!("{}{rest}", colour.cyan("hint:"))
        } else {
            format!("    {line}")
        }
    });
    std::iter::once(first).chain(further).collect()
}

pub(super) fn causes(failure: &FailureReport) -> Vec<String> {
    failure.causes.iter().flat_map(|cause| first_and_rest("  caused by:", cause)).collect()
}

/// The tail of a log, verbatim but for what a terminal would obey.
pub(super) fn log(log: &Excerpt) -> Vec<String> {
    let mut lines = vec![format!("  last lines of {}:", printable(&log.source))];
    lines.extend(log_lines(log));
    lines
}

pub(super) fn log_lines(log: &Excerpt) -> impl Iterator<Item = String> {
    let lines = log.lines.iter().map(|line| printable(line));
    lines.map(|line| format!("    {}", line.replace('\n', "\n    ")))
}

pub(super) fn hint(text: &str, colour: Colour) -> Vec<String> {
    first_and_rest(&colour.cyan("hint:"), text)
}

/// A label and a text, whose further lines are indented.
fn first_and_rest(label: &str, text: &str) -> Vec<String> {
    let text = printable(text);
    let mut lines = text.lines();
    let first = format!("{label} {}", lines.next().unwrap_or_default());
    std::iter::once(first).chain(lines.map(|line| format!("    {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_problems_has_its_hint_below_it() {
        let problems = Failure::usage("a.yaml:1:1: x\nhint: do this\nerror: b.yaml:2:1: y\nand z");
        assert_eq!(
            super::failure(&problems.hint("do that"), Colour::No),
            [
                "error: a.yaml:1:1: x",
                "hint: do this",
                "error: b.yaml:2:1: y",
                "    and z",
                "hint: do that"
            ]
        );
    }
}
