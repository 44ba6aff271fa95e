//! The `stagectl` program: parses, runs, prints, exits.

use std::process::ExitCode;

use stagectl::cli;
use stagectl::display;

fn main() -> ExitCode {
    if cli::answer_shell() {
        return ExitCode::SUCCESS;
    }
    let cli = match cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let (wish, root) = (cli.wish(), cli.root());
    match cli::run(cli) {
        Ok(code) => code,
        Err(failure) => {
            display::print_failure(&failure, wish, &root);
            ExitCode::from(failure.kind.code())
        }
    }
}
