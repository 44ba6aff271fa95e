//! The `stagectl` program: parses, runs, prints, exits.

use std::process::ExitCode;

use clap::Parser as _;
use stagectl::cli::{self, Cli};
use stagectl::display;

fn main() -> ExitCode {
    if cli::answer_shell() {
        return ExitCode::SUCCESS;
    }
    match cli::run(Cli::parse()) {
        Ok(verdict) => verdict.exit_code(),
        Err(failure) => {
            display::print_failure(&failure);
            ExitCode::from(failure.kind.code())
        }
    }
}
