//! The engine's host is kept off a network before anybody else's program runs there.

use crate::docker::fake::{FakeEngine, Main};
use crate::event::{Event, ResourceKind, What};
use crate::provision::fixture::{Actors, engine};
use crate::replica::fixture::SHOP;

fn six() -> Actors {
    Actors::new(&format!("{SHOP}host: {{resolver: {{families: [ipv6, ipv4]}}}}\n"))
}

fn four() -> Actors {
    Actors::new(SHOP)
}

/// Builders run as ever; what is to close the network ends so.
fn closing_ends(code: i64, lines: &'static [&str]) -> FakeEngine {
    engine().on_start(move |name, _| {
        if name.ends_with("-closing") {
            Main::Ends(code, lines.iter().copied().map(str::to_owned).collect())
        } else {
            Main::Runs
        }
    })
}

#[tokio::test]
async fn nobody_starts_before_the_network_is_closed() {
    for actors in [four(), six()] {
        let engine = engine();
        actors.provision(&engine).await.unwrap();
        let requests = engine.requests();
        let place = |start: &str| requests.iter().position(|text| text.starts_with(start)).unwrap();
        let closed = place("remove container `stagectl-r1-site-closing`");
        for role in ["resolver", "app", "cache", "db", "suite"] {
            let started = place(&format!("start container `stagectl-r1-site-{role}`"));
            assert!(closed < started, "{role}: {requests:#?}");
        }
        actors.tear_down(&engine).await;
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn nobody_starts_where_it_has_to_be_closed_and_cannot() {
    let actors = six();
    let engine = closing_ends(1, &["close: cannot create /proc/sys/net: Permission denied"]);
    let failure = actors.provision(&engine).await.unwrap_err();
    assert_eq!(failure.kind.code(), 75);
    assert_eq!(failure.message, "could not keep the engine's host off the network of site");
    let causes = ["it ended with code 1", "close: cannot create /proc/sys/net: Permission denied"];
    assert_eq!(failure.causes, causes);
    let started = |text: &&String| {
        text.starts_with("start container `stagectl-r1-site-") && !text.contains("-closing")
    };
    assert_eq!(engine.requests().iter().find(started), None);
    actors.tear_down(&engine).await;
    let left = engine.leftovers();
    assert!(left.iter().all(|left| left.kind != ResourceKind::Container), "{left:?}");
}

fn warnings(actors: &Actors) -> Vec<String> {
    let warning = |event: Event| match event.what {
        What::Warning { message } => Some(message),
        _ => None,
    };
    actors.events().into_iter().filter_map(warning).collect()
}

#[tokio::test]
async fn where_only_broadcasts_come_out_that_is_said() {
    let closing = "container `stagectl-r1-site-closing`";
    for (engine, cause) in [
        (closing_ends(1, &["Permission denied"]), "it ended with code 1: Permission denied"),
        (
            engine().forbidding(&format!("create {closing}")),
            "could not create container `stagectl-r1-site-closing`: Docker answered 403: a failure was injected",
        ),
        (
            engine().forbidding(&format!("start {closing}")),
            "could not start container `stagectl-r1-site-closing`: Docker answered 403: a failure was injected",
        ),
    ] {
        let actors = four();
        actors.provision(&engine).await.unwrap();
        let begin = "the engine's host hears what the site says to everybody on its network";
        assert_eq!(warnings(&actors), [format!("{begin}: {cause}")]);
        actors.tear_down(&engine).await;
        assert_eq!(engine.leftovers(), []);
    }
    for (actors, engine) in [
        (six(), engine().forbidding(&format!("start {closing}"))),
        (four(), engine().failing_on(&format!("start {closing}"))),
    ] {
        assert_eq!(actors.provision(&engine).await.unwrap_err().kind.code(), 75);
        actors.tear_down(&engine).await;
    }
}
