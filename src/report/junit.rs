//! The report as JUnit XML, for the pages of CI servers: a suite per site, whose cases are its
//! phases, the checks of its diagnosis and its tests. `<failure>` ran and is bad, `<error>` means
//! that we never found out.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::compared::comparison_in_words;
use super::model::{Ending, FailureReport, PhaseReport, Report, SiteReport, StateReport};
use super::tail::{bounded, printable};
use crate::event::{Check, Downtime, Outcome, Rerun, Test, TestStatus, Way};
use crate::failure::{Excerpt, Failure, Kind};
use crate::replica::Phase;

/// Bytes of a message, which CI servers show in a list, and of its details.
const MESSAGE: usize = 1024;
const DETAILS: usize = 64 * 1024;

/// All sites of a run in one document.
pub fn junit(report: &Report) -> Result<String, Failure> {
    document(report, report.sites.iter().collect())
}

/// One site of a run.
pub fn junit_of_site(report: &Report, site: &SiteReport) -> Result<String, Failure> {
    document(report, vec![site])
}

fn document(report: &Report, sites: Vec<&SiteReport>) -> Result<String, Failure> {
    let name = report.release.as_ref().map_or_else(
        || report.project.clone(),
        |release| format!("{} {}", release.name, release.version),
    );
    let mut xml = Xml::new(printable(&name));
    let took: f64 = sites.iter().map(|site| site.seconds).sum();
    xml.set_time(duration(took));
    for site in sites {
        xml.add_test_suite(suite(report, site));
    }
    let skipped = format!(" skipped=\"{}\"", xml.skipped);
    let text = xml
        .to_string()
        .map_err(|error| Failure::bug("could not write the report as JUnit XML").because(&error))?;
    // The schema of Jenkins's plugin knows it of a suite, and not of the document, whose tag is first.
    Ok(text.replacen(&skipped, "", 1))
}

fn suite(report: &Report, site: &SiteReport) -> TestSuite {
    let mut xml = TestSuite::new(&site.name);
    xml.set_time(duration(site.seconds));
    if let Some(started) = &report.started {
        xml.extra.insert("timestamp".into(), started.as_str().into());
    }
    for (name, value) in properties(report, site) {
        xml.add_property((name, printable(value).as_str()));
    }
    for (name, value) in downtime_properties(site) {
        xml.add_property((name.as_str(), value.as_str()));
    }
    for state in site.earlier_states() {
        xml.add_test_cases(cases_of_state(site, state));
    }
    xml.add_test_cases(site.states.last().and_then(|state| last_state_case(site, state)));
    xml.add_test_cases(site.phases.iter().filter_map(|phase| phase_case(site, phase)));
    xml.add_test_cases(site.checks.iter().map(|check| check_case(site, check)));
    xml.add_test_cases(site.tests.iter().map(|test| test_case(site, test)));
    xml.add_test_cases(ending_case(report, site));
    let mut said = comparison_in_words(site);
    said.extend(site.evidence.iter().map(|folder| format!("evidence: {}", printable(folder))));
    if !said.is_empty() {
        xml.set_system_out(said.join("\n"));
    }
    xml
}

fn properties<'a>(report: &'a Report, site: &'a SiteReport) -> Vec<(&'static str, &'a str)> {
    let mut properties = vec![
        ("site", site.name.as_str()),
        ("run", report.run.as_str()),
        ("verdict", site.verdict.name()),
    ];
    if let Some(release) = &report.release {
        properties.push(("release", &release.name));
        properties.push(("release.version", &release.version));
        properties.push(("release.digest", &release.digest));
    }
    if let Some(environment) = &site.environment {
        properties.push(("environment.digest", environment));
    }
    properties
}

/// Seconds in which the site was away or wrong while it was deployed, or taken back.
fn downtime_properties(site: &SiteReport) -> Vec<(String, String)> {
    let of_way = |downtime: &Downtime| {
        let way = if downtime.way == Way::Back { "back." } else { "" };
        let Downtime { away, wrong, longest, .. } = downtime;
        [("away", away), ("wrong", wrong), ("longest", longest)]
            .map(|(name, seconds)| (format!("{way}downtime.{name}"), format!("{seconds:.3}")))
    };
    site.downtime.iter().flat_map(of_way).collect()
}

