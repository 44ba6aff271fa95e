//! What may befall a whole engine: a restart, a kill, a full disk. On one of the test's own.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::engine::SecondEngine;
use super::house::{ASKS_ON_AND_ON, House};
use super::stale::run;
use crate::samples::{tiny, tiny_sites};
use crate::stops::Rehearsal;

/// What Docker itself takes to end and to come back is not counted.
const SOON: Duration = Duration::from_secs(10);

/// A small project, whose images are in the engine.
pub(crate) fn furnished(engine: &SecondEngine, test: &str) -> House {
    let house = House::new(test);
    let images = &house.project.report().sites[0].images;
    // Each rehearsal makes the last one for itself.
    let shared = images.iter().filter(|image| image.role != "release");
    let ids: Vec<&str> = shared.map(|image| image.id.as_str()).collect();
    engine.load(&ids);
    house
}

/// A rehearsal whose suite asks the app on and on, as soon as it does.
fn in_its_suite(engine: &SecondEngine, house: &House) -> Rehearsal {
    fs::write(house.project.path("critical/check.py"), ASKS_ON_AND_ON).unwrap();
    let mut rehearsal = Rehearsal::of(house.command_at(&engine.address()));
    rehearsal.until("  diagnosis  ");
    rehearsal
}

#[test]
fn an_engine_that_restarts_or_dies_or_has_no_disk_is_no_verdict_about_the_app() {
    let mut engine = SecondEngine::start();
    let house = furnished(&engine, "engine");
    house.rehearse_at(&engine.address()).exit_code(0).says("nothing left: 0 containers");
    is_starved(&engine, &house);
    is_restarted(&mut engine, &house);
}

/// A full disk is named, and nothing is left without a byte of it.
fn is_starved(engine: &SecondEngine, house: &House) {
    let step = |run: &str| {
        let step = format!("[{{name: fill, run: \"{run}\"}}]");
        let site = format!("{{names: [s.example], deploy: {{steps: {step}}}}}");
        fs::write(house.project.path("environments/shop.yaml"), site).unwrap();
    };
    let fails = |free: u64, what: &str| {
        engine.starve(free);
        let outcome = house.rehearse_at(&engine.address()).exit_code(75).says(what);
        let outcome = outcome.says("no space left on Docker's").says("`docker system df`");
        outcome.says("nothing left: 0 containers, 0 networks, 0 volumes");
        engine.is_clean(Duration::ZERO);
        engine.feed();
    };
    // Whatever Docker writes first has no room: a network, a container's file system, what goes in
    // there. Then it is the build itself.
    fails(0, "could not ");
    fails(256 << 10, "could not ");
    house.weight.set(16 << 20);
    fails(8 << 20, "could not build tiny for shop");
    house.weight.set(0);
    step("dd if=/dev/zero of=data bs=1M count=400");
    fails(100 << 20, "deploy step `fill` failed with exit code 1");
    step("true");
    house.rehearse_at(&engine.address()).exit_code(0);
}

/// Ended in good order and killed; back at once, and when the rehearsal has given up.
fn is_restarted(engine: &mut SecondEngine, house: &House) {
    let rehearsal = in_its_suite(engine, house);
    engine.stop(Signal::KILL);
    engine.restart();
    let begin = Instant::now();
    let (code, said) = rehearsal.ended();
    assert_eq!(code, Some(75), "{said}");
    engine.is_clean(SOON);
    eprintln!("killed, back at once: nothing left after {:.1?}", begin.elapsed());

    let rehearsal = in_its_suite(engine, house);
    engine.stop(Signal::TERM);
    let (code, said) = rehearsal.ended();
    assert_eq!(code, Some(75), "{said}");
    engine.restart();
    eprintln!("ended, back later: nothing left after {:.1?}", engine.is_clean(SOON));
}

#[test]
fn a_network_that_takes_every_subnet_is_named() {
    let engine = SecondEngine::start();
    let project = tiny_sites("subnets").site("shop", "{names: [s.example]}");
    let release = tiny(&project);
    engine.docker(&["network", "create", "--subnet", "10.231.0.0/16", "taken"]);
    let rehearse = ["rehearse", "--release", release.to_str().unwrap()];
    run(&engine, &project, &rehearse)
        .exit_code(75)
        .says("could not find a free subnet in 10.231.0.0/16")
        .says("remove networks of other runs: `stagectl gc`, `docker network prune`")
        .says("nothing left: 0 containers, 0 networks, 0 volumes");
    engine.is_clean(Duration::ZERO);
    engine.docker(&["network", "inspect", "taken"]);
}
