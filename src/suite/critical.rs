//! Runs the critical suite in its own container of the replica, and reads its result.

use std::io::Read as _;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::junit;
use crate::docker::{DockerError, Download, Engine, Output};
use crate::event::{Test, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, fetch, run_inside, with_memory};
use crate::replica::{JUNIT_FILE, Tests, suite_job};
use crate::site::{Flaky, SuiteSource};

/// `step.py` ends with this code when the budget was used up.
const OVER_BUDGET: i64 = 124;
/// pytest's code for tests that failed, and the one for "no tests were collected" (<https://docs.pytest.org/en/stable/reference/exit-codes.html>).
const PYTEST_FAILED: i64 = 1;
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

/// Runs the suite. `line` gets its output as it comes.
///
/// # Errors
/// `NoResult`: over budget, unreadable, no tests; infrastructure. Failing tests are no error here:
/// ask [`SuiteResult::verdict`].
pub async fn critical<E: Engine>(
    replica: &Replica<'_, E>,
    tests: Tests<'_>,
    line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    match run(replica, tests, line).await {
        Err(failure) if failure.kind == Kind::NoResult => {
            Err(with_memory(replica, &replica.handles.suite, failure).await)
        }
        result => result,
    }
}

async fn run<E: Engine>(
    replica: &Replica<'_, E>,
    wanted: Tests<'_>,
    mut line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    let begin = Instant::now();
    let job = suite_job(replica.site, &replica.secrets, &replica.handles, wanted);
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
    let last_lines =
        || output.lines.iter().rev().take(SHOWN_LINES).rev().cloned().collect::<Vec<_>>();
    if output.code == OVER_BUDGET {
        return Err(over_budget().evidence("suite", last_lines()));
    }
    let most = junit::LARGEST_RESULT + TAR_HEADERS;
    let found = fetch(replica.engine, &replica.handles.suite, JUNIT_FILE, most).await;
    let xml = match found {
        Ok(found) => {
            only_file(&found).map_err(|failure| failure.evidence("suite", last_lines()))?
        }
        Err(DockerError::NotFound { .. }) => {
            return Err(Failure::new(
                Kind::NoResult,
                format!("the critical suite ended with code {} and left no JUnit XML", output.code),
            )
            .hint(match &replica.site.critical.suite {
                SuiteSource::Pytest { .. } => {
                    "pytest says why in its last lines; check `critical.select` and what stands after `--`"
                }
                SuiteSource::Command { .. } => {
                    "a command of your own must write it to $STAGECTL_JUNIT"
                }
            })
            .evidence("suite", last_lines()));
        }
        Err(error) => return Err(error.into()),
    };
    // As it was written: what a reader makes of it may hold a secret in parts.
    let redacted = match std::str::from_utf8(&xml) {
        Ok(text) => replica.secrets.redact_xml(text).into_bytes(),
        Err(_) => xml.clone(),
    };
    let read = junit::read(&redacted).or_else(|_| junit::read(&xml));
    let mut tests = read.map_err(|failure| failure.evidence("suite", last_lines()))?;
    for test in &mut tests {
        let redact = |text: &Option<String>| text.as_ref().map(|text| replica.secrets.redact(text));
        (test.message, test.details) = (redact(&test.message), redact(&test.details));
        test.captured = redact(&test.captured);
        test.name = replica.secrets.redact(&test.name);
        for rerun in &mut test.reruns {
            (rerun.message, rerun.details) = (redact(&rerun.message), redact(&rerun.details));
        }
    }
    let emit_tests = || tests.iter().for_each(|test| emit_test(replica, test));
    let ran = |test: &&Test| test.status != TestStatus::Skipped;
    let judges = tests.iter().filter(ran).filter(|test| !test.advisory).count();
    let is_red = tests.iter().any(Test::is_red);
    if judges == 0 || output.code == PYTEST_NO_TESTS && !is_red {
        emit_tests();
        let what = match tests.iter().filter(ran).count() {
            _ if tests.is_empty() => "the critical suite has no tests",
            0 => "the critical suite skipped every test",
            _ => "every test of the critical suite that ran is advisory",
        };
        return Err(Failure::new(Kind::NoResult, what)
            .cause("no tests is never green")
            .hint("check `critical.path`, `critical.select` and what stands after `--`")
            .evidence("suite", last_lines()));
    }
    // By pytest's other codes it was not done; advice alone does not explain them.
    let is_explained = match &replica.site.critical.suite {
        SuiteSource::Pytest { .. } => {
            output.code == PYTEST_FAILED && is_red || tests.iter().any(Test::fails)
        }
        SuiteSource::Command { .. } => is_red,
    };
    if output.code != 0 && !is_explained {
        emit_tests();
        return Err(Failure::new(
            Kind::NoResult,
            format!("the critical suite ended with code {} although no test failed", output.code),
        )
        .evidence("suite", last_lines()));
    }
    let xml = replica.secrets.redact_xml(&String::from_utf8_lossy(&xml)).into_bytes();
    Ok(SuiteResult { tests, xml, output: output.lines, took: begin.elapsed() })
}

fn emit_test<E>(replica: &Replica<'_, E>, test: &Test) {
    replica.events.emit(What::TestEnded { test: test.clone() });
}

impl SuiteResult {
    /// Emits what is known of each test.
    pub fn emit_tests<E>(&self, replica: &Replica<'_, E>) {
        self.tests.iter().for_each(|test| emit_test(replica, test));
    }

    /// `Unfit` when a test failed, or is flaky where that fails a site.
    ///
    /// # Errors
    /// With the number of failing and of flaky tests.
    pub fn verdict(&self, policy: Flaky) -> Result<(), Failure> {
        let all = self.tests.len();
        let with = |is: &dyn Fn(&&Test) -> bool| self.tests.iter().filter(is).count();
        let failed = with(&|test| test.fails());
        let flaky = with(&|test| test.status == TestStatus::Flaky && !test.advisory);
        let are_flaky = if flaky == 1 { "is flaky" } else { "are flaky" };
        let message = match (failed, flaky) {
            (0, 0) => return Ok(()),
            (0, _) if policy == Flaky::Pass => return Ok(()),
            (0, flaky) => format!("{flaky} of {all} tests of the critical suite {are_flaky}"),
            (failed, 0) => format!("{failed} of {all} tests of the critical suite failed"),
            (failed, flaky) => {
                format!("{failed} of {all} tests of the critical suite failed, {flaky} {are_flaky}")
            }
        };
        let failure = Failure::new(Kind::Unfit, message);
        if failed > 0 {
            return Err(failure);
        }
        Err(failure
            .cause(
                "what failed was green on repetition: this is no red that the release always has",
            )
            .hint("mend the test or what it met; `critical.flaky: pass` lets such a site pass"))
    }
}

/// The content of the only file in what was downloaded.
fn only_file(found: &Download) -> Result<Vec<u8>, Failure> {
    let unreadable = || Failure::new(Kind::NoResult, "could not read the suite's JUnit XML");
    // The archive around the file is Docker's, and says nothing of the suite.
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
