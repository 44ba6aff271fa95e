//! Two replicas at once, how long they stay, and what keeps one alive.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use stagectl::replica::label;

use crate::driver::{Presence, Project};
use crate::samples::{tiny, tiny_sites};

fn status(project: &Project) -> Vec<serde_json::Value> {
    let shown = project.run(&["status", "--output", "json"]).exit_code(0);
    let all: Vec<serde_json::Value> = serde_json::from_str(&shown.stdout).unwrap();
    all.into_iter().filter(|row| row["project"] == project.name.as_str()).collect()
}

/// What is there at the address, asked with its own name.
fn page(address: &str) -> String {
    let asked = ["--silent", "--show-error", "--fail", "--max-time", "20", address];
    let page = Command::new("curl").args(asked).output().unwrap();
    assert!(page.status.success(), "{address}: {page:?}");
    String::from_utf8_lossy(&page.stdout).into_owned()
}

#[test]
fn two_replicas_have_addresses_of_their_own_and_leases_that_each_use_begins_anew() {
    let project = tiny_sites("leases")
        .site("desk", "names: [d.example]\nenv: {WHO: desk}")
        .site("shop", "names: [s.example]\nenv: {WHO: shop}");
    let release = tiny(&project);
    let release = release.to_str().unwrap();
    let up = ["up", "desk", "shop", "--release", release, "--for", "20min"];
    project.run(&up).exit_code(0).says("until ").says("each use begins its 20min anew");
    let rows = status(&project);
    let sites: Vec<&str> = rows.iter().map(|row| row["site"].as_str().unwrap()).collect();
    assert_eq!(sites, ["desk", "shop"]);
    for row in &rows {
        let site = row["site"].as_str().unwrap();
        let address = row["address"].as_str().unwrap();
        assert!(address.starts_with(&format!("http://{site}.localhost:")), "{address}");
        page(&format!("{address}healthz"));
        page(&format!("{address}healthz").replace(&format!("{site}.localhost"), "127.0.0.1"));
        assert_eq!((row["state"].as_str(), row["lease"].as_i64()), (Some("up"), Some(1200)));
        assert!(row["memory"].as_u64().unwrap() > 1 << 20, "{row}");
        assert_eq!(row["release"].as_str().unwrap().split(" (").next(), Some("tiny 1.0"));
        let printed = project.run(&["open", site]);
        assert_eq!(printed.stdout, format!("{address}\n"));
    }
    project.run(&["status"]).exit_code(0).says("http://desk.localhost:");

    // As if it had been used last a quarter of an hour ago.
    let before = rows[0]["lease_until"].as_i64().unwrap();
    make_older(&project, "desk", before - 900);
    assert_eq!(status(&project)[0]["lease_until"].as_i64(), Some(before - 900));
    project.run(&["exec", "desk", "--", "true"]).exit_code(0);
    let after = &status(&project)[0];
    assert!(after["lease_until"].as_i64() >= Some(before), "{after}");
    // A use a moment later gains nothing, and changes nothing.
    project.run(&["exec", "desk", "--", "true"]).exit_code(0);
    assert_eq!(status(&project)[0]["lease_until"], after["lease_until"]);
    assert_eq!(status(&project)[1]["lease_until"], rows[1]["lease_until"]);

    // What is over goes, and only that.
    make_older(&project, "desk", 1);
    project.run(&["gc"]).exit_code(0).says("removed desk of run");
    let outcome = project.run(&["gc", "--output", "json"]).exit_code(0);
    let outcome: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let ours = |list: &str| {
        let of_project = |row: &&serde_json::Value| row["project"] == project.name.as_str();
        let rows = outcome[list].as_array().unwrap().iter().filter(of_project);
        rows.map(|row| row["site"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ours("removed"), [""; 0]);
    assert_eq!(ours("left_alone"), ["shop"]);
    assert_eq!(status(&project).len(), 1);
    project.run(&["down", "--all"]).exit_code(0).says("shop is down");
}

/// Puts a marker with another end in the place of a replica's own.
fn make_older(project: &Project, site: &str, until: i64) {
    let resources = project.resources();
    let marker = resources.iter().find(|found| {
        found.labels.contains_key(label::LENGTH) && found.labels[label::SITE] == site
    });
    let marker = marker.expect("a replica that was left up has a marker");
    let mut labels = marker.labels.clone();
    labels.insert(label::LEASE.to_owned(), until.to_string());
    let mut create = Command::new("docker");
    create.args(["volume", "create", "--name", &format!("{}-older", marker.resource.name)]);
    create.args(labels.iter().map(|(key, value)| format!("--label={key}={value}")));
    assert!(create.output().unwrap().status.success());
    let remove = ["volume", "rm", &marker.resource.name];
    assert!(Command::new("docker").args(remove).output().unwrap().status.success());
}

#[test]
fn a_replica_whose_start_was_killed_with_its_guardian_is_nobody_s() {
    let project = tiny_sites("unfinished").site("desk", "names: [d.example]");
    let release = tiny(&project);
    let up = ["up".as_ref(), "desk".as_ref(), "--release".as_ref(), release.as_os_str()];
    let mut child = project.command(&up).spawn().unwrap();
    project.await_resources(Presence::Some, Duration::from_mins(10));
    kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
    let pid = child.id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    for guardian in children.split_whitespace() {
        kill_process(Pid::from_raw(guardian.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
    }
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    let begin = Instant::now();
    // What it had asked for when it went may still come.
    while !project.resource_names().is_empty() && begin.elapsed() < Duration::from_mins(1) {
        project.run(&["gc"]).exit_code(0);
    }
    assert_eq!(project.resource_names(), [""; 0]);
}
