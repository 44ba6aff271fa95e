//! How to show: chosen once, from the terminal and the environment.

use std::env;

use console::Term;

/// Where no terminal ends a line nothing is broken: whoever searches a log finds what it says in one piece.
const UNBROKEN: usize = usize::MAX;
/// Narrower than this nothing is readable; the terminal wraps.
const LEAST_WIDTH: usize = 40;

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    pub style: Style,
    pub colour: Colour,
    /// Columns; the largest number where lines are as long as they are.
    pub width: usize,
    pub amount: Amount,
    /// Whose pages show it, if they have more to offer than text.
    pub server: Option<Server>,
}

/// What somebody asked for, instead of what the surroundings decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    pub style: Option<Style>,
    /// Whether text is coloured, whatever the terminal.
    pub colour: Option<Colour>,
    pub amount: Amount,
}

/// How much is said, each with all that those before it say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amount {
    /// Failures, warnings and the verdict.
    Quiet,
    #[default]
    Usual,
    /// Also each image, step, check and test.
    Verbose,
    /// Also each request to Docker; see [`super::show_requests`].
    Requests,
}

/// CI servers whose logs fold and whose pages show more than the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    GitHub,
    GitLab,
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A line per site that grows in place.
    Live,
    /// Lines with timestamps, for logs.
    Plain,
    /// An object a line on stdout, for programs.
    Json,
}

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Yes,
    No,
}

/// What decides how to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The columns of the terminal that is written to; `None` if it is none.
    pub terminal: Option<usize>,
    /// The variables of the same names.
    pub columns: Option<String>,
    pub term: Option<String>,
    pub no_color: Option<String>,
    pub force_color: Option<String>,
    pub ci: Option<String>,
    pub github_actions: Option<String>,
    pub gitlab_ci: Option<String>,
}

impl Surroundings {
    /// Those of this process, which shows its progress on stderr.
    #[must_use]
    pub fn of_this_process() -> Self {
        Surroundings::of(&Term::stderr())
    }

    fn of(terminal: &Term) -> Self {
        let variable = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Surroundings {
            terminal: terminal.is_term().then(|| usize::from(terminal.size().1)),
            columns: variable("COLUMNS"),
            term: variable("TERM"),
            no_color: variable("NO_COLOR"),
            force_color: variable("FORCE_COLOR"),
            ci: variable("CI"),
            github_actions: variable("GITHUB_ACTIONS"),
            gitlab_ci: variable("GITLAB_CI"),
        }
    }
}

impl Surroundings {
    /// Columns: those that `COLUMNS` says, else the terminal's; none where there is no terminal. A shell
    /// keeps `COLUMNS` to itself: it is there where somebody has exported it.
    fn width(&self) -> usize {
        let wished = self.columns.as_ref().and_then(|columns| columns.trim().parse().ok());
        let wished: Option<usize> = wished.filter(|columns| *columns > 0);
        wished.or(self.terminal).map_or(UNBROKEN, |width| width.max(LEAST_WIDTH))
    }

    /// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
    /// <https://docs.gitlab.com/ci/variables/predefined_variables/>: both say `true`.
    #[must_use]
    pub fn server(&self) -> Option<Server> {
        let is_true = |value: &Option<String>| value.as_deref() == Some("true");
        if is_true(&self.github_actions) {
            Some(Server::GitHub)
        } else if is_true(&self.gitlab_ci) {
            Some(Server::GitLab)
        } else {
            None
        }
    }
}

impl Mode {
    /// <https://no-color.org>, <https://force-color.org>: any value but the empty one; the first wins. `CI` is set to `true` or a name, and by
    /// hand to `false`. Who asks for lines that grow gets them on any terminal that can do so.
    #[must_use]
    pub fn choose(around: &Surroundings, wish: Wish) -> Self {
        let set = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
        let ci = set(&around.ci) && !matches!(around.ci.as_deref(), Some("false" | "0"));
        let able = around.terminal.is_some()
            && set(&around.term)
            && around.term.as_deref() != Some("dumb");
        let style = match wish.style {
            // Lines of requests would come between those that grow in place.
            None | Some(Style::Live) if wish.amount == Amount::Requests => Style::Plain,
            Some(Style::Live) if able => Style::Live,
            None if able && !ci => Style::Live,
            Some(Style::Json) => Style::Json,
            _ => Style::Plain,
        };
        let usual = if set(&around.no_color) {
            Colour::No
        } else if style == Style::Live || set(&around.force_color) {
            Colour::Yes
        } else {
            Colour::No
        };
        let colour = wish.colour.unwrap_or(usual);
        Mode {
            style,
            colour: if style == Style::Json { Colour::No } else { colour },
            width: around.width(),
            amount: wish.amount,
            server: around.server(),
        }
    }

