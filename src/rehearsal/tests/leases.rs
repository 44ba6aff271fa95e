//! Replicas that were left up: what keeps them, for how long, and what happens at the edges.

use std::path::Path;
use std::time::Duration;

use super::reaping::{NOW, alive, dead, elsewhere, labels_of, names, network, reaped};
use crate::docker::fake::FakeEngine;
use crate::docker::{Engine as _, Found};
use crate::event::Events;
use crate::replica::fixture::ownership;
use crate::replica::{
    Attachment, ContainerSpec, Labels, Limits, LookupSpec, Ownership, RunId, label,
};
use crate::site::{ProjectName, SiteName};
use crate::standing::{
    LEFT_UP, Redeploy, Stage, Standing, expect_left_up, expect_no_redeploy, expect_whole, extend,
    leave_up, newest, reap, record_redeploy, record_release, standing,
};

const HOUR: Duration = Duration::from_hours(1);

fn shop() -> SiteName {
    "shop".parse().unwrap()
}

fn run(owner: &str) -> Ownership {
    Ownership { run: RunId::named("r1"), owner: owner.to_owned(), lease: NOW + 10, ..ownership() }
}

/// What is meant to be left up says so from the start, and until it is, its process keeps it.
#[tokio::test]
async fn what_is_to_be_left_up_is_its_process_s_until_then() {
    for (process, stays) in [(dead(), false), (alive(), true), (elsewhere(), true)] {
        let engine = FakeEngine::new();
        let lease = Ownership { process: Some(process), ..run(LEFT_UP) };
        network(&engine, "net", lease.labels(&shop(), "network")).await;
        assert!(!only(&engine).await.is_left_up());
        // Nobody else puts a release into it by then.
        let held = expect_left_up(&only(&engine).await, NOW).err().map(|failure| failure.message);
        let is_at_work = held.is_some_and(|message| message.contains("a run that is at work"));
        assert_eq!(is_at_work, stays);
        reaped(&engine).await;
        assert_eq!(names(&engine).len(), usize::from(stays));
        leave_up(&engine, &lease, &shop(), HOUR, NOW).await.unwrap();
        assert!(only(&engine).await.is_left_up());
        expect_left_up(&only(&engine).await, NOW).unwrap();
    }
}

/// A replica of a process, and its marker of an hour from now.
async fn left_up(engine: &FakeEngine, owner: &str) {
    network(engine, "net", labels_of("r1", "shop", owner, NOW + 10)).await;
    leave_up(engine, &run(owner), &shop(), HOUR, NOW).await.unwrap();
}

