//! What makes two reds the same red.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::model::SiteReport;
use super::recorded::{report_in, run_folders};
use super::{Ending, Report};
use crate::event::{Outcome, State, Test, TestStatus};
use crate::failure::Failure;
use crate::replica::Phase;

/// How a site was red, without what is another in each run: times, numbers, its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The state of its upgrade, where one was rehearsed.
    pub state: Option<State>,
    /// The first phase that was red.
    pub phase: Phase,
    pub code: u8,
    /// What the failure says first.
    pub says: String,
    /// The checks and tests that failed, each with what it says first.
    pub failing: BTreeMap<String, String>,
    /// The exceptions that checks, tests and logs tell at that moment: `ImportError: No module named shop`.
    pub errors: BTreeSet<String>,
    /// Tests that failed, and passed when they were repeated.
    pub flaky: BTreeSet<String>,
}

impl Signature {
    /// Of a site that was not green, as its report has it; `None` for one that passed, or did not come to an end.
    #[must_use]
    pub fn of(site: &SiteReport) -> Option<Signature> {
        let failure = site.failure.as_ref()?;
        let is_red = |outcome: Outcome| outcome != Outcome::Passed;
        let state = site.states.iter().rev().find(|state| state.outcome.is_none_or(is_red));
        let phase = site.phases.iter().find(|phase| is_red(phase.outcome));
        let says = [Some(&failure.message), failure.causes.first()];
        let says: Vec<String> =
            says.into_iter().flatten().map(|text| beginning(text, &site.name)).collect();
        let checks = site.checks.iter().filter(|check| !check.passed);
        let checks = checks.map(|check| {
            (beginning(&check.name, &site.name), beginning(&check.detail, &site.name))
        });
        let tests = site.tests.iter().filter(|test| {
            !test.advisory && matches!(test.status, TestStatus::Failed | TestStatus::Error)
        });
        let tests = tests.map(|test| {
            let message = test.message.as_deref().unwrap_or_default();
            (test.label(), beginning(message, &site.name))
        });
        let is_flaky = |test: &&Test| test.status == TestStatus::Flaky;
        Some(Signature {
            state: state.map(|state| state.name),
            phase: phase.map_or(Phase::Check, |phase| phase.name),
            code: site.code?,
            says: says.join(": "),
            failing: checks.chain(tests).collect(),
            errors: errors_of(site),
            flaky: site.tests.iter().filter(is_flaky).map(Test::label).collect(),
        })
    }

    /// Whether another is the same red: as far on its way (diagnosis and suite are as far), and with a test or check
    /// in common that says the same, or an exception; where nothing of these was told, the same words.
    #[must_use]
    pub fn is_as(&self, other: &Signature) -> bool {
        // What breaks a request breaks it for the diagnosis or for the suite, whoever comes first to the process.
        let where_it_is = |one: &Signature| (one.state, one.phase.min(Phase::Diagnosis), one.code);
        where_it_is(self) == where_it_is(other)
            && (!self.errors.is_disjoint(&other.errors)
                || if self.failing.is_empty() {
                    self.says == other.says && other.failing.is_empty()
                } else {
                    self.failing.iter().any(|(name, says)| other.failing.get(name) == Some(says))
                })
    }

    /// Whether another is a red that comes after this one: further on its way, or as far, in other tests alone.
    #[must_use]
    pub fn comes_before(&self, other: &Signature) -> bool {
        let place = |one: &Signature| (one.state, one.phase.min(Phase::Diagnosis));
        let is_apart = self.failing.keys().all(|name| !other.failing.contains_key(name));
        place(self) < place(other)
            || place(self) == place(other)
                && self.phase >= Phase::Diagnosis
                && is_apart
                && !other.failing.is_empty()
    }

    /// Whether another is this red once, and green when it was repeated.
    #[must_use]
    pub fn flickers_in(&self, other: &Signature) -> bool {
        other.failing.is_empty() && self.failing.keys().any(|name| other.flaky.contains(name))
    }
}

