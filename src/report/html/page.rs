//! The whole page, as the template is given it.

use bytesize::ByteSize;
use jiff::Timestamp;
use serde::Serialize;

use super::super::compared::comparison_in_words;
use super::super::model::{Ending, PhaseReport, Report, SiteReport, Warning};
use super::super::states::{Column, columns, upgrade_in_words};
use super::super::tail::bounded;
use super::super::words::{
    count, not_green_in_words, not_replicated_in_words, outside_in_words, receipt_in_words,
    refused_in_words, remains, took, verdict_in_words,
};
use super::deploy::{LockRow, StepRow, lock_rows, step_rows};
use super::failing::{Budget, Failing};
use super::grid::Grid;
use super::links::{Beside, TRENDS, link};
use super::part::{Link, Mark};
use super::steps::Steps;
use super::timeline::Timeline;
use crate::event::{Computer, EngineSeen, ImageOrigin, Outcome, TestStatus};
use crate::replica::Phase;

/// How many warnings, notes and leftovers are shown, and the bytes of one.
const MOST: usize = 100;
const LONGEST: usize = 2000;

#[derive(Debug, Serialize)]
pub(super) struct Page {
    /// For the browser's tab: the verdict first.
    title: String,
    mark: Mark,
    /// `FAILED`
    verdict: &'static str,
    /// `noticeboard 1.2`
    subject: String,
    /// `1 of 3 sites`
    sites_in_words: String,
    took: String,
    started: Option<String>,
    started_in_words: Option<String>,
    facts: Vec<Fact>,
    phases: Vec<&'static str>,
    rows: Vec<SiteRow>,
    failing: Vec<Failing>,
    tests: Option<Grid>,
    timeline: Option<Timeline>,
    steps: Vec<Steps>,
    sites: Vec<SitePart>,
    notes: Vec<String>,
    warnings: Vec<String>,
    receipt: Vec<String>,
    left: Vec<String>,
    merged: Vec<MergedRow>,
    trends: Option<String>,
    stagectl: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// A row of the grid of sites and phases.
#[derive(Debug, Serialize)]
struct SiteRow {
    name: String,
    id: String,
    mark: Mark,
    cells: Vec<PhaseCell>,
    tests: String,
    took: String,
}

#[derive(Debug, Serialize)]
struct PhaseCell {
    /// `None` for a phase that passed, or that there was not.
    mark: Option<Mark>,
    words: String,
}

/// What else is known of a site, in a fold.
#[derive(Debug, Serialize)]
struct SitePart {
    name: String,
    id: String,
    mark: Mark,
    words: String,
    facts: Vec<Fact>,
    steps: Vec<StepRow>,
    locks: Vec<LockRow>,
    checks: Vec<CheckRow>,
    files: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct CheckRow {
    name: String,
    mark: Mark,
    detail: String,
}

#[derive(Debug, Serialize)]
struct MergedRow {
    run: String,
    part: String,
    mark: Mark,
    sites: String,
    took: String,
}

impl Page {
    pub(super) fn of(report: &Report, beside: &Beside) -> Page {
        let (verdict, sites_in_words) = verdict_in_words(report);
        let subject = report.release.as_ref().map_or_else(
            || report.project.clone(),
            |release| format!("{} {}", release.name, release.version).trim_end().to_owned(),
        );
        let started = report.started.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
        let links = |site: &SiteReport| -> Vec<Link> {
            let paths = beside.files.get(&site.name).into_iter().flatten();
            paths.map(|path| link(&site.name, path)).collect()
        };
        let mut budget = Budget::default();
        let numbered = || report.sites.iter().enumerate();
        let failing = numbered().filter_map(|(number, site)| {
            Failing::of(site, format!("why-{number}"), links(site), &mut budget)
        });
        let failing: Vec<Failing> = failing.collect();
        let columns = columns(report, is_worth_a_column);
        let rows = numbered().map(|(number, site)| SiteRow {
            name: site.name.clone(),
            id: match failing.iter().find(|failing| failing.name == site.name) {
                Some(failing) => failing.id.clone(),
                None => format!("site-{number}"),
            },
            mark: site.verdict.into(),
            cells: columns.iter().map(|column| cell(report, site, *column)).collect(),
            tests: tests_in_words(site),
            took: if site.verdict == Ending::NotRun { String::new() } else { took(site.seconds) },
        });
        let rows = rows.collect();
        Page {
            title: format!("{verdict}: {subject} on {sites_in_words}"),
            mark: report.verdict.into(),
            verdict,
            sites_in_words,
            took: took(report.seconds),
            started_in_words: started.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            started: started.map(|at| at.to_string()),
            facts: facts(report),
            phases: columns.iter().map(|column| column.name()).collect(),
            rows,
            failing,
            tests: Grid::of(report),
            timeline: Timeline::of(report),
            steps: Steps::of(report),
            sites: numbered()
                .map(|(number, site)| site_part(report, site, number, links(site)))
                .collect(),
            notes: notes(report),
            warnings: report.warnings.iter().take(MOST).map(warning).collect(),
            receipt: receipt_in_words(report).into_iter().chain([remains(report)]).collect(),
            left: left(report),
            merged: merged_rows(report),
            trends: beside.trends.then(|| format!("./../{TRENDS}")),
            stagectl: report.stagectl.clone(),
            subject,
        }
    }
}

fn facts(report: &Report) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| Fact { name, value }));
    };
    let release = report.release.as_ref();
    add("release", release.map(|release| bounded(&release.path, LONGEST)));
    add("SHA-256", release.map(|release| release.digest.clone()));
    add("project", Some(report.project.clone()));
    add("run", Some(report.run.clone()));
    add("part", report.partition.as_ref().map(|partition| partition.part.clone()));
    add("exit code", report.code.map(exit_code));
    let seen = report.surroundings.as_ref();
    add("command", seen.map(|seen| bounded(&seen.command, LONGEST)));
    add("host", seen.map(|seen| host_in_words(&seen.host)));
    add("engine", seen.map(|seen| engine_in_words(&seen.engine, &seen.host)));
    add("stopped by", report.stopped.clone());
    facts
}

