//! Experiments that are stopped in the middle: the answer so far, and nothing left.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::driver::{Presence, Project};
use crate::samples::{tiny, tiny_sites};

/// An experiment that goes on, and what it says.
struct Experiment {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Experiment {
    /// One that has said this, and has a replica.
    fn begun(project: &Project, arguments: &[&str], word: &str) -> Experiment {
        let mut child = project.command(arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it began");
        }
        project.await_resources(Presence::Some, Duration::from_mins(2));
        Experiment { child, lines }
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What it says until it ends, which Ctrl-C makes it.
    fn interrupt(mut self, project: &Project) -> String {
        self.send(Signal::INT);
        let mut said = String::new();
        self.lines.read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(130), "{said}");
        assert_eq!(project.resource_names(), [""; 0]);
        said
    }

    fn kill(mut self, project: &Project) {
        self.send(Signal::KILL);
        self.child.wait().unwrap();
        project.await_resources(Presence::None, Duration::from_mins(1));
    }
}

/// `crucial` that has rehearsed the unchanged site, and begun with its mutants.
fn crucial(project: &Project) -> Experiment {
    let release = tiny(project);
    let release = release.to_str().unwrap();
    let arguments = ["crucial", "shop", "--at-once", "2", "--release", release];
    Experiment::begun(project, &arguments, " mutants of ")
}

fn shop(test: &str) -> Project {
    tiny_sites(test).site("shop", "{names: [s.example], tls: {}, env: {THEME: paper}}")
}

/// `why` that has rehearsed an end, and goes on.
fn why(project: &Project) -> Experiment {
    project.rehearse(&tiny(project)).exit_code(4);
    Experiment::begun(project, &["why", "red", "--at-once", "2"], "  1  ")
}

fn two_shops(test: &str) -> Project {
    let site = |env: &str, more: &str| {
        format!(
            "{{names: [s.example], tls: {{}}, wsgi: {{workers: {env}}}, env: {{THEME: t{env}}}, {more}}}"
        )
    };
    tiny_sites(test)
        .site("green", &site("1", "host: {open_files: 1024}"))
        .site("red", &site("2", "host: {open_files: 2048}, health: {status: 418, within: 3s}"))
}

#[test]
fn ctrl_c_ends_crucial_with_the_answer_so_far_and_nothing_left() {
    let project = shop("crucial-stopped");
    let said = crucial(&project).interrupt(&project);
    assert!(said.contains("ended early: interrupted; the same command goes on"), "{said}");
    let answer = std::fs::read(project.path(".stagectl/crucial/shop.json")).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(
        (&answer["schema"], &answer["ended"]),
        (&"stagectl-crucial/1".into(), &"interrupted".into())
    );
}

#[test]
fn after_kill_9_in_the_middle_of_crucial_nothing_is_left() {
    let project = shop("crucial-killed");
    crucial(&project).kill(&project);
}

#[test]
fn ctrl_c_ends_why_with_what_is_known_and_the_same_command_goes_on() {
    let project = two_shops("why-stopped");
    let said = why(&project).interrupt(&project);
    assert!(said.contains("what is to blame is among these"), "{said}");
    let told = project.run(&["why", "red"]).exit_code(0);
    assert!(told.stdout.contains("because of  health.status: 418"), "{}", told.stdout);
    assert_eq!(project.resource_names(), [""; 0]);
}

#[test]
fn after_kill_9_in_the_middle_of_why_nothing_is_left() {
    let project = two_shops("why-killed");
    why(&project).kill(&project);
}
