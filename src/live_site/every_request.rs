//! A failure, and a stop, at every request to Docker: nothing is left, and it is never the site's.

use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, When};
use crate::event::{Event, Events, Inventory, Recorder, What};
use crate::failure::{Kind, Verdict};
use crate::live_site::{Asked, Route, examine, meant_live};
use crate::outside_look::Lookout;
use crate::provision::fixture::{engine, workshop};
use crate::replica::fixture::{SHOP, Stand, run_spec};
use crate::run::Run;

/// A shop without TLS whose only name leads to this machine, where nobody answers for it.
fn stand() -> Stand {
    let tls = "tls: {certificate: {names: [www.shop.example, shop.example], key: ecdsa-p256}}\n";
    let text = SHOP
        .replace(tls, "")
        .replace("names: [www.shop.example, shop.example]", "names: [localhost]")
        .replace("status: 200}", "status: 200, within: 1ms}");
    Stand::new(&[("site", &text)])
}

async fn examined(stand: &Stand, engine: &FakeEngine, stop: &Stop) -> (Verdict, Vec<Event>) {
    let recorder = Recorder::default();
    let run = Run {
        engine: engine.clone(),
        spec: run_spec(&stand.release),
        release_argument: "dist/shop.whl".to_owned(),
        events: Events::new(vec![Box::new(recorder.clone())]),
        stop: stop.clone(),
        workshop: workshop(stand),
        authority: stand.authority(),
        root: stand.root(),
        folder: stand.scratch("runs"),
        shown_folder: "runs".to_owned(),
        lease: std::time::Duration::from_hours(1),
    };
    let lookout = Lookout::new(Vec::new(), None).unwrap();
    let site = stand.site();
    let asked = Asked {
        site,
        meant: meant_live(site, &[], (&lookout, None), |_| None).unwrap(),
        lookout,
        route: Route::Here,
        rehearsed: None,
        pytest: Vec::new(),
        again: "stagectl live site".to_owned(),
    };
    (examine(&run, &asked).await, recorder.events())
}

fn has_nothing_left(events: &[Event]) -> bool {
    events.iter().any(|event| event.what == What::Inventory { left: Inventory::default() })
}

/// The requests where nothing goes wrong but the site.
async fn requests(stand: &Stand) -> Vec<String> {
    let engine = engine();
    let (verdict, events) = examined(stand, &engine, &Stop::new()).await;
    let found: Vec<&What> = events.iter().map(|event| &event.what).collect();
    assert_eq!(verdict, Verdict::Not(Kind::Unfit), "{found:?}");
    assert!(found.iter().any(|what| matches!(what, What::TestEnded { .. })), "{found:?}");
    assert!(has_nothing_left(&events));
    assert_eq!(engine.leftovers(), []);
    engine.requests()
}

#[tokio::test]
async fn a_failure_at_any_request_is_infrastructure_and_leaves_nothing() {
    let stand = stand();
    let requests = requests(&stand).await;
    // The undo asks again, and some things are only told.
    let told = ["list containers", "list images", "remove ", "inspect ", "read the log"];
    for when in [When::Before, When::After] {
        for (number, action) in requests.iter().enumerate() {
            let engine = engine().failing_at(number, when);
            let (verdict, events) = examined(&stand, &engine, &Stop::new()).await;
            let place = format!("{when:?} {number}: {action}");
            assert_eq!(engine.leftovers(), [], "{place}");
            assert!(has_nothing_left(&events), "{place}");
            let can_do_without = told.iter().any(|start| action.starts_with(start));
            assert!(verdict.code() == 75 || verdict.code() == 1 && can_do_without, "{place}");
        }
    }
}

#[tokio::test]
async fn a_stop_at_any_request_ends_in_order_and_leaves_nothing() {
    let stand = stand();
    let count = requests(&stand).await.len();
    for number in 0..count {
        let stop = Stop::new();
        let stopper = stop.clone();
        let engine = engine().on_request(move |n, _| {
            if n == number {
                stopper.request(Kind::Interrupted);
            }
        });
        let (verdict, events) = examined(&stand, &engine, &stop).await;
        assert_eq!(engine.leftovers(), [], "{number}");
        assert!(has_nothing_left(&events), "{number}");
        // The last requests are the receipt.
        assert!(verdict.code() == 130 || number + 2 >= count, "{number}: {verdict:?}");
    }
}
