//! Reads the JUnit XML that a critical suite wrote.

use junit_parser::{TestCase, TestStatus as Read, TestSuite, from_reader};

use crate::event::{Test, TestStatus};
use crate::failure::{Failure, Kind};

/// A result larger than this is nobody's critical suite.
const LARGEST: usize = 16 << 20;
/// Bytes of a test's details that are kept.
const KEPT_DETAILS: usize = 64 << 10;

/// Every test of the file, in its order.
///
/// # Errors
/// `NoResult`: not readable as JUnit XML, or too large.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Test>, Failure> {
    let unreadable = || Failure::new(Kind::NoResult, "could not read the suite's JUnit XML");
    if bytes.len() > LARGEST {
        return Err(
            unreadable().cause(format!("it has {} bytes, more than {LARGEST}", bytes.len()))
        );
    }
    let suites = from_reader(bytes).map_err(|error| unreadable().because(&error))?;
    let mut tests = Vec::new();
    for suite in &suites.suites {
        collect(suite, &mut tests);
    }
    Ok(tests)
}

fn collect(suite: &TestSuite, tests: &mut Vec<Test>) {
    tests.extend(suite.cases.iter().map(test));
    for inner in &suite.suites {
        collect(inner, tests);
    }
}

fn test(case: &TestCase) -> Test {
    let (status, message, details) = match &case.status {
        Read::Success => (TestStatus::Passed, None, None),
        Read::Failure(failure) => (TestStatus::Failed, Some(&failure.message), Some(&failure.text)),
        Read::Error(error) => (TestStatus::Error, Some(&error.message), Some(&error.text)),
        Read::Skipped(skipped) => (TestStatus::Skipped, Some(&skipped.message), None),
    };
    let group = case.classname.clone().unwrap_or_default();
    let filled = |text: &String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    Test {
        // pytest writes the file only in its older format; the class says it, too: `a.test_b.TestC`.
        file: case.file.clone().or_else(|| file_of(&group)),
        group,
        name: case.original_name.clone(),
        status,
        took: case.time,
        message: message.and_then(filled),
        details: details.and_then(filled).map(|text| shortened(&text)),
    }
}

/// `tests.test_own_api.TestBoard` stands for `tests/test_own_api.py`; `None` for other runners.
fn file_of(class: &str) -> Option<String> {
    let parts: Vec<&str> = class.split('.').collect();
    let module =
        parts.iter().rposition(|part| part.starts_with("test_") || part.ends_with("_test"))?;
    Some(format!("{}.py", parts[..=module].join("/")))
}

fn shortened(text: &str) -> String {
    if text.len() <= KEPT_DETAILS {
        return text.to_owned();
    }
    let mut cut = text.len() - KEPT_DETAILS;
    while !text.is_char_boundary(cut) {
        cut += 1;
    }
    format!("[the first {cut} bytes are left out]\n{}", &text[cut..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pytest_file_reads_as_its_tests() {
        let xml = br#"<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="3">
            <testcase classname="test_a" name="test_one" time="0.25" />
            <testcase classname="test_b.TestX" name="test_two[1-b]" time="0.5"><failure message="assert 1 == 2">trace</failure></testcase>
            <testcase classname="test_c" name="test_three" time="0"><skipped type="pytest.skip" message="no">x</skipped></testcase>
            </testsuite></testsuites>"#;
        let tests = read(xml).unwrap();
        let lines: Vec<String> = tests
            .iter()
            .map(|test| format!("{} {:?} {:?}", test.label(), test.status, test.message))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        test_a.py::test_one Passed None
        test_b.py::TestX::test_two[1-b] Failed Some("assert 1 == 2")
        test_c.py::test_three Skipped Some("no")
        "#);
    }

    #[test]
    fn garbage_is_an_unreadable_result() {
        for bytes in [&b""[..], b"<testsuites>", b"\xff\xfe", b"<a>".repeat(50_000).as_slice()] {
            let outcome = read(bytes);
            assert!(
                outcome.as_ref().map_or_else(|error| error.kind == Kind::NoResult, Vec::is_empty),
                "{outcome:?}"
            );
        }
    }
}
