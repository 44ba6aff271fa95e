//! How a run goes through its sites: in order, on after a red one or not, kept or not.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, Main, Reply};
use crate::event::{Inventory, What};
use crate::failure::{Kind, Verdict};
use crate::provision::fixture::{engine, engine_where, suite_that_writes};
use crate::rehearsal::fixture::{House, USUAL};
use crate::rehearsal::{AfterFailure, Ahead, Course, Keep, Until};
use crate::replica::Phase;
use crate::replica::fixture::{DESK, SHOP};

const RED: &str = r#"<testsuites><testsuite name="pytest">
<testcase classname="a" name="b"><failure message="no">x</failure></testcase>
</testsuite></testsuites>"#;

fn house() -> House {
    House::new(&[("shop", SHOP), ("desk", DESK)])
}

/// Red at the first site, green at the second.
fn red_then_green() -> FakeEngine {
    engine_where(|role, program, job| {
        let red = role == "suite" && program == "step.py" && job["env"]["STAGECTL_SITE"] == "shop";
        red.then(|| suite_that_writes(1, RED))
    })
}

#[tokio::test]
async fn the_other_sites_are_rehearsed_and_the_difference_is_told() {
    let (house, engine) = (house(), red_then_green());
    let rehearsed = house.usual(&engine).await;
    let codes: Vec<_> = rehearsed.sites().into_iter().map(|(name, code, _)| (name, code)).collect();
    assert_eq!(codes, [("shop".to_owned(), 1), ("desk".to_owned(), 0)]);
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Unfit));
    let keys = rehearsed.events.iter().find_map(|event| match &event.what {
        What::DiffersFrom { site, differences } => {
            let keys: Vec<_> =
                differences.iter().map(|other| other.difference.key.clone()).collect();
            Some((site.to_string(), keys))
        }
        _ => None,
    });
    let (nearest, keys) = keys.unwrap();
    assert_eq!(nearest, "desk");
    for key in ["base.debian", "proxy.server", "wsgi.server", "tls.certificate.names"] {
        assert!(keys.iter().any(|found| found.starts_with(key)), "{key}: {keys:?}");
    }
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn what_is_rehearsed_until_it_answers_is_green_without_diagnosis_and_suite() {
    let (house, engine) = (house(), red_then_green());
    let course = Course { until: Until::Ready, ..USUAL };
    let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed);
    let ended = |phase: Phase| {
        let is_it =
            |what: &What| matches!(what, What::PhaseEnded { phase: ended, .. } if *ended == phase);
        rehearsed.events.iter().filter(|event| is_it(&event.what)).count()
    };
    let phases = [Phase::Ready, Phase::Diagnosis, Phase::Suite, Phase::Down];
    assert_eq!(phases.map(ended), [2, 0, 0, 2]);
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn fail_fast_ends_after_the_first_red_site_and_builds_nothing_for_the_next() {
    let course = Course { after_failure: AfterFailure::Stop, ..USUAL };
    // It fails before its images are there.
    let house = house();
    let engine = engine().failing_at(3, crate::docker::fake::When::Before);
    let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
    assert_eq!(rehearsed.sites().len(), 1);
    let of_desk: Vec<String> = engine
        .requests()
        .into_iter()
        .filter(|text| text.contains("bullseye") || text.contains("desk"))
        .collect();
    assert_eq!(of_desk, Vec::<String>::new());
}

/// The first site is red, and no image of the second is ever built to its end.
fn red_while_the_next_is_built() -> FakeEngine {
    let of_desk = Rc::new(Cell::new(false));
    let seen = Rc::clone(&of_desk);
    let engine = red_then_green();
    engine.on_request(move |_, text| seen.set(seen.get() || text.contains("bullseye"))).on_start(
        move |name, _| {
            let builds = of_desk.get() && name.contains("-build-");
            if builds { Main::Says(Vec::new()) } else { Main::Runs }
        },
    )
}

