//! The only place that writes to stdout and stderr. A reader that went away is no error: a closed
//! pipe ends the output, never the run.

use std::io::{self, Write};
use std::path::Path;

use super::ci::github;
use super::mode::{Mode, Server, Style, Wish};
use super::stdout::{Stream, to_stdout, write_data};
use super::{failure, stream};
use crate::failure::Failure;
use crate::report::printable;

/// Prints a failure that ends the program: for a person, and for a program that asked for JSON. The
/// problems that it is about are in files below `root`.
pub fn print_failure(failure: &Failure, wish: Wish, root: &Path) {
    if wish.style == Some(Style::Json)
        && let Some(line) = stream::gave_up(failure)
    {
        to_stdout(&line);
    }
    say_failure(failure, wish, root);
}

/// Prints for a program what is wrong with the command line; for a person, whoever read it has done so.
pub fn print_usage(text: &str) {
    let mut parts = text.trim().split("\n\n");
    let message = parts.next().unwrap_or_default().trim_start_matches("error: ");
    let failure = Failure::usage(message);
    let hints =
        parts.flat_map(str::lines).map(str::trim).filter_map(|line| line.strip_prefix("tip: "));
    let failure = hints.fold(failure, Failure::hint);
    if let Some(line) = stream::gave_up(&failure) {
        to_stdout(&line);
    }
}

/// Prints a failure for a person alone.
pub fn say_failure(failure: &Failure, wish: Wish, root: &Path) {
    let mode = Mode::of_this_process(wish);
    let mut lines = failure::failure(failure, mode.colour);
    if mode.server == Some(Server::GitHub) {
        lines = lines.iter().map(|line| github::harmless(line)).collect();
        lines.extend(github::of_failure(failure, &|file| {
            github::from_workspace(&root.join(file).display().to_string())
        }));
    }
    to_stderr(&lines);
}

/// Shows what is not wrong and still has to be known, on stderr.
pub fn say_warnings(warnings: &[String], wish: Wish) {
    let mode = Mode::of_this_process(wish);
    let label = mode.colour.yellow("warning:");
    let lines: Vec<String> =
        warnings.iter().map(|warning| format!("{label} {}", printable(warning))).collect();
    to_stderr(&lines);
}

/// Prints what was asked for to stdout: a plan, a schema, a status. A reader that has seen enough
/// (`| head -1`) is no failure; a full disk behind `> file` is one.
pub fn print_data(text: &str) -> Result<(), Failure> {
    write_data(&mut io::stdout().lock(), text)
}

/// Passes on what a command inside writes, byte by byte.
///
/// # Errors
/// What the stream refuses: a reader that has gone, a full disk.
pub fn print_bytes(to: Stream, bytes: &[u8]) -> io::Result<()> {
    match to {
        Stream::Stdout => {
            let mut output = io::stdout().lock();
            output.write_all(bytes).and_then(|()| output.flush())
        }
        Stream::Stderr => io::stderr().lock().write_all(bytes),
    }
}

/// Writes lines in one piece. When stderr is gone nobody reads them: no error.
pub(super) fn to_stderr(lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _nobody_reads = io::stderr().lock().write_all((lines.join("\n") + "\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        write_data(&mut Broken(io::ErrorKind::BrokenPipe), "plan").unwrap();
        let failure = write_data(&mut Broken(io::ErrorKind::StorageFull), "plan").unwrap_err();
        assert_eq!(failure.message, "could not write to standard output");
    }
}
