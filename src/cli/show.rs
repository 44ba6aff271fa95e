//! Where an experiment is shown: to a person as it goes on, to a program at its end.

use super::output::OutputArgs;
use crate::display::print_data;
use crate::failure::Failure;

pub(super) struct Show {
    is_json: bool,
    is_quiet: bool,
}

impl Show {
    pub(super) fn new(output: OutputArgs) -> Show {
        Show { is_json: output.is_json(), is_quiet: output.quiet }
    }

    pub(super) fn is_json(&self) -> bool {
        self.is_json
    }

    /// What goes on, for a person who watches.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        if self.is_json || self.is_quiet { Ok(()) } else { print_data(text) }
    }

    /// A line of what goes on.
    pub(super) fn line(&self, line: &str) -> Result<(), Failure> {
        self.text(&format!("{line}\n"))
    }

    /// The answer, for a person: line by line, below what went on.
    pub(super) fn answer(&self, words: &[String]) -> Result<(), Failure> {
        self.line("")?;
        if self.is_json { Ok(()) } else { print_data(&format!("{}\n", words.join("\n"))) }
    }
}
