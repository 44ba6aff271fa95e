//! The kill campaign: rehearsals that are stopped in every way, at random moments. Whatever happens,
//! nothing of theirs is left soon after, and nothing of anybody else is touched.
//!
//! `make chaos N=200` runs the long one.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::house::House;
use crate::bystanders::Bystanders;
use crate::driver::Project;
use crate::samples::{tiny, tiny_sites};

/// What ends a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    CtrlC,
    CtrlCTwice,
    Terminated,
    HungUp,
    Killed,
    /// As by a CI runner: everything in its process group, at once.
    GroupKilled,
    /// Nobody is left to clean up: the next `gc` does it.
    GuardianKilledToo,
    /// Nobody reads what it says any more (`| head -1`): it goes on to its end.
    Silenced,
}

impl End {
    const ALL: [End; 8] = [
        End::Killed,
        End::CtrlC,
        End::GuardianKilledToo,
        End::Terminated,
        End::GroupKilled,
        End::HungUp,
        End::CtrlCTwice,
        End::Silenced,
    ];

    /// The exit codes that it may have when the signal came in time.
    fn code(self) -> Option<i32> {
        match self {
            End::CtrlC | End::CtrlCTwice => Some(130),
            End::Terminated | End::HungUp => Some(143),
            _ => None,
        }
    }
}

/// How often; a whole campaign sets it.
fn rounds() -> usize {
    std::env::var("STAGECTL_CHAOS").map_or(End::ALL.len(), |text| text.parse().unwrap())
}

/// A rehearsal in a process group of its own.
struct Victim {
    child: Child,
    /// What it says fits into the pipe.
    said: Option<BufReader<ChildStderr>>,
    heard: String,
}

impl Victim {
    fn start(house: &House) -> Self {
        let mut command = house.command();
        let mut child = command.process_group(0).stdout(Stdio::null()).spawn().unwrap();
        let said = child.stderr.take().map(BufReader::new);
        Victim { child, said, heard: String::new() }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn signal(&self, signal: Signal) {
        // It is not waited for yet, so its pid is still its own.
        kill_process(self.pid(), signal).unwrap();
    }

    /// The pid of its guardian, once there is one.
    fn guardian(&self) -> Option<Pid> {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        let child = children.split_whitespace().next()?.parse().ok()?;
        Pid::from_raw(child)
    }

    /// Reads on until it says this, or has ended.
    fn hear(&mut self, expected: &str) {
        let Some(stderr) = &mut self.said else { return };
        let mut line = String::new();
        while stderr.read_line(&mut line).unwrap() > 0 {
            let is_it = line.contains(expected);
            self.heard.push_str(&std::mem::take(&mut line));
            if is_it {
                break;
            }
        }
    }

    fn end(&mut self, how: End) {
        match how {
            End::CtrlC => self.signal(Signal::INT),
            End::CtrlCTwice => {
                self.signal(Signal::INT);
                // Two at once would be one; at its end it says nothing more.
                self.hear("Ctrl-C: tearing down");
                self.signal(Signal::INT);
            }
            End::Terminated => self.signal(Signal::TERM),
            End::HungUp => self.signal(Signal::HUP),
            End::Killed => self.signal(Signal::KILL),
            End::GroupKilled => kill_process_group(self.pid(), Signal::KILL).unwrap(),
            End::GuardianKilledToo => {
                let guardian = self.guardian();
                self.signal(Signal::STOP);
                if let Some(guardian) = guardian {
                    kill_process(guardian, Signal::KILL).unwrap();
                }
                self.signal(Signal::KILL);
            }
            End::Silenced => self.said = None,
        }
    }

    /// Its exit code and all that it said, once it has ended.
    fn ended(mut self) -> (Option<i32>, String) {
        if let Some(mut stderr) = self.said.take() {
            stderr.read_to_string(&mut self.heard).unwrap();
        }
        (self.child.wait().unwrap().code(), self.heard)
    }
}

/// What came of the rounds that ended in one way.
#[derive(Default)]
struct Tally {
    rounds: usize,
    /// In which the rehearsal was over before.
    late: usize,
    worst: Duration,
}

#[test]
fn whenever_and_however_it_is_stopped_nothing_is_left_and_nothing_else_is_touched() {
    let seed: u64 = std::env::var("STAGECTL_SEED")
        .map_or_else(|_| rand::random(), |text| text.parse().unwrap());
    eprintln!("again with the same moments: STAGECTL_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let bystanders = Bystanders::new("chaos");
    let neighbour = Neighbour::up();
    let house = House::new("chaos");
    let begin = Instant::now();
    Victim::start(&house).ended();
    let whole = begin.elapsed();
    let mut tallies: BTreeMap<End, Tally> = BTreeMap::new();
    for round in 0..rounds() {
        let end = End::ALL[round % End::ALL.len()];
        let moment = whole.mul_f64(random.random_range(0.0..1.05));
        let place = format!("round {round}: {end:?} after {moment:.2?}");
        let mut victim = Victim::start(&house);
        // Nothing to wait for: the moment is the point.
        std::thread::sleep(moment);
        victim.end(end);
        let stopped = Instant::now();
        let (code, said) = victim.ended();
        match (end.code(), code) {
            // It was over before, or it never had got to watching signals.
            (_, Some(0)) | (Some(_), None) => tallies.entry(end).or_default().late += 1,
            (expected, code) => assert_eq!(code, expected, "{place}:\n{said}"),
        }
        if end == End::GuardianKilledToo {
            house.project.run(&["gc"]).exit_code(0);
        }
        house.is_clean();
        let tally = tallies.entry(end).or_default();
        tally.rounds += 1;
        tally.worst = tally.worst.max(stopped.elapsed());
        bystanders.are_untouched();
        eprintln!("{place}: code {code:?}, nothing left {:.1?} after", stopped.elapsed());
    }
    neighbour.goes_untouched();
    for (end, Tally { rounds, late, worst }) in &tallies {
        eprintln!(
            "{end:?}: {rounds} rounds, {late} too late, nothing left after {worst:.1?} at most"
        );
    }
}

/// A replica of another project, left up on purpose.
struct Neighbour {
    project: Project,
    before: Vec<String>,
}

impl Neighbour {
    fn up() -> Self {
        let project = tiny_sites("neighbour").site("desk", "{names: [d.example]}");
        let release = tiny(&project);
        project
            .run(&["up".as_ref(), "desk".as_ref(), "--release".as_ref(), release.as_os_str()])
            .exit_code(0);
        let before = project.resource_ids();
        Neighbour { project, before }
    }

    /// Fails unless all of it stands as before, and goes when that is wanted.
    fn goes_untouched(self) {
        assert_eq!(self.project.resource_ids(), self.before);
        self.project.run(&["test", "desk"]).exit_code(0);
        self.project.run(&["down", "desk"]).exit_code(0);
    }
}
