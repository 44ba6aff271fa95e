//! Shows a run to a person, and writes it for programs. The only layer that prints: data to stdout,
//! everything else to stderr. What is shown is a pure function of the run's events; nothing here
//! decides anything.

mod ask;
mod ci;
mod clock;
mod columns;
mod detail;
mod doing;
mod ending;
mod failure;
mod line;
mod live;
mod logs;
mod making;
mod mode;
mod plain;
mod print;
mod requests;
#[cfg(test)]
mod seconds_tests;
mod stdout;
mod stream;
mod summary;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
#[cfg(test)]
mod timeline_tests;
mod turns;

use crate::event::{Event, Listener, What};
use crate::report::Report;

pub use ask::{ask, can_ask};
pub use columns::{columns, pairs};
pub use logs::LogLines;
pub use mode::{Amount, Colour, Mode, Server, Style, Surroundings, Wish};
pub use print::{print_bytes, print_data, print_failure, print_usage, say_failure, say_warnings};
pub use requests::show_requests;
pub use stdout::{Stream, unwritten};
pub use stream::schema;
pub use summary::{print_note, print_report, print_summary, print_ways_to};
pub use terminal::{RawMode, is_used_by_a_person, terminal_name, terminal_size, width_of_stdout};
pub use timeline::print_timeline;

/// Shows the events of one run: to a person on stderr, to programs on stdout.
#[derive(Debug)]
pub struct Display {
    for_programs: bool,
    screen: Option<Screen>,
    /// On the pages of GitHub.
    annotations: Option<Report>,
}

#[derive(Debug)]
enum Screen {
    Live(live::Live),
    Plain(plain::Plain),
}

impl Display {
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        let live = || Screen::Live(live::Live::new(mode));
        let plain = || Screen::Plain(plain::Plain::new(mode));
        let screen = match (mode.style, mode.amount) {
            (Style::Json, Amount::Quiet | Amount::Usual) => None,
            (Style::Live, Amount::Usual | Amount::Verbose) => Some(live()),
            (Style::Live | Style::Json | Style::Plain, _) => Some(plain()),
        };
        let annotations = (mode.server == Some(Server::GitHub)).then(Report::default);
        Display { for_programs: mode.style == Style::Json, screen, annotations }
    }
}

impl Listener for Display {
    fn take(&mut self, event: &Event) {
        if self.for_programs {
            stream::write(event);
        }
        if let Some(report) = &mut self.annotations {
            report.take(event);
            if matches!(event.what, What::RunEnded { .. }) {
                print::to_stderr(&ci::github::annotations(report, &ci::github::from_workspace));
            }
        }
        match &mut self.screen {
            Some(Screen::Live(live)) => live.take(event),
            Some(Screen::Plain(plain)) => print::to_stderr(&plain.take(event)),
            None => {}
        }
    }
}
