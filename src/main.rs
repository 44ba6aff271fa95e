//! The `stagectl` program: parses, runs, prints, exits.

use std::process::ExitCode;

use clap::Parser as _;
use stagectl::cli::{self, Cli};
use stagectl::display;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            display::print_failure(&failure);
            ExitCode::from(failure.kind.code())
        }
    }
}
