//! Lines of logs with the role that each is of, coloured by role where stdout is a terminal.

use std::collections::BTreeMap;

use console::{Color, Style, Term};

use super::mode::{Colour, Mode, Surroundings, Wish};
use super::text::pad;
use crate::report::printable;

/// No red and no yellow: those are for what is wrong.
const COLOURS: [Color; 4] = [Color::Cyan, Color::Green, Color::Magenta, Color::Blue];

/// Writes log lines, each role in a colour of its own.
#[derive(Debug)]
pub struct LogLines {
    colour: Colour,
    width: usize,
    roles: BTreeMap<String, usize>,
}

impl LogLines {
    /// For this process's stdout; `width` is that of the longest role.
    #[must_use]
    pub fn to_stdout(width: usize) -> Self {
        let terminal = Term::stdout();
        let around = Surroundings {
            terminal: terminal.is_term().then(|| usize::from(terminal.size().1)),
            ..Surroundings::of_this_process()
        };
        LogLines::new(Mode::choose(&around, Wish::default()).colour, width)
    }

    fn new(colour: Colour, width: usize) -> Self {
        LogLines { colour, width, roles: BTreeMap::new() }
    }

    /// The line as it is shown, without its end.
    pub fn line(&mut self, role: &str, text: &str) -> String {
        let next = self.roles.len();
        let number = *self.roles.entry(role.to_owned()).or_insert(next);
        let style = Style::new().fg(COLOURS[number % COLOURS.len()]);
        let style = if number < COLOURS.len() { style } else { style.bright() };
        let name = style.force_styling(self.colour == Colour::Yes).apply_to(pad(role, self.width));
        let line = format!("{name} | {}", printable(text).replace('\n', " "));
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_own_colour_where_colours_are_shown() {
        let mut plain = LogLines::new(Colour::No, 5);
        assert_eq!(plain.line("db", "ready\u{1b}[2J \u{7}now"), "db    | ready now");
        let mut coloured = LogLines::new(Colour::Yes, 2);
        let (one, two) = (coloured.line("db", "a"), coloured.line("app", "b"));
        assert_eq!(one, "\u{1b}[36mdb\u{1b}[0m | a");
        assert_eq!(two, "\u{1b}[32mapp\u{1b}[0m | b");
        assert_eq!(coloured.line("db", "a"), one);
    }
}
