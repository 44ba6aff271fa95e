//! Diagnosis and suite of a site that is up, brought up by this process or another.

use std::collections::VecDeque;

use super::confirm::confirm;
use super::evidence::Found;
use super::moment::{Marks, Otherwise, Sizes, at_that_moment, marks, report_said};
use super::open::{open_replica, running_containers};
use super::turn::Running;
use super::{outside, refused};
use crate::cancel::Stop;
use crate::docker::{Engine, Output};
use crate::event::{Check, Events, What, timed};
use crate::failure::{Excerpt, Failure, Kind};
use crate::inside::{Held, Replica, cool_down, put_files, read_lines, with_memory};
use crate::replica::paths;
use crate::replica::{Phase, Tests, process_roles, suite_files};
use crate::site::Site;
use crate::standing::Standing;
use crate::suite::{
    Suite, SuiteResult, critical, diagnosis, judge_checks, repeat, with_advice, with_ended,
};

/// Lines of a suite's output that are kept where it comes to no result.
const KEPT_LINES: usize = 5000;

/// What is wanted of an examination.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// Arguments for pytest.
    pub pytest: &'a [String],
    pub output: SuiteOutput,
    pub by: By,
    /// Where the logs ended before what the diagnosis judges in them; `None`: where they end now.
    pub since: Option<&'a Marks>,
}

/// By what a site is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    DiagnosisAndSuite,
    Suite,
}

/// Whether the suite's own words are reported as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SuiteOutput {
    Kept,
    Reported,
}

/// Runs the diagnosis and the suite, as the description says now.
///
/// # Errors
/// What was found, or what kept us from finding out.
pub(super) async fn examine<E: Engine>(
    engine: &E,
    site: &Site,
    standing: &Standing,
    wish: Wish<'_>,
    events: &Events,
    stop: &Stop,
) -> Result<(), Failure> {
    let replica = open_replica(engine, site, standing, (events, stop)).await?;
    match examined(&replica, wish).await {
        Ok(()) => Ok(()),
        Err(failure) => {
            let running = running_containers(standing);
            Err(confirm(engine, &running, &replica.handles.host, failure).await)
        }
    }
}

/// Lets a suite go on that was begun, if one was.
async fn open_gate<E: Engine>(
    held: &mut Option<Held<'_>>,
    replica: &Replica<'_, E>,
) -> Result<(), Failure> {
    match held {
        Some(held) => held.open_gate(replica).await,
        None => Ok(()),
    }
}

async fn examined<E: Engine>(replica: &Replica<'_, E>, wish: Wish<'_>) -> Result<(), Failure> {
    let Replica { engine, site, handles, secrets, .. } = replica;
    let engine = *engine;
    let mut processes = Vec::new();
    for role in process_roles(site) {
        let file = paths::of_role(paths::PID, &role);
        // A process that nobody could ask for must not be taken for one that has ended.
        let lines = read_lines(engine, handles.host_of(&role), &file, 1, secrets).await?;
        if let Some(pid) = lines.first().and_then(|line| line.trim().parse().ok()) {
            processes.push((role, pid));
        }
    }
    // The tests as they are now, not as they were when the replica came up.
    put_files(engine, &handles.suite, &suite_files(site)).await?;
    // It may have run for hours, and said much in them.
    let marks = marks(replica).await?;
    let since = wish.since.map_or_else(|| marks.sizes().clone(), |since| since.sizes().clone());
    let running = Running { processes, suite: None };
    let examined = look(replica, running, wish, (marks, &since)).await;
    let noted = refused::note(replica).await;
    outside::note_requests(replica).await;
    examined.outcome?;
    noted
}

/// What an examination found.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) checks: Vec<Check>,
    /// What the logs said, if it failed.
    pub(super) said: Vec<Excerpt>,
    /// `None` where the suite came to no result.
    pub(super) suite: Option<SuiteResult>,
    /// The last that the suite printed, where it came to no result.
    pub(super) output: Vec<String>,
    pub(super) outcome: Result<(), Failure>,
}

impl Examined {
    /// For the evidence.
    pub(super) fn found(&self) -> Found<'_> {
        let Examined { checks, said, suite, output, .. } = self;
        Found { checks, suite: suite.as_ref(), output, said }
    }
}

