//! A failure, and a stop, at every request of a rehearsal of two sites: nothing is left, the first
//! error decides, and it is never the app's.

use crate::cancel::Stop;
use crate::docker::fake::When;
use crate::event::{Inventory, What};
use crate::failure::{Kind, Verdict};
use crate::provision::fixture::engine;
use crate::rehearsal::fixture::{House, USUAL};
use crate::rehearsal::{Ahead, Course};
use crate::replica::fixture::{DESK, SHOP};

fn house() -> House {
    House::new(&[("shop", SHOP), ("desk", DESK)])
}

/// The requests of a rehearsal in which all is well.
async fn requests(house: &House, course: Course) -> Vec<String> {
    let engine = engine();
    let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
    assert_eq!(engine.leftovers(), []);
    assert!(rehearsed.has_event(|what| *what == What::Inventory { left: Inventory::default() }));
    engine.requests()
}

/// Requests without which a rehearsal is as green as with them: the undo, which asks again, and
/// what is only reported.
fn can_do_without(action: &str) -> bool {
    let told_only = ["download `/opt/stagectl/installed.txt`", "list images"];
    ["list containers", "remove container `id-", "remove network", "read the log"]
        .iter()
        .chain(&told_only)
        .any(|start| action.starts_with(start))
}

#[tokio::test]
async fn a_request_refused_at_any_point_is_infrastructure_and_leaves_nothing() {
    failure_at_every_request(When::Before).await;
}

#[tokio::test]
async fn an_answer_lost_at_any_point_is_infrastructure_and_leaves_nothing() {
    failure_at_every_request(When::After).await;
}

async fn failure_at_every_request(when: When) {
    let house = house();
    let count = requests(&house, USUAL).await.len();
    assert!(count > 150, "{count} requests are less than two rehearsals");
    for number in 0..count {
        let engine = engine().failing_at(number, when);
        let rehearsed = house.usual(&engine).await;
        let requests = engine.requests();
        let action = &requests[number.min(requests.len() - 1)];
        let place = format!("{when:?} {number}: {action}");
        assert_eq!(engine.leftovers(), [], "{place}");
        assert_eq!(rehearsed.left_behind(), Vec::<String>::new(), "{place}");
        assert!(
            rehearsed.has_event(|what| *what == What::Inventory { left: Inventory::default() }),
            "{place}"
        );
        assert_eq!(rehearsed.sites().len(), 2, "{place}");
        if rehearsed.verdict == Verdict::Passed {
            assert!(can_do_without(action), "{place}: it failed and nobody minds");
        } else {
            assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Infrastructure), "{place}");
            assert_eq!(rehearsed.failure().message, format!("could not {action}"), "{place}");
        }
    }
}

#[tokio::test]
async fn with_the_next_site_brought_up_early_it_is_the_same() {
    let house = house();
    let course = Course { ahead: Ahead::Containers, ..USUAL };
    let count = requests(&house, course).await.len();
    for number in 0..count {
        let when = if number % 2 == 0 { When::Before } else { When::After };
        let engine = engine().failing_at(number, when);
        let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
        assert_eq!(engine.leftovers(), [], "{when:?} {number}: {}", engine.requests()[number]);
        assert!(
            [0, 75].contains(&rehearsed.verdict.code()),
            "{when:?} {number}: {:?}",
            rehearsed.sites()
        );
    }
}

/// What was begun after a stop at this request; the steps that were under way take a few more.
fn begun_after(requests: &[String], number: usize) -> Vec<&str> {
    let begins = |text: &&str| text.starts_with("create ") || text.contains("/usr/bin/python3");
    requests.iter().skip(number + 12).map(String::as_str).filter(begins).collect()
}

#[tokio::test]
async fn a_stop_at_any_request_ends_in_order_and_leaves_nothing() {
    stop_at_every_request(USUAL).await;
}

#[tokio::test]
async fn a_stop_with_two_sites_up_ends_in_order_and_leaves_nothing() {
    stop_at_every_request(Course { ahead: Ahead::Containers, ..USUAL }).await;
}

async fn stop_at_every_request(course: Course) {
    let house = house();
    let count = requests(&house, course).await.len();
    for number in 0..count {
        let kind = if number % 2 == 0 { Kind::Interrupted } else { Kind::Terminated };
        let stop = Stop::new();
        let stopper = stop.clone();
        let engine = engine().on_request(move |n, _| {
            if n == number {
                stopper.request(kind);
            }
        });
        let rehearsed = house.rehearse(&engine, course, &stop).await;
        let requests = engine.requests();
        let Some(action) = requests.get(number) else { continue };
        assert_eq!(engine.leftovers(), [], "{number}: {action}");
        // The last two requests are the receipt of a run that was green until then.
        assert!(
            rehearsed.verdict == Verdict::Not(kind) || number + 2 >= count,
            "{number}: {action}"
        );
        assert_eq!(begun_after(&requests, number), Vec::<&str>::new(), "after {number}: {action}");
        let codes: Vec<u8> = rehearsed.sites().iter().map(|(_, code, _)| *code).collect();
        let expected = [0, kind.code()];
        assert!(codes.iter().all(|code| expected.contains(code)), "{number}: {action} {codes:?}");
    }
}

#[tokio::test]
async fn when_docker_goes_away_for_good_it_is_said_and_what_is_left_can_be_removed_later() {
    let house = house();
    let count = requests(&house, USUAL).await.len();
    // The last request only asks what is kept.
    for number in (0..count - 1).step_by(3) {
        let engine = engine();
        let breaker = engine.clone();
        let engine = engine.on_request(move |n, _| {
            if n == number {
                let _broken = breaker.clone().failing_on("");
            }
        });
        let rehearsed = house.usual(&engine).await;
        let place = format!("{number}: {}", engine.requests()[number]);
        assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Infrastructure), "{place}");
        let nothing = What::Inventory { left: Inventory::default() };
        assert!(!rehearsed.has_event(|what| *what == nothing), "{place}: nobody could know");
        engine.mend();
        house.tear_down(&engine).await;
        assert_eq!(engine.leftovers(), [], "{place}");
    }
}
