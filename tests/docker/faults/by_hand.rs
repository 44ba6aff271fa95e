//! People beside us: who removes by hand what is ours, and other runs of the same site.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stagectl::replica::label;

use super::engine::needs_root;
use super::house::{ASKS_ON_AND_ON, House, SOON};
use super::proxy::Proxy;
use crate::bystanders::Bystanders;
use crate::driver::{Outcome, Presence};
use crate::stops::Rehearsal;

/// Docker's own command, by somebody who knows no better.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_somebody_removes_by_hand_is_missed_by_name_and_the_rest_goes() {
    let house = House::new("by-hand");
    std::fs::write(house.project.path("critical/check.py"), ASKS_ON_AND_ON).unwrap();
    for role in ["app", "suite"] {
        let mut rehearsal = Rehearsal::of(house.command());
        rehearsal.until("  diagnosis  ");
        let names = house.project.resource_names();
        let name = names.iter().find(|name| name.ends_with(&format!("-{role}"))).unwrap();
        docker(&["rm", "--force", name]);
        let (code, said) = rehearsal.ended();
        assert_eq!(code, Some(75), "{role}:\n{said}");
        assert!(said.contains(&format!("container `{name}`")), "{role}:\n{said}");
        assert!(said.contains("try again"), "{role}:\n{said}");
        assert!(said.contains("nothing left: 0 containers, 0 networks, 0 volumes"), "{said}");
        house.is_clean();
    }
}

/// A rehearsal in which somebody does something just before Docker sees a request.
fn disturbed(house: &House, what: impl Fn(&str) + Send + Sync + 'static) {
    let proxy = Proxy::start(Duration::ZERO, move |kind, _| {
        what(kind);
        None
    });
    house
        .rehearse(&proxy)
        .exit_code(75)
        .says("hint: has somebody removed")
        .says("nothing left: 0 containers, 0 networks, 0 volumes");
    house.is_clean();
}

#[test]
fn a_network_or_an_image_that_somebody_removes_by_hand_is_missed_and_the_rest_goes() {
    let house = House::new("by-hand-early");
    let ours = format!("label={}={}", label::PROJECT, house.project.name);
    let filter = ours.clone();
    let is_done = AtomicBool::new(false);
    disturbed(&house, move |kind| {
        if kind == "POST /containers/create" && !is_done.swap(true, Ordering::SeqCst) {
            let network = docker(&["network", "ls", "--quiet", "--filter", &filter]);
            docker(&["network", "rm", network.trim()]);
        }
    });
    let (is_built, is_done) = (AtomicBool::new(false), AtomicBool::new(false));
    let release = format!("label={}=release", label::KIND);
    disturbed(&house, move |kind| {
        is_built.fetch_or(kind == "POST /commit", Ordering::SeqCst);
        let is_due = kind == "POST /containers/create" && is_built.load(Ordering::SeqCst);
        if is_due && !is_done.swap(true, Ordering::SeqCst) {
            let images = docker(&["images", "--quiet", "--filter", &ours, "--filter", &release]);
            let images: Vec<&str> = images.split_whitespace().collect();
            docker(&[&["rmi", "--force"][..], &images].concat());
        }
    });
}

/// The machine's interfaces, by somebody who is root.
fn link(arguments: &[&str]) {
    let output = Command::new("ip").arg("link").args(arguments).output().unwrap();
    assert!(output.status.success(), "ip link {arguments:?}: {output:?}");
}

#[test]
fn what_the_machine_keeps_of_a_network_that_docker_has_removed_is_left_behind() {
    needs_root("put an interface into a bridge");
    let house = House::new("by-hand-cable");
    let filter = format!("label={}={}", label::PROJECT, house.project.name);
    let (cable, is_done) = (format!("stg{}", std::process::id()), AtomicBool::new(false));
    let end = cable.clone();
    let proxy = Proxy::start(Duration::ZERO, move |kind, _| {
        if kind == "POST /containers/{}/start" && !is_done.swap(true, Ordering::SeqCst) {
            let network = docker(&["network", "ls", "--quiet", "--filter", &filter]);
            let format = "{{index .Options \"com.docker.network.bridge.name\"}}";
            let bridge = docker(&["network", "inspect", "--format", format, network.trim()]);
            link(&["add", &end, "type", "veth", "peer", "name", &format!("{end}p")]);
            link(&["set", &end, "master", bridge.trim()]);
        }
        None
    });
    let outcome = house.rehearse(&proxy);
    link(&["delete", &cable]);
    outcome
        .exit_code(7)
        .says(&format!("interface {cable}"))
        .says("hint: remove the interface as root: `ip link delete NAME`")
        .says("left behind: 0 containers, 0 networks, 0 volumes, 1 interface of this machine");
    house.is_clean();
}

/// As many at once as a busy machine has; a whole campaign has ten.
fn crowd() -> usize {
    if std::env::var_os("STAGECTL_CHAOS").is_some() { 10 } else { 4 }
}

#[test]
fn rehearsals_of_one_site_at_once_do_not_see_each_other_and_gc_leaves_them_alone() {
    let bystanders = Bystanders::new("crowd");
    let house = House::new("crowd");
    // So many at once are slow, and that is not what this is about.
    let patient = "{names: [s.example], health: {within: 5min}, critical: {budget: 5min}}";
    std::fs::write(house.project.path("environments/shop.yaml"), patient).unwrap();
    let begin = Instant::now();
    let all: Vec<_> = (0..crowd()).map(|_| house.command().spawn().unwrap()).collect();
    house.project.await_resources(Presence::Some, SOON);
    let mut looks = 0;
    while !house.project.resource_names().is_empty() {
        house.project.run(&["gc"]).exit_code(0);
        looks += 1;
    }
    for child in all {
        let outcome = Outcome::of(child.wait_with_output().unwrap(), begin);
        outcome.exit_code(0).says("PASSED   1 of 1 site").says("nothing left: 0 containers");
    }
    assert!(looks > 0);
    house.is_clean();
    bystanders.are_untouched();
}