/// A state of an upgrade that is over: itself, and its tests.
fn cases_of_state(site: &SiteReport, state: &StateReport) -> Vec<TestCase> {
    let name = state.name.name();
    let own = state_case(site, state, TestCaseStatus::success());
    let tests = state.tests.iter().map(|test| {
        let mut case = test_case(site, test);
        let group = if test.group.is_empty() { "suite" } else { &test.group };
        case.set_classname(one_line(&format!("{}.{name}.{group}", site.name)));
        case
    });
    std::iter::once(own).chain(tests).collect()
}

/// The state that was the last one, unless its own phases, checks and tests say that it failed. That nothing is said
/// of the new release nothing else would say.
fn last_state_case(site: &SiteReport, state: &StateReport) -> Option<TestCase> {
    let status = match (state.outcome?, &site.failure) {
        (Outcome::Passed, _) => TestCaseStatus::success(),
        (_, Some(failure)) if failure.kind == Kind::Baseline => {
            status_of(NonSuccessKind::Error, failure, std::iter::empty())
        }
        _ => return None,
    };
    Some(state_case(site, state, status))
}

fn state_case(site: &SiteReport, state: &StateReport, status: TestCaseStatus) -> TestCase {
    case(site, "state", state.name.name(), state.seconds, status)
}

/// A phase as a case, unless its own checks or tests already say that it failed: one cause is one
/// red line.
fn phase_case(site: &SiteReport, phase: &PhaseReport) -> Option<TestCase> {
    let explained = match phase.name {
        Phase::Diagnosis => site.checks.iter().any(|check| !check.passed),
        Phase::Suite => site.tests.iter().any(Test::fails),
        _ => false,
    };
    if phase.outcome == Outcome::Failed && explained {
        return None;
    }
    let status = match phase.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed => status_of_broken_phase(NonSuccessKind::Failure, site, phase),
        Outcome::Error => status_of_broken_phase(NonSuccessKind::Error, site, phase),
    };
    Some(case(site, "phase", phase.name.name(), phase.seconds, status))
}

/// The site's failure, on the phase that it broke.
fn status_of_broken_phase(
    kind: NonSuccessKind,
    site: &SiteReport,
    phase: &PhaseReport,
) -> TestCaseStatus {
    let first = site.broken_phase() == Some(phase);
    match &site.failure {
        Some(failure) if first => {
            status_of(kind, failure, site.logs_at_failure().map(at_that_moment))
        }
        _ => not_passed(kind, &phase.note, None),
    }
}

fn status_of(
    kind: NonSuccessKind,
    failure: &FailureReport,
    said: impl Iterator<Item = String>,
) -> TestCaseStatus {
    let mut details: Vec<String> =
        failure.causes.iter().map(|cause| format!("caused by: {cause}")).collect();
    details.extend(said);
    if let Some(log) = &failure.log {
        details.push(format!("last lines of {}:", log.source));
        details.extend(log.lines.iter().map(|line| format!("  {line}")));
    }
    details.extend(failure.hints.iter().map(|hint| format!("hint: {hint}")));
    not_passed(kind, &failure.message, Some(&details.join("\n")))
}

fn check_case(site: &SiteReport, check: &Check) -> TestCase {
    let status = if check.passed {
        TestCaseStatus::success()
    } else {
        not_passed(NonSuccessKind::Failure, &check.detail, Some(&check.detail))
    };
    case(site, "diagnosis", &check.name, check.took, status)
}

fn test_case(site: &SiteReport, test: &Test) -> TestCase {
    let message = test.message.as_deref().unwrap_or_default();
    let details = test.details.as_deref();
    let mut status = match test.status {
        _ if test.advisory && test.is_red() => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(&format!("advisory, and red: {message}")));
            status
        }
        TestStatus::Passed | TestStatus::Flaky => TestCaseStatus::success(),
        TestStatus::Failed => not_passed(NonSuccessKind::Failure, message, details),
        TestStatus::Error => not_passed(NonSuccessKind::Error, message, details),
        TestStatus::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(message));
            status
        }
    };
    for rerun in reruns(test) {
        status.add_rerun(rerun);
    }
    let group = if test.group.is_empty() { "suite" } else { &test.group };
    let mut case = case(site, group, &test.name, test.took, status);
    if test.is_notable() {
        let logs = site.logs_at_failure().map(at_that_moment);
        let said: Vec<String> = test.captured.iter().cloned().chain(logs).collect();
        if !said.is_empty() {
            case.set_system_out(bounded(&printable(&said.join("\n\n")), DETAILS));
        }
    }
    case
}

