//! What a report says, as sentences: the same on the terminal and on the page.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::{Ending, Report, SiteReport};
use super::tail::printable;
use crate::event::{Goal, Inventory, Passage, Resource, ResourceKind, State, Test, TestStatus};
use crate::failure::Kind;
use crate::replica::Phase;

/// A time as people say it: `0.8s`, `41.0s`, `1m02s`, `1h05m`.
#[must_use]
pub fn took(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{:.1}s", seconds.max(0.0));
    }
    let whole = Duration::try_from_secs_f64(seconds.round()).unwrap_or_default();
    let (minutes, rest) = (whole.as_secs() / 60, whole.as_secs() % 60);
    if minutes < 60 {
        format!("{minutes}m{rest:02}s")
    } else {
        format!("{}h{:02}m", minutes / 60, minutes % 60)
    }
}

/// A time to the hundredth, where small ones are held against each other: `0.04s`, `41.00s`, `1m02s`.
#[must_use]
pub fn took_exactly(seconds: f64) -> String {
    if seconds < 59.995 { format!("{:.2}s", seconds.max(0.0)) } else { took(seconds) }
}

/// `1 site`, `3 sites`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    let plural = if thing.ends_with('s') { "es" } else { "s" };
    format!("{number} {thing}{}", if number == 1 { "" } else { plural })
}

/// Returns how many of each kind there are: `1 container, 0 networks, 0 volumes`.
#[must_use]
pub fn inventory(inventory: Inventory) -> String {
    format!(
        "{}, {}, {}",
        count(inventory.containers, "container"),
        count(inventory.networks, "network"),
        count(inventory.volumes, "volume")
    )
}

/// What no replica has, a line for all sites that lack the same.
#[must_use]
pub fn not_replicated_in_words(report: &Report) -> Vec<String> {
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
    alike.into_iter().map(line).collect()
}

/// The verdict's word, and of how many sites it speaks: `FAILED`, `1 of 3 sites`.
#[must_use]
pub fn verdict_in_words(report: &Report) -> (&'static str, String) {
    let (word, ending, said) = match report.verdict {
        Ending::Passed => (passed_word(report.goal), Ending::Passed, ""),
        Ending::Failed => ("FAILED", Ending::Failed, ""),
        Ending::Error => {
            // So it is of one report out of several, of which one is missing.
            let without = |site: &&SiteReport| {
                !(matches!(site.verdict, Ending::Passed | Ending::Failed) || is_advice(site))
            };
            let silent = report.sites.iter().filter(without).count();
            if silent > 0 && number(report, Ending::Error) == 0 {
                let all = count(report.sites.len(), "site");
                let failed =
                    count_in_words(report, Ending::Failed).map(|words| format!(", {words}"));
                let of = format!("{silent} of {all} without a result");
                return ("ERROR", of + &failed.unwrap_or_default());
            }
            ("ERROR", Ending::Error, could_not(report))
        }
        Ending::LeftBehind => ("LEFT BEHIND", Ending::Passed, " passed"),
        Ending::Interrupted => ("INTERRUPTED", Ending::Passed, " passed"),
        Ending::Unfinished | Ending::NotRun => ("UNFINISHED", Ending::Passed, " passed"),
    };
    (word, sites_in_words(report, ending, said))
}

/// How many sites ended in this way, and how many in every other, unless nobody could take these for
/// something else.
pub(super) fn sites_in_words(report: &Report, ending: Ending, said: &str) -> String {
    const ORDER: [Ending; 7] = [
        Ending::Failed,
        Ending::Error,
        Ending::LeftBehind,
        Ending::Interrupted,
        Ending::Unfinished,
        Ending::NotRun,
        Ending::Passed,
    ];
    let others = ORDER.into_iter().filter(|other| *other != ending);
    let others: Vec<(Ending, String)> =
        others.filter_map(|other| Some((other, count_in_words(report, other)?))).collect();
    // What is left of all then passed, or never came to its end.
    let is_plain = match others.as_slice() {
        [(Ending::Passed, _)] => !report.sites.iter().any(is_advice),
        rest => ending == Ending::Passed && !rest.iter().any(|(other, _)| is_judged(*other)),
    };
    let first =
        format!("{} of {}{said}", number(report, ending), count(report.sites.len(), "site"));
    let others = others.into_iter().map(|(_, words)| words).filter(|_| !is_plain);
    let advice = report.sites.iter().filter(|site| is_advice(site)).count();
    let advice = (advice > 0).then(|| format!("{advice} advisory failed"));
    std::iter::once(first).chain(others).chain(advice).collect::<Vec<_>>().join(", ")
}

