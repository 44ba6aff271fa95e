//! Kinds of failure, the verdict of a run, and the one place where both become exit codes.
//!
//! Codes and their order are in docs/design.md. What is printed of a failure is `display`'s affair.

mod spot;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

pub use spot::{SourceLine, Spot};

/// Why something is not green, as the exit code tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The critical suite or the diagnosis ran and found the site unfit.
    Unfit,
    /// Wrong usage, or a description with problems.
    Usage,
    /// The release could not be installed, or one of its deploy steps failed.
    Deploy,
    /// The replica never became ready: the app exited, or health said no.
    NotReady,
    /// No tests ran, or the suite's result is unreadable or over budget.
    NoResult,
    /// A gate or a drift check refused.
    Refused,
    /// All is green, but something was left behind.
    LeftBehind,
    /// The live release, which an upgrade starts from, is red in its replica: nothing is known of the new one.
    Baseline,
    /// A bug in stagectl itself.
    Bug,
    /// Docker, registry, mirror, disk, memory, ports: worth a retry, never the app's fault.
    Infrastructure,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// How the message begins of an image that could not be built.
pub const COULD_NOT_BUILD: &str = "could not build";

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 12] = [
        Kind::Unfit,
        Kind::Usage,
        Kind::Deploy,
        Kind::NotReady,
        Kind::NoResult,
        Kind::Refused,
        Kind::LeftBehind,
        Kind::Baseline,
        Kind::Bug,
        Kind::Infrastructure,
        Kind::Interrupted,
        Kind::Terminated,
    ];

    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Kind::Unfit => 1,
            Kind::Usage => 2,
            Kind::Deploy => 3,
            Kind::NotReady => 4,
            Kind::NoResult => 5,
            Kind::Refused => 6,
            Kind::LeftBehind => 7,
            Kind::Baseline => 8,
            Kind::Bug => 70,
            Kind::Infrastructure => 75,
            Kind::Interrupted => 130,
            Kind::Terminated => 143,
        }
    }

    /// How bad it is beside others; the worst one decides a run's verdict.
    #[must_use]
    fn severity(self) -> u8 {
        match self {
            Kind::Interrupted | Kind::Terminated => 11,
            Kind::Bug => 10,
            Kind::Infrastructure => 9,
            Kind::LeftBehind => 8,
            Kind::Baseline => 7,
            Kind::NoResult => 6,
            Kind::NotReady => 5,
            Kind::Deploy => 4,
            Kind::Unfit => 3,
            Kind::Refused => 2,
            Kind::Usage => 1,
        }
    }

    /// True where we never found out whether the release works ("could not"), false where it
    /// ran and is bad ("failed").
    #[must_use]
    pub fn is_error(self) -> bool {
        !matches!(self, Kind::Unfit | Kind::Deploy | Kind::NotReady | Kind::Refused)
    }

    /// The worse of two.
    #[must_use]
    pub fn worse(self, other: Kind) -> Kind {
        if other.severity() > self.severity() { other } else { self }
    }
}

/// What could not be done, why, and the way out.
///
/// The text follows docs/design.md: lowercase, no full stop, the operation and the thing; causes one a
/// line; a hint is an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    pub kind: Kind,
    /// What could not be done, and which thing.
    pub message: String,
    /// The causes, outermost first; none repeats the message.
    pub causes: Vec<String>,
    /// What to do about it.
    pub hints: Vec<String>,
    /// The last lines of the log that tells most, with the name of that log.
    #[serde(rename = "log")]
    pub evidence: Option<Excerpt>,
    /// The problems of the project's files that it is about, each where it is; the message tells
    /// them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Spot>,
    /// How many problems there are beside those.
    #[serde(skip)]
    pub unlisted: usize,
    /// What is not wrong and has to be known beside the problems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The tail of a log, shown with a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// What the lines are from: `wsgi`, `deploy step migrate`.
    pub source: String,
    pub lines: Vec<String>,
}

