//! Teardown: what it removes, what it leaves alone, and what it says of what it could not remove.

use crate::docker::Engine as _;
use crate::docker::fake::{FakeEngine, When};
use crate::event::{Events, ResourceKind};
use crate::provision::fixture::{Actors, engine, ownership_of, plan_in};
use crate::replica::fixture::SHOP;
use crate::replica::{Labels, NetworkSpec, Ownership, RunId, bridge_of, label};
use crate::standing::{Leftover, teardown, ways_out};

async fn provisioned() -> (Actors, FakeEngine) {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    (actors, engine)
}

async fn torn_down(engine: &FakeEngine) -> Vec<Leftover> {
    let labels = Ownership::of_run(&RunId::named("r1"));
    teardown(engine, &labels, &Events::new(Vec::new())).await.unwrap()
}

#[tokio::test]
async fn what_cannot_be_removed_is_named_with_its_reason_and_the_rest_goes() {
    let (_, engine) = provisioned().await;
    let engine = engine.failing_on("remove container `id-stagectl-r1-site-db`");
    let left = torn_down(&engine).await;
    let names: Vec<&str> = left.iter().map(|left| left.resource.name.as_str()).collect();
    assert_eq!(names, ["stagectl-r1-site-db", "stagectl-r1-site-network"]);
    assert!(left[0].error.contains("a failure was injected"), "{left:?}");
    assert!(left[1].error.contains("active endpoints"), "{left:?}");
    let ways: Vec<&str> = ways_out(&left).into_iter().collect();
    assert!(ways[0].contains("docker network disconnect --force"), "{ways:?}");
    assert_eq!(ways[1], "try again: `stagectl gc`");
    let there: Vec<_> = left.into_iter().map(|left| left.resource).collect();
    assert_eq!(engine.leftovers(), there);
    engine.mend();
    assert_eq!(torn_down(&engine).await, []);
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn what_somebody_removed_by_hand_is_no_failure() {
    let (_, engine) = provisioned().await;
    let by_hand = engine.clone();
    let engine = engine.on_request(move |_, action| {
        // Just after it was listed.
        if action.starts_with("remove container `id-stagectl-r1-site-app`") {
            for name in ["app", "db", "network"] {
                by_hand.lose(&format!("stagectl-r1-site-{name}"));
            }
        }
    });
    assert_eq!(torn_down(&engine).await, []);
    assert_eq!(engine.leftovers(), []);
    assert_eq!(torn_down(&engine).await, [], "a second call finds nothing to do");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let (actors, engine) = provisioned().await;
    let first = engine.requests().len();
    actors.tear_down(&engine).await;
    let all = engine.requests().len();
    for when in [When::Before, When::After] {
        for number in first..all {
            let (_, engine) = provisioned().await;
            let engine = engine.failing_at(number, when);
            assert_eq!(torn_down(&engine).await, [], "{when:?} {number}");
            assert_eq!(engine.leftovers(), [], "{when:?} {number}");
        }
    }
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_an_error_and_not_an_empty_list() {
    let (_, engine) = provisioned().await;
    let engine = engine.failing_on("list containers, networks and volumes");
    let labels = Ownership::of_run(&RunId::named("r1"));
    teardown(&engine, &labels, &Events::new(Vec::new())).await.unwrap_err();
}

/// A network of somebody else's.
async fn bystander(engine: &FakeEngine, name: &str, pairs: &[(&str, &str)]) {
    let labels = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let spec = NetworkSpec {
        name: name.to_owned(),
        subnet: format!("192.168.{}.0/24", engine.leftovers().len()),
        gateway: None,
        ipv6: None,
        internal: false,
        bridge: None,
        labels: labels.collect::<Labels>(),
    };
    engine.create_network(&spec).await.unwrap();
}

#[tokio::test]
async fn what_is_not_of_the_run_stays() {
    let (_, engine) = provisioned().await;
    let mut other = Actors::new(SHOP);
    other.ownership = ownership_of("r11");
    other.plan = plan_in(other.stand.site(), &other.stand, &other.ownership, 1);
    other.provision(&engine).await.unwrap();
    bystander(&engine, "stagectl-r1-site-web", &[]).await;
    bystander(&engine, "one", &[("stagectl.run", "r1")]).await;
    bystander(&engine, "two", &[("dev.stagectl.runner", "r1")]).await;
    bystander(&engine, "three", &[(label::RUN, "R1")]).await;
    bystander(&engine, "four", &[(label::RUN, "")]).await;
    bystander(&engine, "five", &[("com.example.dev.stagectl.run", "r1")]).await;
    assert_eq!(torn_down(&engine).await, []);
    let there = engine.leftovers();
    let networks: Vec<&str> = there
        .iter()
        .filter(|resource| resource.kind == ResourceKind::Network)
        .map(|resource| resource.name.as_str())
        .collect();
    let expected = [
        "five",
        "four",
        "one",
        "stagectl-r1-site-web",
        "stagectl-r11-site-network",
        "three",
        "two",
    ];
    assert_eq!(networks, expected);
    assert!(there.iter().all(|resource| !resource.name.starts_with("stagectl-r1-site-a")));
    assert_eq!(there.len(), 7 + 5, "the other run's containers");
}

#[tokio::test]
async fn what_this_machine_keeps_of_a_removed_network_is_left_behind() {
    let (_, engine) = provisioned().await;
    let root = tempfile::tempdir().unwrap();
    let bridge = bridge_of("stagectl-r1-site-network");
    std::fs::create_dir_all(root.path().join("sys/class/net").join(&bridge)).unwrap();
    let engine = engine.on_machine(root.path());
    let left = torn_down(&engine).await;
    assert_eq!(engine.leftovers(), [], "Docker lists nothing");
    let named: Vec<_> = left.iter().map(|left| (left.resource.kind, &left.resource.name)).collect();
    assert_eq!(named, [(ResourceKind::Interface, &bridge)]);
    let ways: Vec<_> = ways_out(&left).into_iter().collect();
    assert_eq!(ways, ["remove the interface as root: `ip link delete NAME`"]);
}
