use std::fs;

use super::*;
use crate::event::Goal;
use crate::failure::{Kind, Verdict};
use crate::report::html::tests::read;
use crate::report::sample::{self, Script};
use crate::report::{Report, run_folder, write, write_page, write_trends};

/// Writes down the run of a day, as the program does.
fn record(root: &Path, day: u32, mut report: Report) {
    report.run = format!("202611{day:02}-1014-3f9c");
    report.started = Some(format!("2026-11-{day:02}T10:14:00Z"));
    let folder = run_folder(root, &report.run).unwrap();
    write(&folder, &report).unwrap();
    write_trends(root).unwrap();
    write_page(&folder, &report).unwrap();
}

fn page(root: &Path) -> String {
    let path = write_trends(root).unwrap().unwrap();
    assert_eq!(path, root.join(".stagectl/runs/trends.html"));
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_site_s_verdicts_and_seconds_stand_side_by_side() {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    assert_eq!(write_trends(root).unwrap(), None);
    record(root, 20, Report::fold(&sample::green()));
    record(root, 21, Report::fold(&sample::red_suite()));
    record(root, 22, Report::fold(&sample::red_suite()));
    // What is no rehearsal, cannot be read, or was killed before its report, is not counted.
    record(root, 23, Report::fold(&sample::up()));
    run_folder(root, "20261124-1014-3f9c").unwrap();
    let broken = run_folder(root, "20261125-1014-3f9c").unwrap();
    fs::write(broken.join("report.json"), "{").unwrap();
    let mut page = page(root);
    let (head, site_b) = {
        page = read(&page);
        let (head, rest) = page.split_once("\nsite-b ").unwrap();
        (head, rest.split("\nsite-c ").next().unwrap())
    };
    insta::assert_snapshot!(head, @"
    Trends of noticeboard
    3 rehearsals, 2026-11-20 to 2026-11-22
    A bar is one rehearsal of the site, the oldest at the left; its height is the time, by phase. The mark below it is low and green for
    a rehearsal that passed, and tall for one that did not. A bar with a gap near its top took longer than the drawing is high. Each bar leads to the page of its run.
    check
    images
    up
    deploy
    ready
    diagnosis
    suite
    down
    site-a ✓ passed
    3 of 3 rehearsals green; a green one takes 3.5s (median), the last one took 3.5s.
    3.5s 0s
    2026-11-20 noticeboard 1.2: passed in 3.5s
    2026-11-21 noticeboard 1.2: passed in 3.5s
    2026-11-22 noticeboard 1.2: passed in 3.5s
    The same as a table
    The rehearsals of site-a, the newest first
    Run Started Release Verdict check images up deploy ready diagnosis suite down Total
    20261122-1014-3f9c 2026-11-22 10:14 noticeboard 1.2 ✓ passed 0.0s 0.0s 1.1s 0.9s 0.2s 0.3s 0.8s 0.2s 3.5s
    20261121-1014-3f9c 2026-11-21 10:14 noticeboard 1.2 ✓ passed 0.0s 0.0s 1.1s 0.9s 0.2s 0.3s 0.8s 0.2s 3.5s
    20261120-1014-3f9c 2026-11-20 10:14 noticeboard 1.2 ✓ passed 0.0s 0.0s 1.1s 0.9s 0.2s 0.3s 0.8s 0.2s 3.5s
    ");
    insta::assert_snapshot!(site_b, @"
    ✕ failed
    1 of 3 rehearsals green; not green since 2026-11-21 (2 rehearsals); a green one takes 45.2s (median), the last one took 45.2s.
    45.2s 0s
    2026-11-20 noticeboard 1.2: passed in 45.2s
    2026-11-21 noticeboard 1.2: failed in 45.1s
    2026-11-22 noticeboard 1.2: failed in 45.1s
    The same as a table
    The rehearsals of site-b, the newest first
    Run Started Release Verdict images up deploy ready diagnosis suite down Total
    20261122-1014-3f9c 2026-11-22 10:14 noticeboard 1.2 ✕ failed 41.0s 1.3s 1.2s 0.3s 0.3s 0.9s 0.2s 45.1s
    20261121-1014-3f9c 2026-11-21 10:14 noticeboard 1.2 ✕ failed 41.0s 1.3s 1.2s 0.3s 0.3s 0.9s 0.2s 45.1s
    20261120-1014-3f9c 2026-11-20 10:14 noticeboard 1.2 ✓ passed 41.0s 1.3s 1.2s 0.3s 0.3s 0.9s 0.2s 45.2s
    ");
}

#[test]
fn the_pages_lead_to_each_other() {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    record(root, 20, Report::fold(&sample::green()));
    record(root, 21, Report::fold(&sample::green()));
    let links = |page: &str| -> Vec<String> {
        page.split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let runs = root.join(".stagectl/runs");
    let plain = |link: &String| link.replace("&#x2f;", "/");
    let of_trends: Vec<String> = links(&page(root)).iter().map(plain).collect();
    let of_run = fs::read_to_string(runs.join("20261121-1014-3f9c/report.html")).unwrap();
    let of_run: Vec<String> = links(&of_run).iter().map(plain).collect();
    assert!(of_run.contains(&"./../trends.html".to_owned()), "{of_run:?}");
    assert!(of_trends.contains(&"./20261120-1014-3f9c/report.html".to_owned()), "{of_trends:?}");
    for link in of_trends.iter().filter(|link| !link.starts_with('#')) {
        assert!(runs.join(link).is_file(), "{link}");
    }
}

#[test]
fn a_merged_report_does_not_count_beside_its_parts() {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    record(root, 20, Report::fold(&sample::green()));
    let mut merged = Report::fold(&sample::green());
    let part = |run: &str| crate::report::MergedRun {
        run: run.to_owned(),
        part: None,
        started: None,
        verdict: Ending::Passed,
        code: Some(0),
        seconds: 1.0,
        sites: Vec::new(),
    };
    merged.merged = vec![part("20261120-1014-3f9c")];
    record(root, 21, merged.clone());
    // The parts of this one were on other machines.
    merged.merged = vec![part("elsewhere")];
    record(root, 22, merged);
    let trends = Trends::of(root);
    let runs: Vec<&str> = trends.sites[0].turns.iter().map(|turn| turn.run.as_str()).collect();
    assert_eq!((trends.runs, runs), (2, vec!["20261120-1014-3f9c", "20261122-1014-3f9c"]));
}

#[test]
fn no_text_of_a_report_is_more_than_text() {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    let evil = "</style><script>alert(1)</script>\"><img src=x onerror='a'> {{ 7 * 7 }}\u{202e}";
    let script = Script::new(Goal::Rehearse, &["site-a"]).green_site("site-a");
    let mut report = Report::fold(&script.clean(Verdict::Not(Kind::Unfit)));
    report.project = evil.to_owned();
    report.sites[0].name = evil.to_owned();
    report.release.as_mut().unwrap().version = evil.to_owned();
    report.started = Some(evil.to_owned());
    report.run = "20261120-1014-3f9c".to_owned();
    let folder = run_folder(root, &report.run).unwrap();
    fs::write(folder.join("report.json"), serde_json::to_string(&report).unwrap()).unwrap();
    let page = page(root);
    assert!(page.contains("&lt;script&gt;"), "it is shown");
    for forbidden in
        ["<script", "<img", "onerror='", "\u{202e}", " 49 ", " src=", "url(", "@import", "<link"]
    {
        assert!(!page.replace("&lt;img src=", "").contains(forbidden), "{forbidden:?}");
    }
}
