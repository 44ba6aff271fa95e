//! `stagectl crucial`: what a suite notices, what it does not notice any more when a test is taken away, and that
//! nothing is left of it when it is stopped.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::driver::{Presence, Project};
use crate::samples::{noticeboard, sample_sites, tiny, tiny_sites};

const KEY: &str = "env.NOTICEBOARD_MAIL_SERVER";
const MAIL: &str = "test_neighbours.py::test_the_editors_are_told_of_a_new_notice";

/// What is known of a key.
fn standing<'a>(said: &'a Value, key: &str) -> &'a Value {
    let traits = said["traits"].as_array().unwrap();
    traits.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{said:#}"))
}

#[test]
fn a_test_that_is_taken_away_leaves_a_blind_spot() {
    let project = sample_sites("crucial");
    let release = noticeboard("1.2", "wheel");
    let ask = || {
        let arguments =
            ["crucial", "site-a", "--only", "env.NOTICEBOARD_MAIL_SERVER", "--output", "json"];
        let release = ["--release", release.to_str().unwrap()];
        let told = project.run(&[&arguments[..], &release[..]].concat()).exit_code(0);
        serde_json::from_str::<Value>(&told.stdout).unwrap()
    };
    let said = ask();
    let mail = standing(&said, KEY);
    assert_eq!(mail["standing"], "crucial", "{said:#}");
    assert!(mail["tests"].as_array().unwrap().contains(&MAIL.into()), "{said:#}");
    // Seen inside: by Python's own hook, and of the connection that a library in C makes.
    let touched = &said["observed"]["touched"];
    assert_eq!(touched["env.NOTICEBOARD_THEME"][0], "read by noticeboard/settings.py", "{said:#}");
    assert!(touched["services.db"].to_string().contains("connected on port 5432"), "{said:#}");
    assert!(
        touched["services.mail"].to_string().contains("mail.internal looked up by"),
        "{said:#}"
    );

    std::fs::remove_file(project.path("tests/critical/test_neighbours.py")).unwrap();
    let said = ask();
    assert_eq!(standing(&said, KEY)["standing"], "not-noticed", "{said:#}");
    assert!(!project.path(".stagectl/crucial/site-a.json").exists(), "a part is no answer");
}

/// An experiment that goes on, and what it says.
struct Experiment {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Experiment {
    /// One that has rehearsed the unchanged site, and begun with its mutants.
    fn begun(project: &Project) -> Experiment {
        let release = tiny(project);
        let release = release.to_str().unwrap();
        let arguments = ["crucial", "shop", "--at-once", "2", "--release", release];
        let mut child = project.command(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains(" mutants of ") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it began");
        }
        project.await_resources(Presence::Some, Duration::from_mins(2));
        Experiment { child, lines }
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

fn shop(test: &str) -> Project {
    tiny_sites(test).site("shop", "{names: [s.example], tls: {}, env: {THEME: paper}}")
}

#[test]
fn ctrl_c_ends_it_with_the_answer_so_far_and_nothing_left() {
    let project = shop("crucial-stopped");
    let mut experiment = Experiment::begun(&project);
    experiment.send(Signal::INT);
    let mut said = String::new();
    experiment.lines.read_to_string(&mut said).unwrap();
    assert_eq!(experiment.child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("ended early: interrupted; the same command goes on"), "{said}");
    assert_eq!(project.resource_names(), [""; 0]);
    let answer = std::fs::read(project.path(".stagectl/crucial/shop.json")).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(
        (&answer["schema"], &answer["ended"]),
        (&"stagectl-crucial/1".into(), &"interrupted".into())
    );
}

#[test]
fn after_kill_9_in_the_middle_nothing_is_left() {
    let project = shop("crucial-killed");
    let mut experiment = Experiment::begun(&project);
    experiment.send(Signal::KILL);
    experiment.child.wait().unwrap();
    project.await_resources(Presence::None, Duration::from_mins(1));
}
