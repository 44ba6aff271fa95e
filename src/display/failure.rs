//! A failure in words: the error, its causes, the log that explains most, and last what to do.

use super::mode::Colour;
use crate::failure::{Excerpt, Failure};
use crate::report::{FailureReport, printable};

/// A failure that ends the program.
pub(super) fn failure(failure: &Failure, colour: Colour) -> Vec<String> {
    let failure = FailureReport::from(failure);
    let mut lines = message(&failure.message, colour);
    lines.extend(causes(&failure));
    lines.extend(failure.log.iter().flat_map(log));
    lines.extend(failure.hints.iter().flat_map(|text| hint(text, colour)));
    lines
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
