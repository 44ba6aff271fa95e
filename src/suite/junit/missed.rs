//! Tests that should have been run.

use serde::Deserialize;

use crate::failure::{Failure, Kind};

/// The property of a suite that holds them, as JSON.
pub(super) const PROPERTY: &str = "stagectl.missed";

/// Tests that were collected and not run, as a run that ends early leaves them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Missed {
    pub number: usize,
    /// All that were collected.
    pub of: usize,
    /// The first of them, by what pytest knows them by.
    pub first: Vec<String>,
}

impl Missed {
    /// Whatever is written there, something was missed.
    pub(super) fn read(text: &str) -> Option<Missed> {
        let unknown = || Missed { number: 1, of: 1, first: Vec::new() };
        Some(serde_json::from_str(text).unwrap_or_else(|_| unknown()))
            .filter(|missed| missed.number > 0)
    }

    /// Why such a suite is not green, whatever its other tests say.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let Missed { number, of, first } = self;
        let tests = if *of == 1 { "test" } else { "tests" };
        let was = if *number == 1 { "was" } else { "were" };
        let message = format!("{number} of {of} {tests} of the critical suite {was} not run");
        let failure = Failure::new(Kind::NoResult, message);
        let failure = first
            .iter()
            .take(1)
            .fold(failure, |failure, id| failure.cause(format!("the first of them is {id}")));
        failure.cause("a suite that ends early is never green").hint(
            "find out what ends it: `-x` or `--maxfail` in its configuration, `pytest.exit` in a test or a fixture, a plugin",
        )
    }
}