    /// For this process's stderr.
    #[must_use]
    pub fn of_this_process(wish: Wish) -> Self {
        Mode::choose(&Surroundings::of_this_process(), wish)
    }

    /// For this process's stdout, in whatever style.
    pub(super) fn of_stdout(wish: Wish) -> Self {
        let wish = Wish { style: None, amount: Amount::Usual, ..wish };
        Mode::choose(&Surroundings::of(&Term::stdout()), wish)
    }
}

#[cfg(test)]
impl Mode {
    /// Without colour, and nothing special about it.
    pub(super) fn bare(style: Style, width: usize) -> Self {
        Mode { style, colour: Colour::No, width, amount: Amount::Usual, server: None }
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
            (None, Some("xterm"), None, None, (plain, no, UNBROKEN)),
            (None, None, None, Some("true"), (plain, no, UNBROKEN)),
        ];
        for (terminal, term, no_color, ci, shown) in table {
            let around = Surroundings {
                terminal,
                term: term.map(str::to_owned),
                no_color: no_color.map(str::to_owned),
                ci: ci.map(str::to_owned),
                ..Surroundings::default()
            };
            let mode = Mode::choose(&around, Wish::default());
            assert_eq!((mode.style, mode.colour, mode.width), shown, "{around:?}");
        }
    }

    #[test]
    fn the_width_is_what_somebody_says_or_the_terminal_s_or_none() {
        let width = |terminal: Option<usize>, columns: Option<&str>| {
            let columns = columns.map(str::to_owned);
            let around = Surroundings { terminal, columns, ..Surroundings::default() };
            Mode::choose(&around, Wish::default()).width
        };
        assert_eq!(width(Some(120), None), 120);
        assert_eq!(width(Some(120), Some("80")), 80);
        assert_eq!(width(Some(120), Some("3")), LEAST_WIDTH);
        assert_eq!(width(None, Some("80")), 80);
        for nonsense in [None, Some(""), Some("0"), Some("wide")] {
            assert_eq!(width(None, nonsense), UNBROKEN);
        }
    }

    #[test]
    fn who_asks_gets_what_the_terminal_can_do() {
        let asked = |terminal: Option<usize>, term: &str, style| {
            let around = Surroundings {
                terminal,
                term: Some(term.to_owned()),
                ci: Some("true".to_owned()),
                ..Surroundings::default()
            };
            let wish = Wish { style: Some(style), ..Wish::default() };
            let mode = Mode::choose(&around, wish);
            (mode.style, mode.colour)
        };
        let (yes, no) = (Colour::Yes, Colour::No);
        assert_eq!(asked(Some(80), "xterm", Style::Live), (Style::Live, yes));
        assert_eq!(asked(Some(80), "dumb", Style::Live), (Style::Plain, no));
        assert_eq!(asked(None, "xterm", Style::Live), (Style::Plain, no));
        assert_eq!(asked(Some(80), "xterm", Style::Plain), (Style::Plain, no));
        assert_eq!(asked(Some(80), "xterm", Style::Json), (Style::Json, no));
    }

    #[test]
    fn who_asks_for_colours_gets_them_anywhere_and_who_does_not_want_them_nowhere() {
        let colour = |force: Option<&str>, no: Option<&str>, wish: Option<Colour>, style| {
            let owned = |value: Option<&str>| value.map(str::to_owned);
            let around = Surroundings {
                terminal: Some(80),
                term: owned(Some("xterm")),
                force_color: owned(force),
                no_color: owned(no),
                ..Surroundings::default()
            };
            Mode::choose(&around, Wish { style, colour: wish, ..Wish::default() }).colour
        };
        let (yes, no, plain) = (Colour::Yes, Colour::No, Some(Style::Plain));
        assert_eq!(colour(Some("1"), None, None, plain), yes);
        assert_eq!(colour(Some(""), None, None, plain), no);
        assert_eq!(colour(Some("1"), Some("1"), None, None), no);
        assert_eq!(colour(None, Some("1"), Some(yes), plain), yes);
        assert_eq!(colour(Some("1"), None, Some(no), None), no);
        assert_eq!(colour(Some("1"), None, Some(yes), Some(Style::Json)), no);
    }

    #[test]
    fn two_servers_are_known_by_their_variables() {
        let with = |github: Option<&str>, gitlab: Option<&str>| {
            let around = Surroundings {
                github_actions: github.map(str::to_owned),
                gitlab_ci: gitlab.map(str::to_owned),
                ..Surroundings::default()
            };
            around.server()
        };
        assert_eq!(with(Some("true"), None), Some(Server::GitHub));
        assert_eq!(with(None, Some("true")), Some(Server::GitLab));
        assert_eq!(with(Some(""), Some("false")), None);
    }
}
