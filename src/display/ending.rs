//! The end of a run: what a person should know, a section for each site that is not green, and
//! last the verdict.

use std::collections::BTreeMap;

use console::measure_text_width;

use super::addresses::addresses;
use super::failure::{causes, hint, log, log_lines};
use super::line::red_tests;
use super::mode::{Amount, Mode};
use super::text::{count, inventory, list_to_fit, took, wrap};
use crate::event::{Goal, Passage, Resource, ResourceKind, Test};
use crate::replica::Phase;
use crate::report::{Ending, FailureKind, Report, SiteReport, last_lines, printable};

/// How many failing tests are shown; the report holds all.
const MOST_TESTS: usize = 10;
/// How many lines of the app's log, and of a test's message.
const MOST_LOG_LINES: usize = 20;
const MOST_MESSAGE_LINES: usize = 3;

/// Everything after the last site: blocks with an empty line between.
pub(super) fn ending(report: &Report, mode: Mode) -> Vec<String> {
    let mut blocks = vec![notes(report, mode)];
    let not_green = |site: &&SiteReport| !matches!(site.verdict, Ending::Passed | Ending::NotRun);
    blocks.extend(report.sites.iter().filter(not_green).map(|site| section(site, mode)));
    blocks.push(left_behind(report, mode));
    blocks.push(addresses(report, mode));
    let is_brief = mode.amount == Amount::Quiet && report.verdict == Ending::Passed;
    let mut last = if is_brief { Vec::new() } else { receipt(report, mode) };
    last.extend(verdict(report, mode));
    blocks.push(last);
    blocks.retain(|block| !block.is_empty());
    blocks.join(&String::new())
}

/// Warnings, each once, and what green sites asked for beyond their borders.
fn notes(report: &Report, mode: Mode) -> Vec<String> {
    let label = mode.colour.yellow("warning:");
    let mut lines = Vec::new();
    for warning in &report.warnings {
        let about = match warning.sites.as_slice() {
            [] => String::new(),
            sites => format!("{}: ", sites.join(", ")),
        };
        let text = format!("{label} {about}{}", printable(&warning.message));
        lines.extend(wrap(&text, 0, mode.width));
    }
    if mode.amount != Amount::Quiet {
        for site in report.sites.iter().filter(|site| site.verdict == Ending::Passed) {
            lines.extend(refused(site));
            lines.extend(outside(site));
        }
    }
    let not_run: Vec<&str> = report
        .sites
        .iter()
        .filter(|site| site.verdict == Ending::NotRun)
        .map(|site| site.name.as_str())
        .collect();
    if !not_run.is_empty() {
        lines.push(format!("not run: {}", not_run.join(", ")));
    }
    if mode.amount != Amount::Quiet {
        lines.extend(not_replicated(report, mode));
    }
    lines
}

/// What no replica has, a line for all sites that lack the same.
fn not_replicated(report: &Report, mode: Mode) -> Vec<String> {
    let mut alike: Vec<(&[String], Vec<&str>)> = Vec::new();
    for site in report.sites.iter().filter(|site| !site.not_replicated.is_empty()) {
        match alike.iter_mut().find(|(what, _)| *what == site.not_replicated) {
            Some((_, names)) => names.push(&site.name),
            None => alike.push((&site.not_replicated, vec![&site.name])),
        }
    }
    let line = |(what, names): (&[String], Vec<&str>)| {
        let what: Vec<String> = what.iter().map(|what| printable(what)).collect();
        format!("not in the replica of {}: {}", names.join(", "), what.join(", "))
    };
    alike.into_iter().flat_map(|group| wrap(&line(group), 0, mode.width)).collect()
}

fn refused(site: &SiteReport) -> impl Iterator<Item = String> {
    site.refused.iter().map(|refused| {
        let times = count(refused.times as usize, "time");
        // The app is who it usually is.
        let by: Vec<&str> =
            refused.by.iter().map(String::as_str).filter(|&by| by != "app").collect();
        let by =
            if by.is_empty() { String::new() } else { format!(", by {}", refused.by.join(", ")) };
        format!("{} tried {} ({times}{by})", site.name, printable(&refused.name))
    })
}

/// What went beyond the site and is no stub's everyday business.
fn outside(site: &SiteReport) -> impl Iterator<Item = String> {
    unknown_to_stubs(site).chain(passed(site))
}

