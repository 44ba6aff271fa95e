//! The pages that the browser opens: of recorded runs, and of one that is larger than any.

use std::path::{Path, PathBuf};

use stagectl::event::{Outcome, State};
use stagectl::report::{Beside, Report, SavedFiles, StateReport, html};
use tempfile::TempDir;

/// A folder with a page of each kind.
pub(crate) struct Pages(TempDir);

impl Pages {
    pub(crate) fn new() -> Pages {
        let pages = Pages(tempfile::tempdir().unwrap());
        let (red, green) = (recorded("red.json"), recorded("green.json"));
        let files = SavedFiles::from([(
            "site-b".to_owned(),
            ["failure.txt", "suite.log", "logs/0-apache2-error.log"].map(str::to_owned).into(),
        )]);
        pages.write("red", &html(&red, &Beside { files, trends: true }).unwrap());
        pages.write("green", &html(&green, &Beside::default()).unwrap());
        pages.write("upgraded", &html(&upgraded(&red), &Beside::default()).unwrap());
        pages.write("huge", &html(&huge(&red), &Beside::default()).unwrap());
        pages
    }

    fn write(&self, name: &str, page: &str) {
        std::fs::write(self.path(name), page).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}.html"))
    }
}

/// The report of a run of the sample releases on the sample sites.
pub(crate) fn recorded(name: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The same as an upgrade and the way back, with each state.
fn upgraded(report: &Report) -> Report {
    let mut upgraded = report.clone();
    for site in &mut upgraded.sites {
        let state = |name| StateReport {
            name,
            release: report.release.clone().unwrap(),
            outcome: Some(Outcome::Passed),
            at: 0.0,
            seconds: 12.3,
            phases: Vec::new(),
            installed: Vec::new(),
            steps: Vec::new(),
            checks: Vec::new(),
            tests: Vec::new(),
        };
        site.states = [State::Live, State::Between, State::New, State::Back].map(state).into();
    }
    upgraded
}

/// The same on fifty sites, each with five hundred tests; names are long and cannot be broken.
fn huge(report: &Report) -> Report {
    let mut huge = report.clone();
    huge.sites = (0..50)
        .map(|number| {
            let mut site = report.sites[number % report.sites.len()].clone();
            site.name = format!("site-{number}-with-a-name-that-is-rather-long");
            let tests = site.tests.clone();
            site.tests = (0..500)
                .map(|index| {
                    let mut test = tests[index % tests.len()].clone();
                    test.name = format!("{}[{}-{index}]", test.name, "parameter_".repeat(8));
                    test
                })
                .collect();
            if let Some(failure) = &mut site.failure {
                failure.message = "x".repeat(3000);
            }
            site
        })
        .collect();
    huge
}
