//! Runs the critical suite in its own container of the replica, and reads its result.

use std::io::Read as _;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::junit;
use crate::docker::{DockerError, Download, Engine, Output};
use crate::event::{Test, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, fetch, run_inside, with_memory};
use crate::replica::{JUNIT_FILE, suite_job};

/// `step.py` ends with this code when the budget was used up.
const OVER_BUDGET: i64 = 124;
/// pytest's code for "no tests were collected" (<https://docs.pytest.org/en/stable/reference/exit-codes.html>).
const PYTEST_NO_TESTS: i64 = 5;
/// More than the budget, for the case that the program that enforces it is gone.
const GRACE: Duration = Duration::from_secs(10);
const SHOWN_LINES: usize = 15;
/// Bytes of a tar archive with one file, beside that file.
const TAR_HEADERS: usize = 16 << 10;

/// What the suite said.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteResult {
    pub tests: Vec<Test>,
    /// The XML as the suite wrote it, for the evidence.
    pub xml: Vec<u8>,
    /// Everything that it printed.
    pub output: Vec<String>,
    pub took: Duration,
}

/// Runs the suite; `extra` goes to pytest. `line` gets its output as it comes.
///
/// # Errors
/// `NoResult`: over budget, unreadable, no tests; infrastructure. Failing tests are no error here:
/// ask [`SuiteResult::verdict`].
pub async fn critical<E: Engine>(
    replica: &Replica<'_, E>,
    extra: &[String],
    line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    match run(replica, extra, line).await {
        Err(failure) if failure.kind == Kind::NoResult => {
            Err(with_memory(replica, &replica.handles.suite, failure).await)
        }
        result => result,
    }
}

async fn run<E: Engine>(
    replica: &Replica<'_, E>,
    extra: &[String],
    mut line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    let begin = Instant::now();
    let job = suite_job(replica.site, replica.secrets, replica.handles, extra);
    let halt = CancellationToken::new();
    let running = run_inside(replica, &replica.handles.suite, "step.py", &job, &halt, &mut line);
    let budget = replica.site.critical.budget;
    let output = tokio::select! {
        output = tokio::time::timeout(budget + GRACE, running) => output,
        () = replica.stop.requested() => return Err(replica.stop.failure()),
    };
    let over_budget = || {
        Failure::new(
            Kind::NoResult,
            format!("the critical suite was not done within its budget of {budget:?}"),
        )
        .hint("find out which test waits, or raise `critical.budget`")
    };
    let output = match output {
        Err(_) => return Err(over_budget()),
        Ok(output) => output?,
    };
    let shown = || output.lines.iter().rev().take(SHOWN_LINES).rev().cloned().collect::<Vec<_>>();
    if output.code == OVER_BUDGET {
        return Err(over_budget().evidence("suite", shown()));
    }
    let most = junit::LARGEST_RESULT + TAR_HEADERS;
    let found = fetch(replica.engine, &replica.handles.suite, JUNIT_FILE, most).await;
    let xml = match found {
        Ok(found) => only_file(&found).map_err(|failure| failure.evidence("suite", shown()))?,
        Err(DockerError::NotFound { .. }) => {
            return Err(Failure::new(
                Kind::NoResult,
                format!("the critical suite ended with code {} and left no JUnit XML", output.code),
            )
            .hint("a command of your own must write it to $STAGECTL_JUNIT")
            .evidence("suite", shown()));
        }
        Err(error) => return Err(error.into()),
    };
    // As it was written: what a reader makes of it may hold a secret in parts.
    let redacted = match std::str::from_utf8(&xml) {
        Ok(text) => replica.secrets.redact_xml(text).into_bytes(),
        Err(_) => xml.clone(),
    };
    let read = junit::read(&redacted).or_else(|_| junit::read(&xml));
    let mut tests = read.map_err(|failure| failure.evidence("suite", shown()))?;
    for test in &mut tests {
        let redact = |text: &Option<String>| text.as_ref().map(|text| replica.secrets.redact(text));
        (test.message, test.details) = (redact(&test.message), redact(&test.details));
        test.captured = redact(&test.captured);
        test.name = replica.secrets.redact(&test.name);
        replica.events.emit(What::TestEnded { test: test.clone() });
    }
    let ran = tests.iter().filter(|test| test.status != TestStatus::Skipped).count();
    if ran == 0 || output.code == PYTEST_NO_TESTS && !tests.iter().any(Test::is_red) {
        let what = if tests.is_empty() {
            "the critical suite has no tests"
        } else {
            "the critical suite skipped every test"
        };
        return Err(Failure::new(Kind::NoResult, what)
            .cause("no tests is never green")
            .hint("check `critical.path` and `critical.select`")
            .evidence("suite", shown()));
    }
    if output.code != 0 && !tests.iter().any(Test::is_red) {
        return Err(Failure::new(
            Kind::NoResult,
            format!("the critical suite ended with code {} although no test failed", output.code),
        )
        .evidence("suite", shown()));
    }
    let xml = replica.secrets.redact_xml(&String::from_utf8_lossy(&xml)).into_bytes();
    Ok(SuiteResult { tests, xml, output: output.lines, took: begin.elapsed() })
}

impl SuiteResult {
    /// `Unfit` when a test failed.
    ///
    /// # Errors
    /// With the number of failing tests, and each one's message.
    pub fn verdict(&self) -> Result<(), Failure> {
        let all = self.tests.len();
        let failed = self.tests.iter().filter(|test| test.fails()).count();
        let flaky = self.tests.iter().filter(|test| test.status == TestStatus::Flaky).count();
        let message = match (failed, flaky) {
            (0, 0) => return Ok(()),
            (0, flaky) => format!("{flaky} of {all} tests of the critical suite are flaky"),
            (failed, 0) => format!("{failed} of {all} tests of the critical suite failed"),
            (failed, flaky) => {
                format!(
                    "{failed} of {all} tests of the critical suite failed, and {flaky} are flaky"
                )
            }
        };
        Err(Failure::new(Kind::Unfit, message))
    }
}

/// The content of the only file in what was downloaded.
fn only_file(found: &Download) -> Result<Vec<u8>, Failure> {
    let unreadable = || Failure::new(Kind::NoResult, "could not read the suite's JUnit XML");
    // The archive around the file is Docker's, and tells nothing of the suite.
    let damaged = |error: std::io::Error| {
        Failure::infrastructure("the suite's result came damaged from Docker")
            .because(&error)
            .hint("try again")
    };
    if !found.is_whole {
        return Err(unreadable()
            .cause(format!("it has more than {} bytes", junit::LARGEST_RESULT))
            .hint("let the tests that fail print less"));
    }
    let mut archive = tar::Archive::new(found.tar.as_slice());
    let mut bytes = Vec::new();
    if let Some(entry) = archive.entries().map_err(damaged)?.next() {
        let mut entry = entry.map_err(damaged)?;
        if !entry.header().entry_type().is_file() {
            return Err(unreadable().cause(format!("{JUNIT_FILE} is not a file")));
        }
        entry.read_to_end(&mut bytes).map_err(damaged)?;
    }
    Ok(bytes)
}