/// Which real hosts were asked, and how often.
fn passed(site: &SiteReport) -> impl Iterator<Item = String> {
    let mut hosts: BTreeMap<(&str, Passage), usize> = BTreeMap::new();
    for request in &site.outside {
        if let Some(passage) = request.passage() {
            *hosts.entry((&request.host, passage)).or_default() += request.times as usize;
        }
    }
    hosts.into_iter().map(|((host, passage), times)| {
        let (did, which) = match passage {
            Passage::Refused => ("was refused", "which leads to the engine's own network"),
            Passage::Unreachable => ("could not reach", "the real one"),
            Passage::Reached => ("reached", "the real one"),
        };
        format!("{} {did} {}, {which} ({})", site.name, printable(host), count(times, "time"))
    })
}

/// A request that its stub does not know is a gap in the description, or a bug.
fn unknown_to_stubs(site: &SiteReport) -> impl Iterator<Item = String> {
    site.outside.iter().filter(|request| !request.is_known()).map(|request| {
        let times = count(request.times as usize, "time");
        let asked = printable(&format!("{} {}", request.method, request.path));
        format!("{} asked {} for {asked}, unknown to its stub ({times})", site.name, request.host)
    })
}

/// Why a site is not green, with the evidence.
fn section(site: &SiteReport, mode: Mode) -> Vec<String> {
    let mut lines = vec![mode.colour.of_ending(site.verdict, &heading(site))];
    let checks: Vec<_> = site.checks.iter().filter(|check| !check.passed).collect();
    let tests: Vec<&Test> = red_tests(site).collect();
    for check in &checks {
        lines.extend(wrap(&printable(&check.name), 2, mode.width));
        lines.extend(message(&check.detail, mode));
    }
    for test in tests.iter().take(MOST_TESTS) {
        lines.push(format!("  {}", printable(&test.label())));
        lines.extend(message(test.message.as_deref().unwrap_or_default(), mode));
    }
    if tests.len() > MOST_TESTS {
        lines.push(format!("  and {} more, all in the report", tests.len() - MOST_TESTS));
    }
    let told = !(checks.is_empty() && tests.is_empty());
    if let Some(failure) = &site.failure {
        if !(told && failure.kind == FailureKind::Unfit) {
            lines.extend(wrap(&printable(&failure.message), 2, mode.width));
        }
        lines.extend(causes(failure));
        lines.extend(failure.log.iter().flat_map(log));
    }
    if let Some(excerpt) = site.app_log.as_ref().filter(|excerpt| !excerpt.lines.is_empty()) {
        lines.push(format!("  {}, at that moment", printable(&excerpt.source)));
        let all: Vec<String> = log_lines(excerpt).collect();
        lines.extend_from_slice(&all[all.len().saturating_sub(MOST_LOG_LINES)..]);
    }
    lines.extend(refused(site).map(|line| format!("  {line}")));
    lines.extend(outside(site).map(|line| format!("  {line}")));
    lines.extend(difference(site, mode));
    if let Some(folder) = &site.evidence {
        lines.push(format!("  {}  {folder}", mode.colour.dim("evidence")));
    }
    if let Some(command) = &site.again {
        lines.push(format!("  {}     {command}", mode.colour.dim("again")));
    }
    let hints = site.failure.iter().flat_map(|failure| &failure.hints);
    lines.extend(hints.flat_map(|text| hint(text, mode.colour)).map(|line| format!("  {line}")));
    lines
}

/// Failed, or could not: never the one for the other.
fn heading(site: &SiteReport) -> String {
    let name = &site.name;
    let phase = site.broken_phase().map(|phase| phase.name);
    let during = phase.map_or(String::new(), |phase| format!(" ({})", phase_in_words(phase)));
    let kind = site.failure.as_ref().map(|failure| failure.kind);
    match (site.verdict, kind) {
        (Ending::LeftBehind, _) => format!("{name} passed, but something was left behind"),
        (Ending::Interrupted, _) => format!("{name} was interrupted{during}"),
        (Ending::Unfinished, _) => format!("{name} was not finished{during}"),
        (Ending::Error, Some(FailureKind::NoResult)) => {
            format!("{name} could not be judged{during}")
        }
        (Ending::Error, _) => format!("{name} could not be rehearsed{during}"),
        (_, Some(FailureKind::NotReady)) => format!("{name} never became ready"),
        (_, Some(FailureKind::Refused)) => format!("{name} was refused"),
        (_, Some(FailureKind::Deploy)) => format!("{name} failed in the deploy"),
        _ => match phase {
            Some(phase) => format!("{name} failed in {}", phase_in_words(phase)),
            None => format!("{name} failed"),
        },
    }
}

