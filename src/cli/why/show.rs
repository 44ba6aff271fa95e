//! Where an experiment is shown: to a person as it goes on, to a program at its end.

use crate::cli::output::OutputArgs;
use crate::display::print_data;
use crate::experiment::Explained;
use crate::failure::Failure;

pub(super) struct Show {
    is_json: bool,
    is_quiet: bool,
}

impl Show {
    pub(super) fn new(output: OutputArgs) -> Show {
        Show { is_json: output.is_json(), is_quiet: output.quiet }
    }

    /// A line of what goes on.
    pub(super) fn line(&self, line: &str) -> Result<(), Failure> {
        if self.is_json || self.is_quiet { Ok(()) } else { print_data(&format!("{line}\n")) }
    }

    pub(super) fn answer(&self, explained: &Explained) -> Result<(), Failure> {
        if self.is_json {
            let json = serde_json::to_string_pretty(explained).unwrap_or_default();
            return print_data(&format!("{json}\n"));
        }
        self.line("")?;
        let below = explained.below.iter().flat_map(|below| &below.words);
        let words: Vec<&str> = explained.words.iter().chain(below).map(String::as_str).collect();
        print_data(&format!("{}\n", words.join("\n")))
    }
}
