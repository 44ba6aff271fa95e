//! The upgrade from a live release: two states, each judged by itself.

use std::cell::RefCell;
use std::rc::Rc;

use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, Reply, When};
use crate::event::{Inventory, Outcome, State, What};
use crate::failure::{Kind, Verdict};
use crate::provision::fixture::{engine, engine_where, suite_that_writes};
use crate::rehearsal::fixture::{House, Rehearsed, USUAL};
use crate::rehearsal::{Ahead, Back, Course, Keep};
use crate::replica::fixture::{self, DESK, SHOP};

const RED: &str = r#"<testsuites><testsuite name="pytest">
<testcase classname="a" name="b"><failure message="no">x</failure></testcase>
</testsuite></testsuites>"#;

/// The shop, with a step for each moment, and a suite of its own for the live release.
fn shop() -> String {
    SHOP.replace(
        "- {name: static files, run: shop-admin collectstatic}",
        "- {name: found, run: shop-admin found, when: first}\n    \
         - {name: convert, run: shop-admin convert, when: upgrade}",
    ) + "live: {suite: {select: old}}\n"
}

fn house(sites: &[(&str, &str)]) -> House {
    let mut house = House::new(sites);
    house.live = Some(fixture::wheel("0.9"));
    house
}

/// How each state ended, in order.
fn states(rehearsed: &Rehearsed) -> Vec<(State, Outcome)> {
    let ended = rehearsed.events.iter().filter_map(|event| match &event.what {
        What::StateEnded { state, outcome, .. } => Some((*state, *outcome)),
        _ => None,
    });
    ended.collect()
}

/// An engine on which the suite of one state is red: the first that is run, or the second.
fn red_at(number: usize) -> FakeEngine {
    let mut suites = 0;
    engine_where(move |role, program, job| {
        if role != "suite" || program != "step.py" || !job["env"]["STAGECTL_ONLY"].is_null() {
            return None;
        }
        suites += 1;
        (suites == number).then(|| suite_that_writes(1, RED))
    })
}

/// What is done on the site, as it is done, and the engine on which it is: whether a suite is that of the live release.
fn programs() -> (Rc<RefCell<Vec<String>>>, FakeEngine) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&seen);
    let engine = engine_where(move |role, program, job| {
        let what = match (role, program) {
            ("app", "step.py") => job["command"].to_string(),
            ("suite", "step.py") => {
                format!("suite {}", job["command"].to_string().contains("\"-m\",\"old\""))
            }
            (_, "serve.py" | "stop.py" | "switch.py") => program.to_owned(),
            _ => return None,
        };
        heard.borrow_mut().push(what);
        None
    });
    (seen, engine)
}

