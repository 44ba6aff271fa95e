//! What is red on the live site, held against the rehearsal of its replica.

use super::checks::Looked;
use super::differences::differences;
use crate::event::{Check, ComparedRed, Comparison, RehearsedAs, Test, TestStatus};
use crate::report::{Report, SiteReport};
use crate::site::Site;

/// A recorded rehearsal of a site.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    run: String,
    release: Option<String>,
    site: SiteReport,
}

impl Rehearsed {
    /// The site's part of a report; `None` where it had none.
    #[must_use]
    pub fn of(report: Report, site: &str) -> Option<Rehearsed> {
        let release = report.release.map(|release| {
            let short: String = release.digest.chars().take(8).collect();
            format!("{} ({short})", format!("{} {}", release.name, release.version).trim_end())
        });
        let site = report.sites.into_iter().find(|one| one.name == site)?;
        Some(Rehearsed { run: report.run, release, site })
    }

    /// Whether the site was described as it is now, by the digest of its environment.
    #[must_use]
    pub fn is_described_as(&self, environment: &str) -> bool {
        self.site.environment.as_deref().is_none_or(|known| known == environment)
    }

    /// The site's part.
    pub(super) fn site(&self) -> &SiteReport {
        &self.site
    }
}

/// Holds what was found against the rehearsal.
#[must_use]
pub(super) fn compare(
    site: &Site,
    rehearsed: &Rehearsed,
    looked: &Looked,
    tests: &[Test],
) -> Comparison {
    let checks = looked.checks.iter().filter(|check| !check.passed);
    let checks = checks.map(|check| ComparedRed {
        name: check.name.clone(),
        rehearsed: check_was(&rehearsed.site, &check.name),
    });
    let tests = tests
        .iter()
        .filter(|test| test.fails())
        .map(|test| ComparedRed { name: test.label(), rehearsed: test_was(&rehearsed.site, test) });
    Comparison {
        run: rehearsed.run.clone(),
        release: rehearsed.release.clone(),
        reds: checks.chain(tests).collect(),
        differences: differences(site, rehearsed.site(), looked),
    }
}

/// What a check of this name was: a certificate is looked at by two programs there.
fn check_was(rehearsed: &SiteReport, name: &str) -> RehearsedAs {
    let by_whom = format!("{name}, seen by ");
    let is_same = |check: &&Check| check.name == name || check.name.starts_with(&by_whom);
    let same: Vec<&Check> = rehearsed.checks.iter().filter(is_same).collect();
    match same.as_slice() {
        [] => RehearsedAs::NotRun,
        all if all.iter().all(|check| check.passed) => RehearsedAs::Green,
        _ => RehearsedAs::Red,
    }
}

fn test_was(rehearsed: &SiteReport, test: &Test) -> RehearsedAs {
    let same = rehearsed.tests.iter().find(|other| other.label() == test.label());
    match same.map(|same| same.status) {
        Some(TestStatus::Passed | TestStatus::Flaky) => RehearsedAs::Green,
        Some(TestStatus::Failed | TestStatus::Error) => RehearsedAs::Red,
        Some(TestStatus::Skipped) | None => RehearsedAs::NotRun,
    }
}
