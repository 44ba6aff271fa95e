//! What is asked: a site that was red in a run, one thing that it is held against, and how that is rehearsed.

use super::between::{Between, Kind, count};
use crate::event::{State, TestStatus};
use crate::experiment::bench::Bench;
use crate::failure::{Excerpt, Failure, Kind as FailureKind};
use crate::rehearsal::Until;
use crate::release::Release;
use crate::replica::Phase;
use crate::report::{Ending, Report, Signature, SiteReport};
use crate::site::{Project, Signs, Site, SiteName, SuiteSource};

/// A red end, and one green end that it is held against.
#[derive(Debug)]
pub struct Question {
    /// The name of the site.
    pub site: String,
    pub between: Between,
    /// How the site was red.
    pub signature: Signature,
    /// The run in which it was.
    pub run: String,
    /// What differs too, and cannot be tried.
    pub untried: Option<String>,
    /// What speaks against the green end.
    pub doubt: Option<String>,
    /// What its failure said, as it was written.
    message: Option<String>,
    /// How hybrids are rehearsed.
    pub(super) bench: Bench,
    /// How what is said to pass is rehearsed.
    pub(super) whole: Bench,
}

impl Question {
    /// Why a site was red as a report says, held against this.
    pub(super) fn new(
        (mut project, release): (Project, Release),
        red: &Red<'_>,
        between: Between,
    ) -> Question {
        project.sites.push(between.whole.clone());
        let mut signature = red.signature.clone();
        if between.green_release().is_some() {
            // Each release is put on an empty site, and none over another one.
            signature.state = None;
        }
        let bench = bench((project, release), &between.whole, (red.seen, &signature));
        let whole = bench.to_the_end();
        let (site, run) = (red.seen.name.clone(), red.report.run.clone());
        let message = red.seen.failure.as_ref().map(|failure| failure.message.clone());
        let (untried, doubt) = (None, None);
        Question { site, between, signature, run, untried, doubt, message, bench, whole }
    }

    /// What failed where.
    #[must_use]
    pub fn said(&self) -> String {
        let Question { site, signature, .. } = self;
        let state =
            signature.state.map_or_else(String::new, |state| format!(", state {}", state.name()));
        let says = in_short(signature, self.message.as_deref());
        match signature.phase {
            Phase::Ready => format!("{site} never became ready{state}: {says}"),
            phase => format!("{site} failed in the {}{state}: {says}", phase.name()),
        }
    }

    /// What it is held against, in a line or two.
    #[must_use]
    pub fn head(&self) -> String {
        let Between { kind, red, green, .. } = &self.between;
        let differ = format!(
            "{}, {} that can be tried",
            self.between.differ_in(),
            count(self.between.space.units().len(), "unit")
        );
        let head = match kind {
            Kind::Sites => format!("nearest green site: {green}; they differ in {differ}"),
            Kind::Plain => {
                format!(
                    "held against {green}, with keys at their defaults; they differ in {differ}"
                )
            }
            Kind::Releases => {
                format!("held against {green}, on the same site; they differ in {differ}")
            }
            Kind::Chosen => format!("held against {green}; they differ in {differ}"),
            Kind::Runs(run) => {
                format!("held against run {run}, which was green; they differ in {differ}")
            }
            Kind::Below(keys) => {
                format!("below {keys}: {green} and {red} differ in {differ}")
            }
        };
        let part = "each is rehearsed until the site is ready, and the last proof to the end";
        let part = (self.bench.until == Until::Ready).then_some(part);
        let more = [self.untried.as_deref(), self.doubt.as_deref(), part].into_iter().flatten();
        more.fold(head, |head, line| format!("{head}\n{line}"))
    }
}

/// A site that was red in a run.
#[derive(Debug, Clone)]
pub(super) struct Red<'a> {
    pub(super) report: &'a Report,
    pub(super) seen: &'a SiteReport,
    pub(super) signature: Signature,
}

impl<'a> Red<'a> {
    /// # Errors
    /// Usage: it was not red in it.
    pub(super) fn of(report: &'a Report, name: &SiteName) -> Result<Red<'a>, Failure> {
        let seen = turn_of(report, name)?;
        let is_red =
            seen.verdict == Ending::Failed || seen.code == Some(FailureKind::NoResult.code());
        let signature = Signature::of(seen).filter(|_| is_red);
        let signature = signature.ok_or_else(|| was_not_red(report, seen))?;
        Ok(Red { report, seen, signature })
    }

    /// Whether it was the way from one release to the other that was red.
    pub(super) fn is_of_the_way(&self) -> bool {
        matches!(self.signature.state, Some(State::Between | State::Back))
    }

    /// What its report says of the failure, as the order of suspicion asks for it.
    pub(super) fn signs(&self) -> Signs<'a> {
        let site = self.seen;
        let phase = match self.signature.phase {
            Phase::Check => "deploy",
            Phase::Images | Phase::Up | Phase::Deploy | Phase::Ready => self.signature.phase.name(),
            Phase::Diagnosis | Phase::Suite | Phase::Evidence | Phase::Down => "suite",
        };
        let failure = site.failure.iter();
        let mut said: Vec<&str> = failure
            .flat_map(|failure| std::iter::once(&failure.message).chain(&failure.causes))
            .map(String::as_str)
            .collect();
        let failed = site.checks.iter().filter(|check| !check.passed);
        said.extend(failed.flat_map(|check| [&*check.name, &*check.detail]));
        let red = site.tests.iter().filter(|test| test.is_red());
        said.extend(red.filter_map(|test| test.message.as_deref()));
        let logs: Vec<&Excerpt> = site
            .app_log
            .iter()
            .chain(&site.logs)
            .chain(site.failure.iter().filter_map(|failure| failure.log.as_ref()))
            .collect();
        let logged = logs.iter().flat_map(|log| log.lines.iter().map(String::as_str)).collect();
        let sources =
            site.logs.iter().chain(&site.app_log).map(|log| log.source.as_str()).collect();
        Signs { phase, said, logged, sources }
    }
}

/// What a run says of a site.
///
/// # Errors
/// Usage: the site was none of its own.
pub(super) fn turn_of<'a>(report: &'a Report, name: &SiteName) -> Result<&'a SiteReport, Failure> {
    report.sites.iter().find(|site| site.name == name.as_str()).ok_or_else(|| {
        let known: Vec<&str> = report.sites.iter().map(|site| site.name.as_str()).collect();
        Failure::usage(format!("run {} has no site {name}", report.run))
            .hint(format!("its sites: {}", known.join(", ")))
    })
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

/// The first test or check that failed with what it says, or what the failure says.
pub(super) fn in_short(signature: &Signature, said: Option<&str>) -> String {
    match signature.failing.iter().next() {
        Some((name, says)) => format!("{name}   ({})", signature.errors.first().unwrap_or(says)),
        // The signature's own words are without numbers.
        None => said.unwrap_or(&signature.says).to_owned(),
    }
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
