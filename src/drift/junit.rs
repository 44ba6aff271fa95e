//! Looks as JUnit XML: one suite a site, one test a key that differs, and one for the site.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::finding::Drift;
use crate::failure::Failure;

/// The XML of some sites.
///
/// # Errors
/// A bug: it cannot be written.
pub fn junit(sites: &[Drift]) -> Result<String, Failure> {
    let mut report = Report::new("stagectl drift");
    for drift in sites {
        let mut suite = TestSuite::new(&drift.site);
        let mut whole = TestCase::new("the description is true", TestCaseStatus::success());
        if let Some(error) = &drift.error {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error.clone());
            whole = TestCase::new("the host can be read", status);
        }
        whole.set_classname(&drift.site);
        suite.add_test_case(whole);
        for finding in drift.drifted() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let side =
                |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
            status.set_message(format!(
                "described {}, live {}, since {} ({})",
                side(&finding.described),
                side(&finding.live),
                finding.since,
                finding.weight.word()
            ));
            let mut case = TestCase::new(&finding.key, status);
            case.set_classname(&drift.site);
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .map_err(|error| Failure::bug("could not write the JUnit XML").because(&error))
}