/// Which tests are not run because others are picked.
fn report_left_out<E>(replica: &Replica<'_, E>) {
    let pick = replica.site.critical.pick.as_ref();
    let Some(picked) = pick.and_then(|pick| pick.picked.as_ref()) else { return };
    let (run, left_out) = (picked.order.len(), picked.left_out.len());
    if left_out > 0 {
        let message = format!(
            "{left_out} of {} tests of the suite were left out, as `critical.pick` has it: see `left_out` in report.json",
            run + left_out
        );
        replica.events.emit(What::TestsLeftOut { tests: picked.left_out.clone() });
        replica.events.emit(What::Warning { message });
    }
}

/// Diagnosis and suite of a site that is up. A failed check does not keep the suite from running:
/// its tests often say best what the check means for the app. Of the logs it judges what is behind `since`.
pub(super) async fn look<E: Engine>(
    replica: &Replica<'_, E>,
    running: Running<'_>,
    wish: Wish<'_>,
    (mut marks, since): (Marks, &Sizes),
) -> Examined {
    let events = &replica.events;
    let Running { processes, suite: mut held } = running;
    let mut checks = Vec::new();
    let mut opened = Ok(());
    let diagnosed = if wish.by == By::Suite {
        Ok(())
    } else {
        timed(events, Phase::Diagnosis, async {
            // Meanwhile pytest reads the tests: one that asks the site as it is read finds it.
            let (found, first) =
                tokio::join!(diagnosis(replica, &processes, since), open_gate(&mut held, replica));
            opened = first;
            let found = found?;
            checks = found.checks;
            marks.begin_proxy_logs(found.proxy_logs);
            judge_checks(&checks)
        })
        .await
    };
    cool_down(replica);
    if let Err(failure) = &diagnosed
        && failure.kind != Kind::Unfit
    {
        let (said, output) = (Vec::new(), Vec::new());
        return Examined { checks, said, suite: None, output, outcome: diagnosed };
    }
    if let Some(folder) = tests_folder(replica.site) {
        events.emit(What::SuiteAt { folder });
    }
    if wish.pytest.is_empty() {
        report_left_out(replica);
    }
    let mut suite = None;
    let mut output = VecDeque::new();
    let mut before = None;
    let tested = timed(events, Phase::Suite, async {
        let show_line = |_: Output, line: &str| {
            if wish.output == SuiteOutput::Reported {
                events.emit(What::SuiteSaid { line: line.to_owned() });
            }
        };
        opened?;
        open_gate(&mut held, replica).await?;
        let begun = match held {
            Some(held) => Suite::Held { held, arguments: wish.pytest },
            None => Suite::New(Tests::All(wish.pytest)),
        };
        let keep_line = |from: Output, line: &str| {
            output.push_back(line.to_owned());
            output.drain(..output.len().saturating_sub(KEPT_LINES));
            show_line(from, line);
        };
        let mut result = match critical(replica, begun, keep_line).await {
            Ok(result) => result,
            Err(failure) => return with_ended(replica, Err(failure)).await,
        };
        // Before a repetition: what the logs say then is of another moment.
        if let Err(failure) = result.verdict(replica.site.critical.flaky) {
            before = Some(at_that_moment(replica, &marks, &failure, Otherwise::LastLines).await);
        }
        // Who runs a part of the suite by hand repeats it by hand.
        let repeated = if wish.pytest.iter().all(|argument| argument.starts_with("--color")) {
            Box::pin(repeat(replica, &mut result, show_line)).await
        } else {
            Ok(())
        };
        result.emit_tests(replica);
        let verdict = match repeated.and(result.verdict(replica.site.critical.flaky)) {
            // A test that failed because the app was killed says little by itself.
            Err(failure) => {
                let failure = with_advice(replica.site, &result.tests, failure);
                Err(with_memory(replica, &replica.handles.host, failure).await)
            }
            passed => passed,
        };
        suite = Some(result);
        with_ended(replica, verdict).await
    })
    .await;
    let outcome = diagnosed.and(tested);
    let said = match (&outcome, before) {
        (Err(failure), None) => {
            at_that_moment(replica, &marks, failure, Otherwise::LastLines).await
        }
        (_, before) => before.filter(|_| outcome.is_err()).unwrap_or_default(),
    };
    report_said(events, &said);
    let output = if suite.is_none() { output.into() } else { Vec::new() };
    Examined { checks, said, suite, output, outcome }
}

/// The folder of the suite's tests, as a person in this folder would write it.
fn tests_folder(site: &Site) -> Option<String> {
    let path = site.critical.suite.folder()?;
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    Some(path.strip_prefix(&here).unwrap_or(path).display().to_string())
}
