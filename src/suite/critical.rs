//! Runs the critical suite in its own container of the replica, and reads its result.

use std::io::Read as _;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::budget::{OVER_BUDGET, within_budget};
use super::journal::Journal;
use super::junit::{self, Missed};
use crate::docker::{DockerError, Download, Engine, Output};
use crate::event::{Test, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::inside::{Held, InsideOutput, Replica, fetch, run_inside, with_memory};
use crate::replica::{JOURNAL_FILE, JUNIT_FILE, Secrets, Tests, suite_job};
use crate::site::{Flaky, SuiteSource};

/// pytest's code for tests that failed, and the one for "no tests were collected" (<https://docs.pytest.org/en/stable/reference/exit-codes.html>).
const PYTEST_FAILED: i64 = 1;
const PYTEST_NO_TESTS: i64 = 5;
const SHOWN_LINES: usize = 15;
/// What is said of a suite whose tests were all left out, or that has none.
pub const NO_TESTS: &str = "the critical suite has no tests";
/// Bytes of a tar archive with one file, beside that file.
const TAR_HEADERS: usize = 16 << 10;

/// What the suite said.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteResult {
    pub tests: Vec<Test>,
    /// There if it ended before all of them were run.
    pub missed: Option<Missed>,
    /// The XML as the suite wrote it, for the evidence.
    pub xml: Vec<u8>,
    /// Everything that it printed.
    pub output: Vec<String>,
    pub took: Duration,
}

/// A suite that is to be run.
#[derive(Debug)]
pub enum Suite<'a> {
    /// These tests, from the start.
    New(Tests<'a>),
    /// All of them, by a pytest that was begun before and goes on now.
    Held { held: Held<'a>, arguments: &'a [String] },
}

impl<'a> Suite<'a> {
    /// Returns what a person has given to pytest.
    fn arguments(&self) -> &'a [String] {
        match self {
            Suite::New(Tests::All(arguments)) | Suite::Held { arguments, .. } => arguments,
            Suite::New(Tests::Only(_)) => &[],
        }
    }
}

/// Where arguments for pytest chose among the tests and left none.
fn nothing_matches(arguments: &[String], tests: &[Test]) -> Option<Failure> {
    let own: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let own: Vec<&str> = own.into_iter().filter(|it| !it.starts_with("--color")).collect();
    if own.is_empty() || !tests.is_empty() {
        return None;
    }
    let own = own.join(" ");
    let what = format!("no test of the critical suite matches what stands after `--`: `{own}`");
    Some(
        Failure::new(Kind::NoResult, what).cause("no tests is never green").hint(
            "look at the names of the tests, or leave `--` and the rest out to run all of them",
        ),
    )
}

/// What chooses among the tests, where something does.
fn what_chooses(select: Option<&str>, arguments: &[String]) -> Option<String> {
    let has_own = arguments.iter().any(|it| !it.starts_with("--color"));
    let places = [select.map(|_| "`critical.select`"), has_own.then_some("what stands after `--`")];
    let places: Vec<&str> = places.into_iter().flatten().collect();
    (!places.is_empty()).then(|| places.join(" and "))
}

/// The suite ended without a result.
fn left_nothing(suite: &SuiteSource, output: &InsideOutput, arguments: &[String]) -> Failure {
    let hint = match suite {
        SuiteSource::Pytest { .. } if output.lines.is_empty() => {
            "pytest printed nothing: something ended its process, such as `os._exit` or a signal"
                .to_owned()
        }
        SuiteSource::Pytest { select, .. } => {
            let chosen = what_chooses(select.as_deref(), arguments);
            let check = chosen.map(|chosen| format!("; check {chosen}"));
            format!("pytest says why in its last lines{}", check.unwrap_or_default())
        }
        SuiteSource::Command { .. } => {
            "a command of your own must write it to $STAGECTL_JUNIT".to_owned()
        }
    };
    let what = format!("the critical suite ended with code {} and left no JUnit XML", output.code);
    Failure::new(Kind::NoResult, what).hint(hint)
}

/// Where to look when nothing judges a site.
fn check_places(suite: &SuiteSource, arguments: &[String]) -> String {
    let SuiteSource::Pytest { select, .. } = suite else {
        return "check what `critical.run` writes to $STAGECTL_JUNIT".to_owned();
    };
    let chosen = what_chooses(select.as_deref(), arguments);
    format!(
        "check the tests in `critical.path`{}",
        chosen.map(|it| format!(", and {it}")).unwrap_or_default()
    )
}

/// Runs the suite. `line` gets its output as it comes.
///
/// # Errors
/// `NoResult`: over budget, unreadable, no tests; infrastructure. Failing tests are no error here:
/// ask [`SuiteResult::verdict`].
pub async fn critical<E: Engine>(
    replica: &Replica<'_, E>,
    suite: Suite<'_>,
    line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    match run(replica, suite, line).await {
        Err(failure) if failure.kind == Kind::NoResult => {
            Err(with_memory(replica, &replica.handles.suite, failure).await)
        }
        result => result,
    }
}

