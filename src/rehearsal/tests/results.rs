//! What diagnosis and suite say, and which verdict that is.

use std::cell::RefCell;
use std::rc::Rc;

use crate::docker::fake::Reply;
use crate::docker::{Count, Output};
use crate::event::{Outcome, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::provision::fixture::{GREEN, engine_where, suite_that_writes};
use crate::rehearsal::fixture::{House, Rehearsed};
use crate::replica::Phase;
use crate::replica::fixture::SHOP;

/// A rehearsal in which the suite answers so.
async fn with_suite(reply: Reply) -> Rehearsed {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine_where(move |role, program, _| {
        (role == "suite" && program == "step.py").then(|| reply.clone())
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(engine.leftovers(), []);
    rehearsed
}

fn evidence(failure: &Failure) -> String {
    failure.evidence.clone().map(|excerpt| excerpt.lines.join("\n")).unwrap_or_default()
}

fn suite_of(cases: &str) -> String {
    format!("<testsuites><testsuite name=\"pytest\">{cases}</testsuite></testsuites>")
}

#[tokio::test]
async fn a_failing_test_is_red_and_told_with_its_message() {
    let cases = "<testcase classname=\"test_a\" name=\"test_one\"/>\
        <testcase classname=\"test_a\" name=\"test_two\"><failure message=\"NameMismatch\">x</failure></testcase>";
    let rehearsed = with_suite(suite_that_writes(1, &suite_of(cases))).await;
    assert_eq!(rehearsed.verdict.code(), 1);
    assert_eq!(rehearsed.failure().message, "1 of 2 tests of the critical suite failed");
    assert!(rehearsed.has_event(|what| matches!(what, What::TestEnded { test }
        if test.status == TestStatus::Failed && test.message.as_deref() == Some("NameMismatch"))));
    assert!(rehearsed.has_event(|what| matches!(what, What::Again { command }
        if command == "stagectl up shop --release dist/shop.whl")));
}

#[tokio::test]
async fn without_a_result_there_is_no_verdict_about_the_app() {
    let skipped = "<testcase classname=\"a\" name=\"b\"><skipped message=\"no\"/></testcase>";
    let table = [
        (suite_that_writes(5, &suite_of("")), "the critical suite has no tests"),
        (suite_that_writes(0, &suite_of(skipped)), "the critical suite skipped every test"),
        (Reply::of(124, &["test_slow"]), "the critical suite was not done within its budget of 2s"),
        (Reply::of(4, &["usage"]), "the critical suite ended with code 4 and left no JUnit XML"),
        (Reply::of(0, &["ok"]), "the critical suite ended with code 0 and left no JUnit XML"),
        (suite_that_writes(0, "<testsuites"), "could not read the suite's JUnit XML"),
        (suite_that_writes(0, "\u{0}\u{1}"), "could not read the suite's JUnit XML"),
        (
            suite_that_writes(3, GREEN),
            "the critical suite ended with code 3 although no test failed",
        ),
    ];
    for (reply, message) in table {
        let said = reply.lines.first().map(|(_, line)| line.clone()).unwrap_or_default();
        let rehearsed = with_suite(reply).await;
        assert_eq!(rehearsed.verdict.code(), 5, "{message}");
        assert_eq!(rehearsed.failure().message, message);
        assert!(
            evidence(&rehearsed.failure()).contains(&said),
            "{message}: {:?}",
            rehearsed.failure()
        );
    }
}

#[tokio::test]
async fn arguments_for_pytest_that_match_no_test_are_named() {
    let mut house = House::new(&[("shop", SHOP)]);
    let none = suite_that_writes(5, &suite_of(""));
    let engine = engine_where(move |role, program, _| {
        (role == "suite" && program == "step.py").then(|| none.clone())
    });
    house.pytest = ["-k", "logn", "--color=yes"].map(str::to_owned).to_vec();
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict.code(), 5);
    assert_eq!(
        rehearsed.failure().message,
        "no test of the critical suite matches what stands after `--`: `-k logn`"
    );
}

#[tokio::test]
async fn an_empty_result_file_is_no_result() {
    let rehearsed = with_suite(suite_that_writes(0, "")).await;
    assert_eq!(rehearsed.verdict.code(), 5, "{:?}", rehearsed.sites());
}

#[tokio::test]
async fn a_result_that_never_ends_is_not_taken_into_memory() {
    let endless = format!("<testsuites>{}", " ".repeat(20 << 20));
    let rehearsed = with_suite(suite_that_writes(0, &endless)).await;
    assert_eq!(rehearsed.verdict.code(), 5);
    let failure = rehearsed.failure();
    assert_eq!(failure.message, "could not read the suite's JUnit XML");
    assert_eq!(failure.causes, ["it has more than 16777216 bytes"]);
    assert_eq!(evidence(&failure), "1 test");
}

#[tokio::test]
async fn a_suite_that_hit_the_memory_limit_says_so() {
    let reply = Reply { out_of_memory: true, ..Reply::of(137, &["Killed"]) };
    let rehearsed = with_suite(reply).await;
    let failure = rehearsed.failure();
    assert_eq!(failure.kind, Kind::NoResult);
    assert!(
        failure.causes.iter().any(|cause| cause.contains("memory limit")
            && cause.contains("stagectl-r1-shop-suite")),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_suite_whose_container_ends_is_no_fault_of_the_app() {
    let rehearsed = with_suite(Reply { container_ends: Some(137), ..Reply::ok() }).await;
    assert_eq!(rehearsed.verdict.code(), 75);
}

/// A rehearsal after whose suite the look at the processes says this.
async fn with_processes(suite: Reply, look: Reply) -> Rehearsed {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine_where(move |role, program, _| match (role, program) {
        ("suite", "step.py") => Some(suite.clone()),
        ("app", "ended.sh") => Some(look.clone()),
        ("app", "tail") => Some(Reply::of(0, &["the queue is gone"])),
        _ => None,
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(engine.leftovers(), []);
    rehearsed
}

#[tokio::test]
async fn a_site_that_lost_a_process_is_not_green_whatever_its_tests_say() {
    let look = Reply::of(0, &["worker 3", "wsgi -9"]);
    let rehearsed = with_processes(suite_that_writes(0, GREEN), look).await;
    assert_eq!(rehearsed.verdict.code(), 1);
    let failure = rehearsed.failure();
    assert_eq!(failure.message, "worker of shop ended with code 3 after the site was ready");
    assert_eq!(failure.causes, ["wsgi of shop ended with code -9 after the site was ready"]);
    assert_eq!(evidence(&failure), "the queue is gone");
    let phase = |what: &What| matches!(what, What::PhaseEnded { phase: Phase::Suite, outcome, .. } if *outcome == Outcome::Failed);
    assert!(rehearsed.has_event(phase));
}

#[tokio::test]
async fn a_process_that_ended_says_why_a_suite_is_red_or_over_budget() {
    let red = suite_of("<testcase classname=\"a\" name=\"b\"><failure message=\"no\"/></testcase>");
    for (suite, code, message) in [
        (suite_that_writes(1, &red), 1, "1 of 1 tests of the critical suite failed"),
        (Reply::of(124, &["b"]), 5, "the critical suite was not done within its budget of 2s"),
    ] {
        let rehearsed = with_processes(suite, Reply::of(0, &["worker ?"])).await;
        assert_eq!(rehearsed.verdict.code(), code);
        let failure = rehearsed.failure();
        assert_eq!(failure.message, message);
        assert_eq!(failure.causes, ["worker of shop ended with code ? after the site was ready"]);
    }
}

#[tokio::test]
async fn processes_that_nobody_could_look_at_are_infrastructure() {
    let rehearsed = with_processes(suite_that_writes(0, GREEN), Reply::of(2, &[])).await;
    assert_eq!(rehearsed.verdict.code(), 75);
    assert_eq!(
        rehearsed.failure().message,
        "could not see whether the processes of shop still run"
    );
}

#[tokio::test]
async fn an_app_that_has_all_processes_it_may_have_is_no_infrastructure() {
    let all = |now| Some(Count { now, most: 64 });
    let look = |now| Reply { processes: all(now), ..Reply::of(2, &[]) };
    let rehearsed = with_processes(suite_that_writes(0, GREEN), look(63)).await;
    assert_eq!(rehearsed.verdict.code(), 1);
    let failure = rehearsed.failure();
    let message = "the app has 63 of the 64 processes that `resources.pids` lets it have";
    assert_eq!(failure.message, message);
    let seen = "could not see whether the processes of shop still run";
    assert_eq!(failure.causes[0], seen);
    assert!(failure.hints[0].contains("raise `resources.pids`"), "{:?}", failure.hints);
    // A few that are free are enough to look.
    let rehearsed = with_processes(suite_that_writes(0, GREEN), look(40)).await;
    assert_eq!((rehearsed.verdict.code(), rehearsed.failure().message.as_str()), (75, seen));
    // What the app did itself stays what it is.
    let red = suite_of("<testcase classname=\"a\" name=\"b\"><failure message=\"no\"/></testcase>");
    let look = Reply { processes: all(64), ..Reply::ok() };
    let rehearsed = with_processes(suite_that_writes(1, &red), look).await;
    let failure = rehearsed.failure();
    assert_eq!(failure.message, "1 of 1 tests of the critical suite failed");
    assert_eq!(failure.causes, [message.replace("63", "64")]);
}

/// A rehearsal in which the diagnosis answers so; whether the suite ran, too.
async fn with_diagnosis(reply: Reply) -> (Rehearsed, bool) {
    let house = House::new(&[("shop", SHOP)]);
    let engine =
        engine_where(move |_, program, _| (program == "diagnose.py").then(|| reply.clone()));
    let rehearsed = house.usual(&engine).await;
    assert_eq!(engine.leftovers(), []);
    let ran = rehearsed.has_event(|what| matches!(what, What::TestEnded { .. }));
    (rehearsed, ran)
}

#[tokio::test]
async fn a_failed_check_is_red_and_the_suite_still_runs() {
    let check = r#"{"name": "locale", "passed": false, "detail": "C, described de_DE.UTF-8"}"#;
    let fine = r#"{"name": "health", "passed": true, "detail": "200"}"#;
    let (rehearsed, ran) = with_diagnosis(Reply::of(0, &[check, fine])).await;
    assert_eq!(rehearsed.verdict.code(), 1);
    assert_eq!(rehearsed.failure().message, "1 of 2 checks of the diagnosis failed");
    assert!(ran);
}

#[tokio::test]
async fn a_diagnosis_that_breaks_is_a_bug_of_ours() {
    for reply in [Reply::of(1, &["Traceback"]), Reply::of(0, &[]), Reply::of(0, &["{}", "7"])] {
        let (rehearsed, ran) = with_diagnosis(reply).await;
        assert_eq!(rehearsed.verdict.code(), 70);
        assert!(!ran);
    }
}

#[tokio::test]
async fn a_diagnosis_that_is_killed_for_memory_is_no_bug() {
    let reply = Reply { out_of_memory: true, ..Reply::of(137, &[]) };
    let (rehearsed, _) = with_diagnosis(reply).await;
    let failure = rehearsed.failure();
    assert_eq!(failure.kind, Kind::Unfit, "{failure:?}");
    assert!(failure.causes.iter().any(|cause| cause.contains("memory limit")), "{failure:?}");
}

#[tokio::test]
async fn no_secret_gets_into_events_or_evidence() {
    let shop = SHOP.replace("critical: {", "critical: {site_env: [DATABASE_URL], ");
    let house = House::new(&[("shop", &shop)]);
    // What is generated is not known here: the job says it.
    let seen = Rc::new(RefCell::new(String::new()));
    let heard = Rc::clone(&seen);
    let engine = engine_where(move |role, program, job| {
        let url = job["env"]["DATABASE_URL"].as_str().unwrap_or_default().to_owned();
        if role == "suite" {
            heard.borrow_mut().clone_from(&url);
        }
        match (role, program) {
            ("suite", "step.py") => {
                let case = format!(
                    "<testcase classname=\"a\" name=\"b\"><failure message=\"{url}\">{url}</failure></testcase>"
                );
                let reply = suite_that_writes(1, &suite_of(&case));
                let lines = vec![(crate::docker::Output::Stderr, url)];
                Some(Reply { lines, ..reply })
            }
            ("app", "step.py") => Some(Reply::of(0, &[&url])),
            _ => None,
        }
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict.code(), 1);
    let url = seen.borrow().clone();
    let password =
        url.trim_start_matches("postgresql://shop:").trim_end_matches("@db.internal/shop");
    assert!(password.len() >= 24, "{password}");
    // What is not among the events in JSON is written into files.
    let texts = rehearsed
        .events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap_or_else(|_| format!("{event:?}")));
    for text in texts {
        assert!(!text.contains(password), "{text}");
    }
    let mut files = 0;
    for entry in walkdir::WalkDir::new(house.evidence()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            assert!(!text.contains(password), "{}: {text}", entry.path().display());
            files += 1;
        }
    }
    assert!(files >= 4, "{files} files of evidence");
}

#[tokio::test]
async fn a_suite_that_waits_for_a_site_that_never_answers_is_ended() {
    let engine = engine_where(|role, program, job| match (role, program) {
        ("suite", "step.py") => {
            let held = (Output::Stderr, "held".to_owned());
            Some(Reply { lines: vec![held], ..Reply::hangs() })
        }
        ("suite", "release.py") => {
            assert_eq!(job, "end");
            None
        }
        ("app", "serve.py") => {
            let said = r#"{"event": "not-ready", "waited": 0.1, "reason": "no", "last_seen": ""}"#;
            Some(Reply::of(0, &[said]))
        }
        _ => None,
    });
    let rehearsed = House::new(&[("shop", SHOP)]).usual(&engine).await;
    assert_eq!(rehearsed.verdict.code(), 4);
    let asked = engine.requests().into_iter().filter(|text| text.contains("release.py"));
    assert_eq!(asked.count(), 1);
}