/// The exceptions that are told of a site.
fn errors_of(site: &SiteReport) -> BTreeSet<String> {
    let failure = site.failure.iter();
    let said = failure.flat_map(|failure| failure.causes.iter().chain([&failure.message]));
    let checks = site.checks.iter().filter(|check| !check.passed).map(|check| &check.detail);
    let tests =
        site.tests.iter().filter(|test| test.is_red()).filter_map(|test| test.message.as_ref());
    let logs = site.app_log.iter().chain(&site.logs).flat_map(|log| &log.lines);
    let texts = said.chain(checks).chain(tests).chain(logs);
    texts.flat_map(|text| text.lines()).filter_map(exception).collect()
}

/// The exception that a line tells: its name, and the begin of what it says.
fn exception(line: &str) -> Option<String> {
    let is_name = |word: &str| {
        let name = word.strip_suffix(':').unwrap_or_default();
        let ends = ["Error", "Exception", "Mismatch"];
        ends.iter().any(|end| name.len() > end.len() && name.ends_with(end))
    };
    let mut begin = 0;
    for word in line.split(' ') {
        if is_name(word) {
            return Some(without_numbers(&line[begin..]));
        }
        begin += word.len() + 1;
    }
    None
}

/// What a text says first, with `N` for numbers and `SITE` for the site's name.
fn beginning(text: &str, site: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let head = line.split(": ").next().unwrap_or_default();
    let words = head.split(' ').map(|word| if word == site { "SITE" } else { word });
    without_numbers(&words.collect::<Vec<_>>().join(" "))
}

/// The begin of a text, with `N` for each number.
fn without_numbers(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut said = String::new();
    for character in text.chars().take(LONGEST) {
        match character {
            '0'..='9' if said.ends_with('N') => {}
            '0'..='9' => said.push('N'),
            other => said.push(other),
        }
    }
    said
}

/// The rehearsal in which a site had its last turn, or the run of that id.
///
/// # Errors
/// Usage: a report that is none, or that no version of this program has written.
pub fn rehearsal_of(root: &Path, site: &str, run: Option<&str>) -> Result<Option<Report>, Failure> {
    for report in rehearsals(root)? {
        let is_wanted = run.map_or_else(
            || {
                let had_turn = |one: &SiteReport| one.name == site && one.verdict != Ending::NotRun;
                report.sites.iter().any(had_turn)
            },
            |run| report.run == run,
        );
        if is_wanted {
            return Ok(Some(report));
        }
    }
    Ok(None)
}

/// The rehearsal in which a site had its last turn with a release, by its digest.
///
/// # Errors
/// As [`rehearsal_of`].
pub fn rehearsal_with(root: &Path, site: &str, digest: &str) -> Result<Option<Report>, Failure> {
    let had_turn = |one: &SiteReport| one.name == site && one.verdict != Ending::NotRun;
    let is_wanted = |report: &Report| {
        let release = report.release.as_ref();
        release.is_some_and(|release| release.digest == digest) && report.sites.iter().any(had_turn)
    };
    Ok(rehearsals(root)?.into_iter().find(is_wanted))
}

/// The sites that were green with a release when they were last rehearsed with it, by its digest.
///
/// # Errors
/// As [`rehearsal_of`].
pub fn green_with(root: &Path, digest: &str) -> Result<Vec<String>, Failure> {
    let mut last: BTreeMap<String, Ending> = BTreeMap::new();
    for report in rehearsals(root)? {
        let release = report.release.as_ref();
        if release.is_some_and(|release| release.digest == digest) {
            for site in report.sites.iter().filter(|site| site.verdict != Ending::NotRun) {
                last.entry(site.name.clone()).or_insert(site.verdict);
            }
        }
    }
    let green = last.into_iter().filter(|(_, verdict)| *verdict == Ending::Passed);
    Ok(green.map(|(name, _)| name).collect())
}

/// The last rehearsal in which a site was green.
///
/// # Errors
/// As [`rehearsal_of`].
pub fn last_green(root: &Path, site: &str) -> Result<Option<Report>, Failure> {
    let is_green = |report: &Report| {
        report.sites.iter().any(|one| one.name == site && one.verdict == Ending::Passed)
    };
    Ok(rehearsals(root)?.into_iter().find(is_green))
}

