//! What a result counts by itself, held against what it shows.
//!
//! Only what says "red" is compared: `tests` is no number of elements. pytest counts each subtest of a
//! green test, Catch2 its assertions, mocha's and Jest's reporters leave out or put in what is skipped.

use super::values::{Attributes, is_a_red_word, value};

/// Attributes by which suites say how many of their tests are red.
const RED: [&str; 6] = ["failures", "errors", "failed", "failure", "error", "broken"];

/// Characters of a value that are shown.
const SHOWN: usize = 40;

/// The first words of a suite that say "red", and where they end.
#[derive(Debug, Default)]
pub(super) struct Counts(Option<(usize, String)>);

impl Counts {
    /// Takes what a suite says in its attributes.
    pub(super) fn take(&mut self, suite: &str, attributes: &Attributes, offset: usize) {
        if self.0.is_some() {
            return;
        }
        let of = |name| value(attributes, name).map(str::trim).filter(|value| !value.is_empty());
        // What is no number is not zero.
        let is_none = |value: &str| {
            value.parse::<f64>().is_ok_and(|number| number == 0.0)
                || value.eq_ignore_ascii_case("false")
        };
        let counted = RED.into_iter().filter_map(|name| Some((name, of(name)?)));
        let said = SAID.into_iter().filter_map(|name| Some((name, of(name)?)));
        let red = counted.filter(|(_, value)| !is_none(value));
        let red = red.chain(said.filter(|(_, value)| is_a_red_word(value))).next();
        self.0 = red.map(|(name, value)| {
            let value: String = value.chars().take(SHOWN).collect();
            (offset, format!("`{suite}` says {name}=\"{value}\""))
        });
    }

    /// What a result without a red test says against itself, and where.
    pub(super) fn contradiction(self) -> Option<(usize, String)> {
        let (offset, said) = self.0?;
        Some((offset, format!("{said}, and no test is shown as failed")))
    }
}

/// Attributes in which suites and tests say how they ended.
pub(in crate::suite) const SAID: [&str; 2] = ["status", "result"];
