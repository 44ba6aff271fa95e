//! What `gc` and every start of a run remove, and what they leave alone.

use crate::docker::fake::{FakeEngine, When};
use crate::docker::{Engine as _, Owner};
use crate::event::Events;
use crate::replica::fixture::ownership;
use crate::replica::{Labels, NetworkSpec, Ownership, RunId, label};
use crate::site::SiteName;
use crate::standing::{LEFT_UP, Reaped, reap, standing};

pub(super) const NOW: i64 = 1_000_000;

pub(super) async fn network(engine: &FakeEngine, name: &str, labels: Labels) {
    let spec = NetworkSpec {
        name: name.to_owned(),
        subnet: format!("10.0.{}.0/24", engine.leftovers().len()),
        gateway: None,
        ipv6: None,
        internal: true,
        bridge: None,
        labels,
    };
    engine.create_network(&spec).await.unwrap();
}

pub(super) fn labels_of(run: &str, site: &str, owner: &str, lease: i64) -> Labels {
    let site: SiteName = site.parse().unwrap();
    Ownership { run: RunId::named(run), owner: owner.to_owned(), lease, ..ownership() }
        .labels(&site, "network")
}

pub(super) fn dead() -> String {
    let owner = Owner::this_process();
    Owner { started: owner.started + 1, ..owner }.to_string()
}

pub(super) fn alive() -> String {
    Owner::this_process().to_string()
}

pub(super) fn elsewhere() -> String {
    Owner { host: "another".to_owned(), ..Owner::this_process() }.to_string()
}

pub(super) async fn reaped(engine: &FakeEngine) -> Reaped {
    reap(engine, &Events::new(Vec::new()), NOW).await.unwrap()
}

pub(super) fn names(engine: &FakeEngine) -> Vec<String> {
    engine.leftovers().into_iter().map(|resource| resource.name).collect()
}

#[tokio::test]
async fn what_is_abandoned_goes_and_what_is_somebody_s_stays() {
    let table = [
        ("dead", dead(), NOW + 10),
        // The clock jumped: its process is seen to live.
        ("living-beyond-its-lease", alive(), NOW),
        ("expired-lease", LEFT_UP.to_owned(), NOW - 1),
        ("gone-elsewhere", elsewhere(), NOW - 1),
        ("living", alive(), NOW + 10),
        ("left-up", LEFT_UP.to_owned(), NOW + 10),
        ("living-elsewhere", elsewhere(), NOW + 10),
        ("of-a-later-version", "v2!someone".to_owned(), NOW + 10),
    ];
    let engine = FakeEngine::new();
    for (name, owner, lease) in &table {
        network(&engine, name, labels_of(name, "shop", owner, *lease)).await;
    }
    let reaped = reaped(&engine).await;
    let stay =
        ["left-up", "living", "living-beyond-its-lease", "living-elsewhere", "of-a-later-version"];
    assert_eq!(names(&engine), stay);
    assert_eq!((reaped.removed.len(), reaped.alive.len(), reaped.left.len()), (3, 5, 0));
}

#[tokio::test]
async fn what_cannot_be_removed_is_not_counted_as_removed() {
    let engine = FakeEngine::new();
    network(&engine, "busy", labels_of("r1", "shop", LEFT_UP, NOW - 1)).await;
    let engine = engine.failing_on("remove network");
    let reaped = reaped(&engine).await;
    assert_eq!((reaped.removed.len(), reaped.left.len()), (0, 1));
}

#[tokio::test]
async fn one_site_of_a_run_can_be_abandoned_without_the_other() {
    let engine = FakeEngine::new();
    network(&engine, "old", labels_of("r1", "shop", LEFT_UP, NOW - 1)).await;
    network(&engine, "new", labels_of("r1", "desk", LEFT_UP, NOW + 1)).await;
    reaped(&engine).await;
    assert_eq!(names(&engine), ["new"]);
}

#[tokio::test]
async fn labels_that_resemble_ours_are_not_ours() {
    let engine = FakeEngine::new();
    let pairs: [(&str, &[(&str, &str)]); 6] = [
        ("a", &[]),
        ("b", &[("dev.stagectl.lease", "1")]),
        ("c", &[("dev.stagectl.runs", "r1"), ("dev.stagectl.lease", "1")]),
        ("d", &[("stagectl.run", "r1"), ("dev.stagectl.lease", "1")]),
        ("e", &[(label::RUN, ""), (label::LEASE, "1")]),
        ("f", &[(label::KIND, "base"), (label::KEY, "x")]),
    ];
    for (name, pairs) in pairs {
        let labels = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        network(&engine, name, labels.collect()).await;
    }
    let reaped = reaped(&engine).await;
    assert_eq!(names(&engine), ["a", "b", "c", "d", "e", "f"]);
    assert_eq!((reaped.removed.len(), reaped.alive.len()), (0, 0));
}

#[tokio::test]
async fn forged_labels_do_not_take_a_living_run_with_them() {
    for forged in [
        // No site: "of any site".
        Labels::from([
            (label::RUN.to_owned(), "r1".to_owned()),
            (label::LEASE.to_owned(), "1".to_owned()),
        ]),
        // The same site, but expired or dead.
        labels_of("r1", "shop", LEFT_UP, 1),
        labels_of("r1", "shop", &dead(), NOW + 10),
    ] {
        let engine = FakeEngine::new();
        network(&engine, "a-forged", forged).await;
        network(&engine, "living", labels_of("r1", "shop", &alive(), NOW + 10)).await;
        reaped(&engine).await;
        assert!(names(&engine).contains(&"living".to_owned()));
    }
}

#[tokio::test]
async fn half_of_our_labels_are_not_ours() {
    let engine = FakeEngine::new();
    for key in [label::SITE, label::OWNER, label::LEASE, label::PROJECT] {
        let mut labels = labels_of("r1", "shop", &dead(), 1);
        labels.remove(key);
        network(&engine, key, labels).await;
    }
    reaped(&engine).await;
    assert_eq!(names(&engine).len(), 4);
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_the_rest_goes() {
    let engine = FakeEngine::new();
    network(&engine, "stuck", labels_of("r1", "shop", &dead(), NOW)).await;
    network(&engine, "loose", labels_of("r2", "shop", &dead(), NOW)).await;
    let engine = engine.failing_on("remove network `stuck`");
    let reaped = reaped(&engine).await;
    assert_eq!(names(&engine), ["stuck"]);
    assert_eq!(reaped.left.len(), 1);
    assert_eq!(reaped.left[0].resource.name, "stuck");
}

#[tokio::test]
async fn a_lost_answer_does_not_keep_it_from_its_work() {
    for number in 1..8 {
        let engine = FakeEngine::new();
        network(&engine, "old", labels_of("r1", "shop", &dead(), NOW)).await;
        let engine = engine.failing_at(number + 1, When::After);
        reaped(&engine).await;
        assert_eq!(names(&engine), Vec::<String>::new());
    }
}

#[tokio::test]
async fn standing_replicas_are_told_by_run_and_site() {
    let engine = FakeEngine::new();
    network(&engine, "one", labels_of("r1", "shop", LEFT_UP, NOW + 5)).await;
    network(&engine, "two", labels_of("r1", "desk", LEFT_UP, NOW + 5)).await;
    let standing = standing(&engine).await.unwrap();
    let lines: Vec<String> = standing
        .iter()
        .map(|found| format!("{} {} {} {}", found.project, found.run, found.site, found.release))
        .collect();
    assert_eq!(lines, ["test r1 desk shop 1.0", "test r1 shop shop 1.0"]);
}
