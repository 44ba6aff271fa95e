//! What a suite was at when it was killed, by the journal of `stagectl_pytest.py`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Red tests that are named; the suite's output has the rest.
const MOST_RED: usize = 3;

/// A line of the journal.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    /// A module is imported.
    Reads {
        reads: String,
    },
    Begins {
        begins: String,
    },
    Ends {
        ends: String,
    },
    Fails {
        fails: String,
        says: String,
    },
    Over {
        is_over: bool,
    },
}

/// What was going on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// The module that was imported last, until the first test began.
    reading: Option<String>,
    /// Tests that had begun and not ended.
    running: Vec<String>,
    /// Tests that had failed, and what they said.
    red: BTreeMap<String, String>,
    any_began: bool,
    is_over: bool,
}

impl Journal {
    /// Reads what is there of it: its last line may be cut short.
    pub(super) fn read(text: &str) -> Journal {
        let mut journal = Journal::default();
        for line in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match line {
                Line::Reads { reads } => journal.reading = Some(reads),
                Line::Begins { begins } => {
                    journal.any_began = true;
                    if !journal.running.contains(&begins) {
                        journal.running.push(begins);
                    }
                }
                Line::Ends { ends } => journal.running.retain(|test| *test != ends),
                Line::Fails { fails, says } => {
                    journal.red.entry(fails).or_insert(says);
                }
                Line::Over { is_over } => journal.is_over = is_over,
            }
        }
        journal
    }

    /// In words, what it waited for first; nothing where there is no journal.
    pub(super) fn causes(&self) -> Vec<String> {
        let waited = match (self.running.as_slice(), &self.reading) {
            _ if self.is_over => Some(
                "its tests had ended: something keeps pytest from ending, such as a thread"
                    .to_owned(),
            ),
            ([], Some(module)) if !self.any_began => Some(format!("{module} was being imported")),
            ([], _) if self.any_began => {
                Some("no test was running: a hook or a fixture waits".to_owned())
            }
            ([], _) => None,
            (running, _) => Some(format!("{} was running", running.join(", "))),
        };
        let says = |says: &str| says.lines().next().unwrap_or_default().to_owned();
        let red = self.red.iter().take(MOST_RED);
        let red = red.map(|(test, said)| format!("before that, {test} failed: {}", says(said)));
        waited.into_iter().chain(red).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(lines: &[&str]) -> Vec<String> {
        Journal::read(&lines.join("\n")).causes()
    }

    #[test]
    fn it_says_what_was_waited_for_and_what_had_failed() {
        let (reads, begins) = (r#"{"reads": "test_x.py"}"#, r#"{"begins": "test_x.py::test_red"}"#);
        let fails = r#"{"fails": "test_x.py::test_red", "says": "assert 0\nmore"}"#;
        let ends = r#"{"ends": "test_x.py::test_red"}"#;
        assert_eq!(causes(&[]), Vec::<String>::new());
        assert_eq!(causes(&[reads]), ["test_x.py was being imported"]);
        assert_eq!(
            causes(&[reads, begins, begins, r#"{"fai"#]),
            ["test_x.py::test_red was running"]
        );
        let red = "before that, test_x.py::test_red failed: assert 0";
        let next = r#"{"begins": "test_x.py::test_slow"}"#;
        assert_eq!(
            causes(&[reads, begins, fails, fails, ends, next]),
            ["test_x.py::test_slow was running", red]
        );
        let waits = "no test was running: a hook or a fixture waits";
        assert_eq!(causes(&[reads, begins, fails, ends]), [waits, red]);
        let ended = "its tests had ended: something keeps pytest from ending, such as a thread";
        assert_eq!(causes(&[reads, begins, ends, r#"{"is_over": true}"#]), [ended]);
    }
}
