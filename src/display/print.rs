//! The only place that writes to stdout and stderr. A reader that went away is no error: a closed
//! pipe ends the output, never the run.

use std::io::{self, Write};

use super::failure;
use super::mode::Mode;
use crate::failure::Failure;

/// Prints a failure that ends the program.
pub fn print_failure(failure: &Failure) {
    to_stderr(&failure::failure(failure, Mode::of_this_process().colour));
}

/// Prints what was asked for to stdout: a plan, a schema, a status. A reader that has seen enough
/// (`| head -1`) is no failure; a full disk behind `> file` is one.
pub fn print_data(text: &str) -> Result<(), Failure> {
    write_data(&mut io::stdout().lock(), text)
}

/// Passes on what a command inside writes, byte by byte. A reader that went away is no failure.
pub fn print_bytes(to: Stream, bytes: &[u8]) {
    let _nobody_reads = match to {
        Stream::Stdout => {
            let mut output = io::stdout().lock();
            output.write_all(bytes).and_then(|()| output.flush())
        }
        Stream::Stderr => io::stderr().lock().write_all(bytes),
    };
}

/// The two streams of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

fn write_data(output: &mut impl Write, text: &str) -> Result<(), Failure> {
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Failure::infrastructure("could not write to standard output").because(&error))
        }
    }
}

/// Writes lines in one piece. Nobody can be told when stderr is gone, so that is no error.
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