async fn only(engine: &FakeEngine) -> Standing {
    let mut all = standing(engine).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn what_was_never_left_up_goes_with_its_process() {
    let engine = FakeEngine::new();
    network(&engine, "net", labels_of("r1", "shop", &dead(), NOW + 10)).await;
    reaped(&engine).await;
    assert_eq!(names(&engine), [""; 0]);
}

#[tokio::test]
async fn what_was_left_up_stays_without_its_process_until_its_lease_ends() {
    for owner in [dead(), elsewhere()] {
        let engine = FakeEngine::new();
        left_up(&engine, &owner).await;
        // What its containers say of a lease does not count any more.
        assert!(!only(&engine).await.is_abandoned(NOW + 3599));
        assert!(only(&engine).await.is_abandoned(NOW + 3600));
        let alive = reaped(&engine).await.alive;
        assert_eq!((alive.len(), names(&engine).len()), (1, 2));
    }
}

#[tokio::test]
async fn a_lease_that_is_over_takes_its_marker_along_and_not_that_of_a_living_process() {
    let engine = FakeEngine::new();
    left_up(&engine, &dead()).await;
    let late = reap(&engine, &Events::new(Vec::new()), NOW + 4000).await.unwrap();
    assert_eq!((late.removed.len(), names(&engine)), (1, Vec::new()));
    let engine = FakeEngine::new();
    left_up(&engine, &alive()).await;
    assert!(!only(&engine).await.is_abandoned(NOW + 4000));
}

#[tokio::test]
async fn each_use_begins_the_lease_anew_and_leaves_one_marker() {
    let engine = FakeEngine::new();
    left_up(&engine, &dead()).await;
    // Next to nothing to gain.
    extend(&engine, &only(&engine).await, NOW + 30).await.unwrap();
    assert_eq!(only(&engine).await.stays_until(), Some(NOW + 3600));
    extend(&engine, &only(&engine).await, NOW + 1800).await.unwrap();
    let standing = only(&engine).await;
    assert_eq!((standing.stays_until(), standing.markers.len()), (Some(NOW + 5400), 1));
    // A clock that is behind takes nothing away.
    extend(&engine, &standing, NOW).await.unwrap();
    assert_eq!(only(&engine).await.stays_until(), Some(NOW + 5400));
}

#[tokio::test]
async fn another_release_is_told_by_the_marker_and_survives_further_uses() {
    let engine = FakeEngine::new();
    left_up(&engine, &dead()).await;
    record_release(&engine, &only(&engine).await, "shop 1.1", NOW).await.unwrap();
    assert_eq!(only(&engine).await.release, "shop 1.1");
    extend(&engine, &only(&engine).await, NOW + 1800).await.unwrap();
    let standing = only(&engine).await;
    assert_eq!((standing.release.as_str(), standing.markers.len()), ("shop 1.1", 1));
}

#[tokio::test]
async fn a_redeploy_without_an_end_is_known_whatever_the_replica_is_used_for_until_the_next() {
    for (owner, stage) in [
        (dead(), Stage::CutShort),
        (alive(), Stage::AtWork),
        (elsewhere(), Stage::AtWork),
        ("nobody".to_owned(), Stage::CutShort),
    ] {
        let engine = FakeEngine::new();
        left_up(&engine, &dead()).await;
        let before = only(&engine).await;
        assert_eq!(before.redeploy(), None);
        let redeploy = Redeploy { since: NOW, owner: owner.clone() };
        record_redeploy(&engine, &before, &redeploy).await.unwrap();
        extend(&engine, &only(&engine).await, NOW + 1800).await.unwrap();
        let standing = only(&engine).await;
        assert_eq!((standing.redeploy(), standing.markers.len()), (Some(&redeploy), 1));
        assert_eq!(redeploy.stage(NOW), stage, "{owner}");
        let is_whole = expect_whole(&standing, NOW).is_ok();
        assert_eq!(is_whole, stage == Stage::AtWork, "{owner}");
        let is_free = expect_no_redeploy(&standing, NOW).is_ok();
        assert_eq!(is_free, stage == Stage::CutShort, "{owner}");
        // What a process noted of it that had looked at it before all that.
        record_release(&engine, &before, "shop 1.1", NOW).await.unwrap();
        let standing = only(&engine).await;
        assert_eq!((standing.redeploy(), standing.release.as_str()), (None, "shop 1.1"));
        assert_eq!(standing.markers.len(), 1);
    }
    // Nobody can see from here that it is over; it is, all the same.
    let redeploy = Redeploy { since: NOW, owner: elsewhere() };
    assert_eq!(redeploy.stage(NOW + 24 * 3600), Stage::CutShort);
}

#[tokio::test]
async fn at_every_failing_request_of_a_renewal_there_is_a_marker() {
    for number in 0..3 {
        let engine = FakeEngine::new();
        left_up(&engine, &dead()).await;
        let standing = only(&engine).await;
        let begun = engine.requests().len();
        let engine = engine.failing_at(begun + number, crate::docker::fake::When::Before);
        extend(&engine, &standing, NOW + 1800).await.ok();
        engine.mend();
        let until = only(&engine).await.stays_until();
        assert!(until >= Some(NOW + 3600), "{until:?} after a failure of request {number}");
    }
}

/// What a process that ends well does between the two looks of a reaping.
#[tokio::test]
async fn what_is_left_up_while_it_is_looked_at_stays() {
    let engine = FakeEngine::new();
    network(&engine, "net", labels_of("r1", "shop", &dead(), NOW + 10)).await;
    let marker = {
        let other = FakeEngine::new();
        leave_up(&other, &run(&dead()), &shop(), HOUR, NOW).await.unwrap();
        other.inventory(&Labels::new()).await.unwrap().remove(0)
    };
    let Found { resource, labels, .. } = marker;
    let (world, begun) = (engine.clone(), engine.requests().len());
    let engine = engine.on_request(move |number, _| {
        // The second look.
        if number == begun + 1 {
            world.put_volume(&resource.name, labels.clone());
        }
    });
    let reaped = reaped(&engine).await;
    assert_eq!((reaped.removed.len(), reaped.alive.len()), (0, 1));
    assert_eq!(names(&engine).len(), 2);
}

#[tokio::test]
async fn a_marker_without_its_replica_is_shown_and_goes_when_it_is_over() {
    let engine = FakeEngine::new();
    left_up(&engine, &dead()).await;
    engine.lose("net");
    let standing = only(&engine).await;
    assert!(standing.is_left_up() && !standing.is_abandoned(NOW));
    standing.remove(&engine, &Events::new(Vec::new())).await.unwrap();
    assert_eq!(names(&engine), [""; 0]);
}

#[tokio::test]
async fn a_forged_marker_shortens_no_lease_and_is_of_no_other_project() {
    let engine = FakeEngine::new();
    left_up(&engine, &dead()).await;
    let marker = only(&engine).await.markers.remove(0);
    let with = |key: &str, value: &str| {
        let mut labels = marker.labels.clone();
        labels.insert(key.to_owned(), value.to_owned());
        labels
    };
    engine.put_volume("forged", with(label::LEASE, "1"));
    assert_eq!(standing(&engine).await.unwrap()[0].stays_until(), Some(NOW + 3600));
    let engine = FakeEngine::new();
    network(&engine, "net", labels_of("r1", "shop", &dead(), NOW + 10)).await;
    engine.put_volume("of-another", with(label::PROJECT, "another"));
    reaped(&engine).await;
    assert_eq!(names(&engine), ["of-another"]);
}

/// A container as a redeploy has one, with a run of its own.
async fn container(engine: &FakeEngine, run: &str, owner: &str) {
    let spec = ContainerSpec {
        name: format!("app-of-{run}"),
        role: "app".to_owned(),
        image: "img".to_owned(),
        network: Attachment::EngineHost,
        hostname: None,
        command: Vec::new(),
        env: [].into(),
        labels: labels_of(run, "shop", owner, NOW + 10),
        files: Vec::new(),
        limits: Limits::default(),
        capabilities: Vec::new(),
        tmpfs: [].into(),
        volumes: [].into(),
        sysctls: [].into(),
        ulimits: Vec::new(),
        lookup: LookupSpec::default(),
        published: Vec::new(),
        stop_signal: None,
    };
    engine.create_container(&spec).await.unwrap();
}

#[tokio::test]
async fn what_a_redeploy_makes_meanwhile_is_not_the_replica_that_is_up() {
    let engine = FakeEngine::new().with_image("img");
    left_up(&engine, &alive()).await;
    container(&engine, "r1", &alive()).await;
    container(&engine, "r2", &dead()).await;
    let project: ProjectName = "test".parse().unwrap();
    let found = newest(&engine, (&project, Path::new("/shop")), &shop()).await.unwrap();
    assert_eq!(found.run.as_str(), "r1");
}
