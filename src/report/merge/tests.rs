use super::*;
use crate::event::{Event, What};
use crate::report::sample::{self, Script};

/// A run of some sites, as it was recorded; its verdicts by site.
fn run(number: u32, events: &[Event]) -> Recorded {
    let mut report = Report::fold(events);
    report.run = format!("run-{number}");
    report.started = Some(format!("2026-11-23T10:0{number}:00Z"));
    Recorded { folder: PathBuf::from(format!("runs/{number}")), report }
}

fn green(site: &str) -> Vec<Event> {
    Script::new(Goal::Rehearse, &[site]).green_site(site).clean(Verdict::Passed)
}

fn red(site: &str, kind: Kind) -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &[site]).start(site);
    script.finish(Verdict::Not(kind), 1000, None).clean(Verdict::Not(kind))
}

/// The verdict's code, and each site with its own.
fn list_verdicts(all: Vec<Recorded>, expected: &[&str]) -> String {
    let expected: Vec<String> = expected.iter().map(|name| (*name).to_owned()).collect();
    let merged = merge(all, &expected, "merged".to_owned()).unwrap();
    assert_eq!(merged.report.code, Some(merged.verdict.code()));
    let sites = merged.report.sites.iter().map(|site| {
        format!("{} {}", site.name, site.code.map_or("-".to_owned(), |code| code.to_string()))
    });
    let sites: Vec<String> = sites.collect();
    let warnings = merged
        .report
        .warnings
        .iter()
        .map(|warning| format!("\n{}: {}", warning.sites.join(", "), warning.message));
    format!("{}: {}{}", merged.verdict.code(), sites.join(", "), warnings.collect::<String>())
}

#[test]
fn the_worst_verdict_of_all_runs_is_that_of_the_whole() {
    let all = vec![run(2, &red("b", Kind::Deploy)), run(1, &green("a"))];
    assert_eq!(list_verdicts(all, &[]), "3: a 0, b 3");
    let all = vec![run(1, &green("a")), run(2, &green("b"))];
    assert_eq!(list_verdicts(all, &["b", "a"]), "0: b 0, a 0");
    let all = vec![run(1, &red("a", Kind::Unfit)), run(2, &red("b", Kind::Infrastructure))];
    assert_eq!(list_verdicts(all, &[]), "75: a 1, b 75");
}

#[test]
fn a_site_that_nobody_reported_on_is_not_green() {
    let all = vec![run(1, &green("a"))];
    assert_eq!(list_verdicts(all.clone(), &["a", "b"]), "5: a 0, b -\nb: no run reported on it");
    let mut shared = all;
    let partition = crate::report::Partition {
        part: "1/2".to_owned(),
        sites: ["c", "a"].map(str::to_owned).to_vec(),
    };
    shared[0].report.partition = Some(partition);
    assert_eq!(list_verdicts(shared, &[]), "5: c -, a 0\nc: no run reported on it");
}

#[test]
fn the_later_result_of_a_site_counts_and_the_earlier_one_is_told() {
    let (bad, good) = (run(1, &red("a", Kind::Unfit)), run(2, &green("a")));
    let first =
        "\na: rehearsed more than once: failed in run run-1, and passed in run run-2, which counts";
    assert_eq!(list_verdicts(vec![good.clone(), bad.clone()], &[]), format!("0: a 0{first}"));
    // The same run, named twice, is one.
    assert_eq!(list_verdicts(vec![bad.clone(), bad.clone()], &[]), "1: a 1");
    // A site without a turn has no result.
    let waiting = Script::new(Goal::Rehearse, &["b", "a"]).start("b");
    let waiting = waiting.finish(Verdict::Not(Kind::Unfit), 1000, None);
    let waiting = run(3, &waiting.clean(Verdict::Not(Kind::Unfit)));
    assert_eq!(list_verdicts(vec![good, waiting.clone()], &[]), "1: a 0, b 1");
    assert_eq!(list_verdicts(vec![waiting], &[]), "1: b 1, a -");
}

