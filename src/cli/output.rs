//! How much is said and in which form: flags of every command.

/// Flags of every command about what is shown.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct OutputArgs {
    /// How results and progress are written; chosen by the terminal if left out
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(super) output: Option<Output>,
    /// Only failures, warnings and the verdict
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Also each step, image, check and test as it ends
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
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

impl OutputArgs {
    /// True where results are for programs.
    pub(super) fn is_json(self) -> bool {
        self.output == Some(Output::Json)
    }
}