#[tokio::test]
async fn the_live_release_is_judged_and_the_new_one_is_deployed_over_it() {
    let house = house(&[("shop", &shop())]);
    let (seen, engine) = programs();
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
    let passed = [State::Live, State::Between, State::New].map(|state| (state, Outcome::Passed));
    assert_eq!(states(&rehearsed), passed);
    let mut done = seen.borrow().clone();
    // The first suite is begun while the deploy goes on, and waits.
    let held = done.iter().position(|what| what == "suite true").unwrap();
    done.remove(held);
    let expected = [
        "\"shop-admin migrate\"",
        "\"shop-admin found\"",
        "serve.py",
        "\"shop-admin migrate\"",
        "\"shop-admin convert\"",
        "suite true",
        "stop.py",
        "serve.py",
        "suite false",
    ];
    assert_eq!(done, expected);
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_site_that_is_stopped_first_has_no_live_code_on_the_new_schema() {
    let description = shop().replace("deploy:", "deploy:\n  strategy: stop");
    let house = house(&[("shop", &description)]);
    let (seen, engine) = programs();
    let rehearsed = house.usual(&engine).await;
    let passed = [State::Live, State::New].map(|state| (state, Outcome::Passed));
    assert_eq!(states(&rehearsed), passed);
    let seen = seen.borrow().join(" ");
    let upgrade = "stop.py \"shop-admin migrate\" \"shop-admin convert\" serve.py suite false";
    assert!(seen.ends_with(upgrade), "{seen}");
}

#[tokio::test]
async fn a_red_live_release_is_a_baseline_and_the_new_one_is_never_deployed() {
    let house = house(&[("shop", &shop())]);
    let engine = red_at(1);
    let rehearsed = house.usual(&engine).await;
    assert_eq!(states(&rehearsed), [(State::Live, Outcome::Error)]);
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Baseline));
    let failure = rehearsed.failure();
    let message = "the live release of shop is red: 1 of 1 tests of the critical suite failed";
    assert_eq!(failure.message, message);
    assert!(failure.hints.iter().any(|hint| hint.contains("live.suite.select")), "{failure:?}");
    assert!(rehearsed.has_event(|what| matches!(what, What::Again { command }
        if command == "stagectl rehearse shop --from live.whl --release dist/shop.whl --keep")));
    assert!(!engine.requests().iter().any(|text| text.contains("shop-release")));
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_red_new_release_is_a_failure_like_any_other() {
    let house = house(&[("shop", &shop())]);
    let engine = red_at(3);
    let rehearsed = house.usual(&engine).await;
    let ended = [
        (State::Live, Outcome::Passed),
        (State::Between, Outcome::Passed),
        (State::New, Outcome::Failed),
    ];
    assert_eq!(states(&rehearsed), ended);
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Unfit));
    assert_eq!(rehearsed.failure().message, "1 of 1 tests of the critical suite failed");
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn live_code_that_is_red_on_the_new_schema_is_a_failure_of_the_upgrade() {
    let house = house(&[("shop", &shop())]);
    let engine = red_at(2);
    let rehearsed = house.usual(&engine).await;
    let ended = [(State::Live, Outcome::Passed), (State::Between, Outcome::Failed)];
    assert_eq!(states(&rehearsed), ended);
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Unfit));
    let failure = rehearsed.failure();
    let message = "the live release of shop is red after the steps of the new one: \
                   1 of 1 tests of the critical suite failed";
    assert_eq!(failure.message, message);
    for words in ["data, jobs, cache entries", "deploy.strategy: stop"] {
        assert!(failure.hints.iter().any(|hint| hint.contains(words)), "{failure:?}");
    }
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn the_way_back_leads_to_the_live_release_again_and_that_is_judged() {
    let description = shop()
        .replace("deploy:", "deploy:\n  rollback: {steps: [{name: undo, run: shop-admin undo}]}");
    for strategy in ["restart", "stop"] {
        let strategy = format!("deploy:\n  strategy: {strategy}");
        let mut house = house(&[("shop", &description.replace("deploy:", &strategy))]);
        house.back = Back::Rehearsed;
        let (seen, engine) = programs();
        let rehearsed = house.usual(&engine).await;
        assert_eq!(states(&rehearsed).last(), Some(&(State::Back, Outcome::Passed)));
        let seen = seen.borrow().join(" ");
        let back = "suite false stop.py \"shop-admin undo\" serve.py suite true";
        assert!(seen.ends_with(back), "{seen}");
        assert_eq!(engine.leftovers(), []);
    }
    let mut house = house(&[("shop", &description)]);
    house.back = Back::Rehearsed;
    let rehearsed = house.usual(&red_at(4)).await;
    assert_eq!(states(&rehearsed).last(), Some(&(State::Back, Outcome::Failed)));
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Unfit));
    let message = "the live release of shop is red after the way back: \
                   1 of 1 tests of the critical suite failed";
    assert_eq!(rehearsed.failure().message, message);
}

#[tokio::test]
async fn a_step_of_the_upgrade_that_fails_is_the_new_release_s_and_one_of_the_live_release_is_not()
{
    for (step, code, ended) in [
        ("found", 8, vec![(State::Live, Outcome::Error)]),
        ("convert", 3, vec![(State::Live, Outcome::Passed), (State::Between, Outcome::Failed)]),
    ] {
        let house = house(&[("shop", &shop())]);
        let engine = engine_where(move |role, _, job| {
            let is_it = role == "app" && job["command"] == format!("shop-admin {step}");
            is_it.then(|| Reply::of(1, &["no"]))
        });
        let rehearsed = house.usual(&engine).await;
        assert_eq!((rehearsed.verdict.code(), states(&rehearsed)), (code, ended), "{step}");
        assert_eq!(engine.leftovers(), [], "{step}");
    }
}

