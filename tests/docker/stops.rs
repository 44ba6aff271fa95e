//! A rehearsal that is stopped: by Ctrl-C, by SIGTERM, by `kill -9`. Nothing is left, every time.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};

use crate::driver::{Presence, Project, repository};
use crate::samples::{tiny, tiny_sites};
use crate::upgrades::{ledger, ledger_sites};

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
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
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

/// An upgrade and the way back, killed when it says this in a state whose suite would last a minute.
fn kill_9_in_state(state: &str, moment: &str) {
    let hold = std::fs::read_to_string(repository().join("tests/apps/ledger/hold.py")).unwrap();
    let critical = format!("critical: {{run: python3 hold.py {state}, budget: 2m}}\n");
    let deploy = "deploy: {strategy: restart, rollback: {steps: [\
                  {name: regret, run: python -m ledger.admin write taken-back}]}}\n";
    let project = ledger_sites(&format!("killed-{state}"))
        .file("critical/hold.py", &hold)
        .site("shop", &(critical + deploy));
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let arguments = ["rehearse", "--rollback", "--from", from, "--release", new];
    let mut rehearsal = Rehearsal::of(project.command(&arguments));
    rehearsal.until(&format!("state {state}: ledger"));
    rehearsal.until(moment);
    assert!(project.resource_names().len() > 2);
    rehearsal.send(Signal::KILL);
    // Far more than the guardian needs, also where the release is just being copied.
    project.await_resources(Presence::None, Duration::from_mins(1));
    let (code, said) = rehearsal.ended();
    assert_eq!(code, None, "{said}");
    assert!(!said.contains(&format!("state {state} passed")), "{said}");
}

#[test]
fn after_kill_9_while_the_live_release_runs_beside_the_steps_of_the_new_one_nothing_is_left() {
    kill_9_in_state("between", "  deploy  ");
}

#[test]
fn after_kill_9_in_any_other_state_of_an_upgrade_nothing_is_left() {
    for (state, moment) in
        [("live", "  diagnosis  "), ("new", "  diagnosis  "), ("back", "  deploy  ")]
    {
        kill_9_in_state(state, moment);
    }
}

/// A build backend that takes ten minutes, whatever it is asked.
const SLOW: [(&str, &str); 3] = [
    ("PKG-INFO", "Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n"),
    (
        "pyproject.toml",
        "[build-system]\nrequires = []\nbuild-backend = \"slow\"\nbackend-path = [\".\"]\n",
    ),
    (
        "slow.py",
        "import time\n\n\ndef build_wheel(*_):\n    time.sleep(600)\n\n\n\
         prepare_metadata_for_build_wheel = build_sdist = build_wheel\n",
    ),
];

/// What Docker says of containers of one role at one site, as they start.
struct Starts {
    events: Child,
    first: Receiver<String>,
}

impl Starts {
    fn of(project: &Project, site: &str, role: &str) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut command = Command::new("docker");
        command.args(["events", "--since", &since.to_string(), "--filter", "event=start"]);
        for (key, value) in [("project", project.name.as_str()), ("site", site), ("role", role)] {
            command.args(["--filter", &format!("label=dev.stagectl.{key}={value}")]);
        }
        let mut events = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(events.stdout.take().unwrap()).lines();
        let (sender, first) = channel();
        std::thread::spawn(move || lines.next().map(|line| sender.send(line.unwrap())));
        Starts { events, first }
    }

    /// Waits for the first one.
    fn await_first(&self, within: Duration) {
        self.first.recv_timeout(within).expect("nothing is built for the next site");
    }
}

impl Drop for Starts {
    fn drop(&mut self) {
        self.events.kill().unwrap();
        self.events.wait().unwrap();
    }
}

fn pack_slow(project: &Project) {
    std::fs::create_dir(project.path("house")).unwrap();
    let file = std::fs::File::create(project.path("house/slow-1.0.tar.gz")).unwrap();
    let packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    let mut tar = tar::Builder::new(packed);
    for (name, text) in SLOW {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("slow-1.0/{name}"), text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

#[test]
fn fail_fast_gives_up_the_image_that_is_built_for_the_next_site() {
    let project = tiny_sites("given-up")
        .site("a", "{names: [a.example], critical: {run: sleep 30, retries: 0, budget: 60s}}")
        .site("b", "{names: [b.example], install: {wheels: ../house, extra: [\"gunicorn==23.0.0\", \"slow==1.0\"]}}");
    pack_slow(&project);
    let release = tiny(&project);
    let arguments = ["rehearse", "--fail-fast", "--release", release.to_str().unwrap()];
    // Of what `b` needs, this is what takes ten minutes.
    let built = Starts::of(&project, "b", "build-dependencies");
    let mut rehearsal = Rehearsal::of(project.command(&arguments));
    rehearsal.until("  diagnosis  ");
    built.await_first(Duration::from_secs(25));
    let begin = std::time::Instant::now();
    let (ended, said) = rehearsal.ended();
    // No result is no green.
    assert_eq!(ended, Some(5), "{said}");
    assert!(begin.elapsed() < Duration::from_mins(3), "{:?}", begin.elapsed());
    assert!(said.contains("nothing left: 0 containers, 0 networks, 0 volumes"), "{said}");
    assert_eq!(project.resource_names(), [""; 0]);
    let codes: Vec<_> = project.report().sites.iter().map(|site| site.code).collect();
    assert_eq!(codes, [Some(5), None], "the other site has no turn");
}