fn phase_in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Check => "the checks before the start",
        Phase::Images => "the images",
        Phase::Up => "the start of the replica",
        Phase::Deploy => "the deploy",
        Phase::Ready => "getting ready",
        Phase::Diagnosis => "the diagnosis",
        Phase::Suite => "the critical suite",
        Phase::Evidence => "saving the evidence",
        Phase::Down => "the teardown",
    }
}

fn message(text: &str, mode: Mode) -> Vec<String> {
    let text = printable(text);
    let said = text.lines().filter(|line| !line.trim().is_empty());
    said.take(MOST_MESSAGE_LINES).flat_map(|line| wrap(line, 4, mode.width)).collect()
}

/// `site-a passed; site-b differs from it in 6 keys: base.debian, ...`
fn difference(site: &SiteReport, mode: Mode) -> Option<String> {
    let differs = site.differs.as_ref()?;
    if differs.keys.is_empty() {
        return Some(format!("  {} passed, and is described the same", differs.passed));
    }
    let keys = count(differs.keys.len(), "key");
    let begin = format!("  {} passed; {} differs from it in {keys}: ", differs.passed, site.name);
    let room = mode.width.saturating_sub(begin.len());
    Some(begin + &list_to_fit(&differs.keys, room))
}

fn left_behind(report: &Report, mode: Mode) -> Vec<String> {
    if report.left.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![mode.colour.yellow("left behind")];
    for left in &report.left {
        lines.push(format!("  {} {}", left.kind.name(), left.name));
        lines.extend(last_lines(&left.error, 1).iter().map(|line| format!("    {line}")));
    }
    lines.extend(hint("run `stagectl gc`, which removes them", mode.colour));
    lines
}

/// `FAILED   1 of 3 sites   48.9s   nothing left: 0 containers, 0 networks, 0 volumes`, or where
/// there is no room, the verdict on a line of its own: the last one.
fn verdict(report: &Report, mode: Mode) -> Vec<String> {
    let with = |ending| report.sites.iter().filter(|site| site.verdict == ending).count();
    let all = count(report.sites.len(), "site");
    let (passed, failed) = (with(Ending::Passed), with(Ending::Failed));
    let (word, sites) = match report.verdict {
        Ending::Passed => (passed_word(report.goal), format!("{passed} of {all}")),
        Ending::Failed => ("FAILED", format!("{failed} of {all}")),
        Ending::Error if failed > 0 => {
            ("ERROR", format!("{} of {all}, {failed} failed", with(Ending::Error)))
        }
        Ending::Error => ("ERROR", format!("{} of {all}", with(Ending::Error))),
        Ending::LeftBehind => ("LEFT BEHIND", format!("{passed} of {all} passed")),
        Ending::Interrupted => ("INTERRUPTED", format!("{passed} of {all} passed")),
        Ending::Unfinished | Ending::NotRun => ("UNFINISHED", format!("{passed} of {all} passed")),
    };
    let word = mode.colour.of_ending(report.verdict, word);
    let parts = [word, sites, took(report.seconds), remains(report)];
    let fits = |line: &String| measure_text_width(line) <= mode.width;
    let in_one_line = ["   ", "  "].map(|gap| parts.join(gap)).into_iter().find(fits);
    in_one_line.map_or_else(|| vec![parts[3].clone(), parts[..3].join("   ")], |line| vec![line])
}

fn passed_word(goal: Goal) -> &'static str {
    match goal {
        Goal::Rehearse | Goal::Test => "PASSED",
        Goal::Up => "UP",
        Goal::Redeploy => "REDEPLOYED",
        Goal::Down => "DOWN",
    }
}