#[tokio::test]
async fn a_visitor_leaves_something_on_the_live_release_and_looks_for_it_on_the_new_one() {
    let description =
        shop().replace("select: old}", "select: old}, visit: ../critical/test_critical.py");
    for (red, code) in [("", 0), ("visit.py", 8), ("--check", 1)] {
        let house = house(&[("shop", &description)]);
        let seen = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&seen);
        let engine = engine_where(move |role, _, job| {
            let argv = job["command"].as_array().filter(|_| role == "suite")?;
            let words: Vec<&str> = argv.iter().filter_map(|word| word.as_str()).skip(1).collect();
            let visit = words.join(" ").strip_prefix("/opt/stagectl/")?.to_owned();
            let is_red = words.last().is_some_and(|word| !red.is_empty() && word.ends_with(red));
            heard.borrow_mut().push(visit);
            is_red.then(|| Reply::of(1, &["nobody was at home"]))
        });
        let rehearsed = house.usual(&engine).await;
        assert_eq!(rehearsed.verdict.code(), code, "{red}: {:?}", rehearsed.sites());
        let all = ["visit.py", "visit.py --check"];
        let done = if code == 8 { &all[..1] } else { &all[..] };
        assert_eq!(*seen.borrow(), done, "{red}");
        if code != 0 {
            let evidence = rehearsed.failure().evidence.unwrap();
            assert_eq!(evidence.lines, ["nobody was at home"]);
            let hints = rehearsed.failure().hints.join("\n");
            assert_eq!(hints.contains("by a step with `when: upgrade`"), code == 1, "{hints}");
        }
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn a_replica_that_is_kept_says_which_release_is_in_it() {
    for (number, version) in [(1, "0.9"), (2, "0.9"), (3, "1.0")] {
        let house = house(&[("shop", &shop())]);
        let engine = red_at(number);
        let course = Course { keep: Keep::Failing, ..USUAL };
        let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
        assert!(rehearsed.has_event(|what| matches!(what, What::Kept { .. })), "{number}");
        let standing = crate::standing::standing(&engine).await.unwrap();
        let releases: Vec<&str> = standing.iter().map(|one| one.release.as_str()).collect();
        assert!(releases.len() == 1 && releases[0].contains(version), "{releases:?}");
        house.tear_down(&engine).await;
    }
}

#[tokio::test]
async fn a_failure_at_any_request_of_an_upgrade_is_infrastructure_and_leaves_nothing() {
    let house = house(&[("shop", &shop()), ("desk", DESK)]);
    let course = Course { ahead: Ahead::Containers, ..USUAL };
    let whole = engine();
    let rehearsed = house.rehearse(&whole, course, &Stop::new()).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
    for number in 0..whole.requests().len() {
        let when = if number % 2 == 0 { When::Before } else { When::After };
        let engine = engine().failing_at(number, when);
        let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
        let place = format!("{when:?} {number}: {}", engine.requests()[number]);
        assert_eq!(engine.leftovers(), [], "{place}");
        assert!([0, 75].contains(&rehearsed.verdict.code()), "{place}: {:?}", rehearsed.sites());
    }
}

#[tokio::test]
async fn a_stop_at_any_request_of_an_upgrade_ends_in_order_and_leaves_nothing() {
    let house = house(&[("shop", &shop())]);
    let whole = engine();
    house.usual(&whole).await;
    let count = whole.requests().len();
    for number in 0..count {
        let stop = Stop::new();
        let stopper = stop.clone();
        let engine = engine().on_request(move |n, _| {
            if n == number {
                stopper.request(Kind::Interrupted);
            }
        });
        let rehearsed = house.rehearse(&engine, USUAL, &stop).await;
        let Some(action) = engine.requests().get(number).cloned() else { continue };
        assert_eq!(engine.leftovers(), [], "{number}: {action}");
        let is_over = rehearsed.verdict == Verdict::Not(Kind::Interrupted) || number + 2 >= count;
        assert!(is_over, "{number}: {action} {:?}", rehearsed.sites());
        let nothing = What::Inventory { left: Inventory::default() };
        assert!(rehearsed.has_event(|what| *what == nothing), "{number}: {action}");
    }
}

/// An engine whose watch of the locks in `db` says this.
fn watched(samples: &'static [&'static str]) -> FakeEngine {
    engine_where(move |role, program, _| {
        (role == "db" && program == "postgres-locks.sh").then(|| Reply::of(0, samples))
    })
}

