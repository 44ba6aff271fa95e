//! What is left behind is reported by name, and decides the verdict.

use crate::docker::fake::Main;
use crate::event::{Inventory, What};
use crate::failure::{Kind, Verdict};
use crate::provision::fixture::{engine, engine_where, suite_that_writes};
use crate::rehearsal::fixture::House;
use crate::replica::fixture::{DESK, SHOP};

const RED: &str = r#"<testsuites><testsuite name="pytest" tests="1">
<testcase classname="test_critical" name="test_it"><failure message="no">x</failure></testcase>
</testsuite></testsuites>"#;

#[tokio::test]
async fn whatever_cannot_be_removed_is_named_and_nothing_else_is() {
    let house = House::new(&[("shop", SHOP), ("desk", DESK)]);
    let probe = engine();
    house.usual(&probe).await;
    let removals: Vec<String> = probe
        .requests()
        .into_iter()
        .filter(|text| {
            text.starts_with("remove container `id-") || text.starts_with("remove network")
        })
        .collect();
    assert_eq!(removals.len(), 5 + 4 + 2);
    for removal in removals {
        let engine = engine().failing_on(&removal);
        let rehearsed = house.usual(&engine).await;
        assert_eq!(rehearsed.verdict, Verdict::Not(Kind::LeftBehind), "{removal}");
        let mut there: Vec<String> =
            engine.leftovers().into_iter().map(|resource| resource.name).collect();
        there.sort();
        assert!(!there.is_empty(), "{removal}");
        assert_eq!(rehearsed.left_behind(), there, "{removal}");
        let counted = rehearsed.events.iter().find_map(|event| match event.what {
            What::Inventory { left } => Some(left),
            _ => None,
        });
        let Some(Inventory { containers, networks, volumes }) = counted else {
            panic!("no inventory after {removal}")
        };
        assert_eq!(containers + networks + volumes, there.len(), "{removal}");
        let failure = rehearsed.failure();
        assert_eq!(failure.kind, Kind::LeftBehind);
        assert!(failure.hints.iter().any(|hint| hint.contains("stagectl gc")), "{failure:?}");
    }
}

#[tokio::test]
async fn a_red_site_stays_the_failure_although_something_is_left() {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine_where(|role, program, _| {
        (role == "suite" && program == "step.py").then(|| suite_that_writes(1, RED))
    });
    let engine = engine.failing_on("remove container `id-stagectl-r1-shop-db`");
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::LeftBehind));
    assert_eq!(rehearsed.failure().kind, Kind::Unfit, "the first one is rehearsed");
}

#[tokio::test]
async fn what_somebody_removes_by_hand_is_a_clear_failure_and_no_leftover() {
    for (role, request) in [
        ("db", "start container `stagectl-r1-shop-db`"),
        ("app", "run `/usr/bin/python3 -I -S /opt/stagectl/serve.py`"),
        ("app", "run `/usr/bin/python3 -I -S /opt/stagectl/diagnose.py`"),
        (
            "suite",
            "run `/usr/bin/python3 -I -S /opt/stagectl/step.py` in container `stagectl-r1-shop-suite`",
        ),
        ("network", "start container `stagectl-r1-shop-app`"),
    ] {
        let house = House::new(&[("shop", SHOP)]);
        let engine = engine();
        let by_hand = engine.clone();
        let engine = engine.on_request(move |_, action| {
            if action.starts_with(request) {
                by_hand.lose(&format!("stagectl-r1-shop-{role}"));
            }
        });
        let rehearsed = house.usual(&engine).await;
        assert_eq!(
            rehearsed.verdict,
            Verdict::Not(Kind::Infrastructure),
            "{role}: {:?}",
            rehearsed.sites()
        );
        assert_eq!(engine.leftovers(), [], "{role}");
    }
}

#[tokio::test]
async fn an_image_that_somebody_removes_by_hand_is_a_clear_failure() {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine();
    house.usual(&engine).await;
    let by_hand = engine.clone();
    let engine = engine.on_request(move |_, action| {
        if action.starts_with("create container `stagectl-r1-shop-app`") {
            by_hand.lose_images("stagectl/release:");
        }
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Infrastructure));
    assert_eq!(engine.leftovers(), []);
    // The next run makes it again.
    let engine = engine.on_request(|_, _| ());
    assert_eq!(house.usual(&engine).await.verdict, Verdict::Passed);
}

#[tokio::test]
async fn refused_names_are_told_of_a_green_site_too() {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine().on_start(|container, _| match container {
        "stagectl-r1-shop-resolver" => Main::Says(vec![
            "dnsmasq: query[A] api.pay.example from 10.231.0.3".to_owned(),
            "dnsmasq: config error is REFUSED (EDE: not ready)".to_owned(),
        ]),
        _ => Main::Runs,
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed);
    assert!(rehearsed.has_event(|what| matches!(what,
        What::NameRefused { name, times: 1, .. } if name == "api.pay.example")));
}
