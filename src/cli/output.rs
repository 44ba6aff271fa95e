//! How much is said and in which form: flags of every command.

use crate::display::{Amount, Colour, Mode, Style, Wish};

/// Flags of every command about what is shown.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct OutputArgs {
    /// How results and progress are written; chosen by the terminal if left out
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(super) output: Option<Output>,
    /// Whether text is coloured; by the terminal, NO_COLOR and FORCE_COLOR if left out
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(super) color: Option<When>,
    /// Only failures, warnings and the verdict
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Also each step, image, check and test as it ends; `-vv` also each request to Docker
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    /// For people: lines that grow in place, where the terminal can
    Human,
    /// Lines with times, for logs
    Plain,
    /// For programs: events or results as JSON on stdout
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum When {
    Always,
    /// As if it were left out
    Auto,
    Never,
}

impl OutputArgs {
    /// What the flags ask of the display.
    pub(super) fn wish(self) -> Wish {
        let style = self.output.map(|output| match output {
            Output::Human => Style::Live,
            Output::Plain => Style::Plain,
            Output::Json => Style::Json,
        });
        let amount = match (self.quiet, self.verbose) {
            (true, _) => Amount::Quiet,
            (false, 0) => Amount::Usual,
            (false, 1) => Amount::Verbose,
            (false, _) => Amount::Requests,
        };
        let colour = match self.color {
            Some(When::Always) => Some(Colour::Yes),
            Some(When::Never) => Some(Colour::No),
            Some(When::Auto) | None => None,
        };
        Wish { style, colour, amount }
    }

    /// How runs are shown.
    pub(super) fn mode(self) -> Mode {
        Mode::of_this_process(self.wish())
    }

    /// True where results are for programs.
    pub(super) fn is_json(self) -> bool {
        self.output == Some(Output::Json)
    }
}

/// True where a command line that could not be read asks for JSON.
pub(super) fn asks_for_json(words: impl Iterator<Item = String>) -> bool {
    let words: Vec<String> = words.take_while(|word| word != "--").collect();
    words.iter().any(|word| word == "--output=json")
        || words.windows(2).any(|pair| pair == ["--output", "json"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_may_still_ask_for_json() {
        let asks = |line: &str| asks_for_json(line.split(' ').map(str::to_owned));
        assert!(asks("stagectl rehears --output json"));
        assert!(asks("stagectl --output=json rehearse --nonsense"));
        assert!(!asks("stagectl rehearse --output plain json"));
        assert!(!asks("stagectl test site-a -- --output json"));
    }
}
