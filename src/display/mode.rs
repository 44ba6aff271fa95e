//! How to show: chosen once, from the terminal and the environment.

use std::env;

use console::Term;

/// The width where nobody says one: logs of CI servers scroll, but people read them.
const WIDTH_OF_LOGS: usize = 100;
/// Narrower than this nothing is readable; the terminal wraps.
const LEAST_WIDTH: usize = 40;

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    pub style: Style,
    pub colour: Colour,
    /// Columns.
    pub width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A line per site that grows in place.
    Live,
    /// Lines with timestamps, for logs.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Yes,
    No,
}

/// What decides how to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The columns of the terminal that stderr is; `None` if it is none.
    pub terminal: Option<usize>,
    /// The variables of the same names.
    pub term: Option<String>,
    pub no_color: Option<String>,
    pub ci: Option<String>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let terminal = Term::stderr();
        let variable = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Surroundings {
            terminal: terminal.is_term().then(|| usize::from(terminal.size().1)),
            term: variable("TERM"),
            no_color: variable("NO_COLOR"),
            ci: variable("CI"),
        }
    }
}

impl Mode {
    /// <https://no-color.org>: any value but the empty one. `CI` is set to `true` or a name, and by
    /// hand to `false`.
    #[must_use]
    pub fn choose(around: &Surroundings) -> Self {
        let set = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
        let ci = set(&around.ci) && !matches!(around.ci.as_deref(), Some("false" | "0"));
        let able = around.terminal.is_some()
            && set(&around.term)
            && around.term.as_deref() != Some("dumb")
            && !ci;
        Mode {
            style: if able { Style::Live } else { Style::Plain },
            colour: if able && !set(&around.no_color) { Colour::Yes } else { Colour::No },
            width: around.terminal.map_or(WIDTH_OF_LOGS, |width| width.max(LEAST_WIDTH)),
        }
    }

    /// For this process's stderr.
    #[must_use]
    pub fn of_this_process() -> Self {
        Mode::choose(&Surroundings::of_this_process())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_and_three_variables_decide() {
        let (live, plain) = (Style::Live, Style::Plain);
        let (yes, no) = (Colour::Yes, Colour::No);
        //  terminal   TERM            NO_COLOR    CI             shown
        let table = [
            (Some(120), Some("xterm"), None, None, (live, yes, 120)),
            (Some(120), Some("xterm"), Some("1"), None, (live, no, 120)),
            (Some(120), Some("xterm"), Some(""), None, (live, yes, 120)),
            (Some(120), Some("xterm"), None, Some("true"), (plain, no, 120)),
            (Some(120), Some("xterm"), None, Some("false"), (live, yes, 120)),
            (Some(120), Some("xterm"), None, Some(""), (live, yes, 120)),
            (Some(80), Some("dumb"), None, None, (plain, no, 80)),
            (Some(80), None, None, None, (plain, no, 80)),
            (Some(0), Some("xterm"), None, None, (live, yes, 40)),
            (None, Some("xterm"), None, None, (plain, no, 100)),
            (None, None, None, Some("true"), (plain, no, 100)),
        ];
        for (terminal, term, no_color, ci, (style, colour, width)) in table {
            let around = Surroundings {
                terminal,
                term: term.map(str::to_owned),
                no_color: no_color.map(str::to_owned),
                ci: ci.map(str::to_owned),
            };
            assert_eq!(Mode::choose(&around), Mode { style, colour, width }, "{around:?}");
        }
    }
}