impl Failure {
    /// Returns a failure without causes and hints; the message follows "error: ".
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            evidence: None,
            problems: Vec::new(),
            unlisted: 0,
            warnings: Vec::new(),
        }
    }

    /// Returns a failure of the command line or a description: exit code 2.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Kind::Usage, message)
    }

    /// Returns a failure of Docker or this machine: exit code 75, worth a retry.
    #[must_use]
    pub fn infrastructure(message: impl Into<String>) -> Self {
        Failure::new(Kind::Infrastructure, message)
    }

    /// Returns a failure of stagectl itself, exit code 70, with the hint to report it.
    #[must_use]
    pub fn bug(message: impl Into<String>) -> Self {
        Failure::new(Kind::Bug, message)
            .hint("this is a bug in stagectl; please report it with the lines above")
    }

    /// Whether an image could not be built: nothing was deployed then.
    #[must_use]
    pub fn is_of_build(&self) -> bool {
        self.message.starts_with(COULD_NOT_BUILD)
    }

    /// Returns the failure with one more cause, the innermost so far.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds an error and all its sources as causes, each once.
    #[must_use]
    pub fn because(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            if !self.causes.contains(&text) && text != self.message {
                self.causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    /// Returns the failure with one more hint: an action, shown last.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the failure with the last lines of a log; without lines, as it was.
    #[must_use]
    pub fn evidence(mut self, source: impl Into<String>, lines: Vec<String>) -> Self {
        if !lines.is_empty() {
            self.evidence = Some(Excerpt { source: source.into(), lines });
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failure {}

/// How a run ended, folded from its sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(into = "WrittenVerdict")]
pub enum Verdict {
    #[default]
    Passed,
    Not(Kind),
}

/// A verdict as programs read it.
#[derive(Serialize, JsonSchema)]
struct WrittenVerdict {
    verdict: Word,
    /// The exit code.
    code: u8,
}

/// How a site or a run ended. "Failed" ran and is bad; "error" means that we never found out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Passed,
    Failed,
    Error,
    /// All is green, but something is still there.
    LeftBehind,
    Interrupted,
}

impl JsonSchema for Verdict {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Verdict".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        WrittenVerdict::json_schema(generator)
    }
}

impl From<Verdict> for WrittenVerdict {
    fn from(verdict: Verdict) -> Self {
        let word = match verdict {
            Verdict::Passed => Word::Passed,
            Verdict::Not(Kind::LeftBehind) => Word::LeftBehind,
            Verdict::Not(Kind::Interrupted | Kind::Terminated) => Word::Interrupted,
            Verdict::Not(kind) if kind.is_error() => Word::Error,
            Verdict::Not(_) => Word::Failed,
        };
        WrittenVerdict { verdict: word, code: verdict.code() }
    }
}

impl Verdict {
    /// The worse of two verdicts, in the order of docs/design.md.
    #[must_use]
    pub fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Not(one), Verdict::Not(two)) => Verdict::Not(one.worse(two)),
            (Verdict::Passed, verdict) | (verdict, Verdict::Passed) => verdict,
        }
    }

    /// What a site that is advisory adds to its run: how it was judged does not count, what happened to
    /// the machine or to the run does.
    #[must_use]
    pub fn of_advice(self) -> Verdict {
        match self {
            Verdict::Not(Kind::LeftBehind | Kind::Bug | Kind::Interrupted | Kind::Terminated) => {
                self
            }
            _ => Verdict::Passed,
        }
    }

    /// The exit code as a number, as reports carry it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Not(kind) => kind.code(),
        }
    }

    /// The verdict that has this code; `None` for a code that stagectl does not have.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Verdict> {
        if code == 0 {
            return Some(Verdict::Passed);
        }
        Kind::ALL.into_iter().find(|kind| kind.code() == code).map(Verdict::Not)
    }

    /// Returns the exit code of the process.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_verdict_wins_in_the_order_of_the_design() {
        let order = [
            Kind::Bug,
            Kind::Infrastructure,
            Kind::LeftBehind,
            Kind::Baseline,
            Kind::NoResult,
            Kind::NotReady,
            Kind::Deploy,
            Kind::Unfit,
        ];
        for pair in order.windows(2) {
            let (worse, better) = (Verdict::Not(pair[0]), Verdict::Not(pair[1]));
            assert_eq!(better.and(worse), worse);
            assert_eq!(worse.and(better), worse);
            assert_eq!(Verdict::Passed.and(better), better);
        }
    }

    #[test]
    fn a_code_is_that_of_one_verdict() {
        for verdict in Kind::ALL.map(Verdict::Not).into_iter().chain([Verdict::Passed]) {
            assert_eq!(Verdict::of_code(verdict.code()), Some(verdict));
        }
        assert_eq!(Verdict::of_code(99), None);
    }

    #[test]
    fn because_lists_every_source_once() {
        let inner = std::io::Error::other("the disk is full");
        let failure = Failure::infrastructure("could not write the report").because(&inner);
        assert_eq!(failure.causes, ["the disk is full"]);
    }
}
