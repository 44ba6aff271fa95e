//! A red is repeated: what is green then is flaky, and called so.

use std::cell::RefCell;
use std::rc::Rc;

use crate::docker::fake::Reply;
use crate::event::{Test, What};
use crate::provision::fixture::{engine_where, suite_that_writes};
use crate::rehearsal::fixture::{House, Rehearsed};
use crate::replica::fixture::SHOP;

/// How `test_two` ends in each run of the suite; `test_one` is green.
fn suite(two: &str) -> Reply {
    let id = |name: &str| {
        format!(
            "<properties><property name=\"stagectl.id\" value=\"test_a.py::{name}[a b]\"/></properties>"
        )
    };
    let xml = format!(
        "<testsuites><testcase classname=\"test_a\" name=\"one\">{}</testcase>\
         <testcase classname=\"test_a\" name=\"two\">{}{two}</testcase></testsuites>",
        id("one"),
        id("two"),
    );
    suite_that_writes(i64::from(two.contains("<failure")), &xml)
}

const RED: &str = "<failure message=\"no\"/>";
const ADVISORY: &str =
    "<properties><property name=\"stagectl.advisory\" value=\"true\"/></properties><failure/>";

/// A rehearsal in which the suite's runs end so, one after the other; and which tests each was to run.
async fn with_runs(description: &str, runs: Vec<Reply>) -> (Rehearsed, Vec<String>) {
    let house = House::new(&[("shop", description)]);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&asked);
    let mut runs = runs.into_iter();
    let engine = engine_where(move |role, program, job| {
        if (role, program) != ("suite", "step.py") {
            return None;
        }
        let only = job["env"]["STAGECTL_ONLY"].as_str().unwrap_or("all");
        heard.borrow_mut().push(only.to_owned());
        Some(runs.next().expect("one more run than was thought of"))
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(engine.leftovers(), []);
    let asked = asked.borrow().clone();
    (rehearsed, asked)
}

/// Exit code, failure, and what is said of the tests that are not green.
fn ended(rehearsed: &Rehearsed) -> String {
    let tests = rehearsed.events.iter().filter_map(|event| match &event.what {
        What::TestEnded { test } if test.is_notable() => {
            Some(format!("{}: {}", test.label(), test.remark().unwrap_or_default()))
        }
        _ => None,
    });
    let failure = rehearsed.sites().remove(0).2.map(|failure| failure.message).unwrap_or_default();
    let mut lines = vec![format!("{} {failure}", rehearsed.verdict.code())];
    lines.extend(tests);
    lines.join("\n")
}

const ALONE: &str = "[\"test_a.py::two[a b]\"]";

#[tokio::test]
async fn a_test_that_is_green_on_repetition_is_flaky_and_fails_its_site() {
    let (rehearsed, asked) = with_runs(SHOP, vec![suite(RED), suite(""), suite("")]).await;
    assert_eq!(asked, ["all", ALONE, "all"]);
    assert_eq!(
        ended(&rehearsed),
        "1 1 of 2 tests of the critical suite is flaky\n\
         test_a.py::two: flaky: green when repeated, alone and in order"
    );
    // Each test is reported once, as it is in the end.
    let rehearsed =
        rehearsed.events.iter().filter(|event| matches!(event.what, What::TestEnded { .. }));
    assert_eq!(rehearsed.count(), 2);
}

#[tokio::test]
async fn one_that_depends_on_the_tests_before_it_is_called_so() {
    let (rehearsed, _) = with_runs(SHOP, vec![suite(RED), suite(""), suite(RED)]).await;
    assert_eq!(
        ended(&rehearsed),
        "1 1 of 2 tests of the critical suite is flaky\n\
         test_a.py::two: flaky: green when repeated alone, red again in order: it depends on the tests before it"
    );
}

#[tokio::test]
async fn a_red_that_is_red_alone_is_red_and_said_to_be() {
    let (rehearsed, asked) = with_runs(SHOP, vec![suite(RED), suite(RED)]).await;
    assert_eq!(asked, ["all", ALONE]);
    assert_eq!(
        ended(&rehearsed),
        "1 1 of 2 tests of the critical suite failed\ntest_a.py::two: again red on repetition"
    );
    let reruns = |test: &Test| test.reruns.len() == 1;
    assert!(rehearsed.has_event(
        |what| matches!(what, What::TestEnded { test } if test.is_red() && reruns(test))
    ));
}

#[tokio::test]
async fn what_says_no_ids_is_repeated_as_a_whole() {
    let without = |two: &str| {
        let xml = format!("<testsuite><testcase name=\"two\">{two}</testcase></testsuite>");
        suite_that_writes(i64::from(!two.is_empty()), &xml)
    };
    let (rehearsed, asked) = with_runs(SHOP, vec![without(RED), without("")]).await;
    assert_eq!(asked, ["all", "all"]);
    assert_eq!(
        ended(&rehearsed),
        "1 1 of 1 tests of the critical suite is flaky\ntwo: flaky: green when repeated"
    );
    let command = SHOP.replace("path: ../critical,", "path: ../critical, run: ./check.sh,");
    let (rehearsed, asked) = with_runs(&command, vec![suite(RED), suite(RED)]).await;
    assert_eq!(asked, ["all", "all"]);
    assert!(ended(&rehearsed).ends_with("two: again red on repetition"));
}

#[tokio::test]
async fn a_description_says_how_often_and_what_flaky_means() {
    let of = |more: &str| SHOP.replace("budget: 2s", &format!("budget: 2s, {more}"));
    let (rehearsed, asked) = with_runs(&of("retries: 0"), vec![suite(RED)]).await;
    assert_eq!(asked, ["all"]);
    assert_eq!(ended(&rehearsed), "1 1 of 2 tests of the critical suite failed\ntest_a.py::two: ");
    let runs = vec![suite(RED), suite(RED), suite(""), suite("")];
    let (rehearsed, asked) = with_runs(&of("retries: 2, flaky: pass"), runs).await;
    assert_eq!(asked, ["all", ALONE, ALONE, "all"]);
    assert_eq!(
        ended(&rehearsed),
        "0 \ntest_a.py::two: flaky: green when repeated, alone and in order"
    );
}

#[tokio::test]
async fn advice_is_told_and_fails_nothing() {
    let (rehearsed, asked) = with_runs(SHOP, vec![suite(ADVISORY)]).await;
    assert_eq!(asked, ["all"]);
    assert_eq!(ended(&rehearsed), "0 \ntest_a.py::two: advisory");
    // Another code than that for failed tests says that more is wrong.
    let crashed = Reply { code: 3, ..suite(ADVISORY) };
    let (rehearsed, _) = with_runs(SHOP, vec![crashed]).await;
    assert_eq!(rehearsed.verdict.code(), 5);
    let alone = format!("<testsuite><testcase name=\"two\">{ADVISORY}</testcase></testsuite>");
    let (rehearsed, _) = with_runs(SHOP, vec![suite_that_writes(1, &alone)]).await;
    assert_eq!(
        rehearsed.failure().message,
        "every test of the critical suite that ran is advisory"
    );
}

#[tokio::test]
async fn a_repetition_without_a_result_leaves_the_red() {
    let lost = || Reply::of(124, &["it hangs"]);
    let (rehearsed, _) = with_runs(SHOP, vec![suite(RED), lost(), lost()]).await;
    assert_eq!(
        ended(&rehearsed),
        "1 1 of 2 tests of the critical suite failed\n\
         test_a.py::two: its repetition came to no result"
    );
}

#[tokio::test]
async fn an_advisory_site_is_judged_and_does_not_fail_the_run() {
    let advisory = format!("advisory: true\n{SHOP}");
    let (rehearsed, _) = with_runs(&advisory, vec![suite(RED), suite(RED)]).await;
    assert_eq!(rehearsed.verdict.code(), 0);
    assert_eq!(rehearsed.sites()[0].1, 1);
}
