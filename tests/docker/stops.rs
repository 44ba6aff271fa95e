//! A rehearsal that is stopped: by Ctrl-C, by SIGTERM, by `kill -9`. Nothing is left, every time.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::driver::{Presence, Project};
use crate::samples::{tiny, tiny_sites};

/// A rehearsal whose suite would last a minute, and what it says.
pub(crate) struct Rehearsal {
    child: Child,
    lines: BufReader<ChildStderr>,
    said: String,
}

impl Rehearsal {
    fn start(project: &Project) -> Self {
        let release = tiny(project);
        Self::of(project.command(&["rehearse", "--release", release.to_str().unwrap()]))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Rehearsal { child, lines, said: String::new() }
    }

    /// Reads on until it says this.
    pub(crate) fn until(&mut self, expected: &str) {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            self.said.push_str(&line);
            if line.contains(expected) {
                return;
            }
            line.clear();
        }
        panic!("it ended without saying {expected:?}:\n{}", self.said);
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its exit code and all that it said.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        self.lines.read_to_string(&mut self.said).unwrap();
        (self.child.wait().unwrap().code(), self.said)
    }
}

fn waiting_site(test: &str) -> Project {
    tiny_sites(test).site("shop", "{names: [s.example], critical: {run: sleep 60, budget: 60s}}")
}

#[test]
fn ctrl_c_and_sigterm_end_in_an_orderly_teardown() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let project = waiting_site("stopped");
        let mut rehearsal = Rehearsal::start(&project);
        rehearsal.until("  diagnosis  ");
        rehearsal.send(signal);
        let (ended, said) = rehearsal.ended();
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains("nothing left: 0 containers, 0 networks, 0 volumes"), "{said}");
        assert_eq!(project.resource_names(), [""; 0]);
        assert_eq!(project.report().code, u8::try_from(code).ok());
    }
}

#[test]
fn after_kill_9_in_the_suite_nothing_is_left_within_ten_seconds() {
    let project = waiting_site("killed");
    let mut rehearsal = Rehearsal::start(&project);
    rehearsal.until("  diagnosis  ");
    assert!(project.resource_names().len() > 2);
    rehearsal.send(Signal::KILL);
    project.await_resources(Presence::None, Duration::from_secs(10));
    assert_eq!(rehearsal.ended().0, None);
}

#[test]
fn after_kill_9_at_the_first_resource_nothing_is_left_within_ten_seconds() {
    let project = waiting_site("killed-early");
    let rehearsal = Rehearsal::start(&project);
    project.await_resources(Presence::Some, Duration::from_mins(20));
    rehearsal.send(Signal::KILL);
    project.await_resources(Presence::None, Duration::from_secs(10));
    assert_eq!(rehearsal.ended().0, None);
}
