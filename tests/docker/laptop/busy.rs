//! Two processes at one replica, and one that was killed in the middle of its work.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::driver::{Outcome, Presence, Project};
use crate::samples::{tiny, tiny_sites};

/// The state of the only replica that was left up, as programs read it.
fn state(project: &Project) -> String {
    let shown = project.run(&["status", "--output", "json"]).exit_code(0);
    let all: Vec<serde_json::Value> = serde_json::from_str(&shown.stdout).unwrap();
    let mut own = all
        .iter()
        .filter(|row| row["project"] == project.name.as_str())
        .filter(|row| !row["lease_until"].is_null());
    let state = own.next().unwrap()["state"].as_str().unwrap().to_owned();
    assert_eq!(own.next(), None, "one replica is enough");
    state
}

fn await_state(project: &Project, wanted: &str, child: &mut Child) {
    let begin = Instant::now();
    while state(project) != wanted {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before");
        assert!(begin.elapsed() < Duration::from_mins(5), "never {wanted}: {}", state(project));
    }
}

/// A site on which an upgrade runs this.
fn site(upgrade: &str) -> String {
    format!(
        "names: [d.example]\ndeploy: {{steps: [{{name: wait, run: {upgrade}, when: upgrade}}]}}\n"
    )
}

#[test]
fn a_redeploy_excludes_others_and_one_that_was_killed_is_known_until_the_next_one() {
    let project = tiny_sites("busy").site("desk", &site("sleep 600"));
    let release = tiny(&project);
    let release = release.to_str().unwrap();
    project.run(&["up", "desk", "--release", release]).exit_code(0);
    let redeploy = ["redeploy", "desk", "--release", release];
    let mut child = project.command(&redeploy).spawn().unwrap();
    await_state(&project, "at-work", &mut child);
    let works = format!(
        "another process works on the replica of desk: `stagectl redeploy`, process {}, since ",
        child.id()
    );
    project.run(&redeploy).exit_code(75).says(&works).within(Duration::from_secs(20));
    project.run(&["test", "desk"]).exit_code(75).says(&works);
    project.run(&["status"]).exit_code(0).says("a process works on it");

    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(state(&project), "cut-short");
    let way_out = "`stagectl redeploy desk` again, or `stagectl down desk`";
    project.run(&["status"]).says(&format!("a redeploy was cut short: {way_out}"));
    let cut_short = "a redeploy into the replica of desk was cut short";
    project.run(&["test", "desk"]).exit_code(75).says(cut_short).says(way_out);
    // Who wants to look at it can.
    project.run(&["logs", "desk"]).exit_code(0).says(cut_short);
    project.run(&["exec", "desk", "--", "true"]).exit_code(0).says(cut_short);

    let project = project.site("desk", &site("'true'"));
    project.run(&redeploy).exit_code(0);
    assert_eq!(state(&project), "up");
    project.run(&["test", "desk"]).exit_code(0);
    project.run(&["down", "desk"]).exit_code(0);
}

#[test]
fn two_starts_of_a_site_at_once_leave_one_replica() {
    let project = tiny_sites("at-once").site("desk", "names: [d.example]");
    let release = tiny(&project);
    let up = ["up", "desk", "--release", release.to_str().unwrap()];
    let child = project.command(&up).spawn().unwrap();
    project.await_resources(Presence::Some, Duration::from_mins(10));
    let works = format!(
        "another process works on a replica of desk: `stagectl up`, process {}, since ",
        child.id()
    );
    project.run(&up).exit_code(75).says(&works);
    assert!(child.wait_with_output().unwrap().status.success());
    project.run(&up).exit_code(2).says("the replica of desk is up already");
    assert_eq!(state(&project), "up");
    project.run(&["down", "desk"]).exit_code(0);
}

#[test]
fn a_folder_whose_project_has_the_same_name_leaves_the_replicas_of_another_alone() {
    let project = tiny_sites("folders").site("desk", "names: [d.example]");
    let other = tempfile::tempdir().unwrap();
    let folders = ["environments", "critical"].map(|folder| project.path(folder));
    let copied = Command::new("cp").arg("-r").args(folders).arg(other.path()).status();
    assert!(copied.unwrap().success());
    let there = |arguments: &[&str]| {
        let begin = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagectl"));
        command.current_dir(other.path()).env("COLUMNS", "200").args(arguments);
        Outcome::of(command.output().unwrap(), begin)
    };
    let release = tiny(&project);
    let release = release.to_str().unwrap();
    project.run(&["up", "desk", "--release", release]).exit_code(0);
    let folder = project.path(".").canonicalize().unwrap();
    let whose = format!("the replica of desk was started in another folder, {}", folder.display());
    for arguments in [
        &["down", "desk"][..],
        &["down"],
        &["down", "--all"],
        &["redeploy", "desk", "--release", release],
        &["test", "desk"],
        &["exec", "desk", "--", "true"],
        &["logs", "desk"],
    ] {
        there(arguments).exit_code(2).says(&whose);
    }
    assert_eq!(state(&project), "up");
    there(&["down", "desk", "--force"]).exit_code(0).says("desk is down");
}
