//! The engine's host is kept off a network before anybody else's program runs there.

use crate::docker::fake::{FakeEngine, Main, Reply};
use crate::event::{Event, ResourceKind, What};
use crate::provision::fixture::{Actors, engine, engine_where};
use crate::replica::fixture::SHOP;

const ADDRESS: [&str; 2] = ["closed", "the engine's host has an address on the network"];

fn six() -> Actors {
    Actors::new(&format!("{SHOP}host: {{resolver: {{families: [ipv6, ipv4]}}}}\n"))
}

fn four() -> Actors {
    Actors::new(SHOP)
}

/// Builders run as ever; what is to close the network says this and ends so.
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
        let closed = place("follow container `stagectl-r1-site-closing`");
        place("remove container `stagectl-r1-site-closing`");
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
    let engine = closing_ends(3, &["close: cannot create /proc/sys/net: Permission denied"]);
    let failure = actors.provision(&engine).await.unwrap_err();
    assert_eq!(failure.kind.code(), 75);
    assert_eq!(failure.message, "could not keep the engine's host off the network of site");
    let first = "what was to see to it ended with code 3";
    let causes = [first, "close: cannot create /proc/sys/net: Permission denied"];
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
    let actors = four();
    let engine = closing_ends(0, &["loud cannot create rp_filter: Permission denied", "closed"]);
    actors.provision(&engine).await.unwrap();
    let begin = "the engine's host hears what the site says to everybody on its network";
    let said = format!("{begin}: cannot create rp_filter: Permission denied");
    assert_eq!(warnings(&actors), [said]);
    actors.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn what_nobody_can_see_is_not_called_closed() {
    let closing = "container `stagectl-r1-site-closing`";
    for (actors, engine, message) in [
        (four(), closing_ends(0, &[]), "could not keep the engine's host off"),
        (six(), closing_ends(0, &[]), "could not keep the engine's host off"),
        // After the first container, when everybody may have started.
        (four(), closing_ends(3, &ADDRESS), "could not keep the engine's host off"),
        (four(), engine().forbidding(&format!("create {closing}")), "could not see whether"),
        (six(), engine().forbidding(&format!("create {closing}")), "could not see whether"),
        (four(), engine().forbidding(&format!("start {closing}")), "could not see whether"),
        (four(), engine().failing_on(&format!("start {closing}")), "could not start container"),
    ] {
        let failure = actors.provision(&engine).await.unwrap_err();
        assert_eq!(failure.kind.code(), 75, "{failure:?}");
        assert!(failure.message.starts_with(message), "{failure:?}");
        assert!(!failure.hints.is_empty() || message.contains("start"), "{failure:?}");
        let requests = engine.requests();
        assert!(!requests.iter().any(|text| text.contains("serve.py")), "{requests:#?}");
        actors.tear_down(&engine).await;
    }
}

#[tokio::test]
async fn a_site_that_is_not_alone_gets_no_verdict() {
    let lines = ["a route leads out of the network, through 10.231.0.1 (eth0)"];
    for (code, message) in [
        (3, "the network of site is not closed"),
        (1, "could not see whether the network of site is closed"),
        (126, "the host of site did not get ready"),
    ] {
        let actors = four();
        let engine = engine_where(move |role, program, _| {
            (role == "app" && program == "network.py").then(|| Reply::of(code, &lines))
        });
        let failure = actors.provision(&engine).await.unwrap_err();
        assert_eq!((failure.kind.code(), failure.message.as_str()), (75, message));
        if code == 3 {
            assert_eq!(failure.causes, lines);
        }
        let is_site_s = |text: &String| text.contains("step.py") || text.contains("serve.py");
        assert!(!engine.requests().iter().any(is_site_s), "{:#?}", engine.requests());
        actors.tear_down(&engine).await;
    }
}
