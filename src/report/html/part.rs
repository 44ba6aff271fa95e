//! Small parts of the page: how something ended, a link, the tail of a log.

use serde::Serialize;

use super::super::model::Ending;
use super::super::tail::bounded;
use crate::event::{Outcome, TestStatus};
use crate::failure::Excerpt;

/// Bytes of one line of a log, and how many lines there are of one.
const LONGEST_LINE: usize = 2000;
const MOST_LINES: usize = 60;

/// How something ended: by colour, by sign and in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Mark {
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
}

const fn mark(class: &'static str, sign: &'static str, word: &'static str) -> Mark {
    Mark { class, sign, word }
}

impl From<Ending> for Mark {
    fn from(ending: Ending) -> Self {
        let word = ending.name();
        match ending {
            Ending::Passed => mark("good", "\u{2713}", word),
            Ending::Failed => mark("bad", "\u{2715}", word),
            Ending::NotRun => mark("none", "\u{2013}", word),
            _ => mark("odd", "!", word),
        }
    }
}

impl From<Outcome> for Mark {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => mark("good", "\u{2713}", "passed"),
            Outcome::Failed => mark("bad", "\u{2715}", "failed"),
            Outcome::Error => mark("odd", "!", "error"),
        }
    }
}

impl From<TestStatus> for Mark {
    fn from(status: TestStatus) -> Self {
        match status {
            TestStatus::Passed => mark("good", "\u{2713}", "passed"),
            TestStatus::Failed => mark("bad", "\u{2715}", "failed"),
            TestStatus::Error => mark("odd", "!", "error"),
            TestStatus::Skipped => mark("none", "\u{2013}", "skipped"),
            TestStatus::Flaky => mark("odd", "~", "flaky"),
        }
    }
}

/// A file beside the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
}

/// The tail of a log as one text.
#[derive(Debug, Serialize)]
pub(super) struct Log {
    source: String,
    text: String,
}

impl From<&Excerpt> for Log {
    fn from(excerpt: &Excerpt) -> Self {
        Log { source: excerpt.source.clone(), text: last_of(&excerpt.lines) }
    }
}

/// The last lines of a log, each of a bounded length.
pub(super) fn last_of(lines: &[String]) -> String {
    let last = &lines[lines.len().saturating_sub(MOST_LINES)..];
    last.iter().map(|line| bounded(line, LONGEST_LINE)).collect::<Vec<_>>().join("\n")
}
