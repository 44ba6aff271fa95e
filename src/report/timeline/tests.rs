use super::*;
use crate::event::{Goal, Performed};
use crate::failure::Verdict;
use crate::replica::Stage;
use crate::report::Report;
use crate::report::sample::{self, Script, one_site, performed};

/// What is on the critical path of a site, in the order of the ends.
fn critical(report: &Report, site: &str) -> Vec<String> {
    let site = report.sites.iter().find(|of| of.name == site).unwrap();
    let spans = site.timeline.iter().filter(|span| span.critical);
    spans.map(|span| span.what.clone()).collect()
}

#[test]
fn the_critical_path_is_the_chain_that_ends_last() {
    let report = Report::fold(&one_site());
    assert_eq!(
        critical(&report, "site-a"),
        [
            "network",
            "image: service db, made",
            "db created",
            "db started",
            "db ready",
            "deploy step `migrate`",
            "serve",
            "diagnosis",
            "critical suite, tests 0.6s",
            "teardown",
        ]
    );
}

#[test]
fn steps_have_their_times_on_the_clock_of_the_run_and_know_what_they_waited_for() {
    let report = Report::fold(&one_site());
    let timeline = &report.sites[0].timeline;
    let ready = timeline.iter().position(|span| span.what == "db ready").unwrap();
    let Span { at, seconds, container, stage, step, .. } = &timeline[ready];
    assert_eq!((*at, *seconds), (0.15, 0.15));
    assert_eq!((container.as_deref(), *stage, *step), (Some("db"), Some(Stage::Ready), Some(6)));
    let migrate = timeline.iter().find(|span| span.what.contains("migrate")).unwrap();
    let waited: Vec<&str> = migrate.after.iter().map(|at| timeline[*at].what.as_str()).collect();
    assert_eq!(waited, ["db ready", "app started"]);
}

#[test]
fn a_run_s_path_goes_through_the_sites_whose_turns_waited_for_each_other() {
    // The images of the second site are made while the first one is tested, and found in its turn.
    let script = Script::new(Goal::Rehearse, &["one", "two"]).start("one").steps_of_a_site();
    let early = Performed { phase: Phase::Images, ..performed(1, "image: early", 100, &[]) };
    let script = script.of("two").then(100, early);
    let script = script.of("one").suite(800).phase(Phase::Down, 200);
    let script = script.finish(Verdict::Passed, 1600, None).start("two");
    let script = script.then(30, performed(0, "network", 30, &[]));
    let script = script.then(1, performed(1, "image: found", 1, &[]));
    let script = script.then(50, performed(2, "start app", 50, &[1])).phase(Phase::Down, 100);
    let report = Report::fold(&script.clean(Verdict::Passed));
    let two = ["network", "image: found", "start app", "teardown"];
    assert_eq!(critical(&report, "two"), two);
    let one = critical(&report, "one");
    assert_eq!(one.first().map(String::as_str), Some("network"), "{one:?}");
    assert_eq!(one.last().map(String::as_str), Some("teardown"), "{one:?}");
}

#[test]
fn a_container_is_one_row_and_each_other_step_one() {
    let report = Report::fold(&one_site());
    let rows = timeline_rows(&report.sites[0]);
    let words: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(
        words,
        [
            "network",
            "image: release shop 1.0, found",
            "image: service db, made",
            "app: created 0.15s, started 0.05s",
            "db: created 0.04s, started 0.06s, ready 0.15s",
            "deploy step `migrate`",
            "serve",
            "diagnosis",
            "critical suite, tests 0.6s",
            "teardown",
        ]
    );
}

#[test]
fn what_did_not_come_off_is_no_stage() {
    let step = sample::of_container(1, ("db", Stage::Started), 50, &[]);
    let step = Performed { outcome: Outcome::Error, ..step };
    let script = Script::new(Goal::Rehearse, &["a"]).start("a").then(50, step);
    let rows = timeline_rows(&Report::fold(&script.so_far()).sites[0]);
    assert_eq!((rows[0].what.as_str(), rows[0].outcome()), ("db: not started", Outcome::Error));
}

#[test]
fn a_report_of_an_earlier_version_has_its_phases_for_rows() {
    let mut value = serde_json::to_value(Report::fold(&one_site())).unwrap();
    value["sites"][0].as_object_mut().unwrap().remove("timeline").unwrap();
    let report: Report = serde_json::from_value(value).unwrap();
    let rows = timeline_rows(&report.sites[0]);
    let words: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(words, ["diagnosis", "suite", "down"]);
    assert!(!rows.iter().any(TimelineRow::is_critical));
}

#[test]
fn steps_that_wait_for_each_other_in_a_file_of_somebody_are_no_endless_chain() {
    let mut report = Report::fold(&one_site());
    let last = report.sites[0].timeline.len() - 1;
    report.sites[0].timeline[0].after = vec![last];
    report.sites[0].timeline[last].after = vec![0];
    mark_critical(&mut report.sites);
    assert!(report.sites[0].timeline[last].critical);
}
