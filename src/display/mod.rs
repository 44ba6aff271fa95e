//! Shows a run to a person. The only layer that prints: data to stdout, everything else to stderr.
//! What is shown is a pure function of the run's events; nothing here decides anything.

mod columns;
mod ending;
mod failure;
mod line;
mod live;
mod logs;
mod mode;
mod plain;
mod print;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod turns;

use crate::event::{Event, Listener};

pub use columns::columns;
pub use logs::LogLines;
pub use mode::{Colour, Mode, Style, Surroundings};
pub use print::{Stream, print_bytes, print_data, print_failure};
pub use terminal::{RawMode, is_used_by_a_person, terminal_name, terminal_size};

/// Shows the events of one run on stderr.
#[derive(Debug)]
pub struct Display(Inner);

#[derive(Debug)]
enum Inner {
    Live(live::Live),
    Plain(plain::Plain),
}

impl Display {
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Display(match mode.style {
            Style::Live => Inner::Live(live::Live::new(mode)),
            Style::Plain => Inner::Plain(plain::Plain::new(mode)),
        })
    }
}

impl Listener for Display {
    fn take(&mut self, event: &Event) {
        match &mut self.0 {
            Inner::Live(live) => live.take(event),
            Inner::Plain(plain) => print::to_stderr(&plain.take(event)),
        }
    }
}
