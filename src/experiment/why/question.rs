//! What is asked: a site that was red in a run, what it is held against, and how that is rehearsed.

use super::between::Between;
use crate::event::TestStatus;
use crate::experiment::bench::Bench;
use crate::failure::{Failure, Kind};
use crate::rehearsal::Until;
use crate::release::Release;
use crate::replica::Phase;
use crate::report::{Ending, Report, Signature, SiteReport, green_with};
use crate::site::{Project, Site, SiteName, SuiteSource};

/// A red site of a run, and the passing one that it is held against.
#[derive(Debug)]
pub struct Question {
    pub between: Between,
    /// How the site was red.
    pub signature: Signature,
    /// The run in which it was.
    pub run: String,
    pub(super) bench: Bench,
}

impl Question {
    /// Why a site was red in the run of this report, which was of this release.
    ///
    /// # Errors
    /// Usage: it was not red in it, or nothing is there that it can be held against.
    pub fn of(
        mut project: Project,
        name: &SiteName,
        report: &Report,
        release: Release,
    ) -> Result<Question, Failure> {
        let red = project.site(name)?;
        let seen = seen_in(report, name)?;
        let signature = Signature::of(seen).ok_or_else(|| was_not_red(report, seen))?;
        let green = green_with(&project.root, &release.digest)?;
        let is_green = |site: &&Site| green.iter().any(|name| name == site.name.as_str());
        let passed: Vec<&Site> =
            project.sites.iter().filter(|site| site.name != red.name).filter(is_green).collect();
        let between = Between::nearest(&project, (red, (seen, &signature)), &passed)?;
        project.sites.push(between.whole.clone());
        let bench = bench((project, release), &between.whole, (seen, &signature));
        Ok(Question { between, signature, run: report.run.clone(), bench })
    }

    /// What failed where, and what it is held against, in two lines.
    #[must_use]
    pub fn head(&self) -> String {
        let Question { between, signature, .. } = self;
        let state =
            signature.state.map_or_else(String::new, |state| format!(", state {}", state.name()));
        let what = match signature.failing.iter().next() {
            Some((name, says)) => {
                format!("{name}   ({})", signature.errors.first().unwrap_or(says))
            }
            None => signature.says.clone(),
        };
        let (red, green) = (&between.red, &between.green);
        let (keys, units) = (between.count(), between.space.units().len());
        format!(
            "{red} failed in the {}{state}: {what}\nnearest green site: {green}; they differ in {}, {} that can be tried\n",
            signature.phase.name(),
            count(keys, "key"),
            count(units, "unit"),
        )
    }
}

fn seen_in<'a>(report: &'a Report, red: &SiteName) -> Result<&'a SiteReport, Failure> {
    let seen = report.sites.iter().find(|site| site.name == red.as_str());
    let seen = seen.ok_or_else(|| {
        let known: Vec<&str> = report.sites.iter().map(|site| site.name.as_str()).collect();
        Failure::usage(format!("run {} has no site {red}", report.run))
            .hint(format!("its sites: {}", known.join(", ")))
    })?;
    let is_red = seen.verdict == Ending::Failed || seen.code == Some(Kind::NoResult.code());
    if is_red { Ok(seen) } else { Err(was_not_red(report, seen)) }
}

fn was_not_red(report: &Report, seen: &SiteReport) -> Failure {
    let failure = Failure::usage(format!(
        "{} was not red in run {}: {}",
        seen.name,
        report.run,
        seen.verdict.name()
    ));
    let red: Vec<&str> = report
        .sites
        .iter()
        .filter(|site| site.verdict == Ending::Failed)
        .map(|site| site.name.as_str())
        .collect();
    match &red[..] {
        [] => failure.hint("name a run in which it was: `--run ID`"),
        red => failure.hint(format!("red in it: {}", red.join(", "))),
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// How hybrids are rehearsed: up to the phase that was red, with the tests that were red and one that passed.
fn bench(
    (project, release): (Project, Release),
    whole: &Site,
    (seen, signature): (&SiteReport, &Signature),
) -> Bench {
    let is_before = signature.state.is_none() && signature.phase < Phase::Diagnosis;
    let until = if is_before { Until::Ready } else { Until::End };
    let is_pytest = matches!(whole.critical.suite, SuiteSource::Pytest { .. });
    let is_of_suite = is_pytest && signature.state.is_none() && signature.phase == Phase::Suite;
    let arguments = if is_of_suite { selection(seen) } else { Vec::new() };
    Bench { project, release, arguments, until }
}

/// Arguments with which pytest runs the tests that were red, and one that passed; none where their names are none
/// that can be selected by.
fn selection(seen: &SiteReport) -> Vec<String> {
    let name = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
    let red = seen.tests.iter().filter(|test| test.is_red());
    let passed = seen.tests.iter().find(|test| test.status == TestStatus::Passed);
    let mut names: Vec<String> = red.chain(passed).map(|test| name(&test.name)).collect();
    names.sort();
    names.dedup();
    let is_word =
        |name: &String| name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if names.is_empty() || !names.iter().all(is_word) {
        return Vec::new();
    }
    vec!["-k".to_owned(), names.join(" or ")]
}
