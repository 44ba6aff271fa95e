//! Where an experiment is shown: to a person as it goes on, to a program at its end.

use crate::cli::output::OutputArgs;
use crate::display::print_data;
use crate::experiment::Explained;
use crate::failure::Failure;

pub(in crate::cli) struct Show {
    is_json: bool,
    is_quiet: bool,
}

impl Show {
    pub(in crate::cli) fn new(output: OutputArgs) -> Show {
        Show { is_json: output.is_json(), is_quiet: output.quiet }
    }

    /// A line of what goes on.
    pub(in crate::cli) fn line(&self, line: &str) -> Result<(), Failure> {
        if self.is_json || self.is_quiet { Ok(()) } else { print_data(&format!("{line}\n")) }
    }

    pub(in crate::cli) fn answer(&self, explained: &Explained) -> Result<(), Failure> {
        if self.is_json {
            let json = serde_json::to_string_pretty(explained).unwrap_or_default();
            return print_data(&format!("{json}\n"));
        }
        self.words(explained)
    }

    /// The answer for a person alone.
    pub(super) fn words(&self, explained: &Explained) -> Result<(), Failure> {
        self.line("")?;
        if self.is_json {
            return Ok(());
        }
        print_data(&format!("{}\n", explained.all_words().join("\n")))
    }
}