/// The runs beside the one that decided: `flakyFailure` where it was green, `rerunFailure` where it
/// was red again.
fn reruns(test: &Test) -> Vec<TestRerun> {
    let first = (test.status == TestStatus::Flaky).then(|| Rerun {
        status: TestStatus::Failed,
        message: test.message.clone(),
        details: test.details.clone(),
    });
    let is_red = test.status == TestStatus::Flaky || test.fails();
    let all = first.iter().chain(&test.reruns).filter(|_| is_red);
    all.map(|rerun| {
        let (kind, name) = match rerun.status {
            TestStatus::Error => (NonSuccessKind::Error, "error"),
            _ => (NonSuccessKind::Failure, "failure"),
        };
        let mut xml = TestRerun::new(kind);
        // Jenkins's schema wants one; the exception of each run is not in what test runners write.
        xml.set_type(name);
        let remark = test.remark().map(|remark| format!("{remark}: ")).unwrap_or_default();
        let message = rerun.message.as_deref().unwrap_or_default();
        xml.set_message(one_line(&format!("{remark}{message}")));
        if let Some(details) = rerun.details.as_deref() {
            xml.set_stack_trace(bounded(&printable(details), DETAILS));
        }
        xml
    })
    .collect()
}

fn at_that_moment(log: &Excerpt) -> String {
    format!("{}, at that moment:\n  {}", log.source, log.lines.join("\n  "))
}

/// What no phase, check or test shows: a site that never ran, that broke between phases, or of
/// which something is left.
fn ending_case(report: &Report, site: &SiteReport) -> Option<TestCase> {
    let left: Vec<String> = report
        .left
        .iter()
        .filter(|left| left.site.as_deref() == Some(&site.name))
        .map(|left| format!("{} {}: {}", left.kind.name(), left.name, left.error))
        .collect();
    let is_reported = site.broken_phase().is_some()
        || site.checks.iter().any(|check| !check.passed)
        || site.tests.iter().any(Test::fails);
    let status = match (site.verdict, &site.failure) {
        (Ending::NotRun, _) => {
            let why = report.stopped.as_ref().map(|why| format!(": {why} came first"));
            let message = format!("the site was never started{}", why.unwrap_or_default());
            not_passed(NonSuccessKind::Error, &message, None)
        }
        (Ending::Unfinished, _) => {
            not_passed(NonSuccessKind::Error, "the rehearsal of the site never ended", None)
        }
        _ if !left.is_empty() => {
            not_passed(NonSuccessKind::Error, "something was left behind", Some(&left.join("\n")))
        }
        (Ending::Passed, _) => return None,
        _ if is_reported => return None,
        (Ending::Failed, Some(failure)) => {
            status_of(NonSuccessKind::Failure, failure, site.logs_at_failure().map(at_that_moment))
        }
        (_, Some(failure)) => {
            status_of(NonSuccessKind::Error, failure, site.logs_at_failure().map(at_that_moment))
        }
        (ending, None) => not_passed(NonSuccessKind::Error, ending.name(), None),
    };
    Some(case(site, "rehearsal", "rehearsal", site.seconds, status))
}

fn case(
    site: &SiteReport,
    group: &str,
    name: &str,
    seconds: f64,
    status: TestCaseStatus,
) -> TestCase {
    let mut case = TestCase::new(one_line(name), status);
    case.set_classname(one_line(&format!("{}.{group}", site.name)));
    case.set_time(duration(seconds));
    case
}

fn not_passed(kind: NonSuccessKind, message: &str, details: Option<&str>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(one_line(message));
    if let Some(details) = details.filter(|details| !details.is_empty()) {
        status.set_description(bounded(&printable(details), DETAILS));
    }
    status
}

fn one_line(text: &str) -> String {
    bounded(printable(text).trim(), MESSAGE).replace('\n', " ")
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
