//! Folds the events of a run into its report. Pure: the same events give the same report.

use std::time::Duration;

use super::model::{
    Address, Difference, Ending, FailureReport, Image, KeyValues, LeftBehind, Partition,
    PhaseReport, Refused, Report, SCHEMA, SiteReport, Step, Warning,
};
use super::seconds::{finite, seconds};
use super::timeline::mark_critical;
use crate::event::{Event, Goal, Outcome, Resource, What};
use crate::failure::{Excerpt, Failure, Verdict};
use crate::replica::{APP_LOG, Phase};
use crate::site::SiteName;

impl Default for Report {
    fn default() -> Self {
        Report {
            schema: SCHEMA.to_owned(),
            run: String::new(),
            goal: Goal::Rehearse,
            started: None,
            stagectl: env!("CARGO_PKG_VERSION").to_owned(),
            project: String::new(),
            release: None,
            surroundings: None,
            folder: None,
            partition: None,
            merged: Vec::new(),
            sites: Vec::new(),
            warnings: Vec::new(),
            created: Vec::new(),
            removed: Vec::new(),
            left: Vec::new(),
            inventory: None,
            kept: None,
            cached: None,
            stopped: None,
            verdict: Ending::NotRun,
            code: None,
            seconds: 0.0,
        }
    }
}

impl Report {
    /// Returns the report of these events, in their order.
    #[must_use]
    pub fn fold(events: &[Event]) -> Self {
        let mut report = Report::default();
        for event in events {
            report.take(event);
        }
        report
    }

    /// Adds the next event of the run.
    pub fn take(&mut self, event: &Event) {
        // The end's own figure is not overruled by the time at which it was sent.
        self.seconds = self.seconds.max(seconds(event.at));
        let site = event.site.as_ref();
        match &event.what {
            What::RunStarted { run, goal, started, project, release, sites } => {
                self.run.clone_from(run);
                self.goal = *goal;
                self.started = Some(started.to_string());
                self.project.clone_from(project);
                self.release.clone_from(release);
                self.verdict = Ending::Unfinished;
                for name in sites {
                    self.site(name);
                }
            }
            What::Surroundings { surroundings } => self.surroundings = Some(surroundings.clone()),
            What::FolderMade { folder } => self.folder = Some(folder.clone()),
            What::Partitioned { part, sites } => {
                let sites = sites.iter().map(ToString::to_string).collect();
                self.partition = Some(Partition { part: part.clone(), sites });
            }
            What::Warning { message } => self.warn(message, site),
            What::Created { resource } => add(&mut self.created, resource),
            What::Removed { resource } => {
                add(&mut self.removed, resource);
                // What carries the run's label was made by it, also where Docker's answer said
                // otherwise or never came.
                if self.goal != Goal::Down {
                    add(&mut self.created, resource);
                }
            }
            What::LeftBehind { resource, error } => self.left.push(LeftBehind {
                site: site.map(ToString::to_string),
                kind: resource.kind,
                name: resource.name.clone(),
                error: error.clone(),
            }),
            What::Inventory { left } => self.inventory = Some(*left),
            What::Kept { kept } => self.kept = Some(*kept),
            What::Cached { images } => self.cached = Some(*images),
            What::StopRequested { why } => self.stopped = Some(why.clone()),
            What::RunEnded { verdict, took } => {
                self.verdict = (*verdict).into();
                self.code = Some(verdict.code());
                self.seconds = seconds(*took);
                mark_critical(&mut self.sites);
            }
            what => {
                if let Some(name) = site {
                    self.site(name).take(event.at, what);
                }
            }
        }
    }

    /// The part of a site, which is added if nobody named it before.
    fn site(&mut self, name: &SiteName) -> &mut SiteReport {
        let known = self.sites.iter().position(|site| site.name == name.as_str());
        let index = known.unwrap_or_else(|| {
            let live = self.goal == Goal::Live;
            self.sites.push(SiteReport { live, ..SiteReport::without_turn(name.as_str()) });
            self.sites.len() - 1
        });
        &mut self.sites[index]
    }