/// `created and removed: 17 containers, 3 networks`, or the one and the other.
fn receipt(report: &Report, mode: Mode) -> Vec<String> {
    let all = |list: &[Resource]| {
        let of = |kind| list.iter().filter(|resource| resource.kind == kind).count();
        let kinds = [ResourceKind::Container, ResourceKind::Network, ResourceKind::Volume];
        let words = kinds.map(|kind| (of(kind), kind.name())).into_iter();
        let words: Vec<String> =
            words.filter(|(n, _)| *n > 0).map(|(n, name)| count(n, name)).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    let (created, removed) = (all(&report.created), all(&report.removed));
    let text = match (report.created.is_empty(), created == removed) {
        (true, true) => return Vec::new(),
        (false, true) => format!("created and removed: {created}"),
        (_, false) => format!("created: {created}; removed: {removed}"),
    };
    wrap(&text, 0, mode.width)
}

fn remains(report: &Report) -> String {
    let left = left_in_docker(report);
    match report.cached {
        Some(images) => format!("{left}; kept: {} (cache)", count(images, "image")),
        None => left,
    }
}

fn left_in_docker(report: &Report) -> String {
    match (report.inventory, report.kept) {
        (_, Some(kept)) => format!("still up: {}", inventory(kept)),
        (Some(left), None) if left == crate::event::Inventory::default() => {
            format!("nothing left: {}", inventory(left))
        }
        (Some(left), None) => format!("left behind: {}", inventory(left)),
        (None, None) => {
            "not known what is left: stagectl's guardian goes on, and `stagectl status` tells"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mode::Style;
    use super::*;
    use crate::event::{Event, Inventory, OutsideRequest, What};
    use crate::report::sample;

    #[test]
    fn the_receipt_says_what_was_made_what_was_removed_and_what_is_kept() {
        let of = |kind, names: &[&str]| -> Vec<Resource> {
            names.iter().map(|&name| Resource { kind, name: name.to_owned() }).collect()
        };
        let mode = Mode::bare(Style::Plain, 100);
        let mut report = Report { inventory: Some(Inventory::default()), ..Report::default() };
        assert_eq!(receipt(&report, mode), [""; 0]);
        report.created = of(ResourceKind::Container, &["a", "b"]);
        report.created.extend(of(ResourceKind::Network, &["n"]));
        report.removed.clone_from(&report.created);
        report.cached = Some(4);
        let shown = |report: &Report| format!("{}\n{}", receipt(report, mode)[0], remains(report));
        insta::assert_snapshot!(shown(&report), @r"
        created and removed: 2 containers, 1 network
        nothing left: 0 containers, 0 networks, 0 volumes; kept: 4 images (cache)
        ");
        report.removed.pop();
        report.inventory = Some(Inventory { containers: 0, networks: 1, volumes: 0 });
        insta::assert_snapshot!(shown(&report), @r"
        created: 2 containers, 1 network; removed: 2 containers
        left behind: 0 containers, 1 network, 0 volumes; kept: 4 images (cache)
        ");
    }

    #[test]
    fn what_went_beyond_the_site_and_what_no_replica_has_is_told_at_the_end() {
        let mut events = sample::green();
        let request = |answer: &str| OutsideRequest {
            host: "api.pay.example".into(),
            method: "GET".into(),
            path: "/v1".into(),
            answer: answer.into(),
            times: 2,
        };
        let mut add = |site: &str, what: What| {
            let at = std::time::Duration::ZERO;
            events.push(Event { at, site: Some(site.parse().unwrap()), what });
        };
        let kernel = || What::NotReplicated { what: vec!["the live kernel".into()] };
        add("site-a", kernel());
        add("site-a", What::OutsideAsked { request: request("200") });
        add("site-a", What::OutsideAsked { request: request("unknown") });
        add("site-a", What::OutsideAsked { request: request("passed: 200") });
        add("site-a", What::OutsideAsked { request: request("passed") });
        add("site-a", What::OutsideAsked { request: request("unreachable") });
        add("site-a", What::OutsideAsked { request: request("refused") });
        add("site-b", kernel());
        add(
            "site-c",
            What::NotReplicated { what: vec!["the live kernel".into(), "the bank".into()] },
        );
        let mode = Mode::bare(Style::Plain, 100);
        let lines = notes(&Report::fold(&events), mode);
        insta::assert_snapshot!(lines.join("\n"), @r"
        site-a asked api.pay.example for GET /v1, unknown to its stub (2 times)
        site-a was refused api.pay.example, which leads to the engine's own network (2 times)
        site-a could not reach api.pay.example, the real one (2 times)
        site-a reached api.pay.example, the real one (4 times)
        not in the replica of site-a, site-b: the live kernel
        not in the replica of site-c: the live kernel, the bank
        ");
    }
}
