//! What earlier runs left, as a machine finds it after a crash or with another clock. On an engine of
//! the test's own: every start of stagectl removes such things, wherever it finds them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use stagectl::docker::Owner;
use stagectl::replica::label;

use super::engine::SecondEngine;
use crate::driver::{Outcome, Project};
use crate::samples::{tiny, tiny_sites};
use crate::stage::root_file_system;

const DAY: i64 = 24 * 60 * 60;

/// A container and a network with all our labels, made by Docker's own command.
fn leave(engine: &SecondEngine, run: &str, owner: &str, lease: i64) {
    let labels = [
        (label::PROJECT, "stale".to_owned()),
        (label::RUN, run.to_owned()),
        (label::SITE, "desk".to_owned()),
        (label::ROLE, "app".to_owned()),
        (label::OWNER, owner.to_owned()),
        (label::LEASE, lease.to_string()),
    ];
    let labels = labels.map(|(key, value)| format!("--label={key}={value}"));
    let mut network = vec!["network", "create"];
    network.extend(labels.iter().map(String::as_str));
    engine.docker(&[&network[..], &[run]].concat());
    let mut container = vec!["run", "--detach", "--network", run, "--name", run];
    container.extend(labels.iter().map(String::as_str));
    engine.docker(&[&container[..], &["sleeper", "/bin/sleep", "86400"]].concat());
}

/// The names of the containers and networks that are left; each has one of both.
fn left(engine: &SecondEngine) -> Vec<String> {
    let filter = format!("label={}", label::RUN);
    let networks = ["network", "ls", "--filter", &filter, "--format", "{{.Name}}"];
    let containers = ["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"];
    let names = |arguments: &[&str]| {
        let text = engine.docker(arguments);
        let mut names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        names.sort();
        names
    };
    let (networks, containers) = (names(&networks), names(&containers));
    assert_eq!(networks, containers);
    networks
}

pub(super) fn run(engine: &SecondEngine, project: &Project, arguments: &[&str]) -> Outcome {
    let begin = std::time::Instant::now();
    let mut command = project.command(arguments);
    Outcome::of(command.env("DOCKER_HOST", engine.address()).output().unwrap(), begin)
}

#[test]
fn what_a_machine_that_went_down_left_goes_at_the_next_start_and_who_lives_keeps_his_own() {
    let engine = SecondEngine::start();
    let mut import = Command::new("docker")
        .args(["--host", &engine.address(), "import", "-", "sleeper"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(&root_file_system()).unwrap();
    assert!(import.wait().unwrap().success());
    let now = jiff::Timestamp::now().as_second();
    let here = Owner::this_process();
    let before_the_reboot = Owner { boot: "another-boot".to_owned(), ..here.clone() }.to_string();
    let beyond = Owner { host: "another-host".to_owned(), ..here.clone() }.to_string();
    leave(&engine, "before-the-reboot", &before_the_reboot, now + DAY);
    leave(&engine, "left-up", "lease", now + DAY);
    // As after a jump of the clock by two days.
    leave(&engine, "late-and-alive", &here.to_string(), now - 2 * DAY);
    leave(&engine, "late-and-left-up", "lease", now - 2 * DAY);
    leave(&engine, "late-elsewhere", &beyond, now - 2 * DAY);
    engine.docker(&["network", "create", "--subnet", "10.231.0.0/16", "taken"]);

    let project = tiny_sites("stale").site("shop", "{names: [s.example]}");
    let release = tiny(&project);
    // It gets no further than the missing subnet.
    run(&engine, &project, &["rehearse", "--release", release.to_str().unwrap()])
        .exit_code(75)
        .says("removed what run before-the-reboot had left behind of desk")
        .says("removed what run late-and-left-up had left behind of desk")
        .says("removed what run late-elsewhere had left behind of desk");
    assert_eq!(left(&engine), ["late-and-alive", "left-up"]);

    leave(&engine, "before-another-reboot", &before_the_reboot, now + DAY);
    run(&engine, &project, &["gc"])
        .exit_code(0)
        .says("removed desk of run before-another-reboot (2 resources)")
        .says("left alone: desk of run late-and-alive, which lives")
        .says("left alone: desk of run left-up, which lives");
    assert_eq!(left(&engine), ["late-and-alive", "left-up"]);
}
