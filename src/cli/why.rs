//! `stagectl why`: what makes a site red that others are not.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::context::{Aside, Context, parse_span};
use super::live::live_releases;
use crate::cancel::Stop;
use crate::display::print_data;
use crate::event::TestStatus;
use crate::experiment::{
    Answer, Bench, Between, Next, Outcome, Rehearsed, Results, Seen, Trial, Verdicts, best_so_far,
    next, verdict_key,
};
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::Until;
use crate::release::Release;
use crate::replica::Phase;
use crate::report::{Ending, Report, Signature, SiteReport, green_with, rehearsal_of};
use crate::site::{Project, Site, SiteName, SuiteSource};

/// The version of what `--output json` writes.
const SCHEMA: &str = "stagectl-why/1";

/// Find the smallest difference to a green site that makes a red one red, proven by rehearsals
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl why site-b\n  stagectl why site-b --budget 10min")]
pub(super) struct WhyArgs {
    /// The site that was red
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// The run in which it was red; the last rehearsal of the site if left out
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// No more rehearsals than these: then the best answer so far
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// No rehearsal begins after this time: then the best answer so far
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    budget: Option<Duration>,
}

pub(super) async fn why(args: WhyArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let project = context.project_of(std::slice::from_ref(&args.site), Aside::Said)?;
    let red = project.site(&args.site)?;
    let report = recorded(&project, red, args.run.as_deref())?;
    let seen = seen_in(&report, red)?;
    let signature = Signature::of(seen).ok_or_else(|| was_not_red(&report, seen))?;
    let release = same_release(&report, &project)?;
    let green = green_with(&project.root, &release.digest)?;
    let passed: Vec<&Site> = project
        .sites
        .iter()
        .filter(|site| site.name != red.name && green.iter().any(|name| name == site.name.as_str()))
        .collect();
    let between = Between::nearest(&project, (red, (seen, &signature)), &passed)?;
    let mut show = Show { is_json: context.output.is_json(), is_quiet: context.output.quiet };
    show.text(&head(&between, &signature))?;
    let bench = bench(project, &between, release, (seen, &signature));
    let experiment = Experiment { bench, between, signature, stop };
    let explored = experiment.explore(&args, &mut show).await?;
    show.answer(&experiment, &explored, &report.run)?;
    match explored.ended {
        Some(failure) => Err(failure),
        None if explored.answer.changed.is_some() => Ok(Verdict::Not(Kind::NoResult)),
        None => Ok(Verdict::Passed),
    }
}

fn recorded(project: &Project, red: &Site, run: Option<&str>) -> Result<Report, Failure> {
    let found = rehearsal_of(&project.root, red.name.as_str(), run)?;
    found.ok_or_else(|| match run {
        Some(run) => Failure::usage(format!("there is no rehearsal {run}"))
            .hint("the runs of a project are the folders in its `.stagectl/runs`"),
        None => Failure::usage(format!("{} was not rehearsed yet", red.name))
            .hint("rehearse first: `stagectl rehearse`"),
    })
}