#[tokio::test]
async fn a_step_that_waits_for_an_open_transaction_fails_the_upgrade_with_statement_and_holder() {
    let house = house(&[("shop", &shop())]);
    let engine = watched(&[
        r#"INFO:  {"at": 0, "strongest": null, "waits": []}"#,
        r#"INFO:  {"at": 20, "strongest": null, "waits": [{"id": "a", "for_open": true, "mode": "AccessExclusiveLock", "table": "orders", "statement": "ALTER TABLE orders"}]}"#,
        r#"INFO:  {"at": 5020, "strongest": null, "waits": [{"id": "a", "for_open": true, "mode": "AccessExclusiveLock", "table": "orders", "statement": "ALTER TABLE orders"}]}"#,
    ]);
    let rehearsed = house.usual(&engine).await;
    let ended = [(State::Live, Outcome::Passed), (State::Between, Outcome::Failed)];
    assert_eq!(states(&rehearsed), ended);
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Deploy));
    let failure = rehearsed.failure();
    let message =
        "deploy step `migrate` waited 5s for orders of db, which an open transaction has read";
    assert_eq!(failure.message, message);
    assert_eq!(failure.causes[0], "`ALTER TABLE orders` wants AccessExclusiveLock");
    assert!(failure.hints.iter().any(|hint| hint.contains("SET lock_timeout")), "{failure:?}");
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_database_that_cannot_be_watched_is_a_warning_and_no_failure() {
    let house = house(&[("shop", &shop())]);
    let engine = watched(&["psql: error: too many clients"]);
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
    assert!(rehearsed.has_event(|what| matches!(what, What::Warning { message }
        if message.contains("of db were not watched: psql: error: too many clients"))));
}

#[tokio::test]
async fn locks_are_watched_in_an_upgrade_alone_and_only_where_they_shall_be() {
    let asked = |engine: &FakeEngine| {
        let is_watch = |text: &&String| text.contains("postgres-locks.sh");
        engine.requests().iter().filter(is_watch).count()
    };
    let house_of = |deploy: &str| house(&[("shop", &shop().replace("deploy:", deploy))]);
    let engine = watched(&[r#"{"at": 0, "strongest": null, "waits": []}"#]);
    house_of("deploy:").usual(&engine).await;
    // Its two steps beside the live release, and none of those that installed that.
    assert_eq!(asked(&engine), 2, "{:?}", engine.requests());
    let engine = watched(&[]);
    house_of("deploy:\n  lock_watch: false").usual(&engine).await;
    assert_eq!(asked(&engine), 0);
}

#[tokio::test]
async fn releases_that_run_at_once_are_switched_and_neither_is_stopped_for_the_other() {
    let description = shop()
        .replace("host: own, ", "")
        .replace("deploy:", "deploy:\n  strategy: parallel\n  releases: {keep: 2}");
    let house = house(&[("shop", &description)]);
    let (seen, engine) = programs();
    let rehearsed = house.usual(&engine).await;
    let passed = [State::Live, State::Between, State::New].map(|state| (state, Outcome::Passed));
    assert_eq!(states(&rehearsed), passed, "{:?}", rehearsed.sites());
    let seen = seen.borrow().join(" ");
    let upgrade = "\"shop-admin migrate\" \"shop-admin convert\" serve.py suite true switch.py serve.py suite false";
    assert!(seen.ends_with(upgrade), "{seen}");
    assert_eq!(engine.leftovers(), []);
}