#[tokio::test(start_paused = true)]
async fn fail_fast_does_not_wait_for_the_next_site_s_image() {
    for ahead in [Ahead::Images, Ahead::Containers] {
        let (house, engine) = (house(), red_while_the_next_is_built());
        let course = Course { after_failure: AfterFailure::Stop, ahead, ..USUAL };
        let stop = Stop::new();
        let rehearsing = house.rehearse(&engine, course, &stop);
        let rehearsed = tokio::time::timeout(Duration::from_mins(1), rehearsing).await.unwrap();
        let codes: Vec<_> =
            rehearsed.sites().into_iter().map(|(name, code, _)| (name, code)).collect();
        assert_eq!(codes, [("shop".to_owned(), 1)], "{ahead:?}");
        assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Unfit));
        assert!(engine.requests().iter().any(|text| text.contains("bullseye")));
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn fail_fast_goes_on_after_a_red_site_that_is_advisory() {
    let shop = format!("{SHOP}advisory: true\n");
    let house = House::new(&[("shop", &shop), ("desk", DESK)]);
    let course = Course { after_failure: AfterFailure::Stop, ..USUAL };
    let rehearsed = house.rehearse(&red_then_green(), course, &Stop::new()).await;
    assert_eq!(rehearsed.sites().len(), 2);
}

#[tokio::test]
async fn the_next_site_s_images_are_made_while_this_one_is_tested() {
    let (house, engine) = (house(), engine());
    house.usual(&engine).await;
    let requests = engine.requests();
    let place = |wanted: &str| requests.iter().position(|text| text.contains(wanted)).unwrap();
    assert!(place("debian:bullseye-slim") < place("diagnose.py"));
    assert!(place("remove network `stagectl-r1-shop") < place("create network `stagectl-r1-desk"));
}

#[tokio::test]
async fn what_a_site_took_is_its_turn_and_what_was_made_ready_before() {
    for ahead in [Ahead::Images, Ahead::Containers] {
        let (house, engine) = (house(), engine());
        let course = Course { ahead, ..USUAL };
        let events = house.rehearse(&engine, course, &Stop::new()).await.events;
        let of_desk = || {
            events
                .iter()
                .filter(|event| event.site.as_ref().is_some_and(|site| site.as_str() == "desk"))
        };
        let begin =
            of_desk().find(|event| matches!(event.what, What::SiteStarted { .. })).unwrap().at;
        let (end, took) = of_desk()
            .find_map(|event| match event.what {
                What::SiteEnded { took, .. } => Some((event.at, took)),
                _ => None,
            })
            .unwrap();
        // Images are a phase that ends before the turn begins, and goes on in it.
        let images =
            of_desk().take_while(|event| event.at < begin).find_map(|event| match event.what {
                What::PhaseEnded { phase: Phase::Images, took, .. } => Some(took),
                _ => None,
            });
        let images = images.expect("they are made before");
        assert!(took >= images, "{took:?} {images:?}");
        assert!(took > end.saturating_sub(begin), "{ahead:?}: {took:?} of {begin:?} to {end:?}");
    }
}

#[tokio::test]
async fn with_overlap_the_next_site_is_up_before_this_one_is_down() {
    // It is measured what the first one takes; of the fake engine's memory that is little.
    for ahead in [Ahead::Containers, Ahead::WhereRoom] {
        let (house, engine) = (house(), engine());
        assert!(is_up_before_the_other_is_down(&house, &engine, ahead).await, "{ahead:?}");
    }
}

#[tokio::test]
async fn nobody_is_brought_up_early_where_memory_cannot_be_measured() {
    let (house, engine) = (house(), engine().failing_on("ask for what container"));
    assert!(!is_up_before_the_other_is_down(&house, &engine, Ahead::WhereRoom).await);
}

