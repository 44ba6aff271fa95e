//! The end of a run: what a person should know, a section for each site that is not green, and
//! last the verdict.

use console::measure_text_width;

use super::failure::{causes, hint, log, log_lines};
use super::line::red_tests;
use super::mode::{Amount, Mode};
use super::text::{count, list_to_fit, pad, took, wrap};
use crate::event::{Goal, Hint, Test};
use crate::failure::Kind;
use crate::report::{
    Ending, Report, SiteReport, comparison_in_words, downtimes_in_words, heading,
    label_with_remark, last_lines, not_green_in_words, not_replicated_in_words, outside_in_words,
    printable, receipt_in_words, refused_in_words, remains, verdict_in_words,
};

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
    let is_brief = mode.amount == Amount::Quiet && report.verdict == Ending::Passed;
    // Whoever wants no more than the address has it on stdout.
    let is_address_alone = is_brief && report.goal == Goal::Up;
    let mut last: Vec<String> = page(report).into_iter().collect();
    if !is_address_alone {
        blocks.push(addresses(report, mode));
    }
    if !is_brief {
        last.extend(receipt(report, mode));
    }
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
            lines.extend(not_green_in_words(site).flat_map(|line| wrap(&line, 0, mode.width)));
            lines.extend(refused_in_words(site));
            lines.extend(outside_in_words(site));
            let compared = comparison_in_words(site);
            lines.extend(compared.iter().flat_map(|line| wrap(line, 0, mode.width)));
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
        let downtimes = report.sites.iter().flat_map(downtimes_in_words);
        lines.extend(downtimes.flat_map(|line| wrap(&printable(&line), 0, mode.width)));
        lines.extend(not_replicated(report, mode));
    }
    lines
}

/// What no replica has, a line for all sites that lack the same.
fn not_replicated(report: &Report, mode: Mode) -> Vec<String> {
    let groups = not_replicated_in_words(report).into_iter();
    groups.flat_map(|line| wrap(&line, 0, mode.width)).collect()
}

