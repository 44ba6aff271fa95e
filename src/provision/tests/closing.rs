//! The engine's host is kept off a network with IPv6 before anybody else's program runs there.

use crate::docker::fake::Main;
use crate::event::ResourceKind;
use crate::provision::fixture::{Actors, engine};
use crate::replica::fixture::SHOP;

fn six() -> Actors {
    Actors::new(&format!("{SHOP}host: {{resolver: {{families: [ipv6, ipv4]}}}}\n"))
}

#[tokio::test]
async fn nobody_starts_before_the_network_is_closed() {
    let (actors, engine) = (six(), engine());
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

#[tokio::test]
async fn nobody_starts_where_it_cannot_be_closed() {
    let actors = six();
    let engine = engine().on_start(|name, _| {
        if name.contains("-build-") {
            return Main::Runs;
        }
        assert!(name.ends_with("-closing"), "{name} started");
        Main::Ends(1, vec!["close: cannot create /proc/sys/net: Permission denied".to_owned()])
    });
    let failure = actors.provision(&engine).await.unwrap_err();
    assert_eq!(failure.kind.code(), 75);
    assert_eq!(failure.message, "could not keep the engine's host off the network of site");
    assert_eq!(failure.causes, ["close: cannot create /proc/sys/net: Permission denied"]);
    actors.tear_down(&engine).await;
    let left = engine.leftovers();
    assert!(left.iter().all(|left| left.kind != ResourceKind::Container), "{left:?}");
}