async fn is_up_before_the_other_is_down(house: &House, engine: &FakeEngine, ahead: Ahead) -> bool {
    let course = Course { ahead, ..USUAL };
    // The images are there.
    house.usual(engine).await;
    let begin = engine.requests().len();
    let rehearsed = house.rehearse(engine, course, &Stop::new()).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed);
    assert_eq!(engine.leftovers(), []);
    let requests = engine.requests().split_off(begin);
    let place = |wanted: &str| requests.iter().position(|text| text.contains(wanted)).unwrap();
    place("create network `stagectl-r1-desk") < place("remove network `stagectl-r1-shop")
}

/// The sites whose containers are there.
fn standing(engine: &FakeEngine) -> Vec<String> {
    let mut sites: Vec<String> = engine
        .leftovers()
        .into_iter()
        .filter_map(|resource| resource.name.split('-').nth(2).map(str::to_owned))
        .collect();
    sites.sort();
    sites.dedup();
    sites
}

#[tokio::test]
async fn keep_leaves_the_red_site_up_and_no_other() {
    for ahead in [Ahead::Images, Ahead::Containers] {
        let (house, engine) = (house(), red_then_green());
        let course = Course { keep: Keep::Failing, ahead, ..USUAL };
        let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
        assert_eq!(rehearsed.verdict.code(), 1);
        assert_eq!(standing(&engine), ["shop"], "{ahead:?}");
        let kept = Inventory { containers: 5, networks: 1, volumes: 1 };
        assert!(rehearsed.has_event(|what| *what == What::Kept { kept }));
        assert!(!rehearsed.has_event(|what| matches!(what, What::Inventory { .. })));
    }
}

#[tokio::test]
async fn keep_leaves_nothing_of_a_site_that_nobody_got_to() {
    let (house, engine) = (house(), red_then_green());
    let course = Course {
        keep: Keep::Failing,
        after_failure: AfterFailure::Stop,
        ahead: Ahead::Containers,
        ..USUAL
    };
    house.rehearse(&engine, course, &Stop::new()).await;
    assert_eq!(standing(&engine), ["shop"]);
}

#[tokio::test]
async fn keep_does_not_keep_what_docker_broke() {
    let house = House::new(&[("shop", SHOP)]);
    let engine = engine().failing_on("create container `stagectl-r1-shop-suite`");
    let course = Course { keep: Keep::Failing, ..USUAL };
    let rehearsed = house.rehearse(&engine, course, &Stop::new()).await;
    assert_eq!(rehearsed.verdict.code(), 75);
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_subnet_that_somebody_else_takes_is_passed_over() {
    for conflicts in [2, 5] {
        let house = House::new(&[("shop", SHOP)]);
        let count = Rc::new(RefCell::new(0));
        let counter = Rc::clone(&count);
        let engine = engine().refusing_networks(move || {
            *counter.borrow_mut() += 1;
            *counter.borrow() <= conflicts
        });
        let rehearsed = house.usual(&engine).await;
        let expected = if conflicts < 5 { 0 } else { 75 };
        assert_eq!(rehearsed.verdict.code(), expected, "{:?}", rehearsed.sites());
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn the_worst_verdict_of_all_sites_wins() {
    let house = house();
    let engine = engine_where(|role, program, job| {
        let site = job["env"]["STAGECTL_SITE"].as_str().unwrap_or_default();
        match (role, program, site) {
            ("suite", "step.py", "shop") => Some(suite_that_writes(1, RED)),
            ("suite", "step.py", _) => Some(Reply::of(124, &[])),
            _ => None,
        }
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::NoResult));
}

#[tokio::test]
async fn a_release_that_a_site_cannot_run_fails_before_anything_is_made() {
    let mut house = house();
    house.stand.release.requires_python = Some(">=3.10".to_owned());
    let engine = engine();
    let rehearsed = house.usual(&engine).await;
    let codes: Vec<_> = rehearsed.sites().into_iter().map(|(name, code, _)| (name, code)).collect();
    assert_eq!(codes, [("shop".to_owned(), 0), ("desk".to_owned(), 3)]);
    assert!(!engine.requests().iter().any(|text| text.contains("bullseye")));
}
