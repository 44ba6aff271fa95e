//! `restart.py` by itself: when it starts a process again, and when it lets it be.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/inside/restart.py");

/// A shell script under `Restart=`; each of its runs says `begun`.
fn restarted(how: &str, script: &str) -> Child {
    let mut program = Command::new("python3");
    program.args(["-I", "-S", PROGRAM, how, "/bin/sh", "-c", &format!("echo begun; {script}")]);
    program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// How often it was begun, how all of it ended, and what was said of that.
fn to_the_end(how: &str, script: &str) -> (usize, ExitStatus, String) {
    let output = restarted(how, script).wait_with_output().unwrap();
    let begun = String::from_utf8(output.stdout).unwrap().lines().count();
    (begun, output.status, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_is_started_five_times_in_ten_seconds_and_not_again() {
    let (begun, status, said) = to_the_end("on-failure", "exit 3");
    assert_eq!((begun, status.code()), (5, Some(3)), "{said}");
    assert_eq!(said.matches("is started again (Restart=on-failure)").count(), 4, "{said}");
    assert!(said.contains("for the 5th time in 10s: not started again"), "{said}");
}

#[test]
fn a_clean_end_is_no_failure_and_a_signal_is_one() {
    assert_eq!(to_the_end("on-failure", "exit 0").0, 1);
    assert_eq!(to_the_end("on-failure", "kill -TERM $$").0, 1);
    let (begun, status, _) = to_the_end("on-failure", "kill -KILL $$");
    assert_eq!((begun, status.code()), (5, Some(137)));
    assert_eq!(to_the_end("always", "exit 0").0, 5);
}

#[test]
fn who_asks_it_to_end_ends_the_process_and_nothing_is_started_again() {
    let mut program = restarted("always", "exec cat /dev/zero > /dev/null");
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "begun");
    let asked = Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let output = program.wait_with_output().unwrap();
    assert_eq!(lines.count(), 0, "it was begun again");
    assert_eq!(output.status.code(), Some(143), "{}", String::from_utf8_lossy(&output.stderr));
}