    fn warn(&mut self, message: &str, site: Option<&SiteName>) {
        let known = self.warnings.iter().position(|warning| warning.message == message);
        let index = known.unwrap_or_else(|| {
            self.warnings.push(Warning { message: message.to_owned(), sites: Vec::new() });
            self.warnings.len() - 1
        });
        let sites = &mut self.warnings[index].sites;
        if let Some(name) = site
            && !sites.iter().any(|known| known == name.as_str())
        {
            sites.push(name.to_string());
        }
    }
}

impl SiteReport {
    /// Of a site that had no turn.
    pub(super) fn without_turn(name: &str) -> Self {
        SiteReport {
            name: name.to_owned(),
            advisory: false,
            live: false,
            environment: None,
            images: Vec::new(),
            states: Vec::new(),
            downtime: Vec::new(),
            phases: Vec::new(),
            timeline: Vec::new(),
            answered: None,
            machine: None,
            installed: Vec::new(),
            floating: Vec::new(),
            steps: Vec::new(),
            checks: Vec::new(),
            tests: Vec::new(),
            suite: None,
            left_out: Vec::new(),
            refused: Vec::new(),
            outside: Vec::new(),
            not_replicated: Vec::new(),
            failure: None,
            app_log: None,
            logs: Vec::new(),
            differs: None,
            comparison: None,
            why: None,
            reachable: None,
            evidence: None,
            again: None,
            verdict: Ending::NotRun,
            code: None,
            seconds: 0.0,
        }
    }

    /// The phase that did not pass, the first one if there are several.
    #[must_use]
    pub fn broken_phase(&self) -> Option<&PhaseReport> {
        self.phases.iter().find(|phase| phase.outcome != Outcome::Passed)
    }

    /// What logs said at the moment of the failure, the app's first.
    pub fn logs_at_failure(&self) -> impl Iterator<Item = &Excerpt> {
        self.app_log.iter().chain(&self.logs).filter(|log| !log.lines.is_empty())
    }

    /// The tail of the log that the failure is about, unless red tests say all of it.
    #[must_use]
    pub fn log_of_failure(&self) -> Option<&Excerpt> {
        let log = self.failure.as_ref()?.log.as_ref()?;
        let is_said = |line: &String| {
            let mut red = self.tests.iter().filter(|test| test.is_red());
            line.trim().is_empty() || red.any(|test| test.message.as_ref() == Some(line))
        };
        (!log.lines.iter().all(is_said)).then_some(log)
    }