/// The rehearsals in which a site was green with another release than this, the newest first.
///
/// # Errors
/// As [`rehearsal_of`].
pub fn green_before(root: &Path, site: &str, digest: &str) -> Result<Vec<Report>, Failure> {
    let is_green = |one: &SiteReport| one.name == site && one.verdict == Ending::Passed;
    let mut reports = rehearsals(root)?;
    reports.retain(|report| {
        let release = report.release.as_ref();
        release.is_some_and(|release| release.digest != digest) && report.sites.iter().any(is_green)
    });
    Ok(reports)
}

/// Whether the run of a folder was a rehearsal of an experiment.
#[must_use]
pub fn is_of_experiment(folder: &Path) -> bool {
    report_in(folder).is_ok_and(|report| report.is_some_and(|it| it["goal"] == "experiment"))
}

/// The recorded rehearsals, the newest first.
fn rehearsals(root: &Path) -> Result<Vec<Report>, Failure> {
    let mut reports = Vec::new();
    for folder in run_folders(root) {
        let Some(report) = report_in(&folder)? else { continue };
        if report["goal"] == "rehearse" {
            let unread = |error: serde_json::Error| {
                Failure::usage(format!("could not read the report in {}", folder.display()))
                    .because(&error)
                    .hint("rehearse again: `stagectl rehearse`")
            };
            reports.push(serde_json::from_value(report).map_err(unread)?);
        }
    }
    Ok(reports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn red() -> SiteReport {
        let report = Report::fold(&sample::red_suite());
        report.sites.into_iter().find(|site| site.verdict == Ending::Failed).unwrap()
    }

    #[test]
    fn a_red_is_the_same_by_its_tests_and_what_they_say_whatever_the_site_and_the_time() {
        let signature = Signature::of(&red()).unwrap();
        assert_eq!((signature.phase, signature.code), (Phase::Suite, 1));
        assert!(!signature.failing.is_empty());
        let mut other = red();
        other.name = "another".to_owned();
        other.seconds = 99.0;
        assert!(signature.is_as(&Signature::of(&other).unwrap()));
        for test in &mut other.tests {
            test.message = test.message.as_ref().map(|_| "TimeoutError: 5 seconds".to_owned());
        }
        // The logs of another red are others.
        (other.app_log, other.logs, other.failure) = (None, Vec::new(), red().failure);
        assert!(!signature.is_as(&Signature::of(&other).unwrap()));
    }

    #[test]
    fn a_test_that_passes_when_it_is_repeated_is_another_thing() {
        let signature = Signature::of(&red()).unwrap();
        let mut other = red();
        for test in other.tests.iter_mut().filter(|test| test.is_red()) {
            test.status = TestStatus::Flaky;
        }
        let other = Signature::of(&other).unwrap();
        assert!(signature.flickers_in(&other) && !signature.is_as(&other));
        assert!(!signature.flickers_in(&signature));
    }

    #[test]
    fn another_red_comes_behind_it_further_on_or_in_other_tests_alone() {
        let suite = Signature::of(&red()).unwrap();
        let ready = Signature { phase: Phase::Ready, failing: BTreeMap::new(), ..suite.clone() };
        assert!(ready.comes_before(&suite) && !suite.comes_before(&ready));
        assert!(!suite.comes_before(&suite) && !ready.comes_before(&ready));
        let failing = BTreeMap::from([("test_other".to_owned(), "AssertionError".to_owned())]);
        let other = Signature { failing, ..suite.clone() };
        assert!(suite.comes_before(&other));
        // The same test in other words is not over.
        let failing =
            suite.failing.keys().map(|name| (name.clone(), "TimeoutError".to_owned())).collect();
        assert!(!suite.comes_before(&Signature { failing, ..suite.clone() }));
    }

    #[test]
    fn numbers_and_the_name_of_the_site_are_no_part_of_what_is_said() {
        let said = |text| beginning(text, "red");
        assert_eq!(
            said("wsgi of red ended with code 13 at its start"),
            "wsgi of SITE ended with code N at its start"
        );
        assert_eq!(said("NameMismatch: www.b.example is none of these"), "NameMismatch");
        assert_eq!(said("red is not ready: within 10s"), "SITE is not ready");
        let line = "HTTP 500: ImportError: PyO3 modules, see issue 576";
        assert_eq!(exception(line).unwrap(), "ImportError: PyON modules, see issue N");
        assert_eq!(exception("Error: HTTP Error 500: an Error"), None);
    }
}
