//! What a report says, after the run: all of it at once.

use super::ending::{ending, rows};
use super::line::head;
use super::mode::{Mode, Style, Wish};
use super::print::{print_data, to_stderr};
use super::table::table;
use crate::event::Hint;
use crate::failure::Failure;
use crate::report::{Ending, Report};

/// Prints what a run came to on stderr, as the run itself would end.
pub fn print_summary(report: &Report, mode: Mode) {
    to_stderr(&lines(report, mode));
}

/// Prints the same to stdout, with colours where that is a terminal.
///
/// # Errors
/// As [`print_data`].
pub fn print_report(report: &Report, wish: Wish) -> Result<(), Failure> {
    let mode = Mode { style: Style::Plain, ..Mode::of_stdout(wish) };
    print_data(&(lines(report, mode).join("\n") + "\n"))
}

/// Prints the address of a replica and all ways to it to stdout.
///
/// # Errors
/// As [`print_data`].
pub fn print_ways_to(site: &str, url: &str, ways: &[Hint], wish: Wish) -> Result<(), Failure> {
    let mode = Mode::of_stdout(wish);
    let mut lines = vec![format!("{site}  {}", mode.colour.bold(url))];
    lines.extend(rows(&ways.iter().collect::<Vec<_>>(), mode));
    print_data(&(lines.join("\n") + "\n"))
}

/// Says something that is neither data nor a failure.
pub fn print_note(text: &str) {
    to_stderr(&[text.to_owned()]);
}

fn lines(report: &Report, mode: Mode) -> Vec<String> {
    let mut lines = vec![head(report, mode.colour), String::new()];
    if report.sites.iter().any(|site| !site.phases.is_empty()) {
        lines.extend(table(report, mode));
        lines.push(String::new());
    }
    lines.extend(ending(report, mode));
    // Of a green run, the ending says nothing of the page.
    if report.verdict == Ending::Passed
        && let Some(folder) = &report.folder
    {
        let last = lines.len() - 1;
        lines.insert(last, format!("report: {folder}/report.html"));
    }
    lines
}