/// Runs the tests to their end, whatever that is.
async fn run_tests<E: Engine>(
    replica: &Replica<'_, E>,
    suite: Suite<'_>,
    line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    match suite {
        Suite::Held { held, .. } => held.end(replica, line).await,
        Suite::New(tests) => {
            let job = suite_job(replica.site, &replica.secrets, &replica.handles, tests);
            let (container, halt) = (&replica.handles.suite, CancellationToken::new());
            run_inside(replica, container, "step.py", &job, &halt, line).await
        }
    }
}

async fn run<E: Engine>(
    replica: &Replica<'_, E>,
    suite: Suite<'_>,
    mut line: impl FnMut(Output, &str),
) -> Result<SuiteResult, Failure> {
    let begin = Instant::now();
    let arguments = suite.arguments();
    let running = Box::pin(run_tests(replica, suite, &mut line));
    let output = within_budget(replica, running).await?;
    let last_lines =
        || output.lines.iter().rev().take(SHOWN_LINES).rev().cloned().collect::<Vec<_>>();
    if output.code == OVER_BUDGET {
        let causes = journal(replica).await.causes();
        let budget = replica.site.critical.budget;
        let what = format!("the critical suite was not done within its budget of {budget:?}");
        let failure = Failure::new(Kind::NoResult, what)
            .hint("find out which test waits, or raise `critical.budget`")
            .evidence("suite", last_lines());
        return Err(causes.into_iter().fold(failure, Failure::cause));
    }
    let most = junit::LARGEST_RESULT + TAR_HEADERS;
    let found = fetch(replica.engine, &replica.handles.suite, JUNIT_FILE, most).await;
    let xml = match found {
        Ok(found) => {
            only_file(&found).map_err(|failure| failure.evidence("suite", last_lines()))?
        }
        Err(DockerError::NotFound { .. }) => {
            let failure = left_nothing(&replica.site.critical.suite, &output, arguments);
            return Err(failure.evidence("suite", last_lines()));
        }
        Err(error) => return Err(error.into()),
    };
    // As it was written: what a reader makes of it may hold a secret in parts.
    let redacted = match std::str::from_utf8(&xml) {
        Ok(text) => replica.secrets.redact_xml(text).into_bytes(),
        Err(_) => xml.clone(),
    };
    let read = junit::read_all(&redacted).or_else(|_| junit::read_all(&xml));
    let (mut tests, missed) = read.map_err(|failure| failure.evidence("suite", last_lines()))?;
    redact_tests(&replica.secrets, &mut tests);
    let emit_tests = || tests.iter().for_each(|test| emit_test(replica, test));
    let ran = |test: &&Test| test.status != TestStatus::Skipped;
    let judges = tests.iter().filter(ran).filter(|test| !test.advisory).count();
    let is_red = tests.iter().any(Test::is_red);
    if judges == 0 || output.code == PYTEST_NO_TESTS && !is_red {
        emit_tests();
        if let Some(failure) = nothing_matches(arguments, &tests) {
            return Err(failure.evidence("suite", last_lines()));
        }
        let what = match tests.iter().filter(ran).count() {
            _ if tests.is_empty() => NO_TESTS,
            0 => "the critical suite skipped every test",
            _ => "every test of the critical suite that ran is advisory",
        };
        return Err(Failure::new(Kind::NoResult, what)
            .cause("no tests is never green")
            .hint(check_places(&replica.site.critical.suite, arguments))
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
    if let Some(missed) = missed.as_ref().filter(|_| !tests.iter().any(Test::fails)) {
        emit_tests();
        return Err(missed.failure().evidence("suite", last_lines()));
    }
    let xml = replica.secrets.redact_xml(&String::from_utf8_lossy(&xml)).into_bytes();
    Ok(SuiteResult { tests, missed, xml, output: output.lines, took: begin.elapsed() })
}

fn redact_tests(secrets: &Secrets, tests: &mut [Test]) {
    let redact = |text: &Option<String>| text.as_ref().map(|text| secrets.redact(text));
    for test in tests {
        (test.message, test.details) = (redact(&test.message), redact(&test.details));
        test.captured = redact(&test.captured);
        test.name = secrets.redact(&test.name);
        for rerun in &mut test.reruns {
            (rerun.message, rerun.details) = (redact(&rerun.message), redact(&rerun.details));
        }
    }
}

/// What pytest was at; empty where it left nothing.
async fn journal<E: Engine>(replica: &Replica<'_, E>) -> Journal {
    let most = junit::LARGEST_RESULT + TAR_HEADERS;
    let Ok(found) = fetch(replica.engine, &replica.handles.suite, JOURNAL_FILE, most).await else {
        return Journal::default();
    };
    let bytes = only_file(&found).unwrap_or_default();
    Journal::read(&replica.secrets.redact(&String::from_utf8_lossy(&bytes)))
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
        // What was not run is not green, whatever became of the rest since.
        let whole = || self.missed.as_ref().map_or(Ok(()), |missed| Err(missed.failure()));
        let message = match (failed, flaky) {
            (0, 0) => return whole(),
            (0, _) if policy == Flaky::Pass => return whole(),
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