/// Why a site is not green, with the evidence.
fn section(site: &SiteReport, mode: Mode) -> Vec<String> {
    let mut lines = vec![mode.colour.of_ending(site.verdict, &heading(site))];
    let checks = site
        .checks
        .iter()
        .filter(|check| !check.passed)
        .map(|check| (wrap(&printable(&check.name), 2, mode.width), check.detail.as_str()));
    let tests: Vec<&Test> = red_tests(site).collect();
    let shown_tests = tests.iter().take(MOST_TESTS).map(|test| {
        (
            wrap(&printable(&label_with_remark(test)), 2, mode.width),
            test.message.as_deref().unwrap_or_default(),
        )
    });
    let mut reds = checks.chain(shown_tests).peekable();
    let has_reds = reds.peek().is_some();
    if let Some(failure) = &site.failure {
        if !(has_reds && failure.kind == Kind::Unfit) {
            lines.extend(wrap(&printable(&failure.message), 2, mode.width));
        }
        lines.extend(causes(failure));
    }
    // The first thing that is red, what the logs say of it, and then the rest: why comes early.
    let is_explained = site.logs_at_failure().next().is_some();
    if let Some((name, text)) = reds.next() {
        lines.extend(name);
        let most = if is_explained { 1 } else { MOST_MESSAGE_LINES };
        lines.extend(message(text, most, mode));
    }
    for excerpt in site.logs_at_failure() {
        lines.push(format!("  {}, at that moment", printable(&excerpt.source)));
        lines.extend(log_lines(excerpt).take(MOST_LOG_LINES));
    }
    for (name, text) in reds {
        lines.extend(name);
        lines.extend(message(text, MOST_MESSAGE_LINES, mode));
    }
    if tests.len() > MOST_TESTS {
        lines.push(format!("  and {} more, all in the report", tests.len() - MOST_TESTS));
    }
    lines.extend(site.log_of_failure().into_iter().flat_map(log));
    lines.extend(refused_in_words(site).map(|line| format!("  {line}")));
    lines.extend(outside_in_words(site).map(|line| format!("  {line}")));
    lines.extend(difference(site, mode));
    lines.extend(comparison_in_words(site).iter().flat_map(|line| wrap(line, 2, mode.width)));
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

fn message(text: &str, most: usize, mode: Mode) -> Vec<String> {
    let text = printable(text);
    let said = text.lines().filter(|line| !line.trim().is_empty());
    said.take(most).flat_map(|line| wrap(line, 4, mode.width)).collect()
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

/// Where the replicas are that stay up, and what comes next; all else is for who asks.
fn addresses(report: &Report, mode: Mode) -> Vec<String> {
    let mut lines = Vec::new();
    for site in &report.sites {
        if let Some(address) = &site.reachable {
            let hints: Vec<&Hint> =
                address.more.iter().filter(|hint| hint.is_for_everybody()).collect();
            lines.push(format!("{}  {}", site.name, mode.colour.bold(&address.url)));
            lines.extend(rows(&hints, mode));
        }
    }
    lines
}

/// What hints are about, and their words. A command is there to be pasted: it is never broken.
pub(super) fn rows(hints: &[&Hint], mode: Mode) -> Vec<String> {
    let topics = hints.iter().map(|hint| measure_text_width(&hint.topic));
    let width = topics.max().unwrap_or_default();
    let row = |hint: &&Hint| {
        let topic = mode.colour.dim(&pad(&hint.topic, width));
        format!("  {topic}  {}", printable(&hint.text))
    };
    hints.iter().map(row).collect()
}

/// `FAILED   1 of 3 sites   48.9s   nothing left: 0 containers, 0 networks, 0 volumes`, or where
/// there is no room, the verdict on a line of its own: the last one.
fn verdict(report: &Report, mode: Mode) -> Vec<String> {
    let (word, sites) = verdict_in_words(report);
    let word = mode.colour.of_ending(report.verdict, word);
    let parts = [word, sites, took(report.seconds), remains(report)];
    let fits = |line: &String| measure_text_width(line) <= mode.width;
    let in_one_line = ["   ", "  "].map(|gap| parts.join(gap)).into_iter().find(fits);
    in_one_line.map_or_else(|| vec![parts[3].clone(), parts[..3].join("   ")], |line| vec![line])
}

/// Where all of it can be read at leisure, if there is a reason to.
fn page(report: &Report) -> Option<String> {
    let folder = report.folder.as_ref().filter(|_| report.verdict != Ending::Passed)?;
    Some(format!("report: {folder}/report.html"))
}

/// What was made and removed, if anything was.
fn receipt(report: &Report, mode: Mode) -> Vec<String> {
    receipt_in_words(report).map_or_else(Vec::new, |text| wrap(&text, 0, mode.width))
}

#[cfg(test)]
mod tests {
    use super::super::mode::Style;
    use super::*;
    use crate::event::{
        Event, Inventory, Outcome, OutsideRequest, Resource, ResourceKind, TestStatus, What,
    };
    use crate::failure::{Failure, Verdict};
    use crate::replica::Phase;
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
        let format_end =
            |report: &Report| format!("{}\n{}", receipt(report, mode)[0], remains(report));
        insta::assert_snapshot!(format_end(&report), @r"
        created and removed: 2 containers, 1 network
        nothing left: 0 containers, 0 networks, 0 volumes; kept: 4 images (cache)
        ");
        report.removed.pop();
        report.inventory = Some(Inventory { containers: 0, networks: 1, volumes: 0 });
        insta::assert_snapshot!(format_end(&report), @r"
        created: 2 containers, 1 network; removed: 2 containers
        left behind: 0 containers, 1 network, 0 volumes; kept: 4 images (cache)
        ");
    }

    #[test]
    fn what_a_red_test_says_is_not_said_again_as_a_log() {
        let ending = |lines: &[&str]| {
            let failure = Failure::new(Kind::Unfit, "`visit --check` failed with exit code 1")
                .evidence("visit", lines.iter().map(|&line| line.to_owned()).collect())
                .hint("bring it over");
            let script = sample::Script::new(Goal::Rehearse, &["shop"]).start("shop");
            let script = script.begin(Phase::Suite).test(
                "visit",
                TestStatus::Failed,
                Some("the basket is empty"),
            );
            let script = script.end(Phase::Suite, 900, Outcome::Failed);
            let verdict = Verdict::Not(Kind::Unfit);
            let mut report = Report::default();
            let events = script.finish(verdict, 1000, Some(failure)).clean(verdict);
            for event in &events {
                report.take(event);
            }
            section(&report.sites[0], Mode::bare(Style::Plain, 100)).join("\n")
        };
        insta::assert_snapshot!(ending(&["the basket is empty"]), @r"
        shop failed in the critical suite
          test_own_api.py::visit
            the basket is empty
          hint: bring it over
        ");
        insta::assert_snapshot!(ending(&["one basket", "the basket is empty"]), @r"
        shop failed in the critical suite
          test_own_api.py::visit
            the basket is empty
          last lines of visit:
            one basket
            the basket is empty
          hint: bring it over
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
