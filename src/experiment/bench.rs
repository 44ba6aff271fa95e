//! The rehearsal of a hybrid: a run of its own, with its evidence and its teardown.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::cancel::Stop;
use crate::event::{Event, Goal, Inventory, Listener, Test, TestStatus};
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::{
    AfterFailure, Ahead, Back, Course, Keep, OBSERVED_FILE, Until, Upgrade, Upgrades, rehearse,
};
use crate::release::Release;
use crate::report::{Report, Signature, SiteReport, write_page, write_record};
use crate::run::{Start, Started, path_from_here};
use crate::site::{Project, Site};

/// What all rehearsals of an experiment share.
#[derive(Debug)]
pub struct Bench {
    /// With the failing site in the names of the passing one among its sites.
    pub project: Project,
    pub release: Release,
    /// Arguments for pytest.
    pub arguments: Vec<String>,
    pub until: Until,
}

/// What one rehearsal came to.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `None` where it was green.
    pub signature: Option<Signature>,
    /// The distributions that were in the image of the release, as `name==version`.
    pub installed: Vec<String>,
    pub took: Duration,
    pub run: String,
    /// The folder of its report, as a person would write it.
    pub folder: String,
    pub found: Found,
}

/// What an examination found, beyond what makes a red the same red.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Found {
    /// What the failure says.
    #[serde(default)]
    pub says: Option<String>,
    /// The checks that failed.
    pub checks: Vec<String>,
    /// The tests that failed, and were not advice alone.
    pub failed: Vec<String>,
    /// The tests that were left out.
    #[serde(default)]
    pub skipped: Vec<String>,
    /// The tests that passed, each with its seconds.
    pub passed: Vec<(String, f64)>,
}

impl Found {
    fn of(site: &SiteReport) -> Found {
        let checks = site.checks.iter().filter(|check| !check.passed);
        let failed = site.tests.iter().filter(|test| test.fails());
        let skipped = site.tests.iter().filter(|test| test.status == TestStatus::Skipped);
        let passed = site.tests.iter().filter(|test| test.status == TestStatus::Passed);
        Found {
            says: site.failure.as_ref().map(|failure| failure.message.clone()),
            checks: checks.map(|check| check.name.clone()).collect(),
            failed: failed.map(Test::label).collect(),
            skipped: skipped.map(Test::label).collect(),
            passed: passed.map(|test| (test.label(), test.took)).collect(),
        }
    }
}

/// Whether a rehearsal also writes down what the release touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Judging,
    Observing,
}

/// Nobody watches a rehearsal of an experiment; its report has all of it.
#[derive(Debug)]
struct Unwatched;

impl Listener for Unwatched {
    fn take(&mut self, _: &Event) {}
}

impl Bench {
    /// The same, with each rehearsal to its end and the whole suite.
    #[must_use]
    pub fn to_the_end(&self) -> Bench {
        let (project, release) = (self.project.clone(), self.release.clone());
        Bench { project, release, arguments: Vec::new(), until: Until::End }
    }

    /// Rehearses a hybrid with a release, over the live one if it has one.
    ///
    /// # Errors
    /// Nothing is known then: infrastructure, a stop, what was left behind.
    pub async fn rehearse(
        &self,
        (site, release): (&Site, &Release),
        live: Option<&Release>,
        stop: &Stop,
    ) -> Result<Seen, Failure> {
        let (seen, _) = self.look((site, release), live, Look::Judging, stop).await?;
        Ok(seen)
    }

    /// Rehearses a site, and writes down what its release touches: the lines of that, as
    /// [`OBSERVED_FILE`] has them.
    ///
    /// # Errors
    /// As [`Bench::rehearse`].
    pub async fn observe(&self, site: &Site, stop: &Stop) -> Result<(Seen, String), Failure> {
        let (seen, folder) = self.look((site, &self.release), None, Look::Observing, stop).await?;
        let file = folder.join(site.name.as_str()).join(OBSERVED_FILE);
        Ok((seen, std::fs::read_to_string(file).unwrap_or_default()))
    }

    /// What a rehearsal came to, and its folder.
    async fn look(
        &self,
        (site, release): (&Site, &Release),
        live: Option<&Release>,
        look: Look,
        stop: &Stop,
    ) -> Result<(Seen, PathBuf), Failure> {
        let begin = Instant::now();
        let (release, display) = (Some(release.clone()), Box::new(Unwatched));
        let (project, sites, goal) = (&self.project, &[site], Goal::Experiment);
        let start =
            Start { project, sites, release, goal, lease: None, display, stop: stop.clone() };
        let mut started = start.start().await?;
        let spec = &mut started.run.spec;
        spec.observes = look == Look::Observing;
        spec.suite = (self.until == Until::End).then(|| self.arguments.clone());
        let upgrades: Upgrades = live
            .map(|release| {
                let argument = path_from_here(&release.path);
                let back =
                    if site.rollback.rehearse { Back::Rehearsed } else { Back::NotRehearsed };
                let release = (release.clone(), argument);
                (site.name.clone(), Upgrade::new(&started.run.spec, site, release, back))
            })
            .into_iter()
            .collect::<BTreeMap<_, _>>();
        let course = Course {
            keep: Keep::Nothing,
            after_failure: AfterFailure::Stop,
            ahead: Ahead::Images,
            until: self.until,
        };
        let verdict = Box::pin(rehearse(&started.run, (&[site], &upgrades), course)).await;
        let place = started.run.folder.clone();
        let report = finish(started)?;
        let seen = report.sites.iter().find(|one| one.name == site.name.as_str());
        let is_unknown = |kind: &Kind| {
            !matches!(
                kind,
                Kind::Unfit | Kind::Deploy | Kind::NotReady | Kind::NoResult | Kind::Baseline
            )
        };
        if let Verdict::Not(kind) = verdict
            && is_unknown(&kind)
        {
            let failed = seen.and_then(|site| site.failure.as_ref());
            let message = failed
                .map_or_else(|| "a rehearsal did not end".to_owned(), |it| it.message.clone());
            let causes = failed.map_or_else(Vec::new, |failed| failed.causes.clone());
            return Err(causes.into_iter().fold(Failure::new(kind, message), Failure::cause));
        }
        let signature = seen.filter(|_| verdict != Verdict::Passed).and_then(Signature::of);
        if signature.is_none() && verdict != Verdict::Passed {
            return Err(Failure::new(
                Kind::Bug,
                format!("run {} does not say why it is red", report.run),
            ));
        }
        let installed = seen.map_or_else(Vec::new, |site| site.installed.clone());
        let folder = report.folder.clone().unwrap_or_default();
        let found = seen.map(Found::of).unwrap_or_default();
        let (took, run) = (begin.elapsed(), report.run);
        Ok((Seen { signature, installed, took, run, folder, found }, place))
    }
}

/// Writes the report, and lets the guardian go where nothing is left to do.
///
/// # Errors
/// Infrastructure: the report cannot be written.
fn finish(started: Started) -> Result<Report, Failure> {
    let Started { run, recorder, guardian } = started;
    let events = recorder.events();
    let report = Report::fold(&events);
    if report.inventory == Some(Inventory::default()) {
        guardian.dismiss();
    }
    write_record(&run.folder, &events, &report)?;
    write_page(&run.folder, &report)?;
    Ok(report)
}
