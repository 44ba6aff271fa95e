//! The seconds of a site, wherever they are shown.

use super::tests::plain;
use crate::event::{Goal, ImageOrigin};
use crate::failure::Verdict;
use crate::replica::Phase;
use crate::report::sample::Script;
use crate::report::{Beside, Report, html, junit, summary};

/// The seconds of a site are what it took, images included: the same wherever they are shown.
#[test]
fn a_site_took_the_same_on_the_terminal_on_the_page_in_json_in_junit_and_in_the_summary() {
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
    let script = script.images(ImageOrigin::Built, 93_000).phase(Phase::Up, 1300);
    let events = script.finish(Verdict::Passed, 94_300, None).clean(Verdict::Passed);
    let report = Report::fold(&events);
    let terminal = plain(&events, 100);
    let total = |line: &str| line.split_whitespace().rev().nth(1).map(str::to_owned);
    let row = terminal.lines().filter(|line| line.starts_with("site-a")).find_map(total);
    assert_eq!(row.as_deref(), Some("1m34s"));
    assert!(terminal.contains("passed after 1m34s"), "{terminal}");
    let page = html(&report, &Beside::default()).unwrap();
    assert!(page.contains("1m34s"), "{page}");
    assert_eq!(serde_json::to_value(&report).unwrap()["sites"][0]["seconds"], 94.3);
    let junit = junit(&report).unwrap();
    let suite = junit.lines().find(|line| line.contains("<testsuite name=\"site-a\"")).unwrap();
    assert!(suite.contains("time=\"94.300\""), "{suite}");
    let summary = summary(&report, 1 << 20);
    let row = summary.lines().find(|line| line.starts_with("| site-a")).unwrap();
    assert!(row.ends_with("| 1m34s |"), "{row}");
}
