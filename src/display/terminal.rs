//! The terminal of a person who works inside a replica: raw, so that every key goes there.

use std::io::{self, IsTerminal as _};

use console::Term;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::mode::{Mode, Wish};

/// A terminal whose keys go on as they are; as it was again when this is dropped.
#[derive(Debug)]
pub struct RawMode(Termios);

impl RawMode {
    /// `None` where standard input is no terminal.
    #[must_use]
    pub fn start() -> Option<RawMode> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw).ok()?;
        Some(RawMode(before))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Where the terminal is gone there is nothing to restore.
        tcsetattr(io::stdin(), OptionalActions::Drain, &self.0).ok();
    }
}

/// True where somebody types and looks.
#[must_use]
pub fn is_used_by_a_person() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Columns and rows.
#[must_use]
pub fn terminal_size() -> (u16, u16) {
    let (rows, columns) = Term::stdout().size();
    (columns, rows)
}

/// The columns of what is printed to stdout; the largest number where lines are as long as they are.
#[must_use]
pub fn width_of_stdout() -> usize {
    Mode::of_stdout(Wish::default()).width
}

/// What the terminal is called, as `TERM` says.
#[must_use]
pub fn terminal_name() -> String {
    std::env::var("TERM").ok().filter(|name| !name.is_empty()).unwrap_or("dumb".to_owned())
}
