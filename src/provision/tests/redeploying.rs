//! Another release in the place of the one that runs.

use std::cell::RefCell;
use std::rc::Rc;

use crate::docker::fake::FakeEngine;
use crate::failure::Kind;
use crate::provision::fixture::{Actors, engine, engine_where};
use crate::replica::fixture::SHOP;

/// What is asked of the engine by a redeploy: what is created and removed, and what is run where.
fn asked_of(engine: &FakeEngine, since: usize) -> Vec<String> {
    let requests = engine.requests().split_off(since);
    let wanted = ["create container", "remove container", "run "];
    let is_wanted = |text: &String| wanted.iter().any(|start| text.starts_with(start));
    requests.into_iter().filter(is_wanted).collect()
}

#[tokio::test]
async fn processes_stop_before_the_release_is_replaced_and_start_after_the_steps() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let before = engine.requests().len();
    actors.redeploy(&engine).await.unwrap();
    let asked = asked_of(&engine, before);
    let in_order =
        ["stop.py", "create container `stagectl-r2-site-release`", "step.py", "serve.py"];
    let places = in_order.map(|what| asked.iter().position(|text| text.contains(what)).unwrap());
    assert!(places.is_sorted(), "{asked:#?}");
    // Nothing else is made: the replica's containers and services are those that are up.
    let made: Vec<&String> = asked.iter().filter(|text| text.starts_with("create")).collect();
    assert_eq!(made, ["create container `stagectl-r2-site-release`"]);
    let removed: Vec<&String> = asked.iter().filter(|text| text.starts_with("remove")).collect();
    assert_eq!(removed, ["remove container `stagectl-r2-site-release`"]);
}

#[tokio::test]
async fn what_has_begun_when_a_stop_is_requested_is_done_and_nothing_else_begins() {
    let stop: Rc<RefCell<Option<crate::cancel::Stop>>> = Rc::default();
    let requested = Rc::clone(&stop);
    let engine = engine_where(move |_, program, _| {
        if program == "stop.py" {
            requested.borrow().as_ref().unwrap().request(Kind::Interrupted);
        }
        None
    });
    let actors = Actors::new(SHOP);
    actors.provision(&engine).await.unwrap();
    *stop.borrow_mut() = Some(actors.stop.clone());
    let before = engine.requests().len();
    let failure = actors.redeploy(&engine).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Interrupted);
    let asked = asked_of(&engine, before);
    assert!(asked.iter().any(|text| text.contains("stop.py")), "{asked:#?}");
    assert!(!asked.iter().any(|text| text.contains("site-release")), "{asked:#?}");
}