fn is_judged(ending: Ending) -> bool {
    matches!(ending, Ending::Failed | Ending::Error)
}

/// A suite without a result was rehearsed, and says nothing.
fn could_not(report: &Report) -> &'static str {
    let mut errors = report.sites.iter().filter(|site| site.verdict == Ending::Error);
    let is_silent = |site: &SiteReport| {
        site.failure
            .as_ref()
            .is_some_and(|failure| matches!(failure.kind, Kind::NoResult | Kind::Baseline))
    };
    match report.goal {
        _ if errors.all(is_silent) => " could not be judged",
        Goal::Live => " could not be looked at",
        _ => " could not be rehearsed",
    }
}

fn number(report: &Report, ending: Ending) -> usize {
    report.sites.iter().filter(|site| site.verdict == ending && !is_advice(site)).count()
}

/// What an advisory site says against the release is counted by itself.
fn is_advice(site: &SiteReport) -> bool {
    site.advisory && is_judged(site.verdict)
}

/// How many sites ended so, if any did: `1 could not be rehearsed`.
fn count_in_words(report: &Report, ending: Ending) -> Option<String> {
    let words = match ending {
        Ending::Passed => "passed",
        Ending::Failed => "failed",
        Ending::Error => could_not(report).trim_start(),
        Ending::LeftBehind => "passed, but left something behind",
        Ending::Interrupted => "interrupted",
        Ending::Unfinished => "unfinished",
        Ending::NotRun => "not run",
    };
    let number = number(report, ending);
    (number > 0).then(|| format!("{number} {words}"))
}

/// Which names beyond the site were asked for in vain.
pub fn refused_in_words(site: &SiteReport) -> impl Iterator<Item = String> {
    site.refused.iter().map(|refused| {
        let times = count(refused.times as usize, "time");
        // The app is who it usually is.
        let by: Vec<&str> =
            refused.by.iter().map(String::as_str).filter(|&by| by != "app").collect();
        let by =
            if by.is_empty() { String::new() } else { format!(", by {}", refused.by.join(", ")) };
        let name = printable(&refused.name);
        // An address has no key.
        let way = if refused.name.contains(' ') {
            String::new()
        } else {
            ": describe it below `outside`".to_owned()
        };
        format!("{} tried {name} ({times}{by}){way}", site.name)
    })
}

/// What went beyond the site and is no stub's everyday business.
pub fn outside_in_words(site: &SiteReport) -> impl Iterator<Item = String> {
    unknown_to_stubs(site).chain(list_real_hosts(site))
}