#[test]
fn what_a_run_says_beyond_its_sites_counts_too() {
    let mut left = run(1, &green("a"));
    (left.report.code, left.report.verdict) = (Some(7), Ending::LeftBehind);
    assert_eq!(list_verdicts(vec![left.clone(), run(2, &green("b"))], &[]), "7: a 0, b 0");
    left.report.code = None;
    assert_eq!(list_verdicts(vec![left], &[]), "5: a 0");
}

#[test]
fn what_was_made_and_is_left_is_summed_up_and_times_are_on_one_clock() {
    let created = |name: &str| {
        let resource = crate::event::Resource {
            kind: crate::event::ResourceKind::Container,
            name: name.to_owned(),
        };
        Event { at: std::time::Duration::ZERO, site: None, what: What::Created { resource } }
    };
    let with = |site: &str, number: u32| {
        let mut events = green(site);
        events.insert(1, created(&format!("{site}-app")));
        run(number, &events)
    };
    let mut unknown = with("b", 2);
    let merged = merge(vec![with("a", 1), unknown.clone()], &[], "m".to_owned()).unwrap().report;
    assert_eq!((merged.created.len(), merged.inventory), (2, Some(Inventory::default())));
    assert_eq!(
        merged.merged.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(),
        ["run-1", "run-2"]
    );
    let at = |site: usize| merged.sites[site].phases[0].at.unwrap();
    assert!((at(1) - at(0) - 60.0).abs() < 1e-6, "{} {}", at(0), at(1));
    assert!((merged.seconds - 60.0 - unknown.report.seconds).abs() < 1e-6);
    unknown.report.inventory = None;
    let merged = merge(vec![with("a", 1), unknown], &[], "m".to_owned()).unwrap().report;
    assert_eq!(merged.inventory, None);
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let refused = |change: &dyn Fn(&mut Report)| {
        let mut other = run(2, &green("b"));
        change(&mut other.report);
        let failure = merge(vec![run(1, &green("a")), other], &[], "m".to_owned()).unwrap_err();
        assert_eq!(failure.kind, Kind::Usage);
        std::iter::once(failure.message).chain(failure.causes).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(refused(&|report| report.project = "shop".to_owned()), @r"
    the reports are of different projects
    run run-1 is of noticeboard
    run run-2 is of shop
    ");
    let other = |report: &mut Report| report.release.as_mut().unwrap().digest = "ff".repeat(32);
    insta::assert_snapshot!(refused(&other), @r"
    the reports are of different releases
    run run-1 is of noticeboard 1.2 (3f9c21ab)
    run run-2 is of noticeboard 1.2 (ffffffff)
    ");
    assert_eq!(refused(&|report| report.goal = Goal::Up), "run run-2 was no rehearsal");
    assert!(refused(&|report| report.code = Some(99)).ends_with("stagectl never ends with 99"));
}

#[test]
fn a_report_is_read_back_if_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let report = Report::fold(&sample::red_suite());
    let mut json = serde_json::to_value(&report).unwrap();
    let write = |json: &serde_json::Value| std::fs::write(&file, json.to_string()).unwrap();
    write(&json);
    for path in [file.as_path(), folder.path(), folder.path().parent().unwrap()] {
        let found = if path == file || path == folder.path() {
            Recorded::all_at(path).unwrap()
        } else {
            continue;
        };
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].report, report);
    }
    let refused = || Recorded::all_at(&file).unwrap_err().causes.join("; ");
    json["sites"][0]["name"] = "../../etc".into();
    write(&json);
    assert_eq!(refused(), "`../../etc` is no name of a site");
    json["schema"] = "stagectl-report/2".into();
    write(&json);
    assert_eq!(
        refused(),
        "it is of a newer stagectl: stagectl-report/2, and this one knows stagectl-report/1"
    );
    write(&serde_json::json!({"some": "thing"}));
    assert_eq!(refused(), "it is no report of stagectl");
    write(&serde_json::json!({"schema": "stagectl-report/1"}));
    assert_eq!(refused(), "missing field `run`");
}
