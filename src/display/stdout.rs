//! Standard output, and what becomes of what cannot be written there.

use std::io::{self, Write};
use std::sync::OnceLock;

use crate::failure::Failure;

/// Why lines could not be written to stdout, if that happened: the first reason.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// The failure to write to stdout what this program had to say to others, if there was one. That
/// nobody reads it any more is none.
#[must_use]
pub fn unwritten() -> Option<Failure> {
    let error = UNWRITTEN.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)?;
    Some(Failure::infrastructure("could not write to standard output").because(error))
}

/// Writes a line for programs. After the first that could not be written there are no more: half a
/// story is worse than one that stops.
pub(super) fn to_stdout(line: &str) {
    if UNWRITTEN.get().is_some() {
        return;
    }
    let mut output = io::stdout().lock();
    let written = output.write_all(format!("{line}\n").as_bytes()).and_then(|()| output.flush());
    if let Err(error) = written {
        let _told_already = UNWRITTEN.set(error);
    }
}

/// The two streams of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

pub(in crate::display) fn write_data(output: &mut impl Write, text: &str) -> Result<(), Failure> {
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Failure::infrastructure("could not write to standard output").because(&error))
        }
    }
}