/// Which real hosts were asked, and how often.
fn list_real_hosts(site: &SiteReport) -> impl Iterator<Item = String> {
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

/// A test by its name, with what is to be known of it beside its message.
#[must_use]
pub fn label_with_remark(test: &Test) -> String {
    let remark = test.remark().map(|remark| format!(" ({remark})")).unwrap_or_default();
    format!("{}{remark}", test.label())
}

/// The tests of a site that are not green: those that fail it, flaky ones, then advice.
#[must_use]
pub fn not_green(site: &SiteReport) -> Vec<&Test> {
    let mut tests: Vec<&Test> = site.tests.iter().filter(|test| test.is_notable()).collect();
    tests.sort_by_key(|test| (test.advisory, test.status == TestStatus::Flaky));
    tests
}

/// What of a green site's tests was not green all the same.
pub fn not_green_in_words(site: &SiteReport) -> impl Iterator<Item = String> {
    not_green(site).into_iter().map(|test| {
        let message = test.message.as_deref().and_then(|text| text.lines().next());
        let message = message.map(|text| format!(": {text}")).unwrap_or_default();
        printable(&format!("{}: {}{message}", site.name, label_with_remark(test)))
    })
}

/// Failed, or could not: never the one for the other.
#[must_use]
pub fn heading(site: &SiteReport) -> String {
    let advisory = if site.advisory { " (advisory)" } else { "" };
    let live = if site.live { "the live " } else { "" };
    let name = &format!("{live}{}{advisory}", site.name);
    let phase = site.broken_phase().map(|phase| phase.name);
    let during = phase.map_or(String::new(), |phase| format!(" ({})", phase_in_words(phase)));
    let kind = site.failure.as_ref().map(|failure| failure.kind);
    match (site.verdict, kind) {
        (Ending::LeftBehind, _) => format!("{name} passed, but something was left behind"),
        (Ending::Interrupted, _) => format!("{name} was interrupted{during}"),
        (Ending::Unfinished, _) => format!("{name} was not finished{during}"),
        (Ending::Error, Some(Kind::NoResult)) => {
            format!("{name} could not be judged{during}")
        }
        (Ending::Error, Some(Kind::Baseline)) => {
            format!("{name} could not be judged: its live release is red{during}")
        }
        (Ending::Error, _) if site.live => format!("{name} could not be looked at{during}"),
        (Ending::Error, _) => format!("{name} could not be rehearsed{during}"),
        (_, Some(Kind::NotReady)) => format!("{name} never became ready{}", in_state(site)),
        (_, Some(Kind::Refused)) => format!("{name} was refused"),
        (_, Some(Kind::Deploy)) if is_going_back(site) => format!("{name} failed on the way back"),
        (_, Some(Kind::Deploy)) => format!("{name} failed in the deploy"),
        _ => match phase {
            Some(phase) => format!("{name} failed in {}{}", phase_in_words(phase), in_state(site)),
            None => format!("{name} failed"),
        },
    }
}

/// Which state of an upgrade it was, where that is not to be expected.
fn in_state(site: &SiteReport) -> &'static str {
    match site.states.last().map(|state| state.name) {
        Some(State::Between) => ", between the steps and the restart",
        Some(State::Back) => ", after the way back",
        _ => "",
    }
}

fn is_going_back(site: &SiteReport) -> bool {
    site.states.last().is_some_and(|state| state.name == State::Back)
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

fn passed_word(goal: Goal) -> &'static str {
    match goal {
        Goal::Rehearse | Goal::Test | Goal::Experiment | Goal::Live => "PASSED",
        Goal::Up => "UP",
        Goal::Redeploy => "REDEPLOYED",
        Goal::Down => "DOWN",
    }
}

/// `created and removed: 17 containers, 3 networks`, or the one and the other.
#[must_use]
pub fn receipt_in_words(report: &Report) -> Option<String> {
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
        (true, true) => return None,
        (false, true) => format!("created and removed: {created}"),
        (_, false) => format!("created: {created}; removed: {removed}"),
    };
    Some(text)
}

/// What is left, and what is kept on purpose.
#[must_use]
pub fn remains(report: &Report) -> String {
    let left = left_in_docker(report);
    match report.cached {
        Some(images) => format!("{left}; kept: {} (cache)", count(images, "image")),
        None => left,
    }
}

/// `, 1 interface of this machine`; empty where there is none.
fn left_on_this_machine(report: &Report) -> String {
    let of = |kind| report.left.iter().filter(|left| left.kind == kind).count();
    let kinds = [ResourceKind::Interface, ResourceKind::Mount, ResourceKind::Process];
    let counted = kinds.map(|kind| (of(kind), kind.name())).into_iter().filter(|(n, _)| *n > 0);
    let words = counted.map(|(n, name)| format!(", {} of this machine", count(n, name)));
    words.collect::<Vec<_>>().concat()
}

fn left_in_docker(report: &Report) -> String {
    match (report.inventory, report.kept) {
        (_, Some(kept)) => format!("still up: {}", inventory(kept)),
        (Some(left), None) => {
            let here = left_on_this_machine(report);
            let is_nothing = left == Inventory::default() && here.is_empty();
            let word = if is_nothing { "nothing left" } else { "left behind" };
            format!("{word}: {}{here}", inventory(left))
        }
        (None, None) => {
            "not known what is left: stagectl's guardian goes on, and `stagectl status` shows it"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let table = [
            (0.04, "0.0s"),
            (0.85, "0.8s"),
            (59.94, "59.9s"),
            (59.96, "1m00s"),
            (62.4, "1m02s"),
            (3599.7, "1h00m"),
            (3900.0, "1h05m"),
        ];
        for (seconds, expected) in table {
            assert_eq!(took(seconds), expected);
        }
    }
}