fn seen_in<'a>(report: &'a Report, red: &Site) -> Result<&'a SiteReport, Failure> {
    let seen = report.sites.iter().find(|site| site.name == red.name.as_str());
    let seen = seen.ok_or_else(|| {
        let known: Vec<&str> = report.sites.iter().map(|site| site.name.as_str()).collect();
        Failure::usage(format!("run {} has no site {}", report.run, red.name))
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

/// The release of the run, which has to be what it was.
fn same_release(report: &Report, project: &Project) -> Result<Release, Failure> {
    let recorded = report.release.as_ref().ok_or_else(|| {
        Failure::usage(format!("run {} does not say which release it was of", report.run))
    })?;
    let again = "rehearse again with the release at hand: `stagectl rehearse --release ...`";
    let path = std::path::PathBuf::from(&recorded.path);
    let path = if path.exists() { path } else { project.root.join(path) };
    if !path.exists() {
        let message =
            format!("the release of run {} is not there any more: {}", report.run, recorded.path);
        return Err(Failure::usage(message).hint(again));
    }
    let release = Context::release(Some(&path), project)?;
    if release.digest != recorded.digest {
        let message =
            format!("{} is another release now than in run {}", recorded.path, report.run);
        return Err(Failure::usage(message).hint(again));
    }
    Ok(release)
}

/// What failed where, and what it is held against.
fn head(between: &Between, signature: &Signature) -> String {
    let state =
        signature.state.map_or_else(String::new, |state| format!(", state {}", state.name()));
    let what = match signature.failing.iter().next() {
        Some((name, says)) => format!("{name}   ({})", signature.errors.first().unwrap_or(says)),
        None => signature.says.clone(),
    };
    let (red, green) = (&between.red, &between.green);
    let (keys, units) = (between.count(), between.space.units().len());
    format!(
        "{red} failed in the {}{state}: {what}\nnearest green site: {green}; they differ in {}, {} that can be tried\n\n",
        signature.phase.name(),
        count(keys, "key"),
        count(units, "unit"),
    )
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// How hybrids are rehearsed: up to the phase that was red, with the tests that were red and one that passed.
fn bench(
    mut project: Project,
    between: &Between,
    release: Release,
    (seen, signature): (&SiteReport, &Signature),
) -> Bench {
    project.sites.push(between.whole.clone());
    let is_before = signature.state.is_none() && signature.phase < Phase::Diagnosis;
    let until = if is_before { Until::Ready } else { Until::End };
    let is_pytest = matches!(between.whole.critical.suite, SuiteSource::Pytest { .. });
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

/// What is needed from the first rehearsal to the last.
struct Experiment {
    bench: Bench,
    between: Between,
    signature: Signature,
    stop: Stop,
}

/// What an experiment came to.
struct Explored {
    answer: Answer,
    results: Results,
    rehearsed: Vec<Rehearsed>,
    took: Duration,
    /// Why it ended before its end, if that is a failure.
    ended: Option<Failure>,
}

impl Experiment {
    async fn explore(&self, args: &WhyArgs, show: &mut Show) -> Result<Explored, Failure> {
        let begin = Instant::now();
        let verdicts = Verdicts::of(&self.bench.project.root)?;
        let (mut results, mut rehearsed) = (Results::default(), Vec::new());
        let space = &self.between.space;
        let mut ended = None;
        let answer = loop {
            let trial = match next(space, &results) {
                Next::Done(answer) => break answer,
                Next::Rehearse(trial) => trial,
            };
            let is_over = args.max.is_some_and(|max| results.count() >= max)
                || args.budget.is_some_and(|budget| begin.elapsed() >= budget);
            if is_over {
                break best_so_far(space, &results);
            }
            match self.rehearse(trial.clone(), &verdicts, &results).await {
                Ok(one) => {
                    results.add(trial.hybrid, one.outcome);
                    if one.outcome != Outcome::Refused {
                        show.text(&(self.between.line(results.count(), &one) + "\n"))?;
                    }
                    rehearsed.push(one);
                }
                Err(failure) => {
                    ended = Some(failure);
                    break best_so_far(space, &results);
                }
            }
        };
        Ok(Explored { answer, results, rehearsed, took: begin.elapsed(), ended })
    }

    async fn rehearse(
        &self,
        trial: Trial,
        verdicts: &Verdicts,
        results: &Results,
    ) -> Result<Rehearsed, Failure> {
        self.stop.check()?;
        let Ok(site) = self.between.site(&trial.hybrid) else {
            let (outcome, folder) = (Outcome::Refused, String::new());
            return Ok(Rehearsed { trial, outcome, took: None, folder });
        };
        let Bench { project, release, .. } = &self.bench;
        let live = live_releases(project, &[&site], None, release).await?.into_values().next();
        let key = verdict_key(&self.bench, &site, live.as_ref())?;
        let known = verdicts.known(&key, results.times(&trial.hybrid));
        let (seen, took) = if let Some(seen) = known {
            (seen, None)
        } else {
            let seen = self.bench.rehearse(&site, live.as_ref(), &self.stop).await?;
            verdicts.keep(&key, &seen)?;
            let took = seen.took;
            (seen, Some(took))
        };
        let outcome = self.outcome(&seen);
        Ok(Rehearsed { trial, outcome, took, folder: seen.folder })
    }

    fn outcome(&self, seen: &Seen) -> Outcome {
        match &seen.signature {
            None => Outcome::Green,
            Some(other) if self.signature.is_as(other) => Outcome::Red,
            Some(other) if self.signature.flickers_in(other) => Outcome::Flaky,
            Some(_) => Outcome::Otherwise,
        }
    }
}

/// Where an experiment is shown: to a person as it goes on, to a program at its end.
struct Show {
    is_json: bool,
    is_quiet: bool,
}

impl Show {
    fn text(&mut self, text: &str) -> Result<(), Failure> {
        if self.is_json || self.is_quiet { Ok(()) } else { print_data(text) }
    }

    fn answer(
        &self,
        experiment: &Experiment,
        explored: &Explored,
        run: &str,
    ) -> Result<(), Failure> {
        let between = &experiment.between;
        let Explored { answer, results, rehearsed, took, .. } = explored;
        if self.is_json {
            let json = json(experiment, explored, run);
            return print_data(&format!("{json:#}\n"));
        }
        let text = between.answer(answer, rehearsed)
            + &between.ending(answer, results, (rehearsed, *took));
        print_data(&if self.is_quiet { text } else { format!("\n{text}") })
    }
}

fn json(experiment: &Experiment, explored: &Explored, run: &str) -> Value {
    let Experiment { between, signature, .. } = experiment;
    let Explored { answer, results, rehearsed, took, ended } = explored;
    let keys = |unit: usize| {
        let keys = between.keys(unit);
        keys.map(|key| json!({"key": key.key, "red": key.one, "green": key.two}))
            .collect::<Vec<_>>()
    };
    let units = |units: &[usize]| units.iter().map(|unit| keys(*unit)).collect::<Vec<_>>();
    let rehearsals: Vec<Value> = rehearsed
        .iter()
        .map(|rehearsed| {
            let with: Vec<usize> = rehearsed.trial.hybrid.units().collect();
            let with: Vec<&str> =
                with.iter().flat_map(|unit| between.keys(*unit)).map(|key| &*key.key).collect();
            json!({
                "what": between.called(&rehearsed.trial),
                "for": rehearsed.trial.purpose,
                "with": with,
                "outcome": rehearsed.outcome,
                "seconds": rehearsed.took.map(|took| took.as_secs_f64()),
                "folder": rehearsed.folder,
            })
        })
        .collect();
    let causes: Vec<Value> = answer
        .causes
        .iter()
        .map(|cause| {
            let needed: Vec<usize> = cause.units().collect();
            json!({
                "units": units(&needed),
                "beside": units(&cause.beside),
                "without": cause.without.iter().map(|one| json!({"keys": keys(one.unit), "verdict": one.verdict})).collect::<Vec<_>>(),
                "settings": between.settings(needed.iter().chain(&cause.beside).copied()),
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "site": between.red.to_string(),
        "run": run,
        "red": signature,
        "nearest": between.green.to_string(),
        "keys": between.count(),
        "units": between.space.units().len(),
        "rehearsals": rehearsals,
        "count": results.count(),
        "unresolved": results.unresolved(),
        "causes": causes,
        "range": answer.range.as_ref().map(|range| {
            json!({"needed": units(&range.needed), "one_of": units(&range.one_of)})
        }),
        "changed": answer.changed.map(|(end, verdict)| json!({"end": end, "verdict": verdict})),
        "proven": answer.is_proven(),
        "confidence": answer.confidence,
        "seconds": took.as_secs_f64(),
        "ended": ended.as_ref().map(|failure| failure.message.clone()),
    })
}