    /// What is known of a phase that ended.
    #[must_use]
    pub fn phase(&self, name: Phase) -> Option<&PhaseReport> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    fn take(&mut self, now: Duration, what: &What) {
        match what {
            What::SiteStarted { environment, advisory } => {
                self.advisory = *advisory;
                self.environment = Some(environment.clone());
                self.verdict = Ending::Unfinished;
            }
            What::StateStarted { state, runs } => self.begin_state(now, *state, runs),
            What::StateEnded { state, took, outcome } => self.end_state(*state, *took, *outcome),
            What::SiteInUse { traffic } => self.take_traffic(traffic),
            What::PhaseEnded { phase, took, outcome, note } => {
                let ended = PhaseReport {
                    name: *phase,
                    outcome: *outcome,
                    seconds: seconds(*took),
                    at: Some(seconds(now.saturating_sub(*took))),
                    note: note.clone(),
                };
                self.take_later(&ended);
                self.end_phase(ended);
            }
            What::Answered { took } => self.answered = Some(seconds(*took)),
            What::Performed { step } => self.take_step(now, step),
            What::ImageReady { role, key, id, origin, took } => self.take_image(Image {
                role: role.clone(),
                key: key.clone(),
                id: id.clone(),
                origin: *origin,
                seconds: seconds(*took),
            }),
            What::Installed { packages, floating } => {
                self.installed.clone_from(packages);
                self.floating.clone_from(floating);
            }
            What::MachineSeen { machine } => self.machine = Some(machine.clone()),
            What::StepEnded { name, code, took, output, locks } => self.steps.push(Step {
                name: name.clone(),
                code: *code,
                seconds: seconds(*took),
                output: output.clone(),
                locks: locks.clone(),
            }),
            What::CheckEnded { check } => {
                self.checks.push(check.clone());
                let took = &mut self.checks.last_mut().expect("was just added").took;
                *took = finite(*took);
            }
            What::TestEnded { test } => {
                self.tests.push(test.clone());
                let took = &mut self.tests.last_mut().expect("was just added").took;
                *took = finite(*took);
            }
            What::SuiteAt { folder } => self.suite = Some(folder.clone()),
            What::TestsLeftOut { tests } => self.left_out.clone_from(tests),
            What::NameRefused { name, times, by } => self.refuse(name, *times, by),
            What::OutsideAsked { request } => self.outside.push(request.clone()),
            What::NotReplicated { what } => self.not_replicated.clone_from(what),
            What::AppLog { excerpt } if excerpt.source == APP_LOG => {
                self.app_log = Some(excerpt.clone());
            }
            What::AppLog { excerpt } => self.logs.push(excerpt.clone()),
            What::DiffersFrom { site, differences } => {
                let keys = differences.iter().map(|other| other.difference.key.clone()).collect();
                let values = differences.iter().map(KeyValues::from).collect();
                self.differs = Some(Difference { passed: site.to_string(), keys, values });
            }
            What::Compared { comparison } => self.comparison = Some(comparison.clone()),
            What::EvidenceSaved { folder } => self.evidence = Some(folder.clone()),
            What::Again { command } => self.again = Some(command.clone()),
            What::Reachable { url, command, more } => {
                let (url, command, more) = (url.clone(), command.clone(), more.clone());
                self.reachable = Some(Address { url, command, more });
            }
            What::SiteEnded { verdict, took, failure } => {
                self.end(*verdict, *took, failure.as_ref());
            }
            _ => {}
        }
    }

    /// A phase that went on later, as the images do after their preparation, is one phase.
    fn end_phase(&mut self, ended: PhaseReport) {
        match self.phases.iter_mut().find(|phase| phase.name == ended.name) {
            Some(phase) => {
                phase.seconds = finite(phase.seconds + ended.seconds);
                if ended.outcome != Outcome::Passed {
                    (phase.outcome, phase.note) = (ended.outcome, ended.note);
                }
            }
            None => self.phases.push(ended),
        }
    }

    /// An image that was prepared is found again in the site's turn; where it came from stays.
    fn take_image(&mut self, image: Image) {
        if !self.images.iter().any(|known| known.role == image.role && known.key == image.key) {
            self.images.push(image);
        }
    }

    fn refuse(&mut self, name: &str, times: u32, by: &[String]) {
        match self.refused.iter_mut().find(|refused| refused.name == name) {
            Some(refused) => {
                refused.times = refused.times.saturating_add(times);
                let new = by.iter().filter(|role| !refused.by.contains(role)).cloned();
                let new: Vec<String> = new.collect();
                refused.by.extend(new);
            }
            None => self.refused.push(Refused { name: name.to_owned(), times, by: by.to_vec() }),
        }
    }

    fn end(&mut self, verdict: Verdict, took: Duration, failure: Option<&Failure>) {
        self.verdict = verdict.into();
        self.code = Some(verdict.code());
        self.seconds = seconds(took);
        self.failure = failure.map(FailureReport::from);
    }
}

fn add(list: &mut Vec<Resource>, resource: &Resource) {
    if !list.contains(resource) {
        list.push(resource.clone());
    }
}
