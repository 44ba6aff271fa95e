//! A failure, and a stop, at every request of a whole provision and of its teardown.

use crate::docker::fake::When;
use crate::event::Events;
use crate::failure::Kind;
use crate::provision::fixture::{Actors, engine};
use crate::replica::Ownership;
use crate::replica::fixture::SHOP;
use crate::standing::teardown;

/// Requests of a provision, and of it with its teardown.
async fn counts() -> (usize, usize) {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let provision = engine.requests().len();
    actors.tear_down(&engine).await;
    (provision, engine.requests().len())
}

#[tokio::test]
async fn a_failure_at_any_request_is_infrastructure_and_leaves_nothing() {
    let (provision, all) = counts().await;
    assert!(provision > 80, "{provision} requests are less than a whole provision");
    let mut actors = Actors::new(SHOP);
    for when in [When::Before, When::After] {
        for number in 0..all {
            actors.workshop.locks = actors.stand.scratch(&format!("locks-{number}"));
            let engine = engine().failing_at(number, when);
            let outcome = actors.provision(&engine).await;
            let action = engine.requests()[number.min(engine.requests().len() - 1)].clone();
            match outcome {
                Err(failure) => {
                    assert_eq!(failure.kind, Kind::Infrastructure, "at {number}: {action}");
                    assert_eq!(failure.message, format!("could not {action}"), "the first decides");
                }
                Ok(_) => assert!(number >= provision, "{action} failed and nobody minds"),
            }
            let labels = Ownership::of_run(&actors.ownership.run);
            let left = teardown(&engine, &labels, &Events::new(Vec::new())).await.unwrap();
            assert_eq!(left, [], "at {number}: {action}");
            assert_eq!(engine.leftovers(), [], "after a failure {when:?} {number}: {action}");
        }
    }
}

#[tokio::test]
async fn a_stop_at_any_request_ends_it_and_leaves_nothing() {
    let (provision, _) = counts().await;
    for number in 0..provision {
        let actors = Actors::new(SHOP);
        let stop = actors.stop.clone();
        let engine = engine().on_request(move |n, _| {
            if n == number {
                stop.request(Kind::Terminated);
            }
        });
        let outcome = actors.provision(&engine).await;
        let requests = engine.requests();
        let action = &requests[number];
        let kind = outcome.map_err(|failure| failure.kind).map(|_| ());
        assert_eq!(kind, Err(Kind::Terminated), "at {number}: {action}");
        actors.tear_down(&engine).await;
        assert_eq!(engine.leftovers(), [], "after a stop at {number}: {action}");
    }
}
