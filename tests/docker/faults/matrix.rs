//! Each kind of request that a rehearsal makes, with each fault.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::house::House;
use super::proxy::{Fault, Proxy};
use crate::bystanders::Bystanders;

/// `all`: every fault at every kind of request, instead of one each; a kind: every fault at that one.
fn asked_for() -> Option<String> {
    std::env::var("STAGECTL_FAULTS").ok()
}

fn is_whole() -> bool {
    asked_for().is_some_and(|value| value == "all")
}

/// The kinds of requests of a whole rehearsal, in the order of their first.
fn kinds(house: &House) -> Vec<String> {
    let proxy = Proxy::start(Duration::ZERO, |_, _| None);
    house.rehearse(&proxy).exit_code(0).says("nothing left: 0 containers");
    let mut known = BTreeSet::new();
    proxy.seen().into_iter().filter(|kind| known.insert(kind.clone())).collect()
}

#[test]
fn a_fault_at_any_kind_of_request_is_no_verdict_about_the_app_and_leaves_nothing() {
    let bystanders = Bystanders::new("faults");
    let house = House::new("faults");
    let kinds = kinds(&house);
    for wanted in ["POST /containers/create", "POST /commit", "POST /networks/create"] {
        assert!(kinds.iter().any(|kind| kind == wanted), "{wanted} is not among {kinds:?}");
    }
    let only = asked_for().filter(|value| value != "all");
    for (number, kind) in kinds.iter().enumerate() {
        if only.as_ref().is_some_and(|only| only != kind) {
            continue;
        }
        let faults = Fault::ALL.iter().enumerate();
        let is_each = asked_for().is_some();
        let due = |(n, _): &(usize, &Fault)| is_each || *n == number % Fault::ALL.len();
        for (_, &fault) in faults.filter(due) {
            let at = kind.clone();
            let proxy = Proxy::start(Duration::ZERO, move |kind, before| {
                (kind == at && before == 0).then_some(fault)
            });
            let outcome = house.rehearse(&proxy);
            assert!(proxy.seen().contains(kind), "{fault:?} never happened at {kind}");
            let place = format!("{fault:?} at {kind}");
            match outcome.code() {
                Some(0) => drop(outcome.says("nothing left: 0 containers, 0 networks, 0 volumes")),
                Some(75) => drop(outcome.says("error")),
                _ => panic!("{place}: {outcome:?}"),
            }
            house.is_clean();
            eprintln!("{place}: ok");
        }
    }
    bystanders.are_untouched();
}

#[test]
fn a_slow_docker_is_waited_for() {
    let house = House::new("slow");
    let delay = if is_whole() { Duration::from_secs(2) } else { Duration::from_millis(200) };
    let proxy = Proxy::start(delay, |_, _| None);
    house.rehearse(&proxy).exit_code(0).says("nothing left: 0 containers, 0 networks, 0 volumes");
}

#[test]
fn a_docker_that_goes_away_is_named_and_the_guardian_comes_back_for_what_is_left() {
    let house = House::new("away");
    let gone = Arc::new(AtomicBool::new(false));
    let is_gone = gone.clone();
    // From the app's start on nobody answers.
    let proxy = Proxy::start(Duration::ZERO, move |kind, before| {
        if kind == "POST /containers/{}/exec" && before == 0 {
            is_gone.store(true, Ordering::SeqCst);
        }
        is_gone.load(Ordering::SeqCst).then_some(Fault::Cut)
    });
    house.rehearse(&proxy).exit_code(75).says("Docker");
    assert!(!house.project.resource_names().is_empty(), "nobody could remove it");
    gone.store(false, Ordering::SeqCst);
    house.is_clean();
}
