//! What the page says of a site that is not green: what, why, the evidence, and the way on.

use serde::Serialize;

use super::super::compared::comparison_in_words;
use super::super::model::{Difference, Ending, KeyValues, SiteReport};
use super::super::tail::bounded;
use super::super::words::{
    count, heading, label_with_remark, not_green, outside_in_words, refused_in_words, took,
};
use super::part::{Link, Log, Mark};
use super::why::Why;
use crate::event::{Check, Test};
use crate::failure::Kind;

/// Bytes of a message, of a value, and of the details of a test.
const MESSAGE: usize = 2000;
const VALUE: usize = 600;
const DETAILS: usize = 12_000;
/// Bytes of all details of a page: it stays one that a phone opens.
const ALL_DETAILS: usize = 1_500_000;
/// How many of a site's checks, tests and keys are shown; the grid and the report have all.
const MOST_TESTS: usize = 20;
const MOST_KEYS: usize = 200;
const MOST_LINES: usize = 50;

/// What may still be shown at length on this page.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(ALL_DETAILS)
    }
}

impl Budget {
    fn take(&mut self, text: &str) -> Option<String> {
        let text = bounded(text, DETAILS);
        self.0 = self.0.checked_sub(text.len())?;
        Some(text)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Failing {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) heading: String,
    pub(super) mark: Mark,
    /// In one line what is wrong.
    pub(super) gist: String,
    message: Option<String>,
    causes: Vec<String>,
    hints: Vec<String>,
    log: Option<Log>,
    checks: Vec<Red>,
    tests: Vec<Red>,
    /// `480 more tests failed`
    more: Option<String>,
    said: Vec<Log>,
    beyond: Vec<String>,
    /// Beside its rehearsal, where it is the live site.
    compared: Vec<String>,
    differs: Option<Differs>,
    why: Option<Why>,
    files: Vec<Link>,
    evidence: Option<String>,
    again: Option<String>,
}

/// A check or a test that is not green.
#[derive(Debug, Serialize)]
struct Red {
    name: String,
    mark: Mark,
    took: String,
    message: String,
    details: Option<String>,
}

#[derive(Debug, Serialize)]
struct Differs {
    passed: String,
    words: String,
    rows: Vec<KeyValues>,
    more: Option<String>,
    /// Whether the values are known.
    has_values: bool,
    is_open: bool,
}

impl Failing {
    /// `None` for a site that is green, or of which there is nothing to show.
    pub(super) fn of(
        site: &SiteReport,
        id: String,
        files: Vec<Link>,
        budget: &mut Budget,
    ) -> Option<Failing> {
        if matches!(site.verdict, Ending::Passed | Ending::NotRun) {
            return None;
        }
        let checks: Vec<Red> = site
            .checks
            .iter()
            .filter(|check| !check.passed)
            .take(MOST_TESTS)
            .map(|check| red_check(check, budget))
            .collect();
        let red = not_green(site);
        let tests: Vec<Red> =
            red.iter().take(MOST_TESTS).map(|test| red_test(test, budget)).collect();
        let has_reds = !(checks.is_empty() && tests.is_empty());
        let failure = site.failure.as_ref();
        let message = failure
            .filter(|failure| !(has_reds && failure.kind == Kind::Unfit))
            .map(|failure| bounded(&failure.message, MESSAGE));
        let gist = match (&message, checks.iter().chain(&tests).next()) {
            (Some(message), _) => message.clone(),
            (None, Some(first)) => format!("{}: {}", first.name, first.message),
            (None, None) => site.verdict.name().to_owned(),
        };
        let bound = |texts: &[String]| -> Vec<String> {
            texts.iter().take(MOST_LINES).map(|text| bounded(text, MESSAGE)).collect()
        };
        let beyond = refused_in_words(site).chain(outside_in_words(site));
        Some(Failing {
            id,
            name: site.name.clone(),
            heading: heading(site),
            mark: site.verdict.into(),
            gist: bounded(gist.lines().next().unwrap_or_default(), VALUE),
            message,
            causes: failure.map(|failure| bound(&failure.causes)).unwrap_or_default(),
            hints: failure.map(|failure| bound(&failure.hints)).unwrap_or_default(),
            log: site.log_of_failure().map(Log::from),
            checks,
            tests,
            more: red.len().checked_sub(MOST_TESTS).filter(|more| *more > 0).map(|more| {
                format!("{} not green, too: see the grid of tests", count(more, "more test"))
            }),
            said: site.logs_at_failure().map(Log::from).collect(),
            beyond: beyond.take(MOST_LINES).map(|line| bounded(&line, MESSAGE)).collect(),
            compared: bound(&comparison_in_words(site)),
            differs: site.differs.as_ref().map(|differs| differences(site, differs)),
            why: site.why.as_ref().map(Why::from),
            files,
            evidence: site.evidence.clone(),
            again: site.again.clone(),
        })
    }
}

fn red_check(check: &Check, budget: &mut Budget) -> Red {
    let detail = check.detail.trim();
    let message = bounded(detail, MESSAGE);
    let details = if message == detail { None } else { budget.take(detail) };
    let mark = Mark { class: "bad", sign: "\u{2715}", word: "failed" };
    Red { name: bounded(&check.name, MESSAGE), mark, took: took(check.took), message, details }
}

fn red_test(test: &Test, budget: &mut Budget) -> Red {
    let message = bounded(test.message.as_deref().unwrap_or_default().trim(), MESSAGE);
    let details = test.details.as_deref().map(str::trim).unwrap_or_default();
    let details = if details.is_empty() || details == message {
        None
    } else {
        Some(budget.take(details).unwrap_or_else(|| {
            "left out here, where there are so many: it is in the site's junit.xml".to_owned()
        }))
    };
    let (name, mark) = (bounded(&label_with_remark(test), MESSAGE), test.status.into());
    Red { name, mark, took: took(test.took), message, details }
}

fn differences(site: &SiteReport, differs: &Difference) -> Differs {
    let keys = count(differs.keys.len(), "key");
    let (passed, name) = (&differs.passed, &site.name);
    let words = if differs.keys.is_empty() {
        format!("{passed} passed, and is described the same")
    } else {
        format!("{passed} passed; {name} differs from it in {keys}")
    };
    // A report of an earlier version has the keys alone.
    let bare = |key: &String| KeyValues { key: key.clone(), ..KeyValues::default() };
    let has_values = !differs.values.is_empty();
    let all: Vec<KeyValues> =
        if has_values { differs.values.clone() } else { differs.keys.iter().map(bare).collect() };
    let value = |value: &Option<String>| value.as_ref().map(|value| bounded(value, VALUE));
    let rows = all.iter().take(MOST_KEYS).map(|of| KeyValues {
        key: bounded(&of.key, VALUE),
        failing: value(&of.failing),
        passing: value(&of.passing),
        why: value(&of.why),
    });
    Differs {
        passed: passed.clone(),
        words,
        rows: rows.collect(),
        more: all
            .len()
            .checked_sub(MOST_KEYS)
            .filter(|more| *more > 0)
            .map(|more| format!("{} in report.json", count(more, "more key"))),
        has_values,
        is_open: all.len() <= 40,
    }
}
