//! The grid of tests and sites: what is not green somewhere first, the rest in a fold.

use std::collections::HashMap;

use serde::Serialize;

use super::super::model::{Report, SiteReport};
use super::super::tail::bounded;
use super::super::words::count;
use super::part::Mark;
use crate::event::{Test, TestStatus};

/// Bytes of a test's name.
const LONGEST_NAME: usize = 300;

#[derive(Debug, Serialize)]
pub(super) struct Grid {
    sites: Vec<String>,
    red: Vec<Row>,
    green: Vec<Row>,
    /// `18 tests that passed wherever they ran`
    green_words: String,
    words: String,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Serialize)]
struct Cell {
    class: &'static str,
    sign: &'static str,
    /// Seconds of a test that passed, else how it ended.
    words: String,
}

impl Grid {
    /// `None` where no test ran.
    pub(super) fn of(report: &Report) -> Option<Grid> {
        let sites: Vec<&SiteReport> =
            report.sites.iter().filter(|site| !site.tests.is_empty()).collect();
        let mut order: Vec<String> = Vec::new();
        let mut cells: HashMap<String, Vec<Option<&Test>>> = HashMap::new();
        for (column, site) in sites.iter().enumerate() {
            for test in &site.tests {
                let row = cells.entry(test.label()).or_insert_with_key(|label| {
                    order.push(label.clone());
                    vec![None; sites.len()]
                });
                // Of two with one name, the worse one is shown.
                let known = &mut row[column];
                if known.is_none_or(|known| severity(known) < severity(test)) {
                    *known = Some(test);
                }
            }
        }
        if order.is_empty() {
            return None;
        }
        let rows = order.iter().map(|label| {
            let tests = &cells[label];
            let is_red = tests.iter().flatten().any(|test| test.is_notable());
            let name = bounded(label, LONGEST_NAME);
            (is_red, Row { name, cells: tests.iter().map(|test| cell(*test)).collect() })
        });
        let (red, green): (Vec<_>, Vec<_>) = rows.partition(|(is_red, _)| *is_red);
        let [red, green] =
            [red, green].map(|rows| -> Vec<Row> { rows.into_iter().map(|(_, row)| row).collect() });
        let (all, on) = (count(order.len(), "test"), count(sites.len(), "site"));
        let words = match red.len() {
            0 => format!("{all} on {on}, none of them failed."),
            failed => format!("{all} on {on}, {failed} not green somewhere."),
        };
        Some(Grid {
            sites: sites.iter().map(|site| site.name.clone()).collect(),
            green_words: format!("{} that failed nowhere", count(green.len(), "test")),
            red,
            green,
            words,
        })
    }
}

fn severity(test: &Test) -> u8 {
    match test.status {
        TestStatus::Skipped => 0,
        TestStatus::Passed => 1,
        TestStatus::Flaky => 2,
        TestStatus::Error => 3,
        TestStatus::Failed => 4,
    }
}

fn cell(test: Option<&Test>) -> Cell {
    let Some(test) = test else {
        return Cell { class: "none", sign: "", words: "not there".to_owned() };
    };
    let mark = Mark::from(test.status);
    let words = match test.status {
        TestStatus::Passed => format!("{:.2}s", test.took),
        _ => mark.word.to_owned(),
    };
    Cell { class: mark.class, sign: mark.sign, words }
}