/// `build-7: Debian GNU/Linux 12 (bookworm), x86_64, 2 cores, 24.0 GiB`
fn host_in_words(host: &Computer) -> String {
    let cores = count(host.cores as usize, "core");
    let memory = host.memory.map(|bytes| ByteSize(bytes).to_string());
    let parts = [Some(host.system.clone()), Some(host.architecture.clone()), Some(cores), memory];
    format!("{}: {}", host.name, parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// `Docker 29.1.3, storage overlay2`, and where it is, if that is another host.
fn engine_in_words(engine: &EngineSeen, host: &Computer) -> String {
    let words = format!("Docker {}, storage {}", engine.version, engine.storage);
    if engine.host == host.name || engine.host.is_empty() {
        return words;
    }
    let (cores, memory) = (count(engine.cores as usize, "core"), ByteSize(engine.memory));
    format!("{words}, on {}: {cores}, {memory}", engine.host)
}

/// A code and what it means.
fn exit_code(code: u8) -> String {
    let meaning = match code {
        0 => "every site passed",
        1 => "the critical suite or the diagnosis failed",
        3 => "the deploy failed",
        4 => "a replica never became ready",
        5 => "there is no result of some tests",
        7 => "passed, but something was left behind",
        8 => "a live release is red in its replica: nothing is said of the new one",
        70 => "a bug in stagectl",
        75 => "infrastructure, no fault of the release: worth a retry",
        130 | 143 => "interrupted",
        _ => return code.to_string(),
    };
    format!("{code}: {meaning}")
}

fn is_worth_a_column(phase: &PhaseReport) -> bool {
    !matches!(phase.name, Phase::Check | Phase::Evidence)
        || phase.outcome != Outcome::Passed
        || phase.seconds >= 1.0
}

fn cell(report: &Report, site: &SiteReport, column: Column) -> PhaseCell {
    match column {
        Column::Phase(phase) => phase_cell(report, site, phase),
        Column::State(name) => {
            let state = site.earlier_state(name);
            let words = state.map_or_else(|| "\u{2013}".to_owned(), |state| took(state.seconds));
            PhaseCell { mark: None, words }
        }
    }
}

fn phase_cell(report: &Report, site: &SiteReport, phase: Phase) -> PhaseCell {
    let Some(ended) = site.phase(phase) else {
        return PhaseCell { mark: None, words: "\u{2013}".to_owned() };
    };
    let time = took(ended.seconds);
    let is_cached = phase == Phase::Images
        && !site.images.is_empty()
        && site.images.iter().all(|image| image.origin == ImageOrigin::Cached);
    match ended.outcome {
        Outcome::Passed if is_cached => PhaseCell { mark: None, words: format!("{time}, cached") },
        Outcome::Passed => PhaseCell { mark: None, words: time },
        Outcome::Error if report.stopped.is_some() => {
            let mark = Mark { word: "stopped", ..ended.outcome.into() };
            PhaseCell { mark: Some(mark), words: time }
        }
        outcome => PhaseCell { mark: Some(outcome.into()), words: time },
    }
}

fn tests_in_words(site: &SiteReport) -> String {
    let with = |status| site.tests.iter().filter(|test| test.status == status).count();
    let red = site.tests.iter().filter(|test| test.is_red()).count();
    let parts = [
        (red, "failed"),
        (with(TestStatus::Flaky), "flaky"),
        (with(TestStatus::Passed), "ok"),
        (with(TestStatus::Skipped), "skipped"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
}

fn site_part(report: &Report, site: &SiteReport, number: usize, files: Vec<Link>) -> SitePart {
    let passed = site.checks.iter().filter(|check| check.passed).count();
    let mut words = Vec::new();
    if !site.checks.is_empty() {
        words.push(format!("{passed} of {} ok", count(site.checks.len(), "check")));
    }
    if !site.tests.is_empty() {
        words.push(format!("tests: {}", tests_in_words(site)));
    }
    let mut checks: Vec<CheckRow> = site
        .checks
        .iter()
        .take(MOST)
        .map(|check| CheckRow {
            name: bounded(&check.name, LONGEST),
            mark: (if check.passed { Outcome::Passed } else { Outcome::Failed }).into(),
            detail: bounded(&check.detail, LONGEST),
        })
        .collect();
    checks.sort_by_key(|check| check.mark.class == "good");
    SitePart {
        name: site.name.clone(),
        id: format!("site-{number}"),
        mark: site.verdict.into(),
        words: words.join("; "),
        facts: site_facts(report, site),
        steps: step_rows(site),
        locks: lock_rows(site),
        checks,
        files,
    }
}

fn site_facts(report: &Report, site: &SiteReport) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, value: String| {
        if !value.is_empty() {
            facts.push(Fact { name, value });
        }
    };
    add("upgrade", upgrade_in_words(report, site).unwrap_or_default());
    add("environment", site.environment.clone().unwrap_or_default());
    if let Some(machine) = &site.machine {
        add("system", machine.system.clone());
        add("Python", machine.python.clone());
        add("OpenSSL", machine.openssl.clone());
        add("libc", machine.libc.clone());
        add("Debian packages", machine.packages.len().to_string());
    }
    if !site.installed.is_empty() {
        add("distributions", site.installed.len().to_string());
    }
    let images = site.images.iter().take(MOST).map(|image| {
        let how = match image.origin {
            ImageOrigin::Cached => "cached",
            ImageOrigin::Built => "built",
            ImageOrigin::Pulled => "pulled",
            ImageOrigin::Bootstrapped => "bootstrapped",
            ImageOrigin::Imported => "imported",
        };
        format!("{} ({how})", image.role)
    });
    add("images", images.collect::<Vec<_>>().join(", "));
    if let Some(address) = &site.reachable {
        add("still up at", address.url.clone());
    }
    facts
}

fn warning(warning: &Warning) -> String {
    let text = bounded(&warning.message, LONGEST);
    match warning.sites.as_slice() {
        [] => text,
        sites => format!("{}: {text}", sites.join(", ")),
    }
}

/// What went beyond green sites, what did not run, and what no replica has.
fn notes(report: &Report) -> Vec<String> {
    let green = report.sites.iter().filter(|site| site.verdict == Ending::Passed);
    let beyond = green.flat_map(|site| {
        let compared = comparison_in_words(site);
        let own = not_green_in_words(site).chain(refused_in_words(site));
        own.chain(outside_in_words(site)).chain(compared)
    });
    let mut notes: Vec<String> = beyond.collect();
    let not_run = report.sites.iter().filter(|site| site.verdict == Ending::NotRun);
    let not_run: Vec<&str> = not_run.map(|site| site.name.as_str()).collect();
    if !not_run.is_empty() {
        notes.push(format!("not run: {}", not_run.join(", ")));
    }
    notes.extend(not_replicated_in_words(report));
    notes.iter().take(MOST).map(|note| bounded(note, LONGEST)).collect()
}

fn left(report: &Report) -> Vec<String> {
    let line = |left: &super::super::model::LeftBehind| {
        bounded(&format!("{} {}: {}", left.kind.name(), left.name, left.error), LONGEST)
    };
    report.left.iter().take(MOST).map(line).collect()
}

fn merged_rows(report: &Report) -> Vec<MergedRow> {
    let row = |run: &super::super::model::MergedRun| MergedRow {
        run: run.run.clone(),
        part: run.part.clone().unwrap_or_default(),
        mark: run.verdict.into(),
        sites: run.sites.join(", "),
        took: took(run.seconds),
    };
    report.merged.iter().take(MOST).map(row).collect()
}
