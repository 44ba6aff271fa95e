//! Shells and commands in a replica, in a terminal and without one, and its logs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::driver::{Project, repository};
use crate::samples::{tiny, tiny_sites};

const SITE: &str = "
names: [d.example]
env: {GREETING: hello, PASSWORD: \"${secret.pass}\"}
secrets: {pass: {from_env: STAGE_PASS}}
login: [\"as guest, password ${secret.pass}\", just look]
services: {cache: {redis: \"7\"}}
";
const SECRET: &str = "xyzzyShellSecret4714";

fn up(test: &str) -> Project {
    let project = tiny_sites(test).site("desk", SITE).variable("STAGE_PASS", SECRET);
    let release = tiny(&project);
    project
        .run(&["up".as_ref(), "desk".as_ref(), "--release".as_ref(), release.as_os_str()])
        .exit_code(0)
        .says("other ways  stagectl open desk --how");
    project
        .run(&["open", "--how"])
        .exit_code(0)
        .says("as guest, password `stagectl exec desk -- printenv PASSWORD`")
        .says("just look");
    project
}

#[test]
fn a_shell_is_a_terminal_and_commands_are_as_the_app_would_run_them() {
    let project = up("inside");
    let stagectl = project.command(&["shell", "desk"]);
    let driven = Command::new("python3")
        .arg(repository().join("tests/docker/laptop/drive.py"))
        .arg(stagectl.get_program())
        .args(stagectl.get_args())
        .env("STAGE_PASS", SECRET)
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let said = format!("{driven:?}");
    assert!(driven.status.success() && said.contains("as it should be"), "{said}");

    let script = "id -un; pwd; echo $GREETING; python -c 'import tiny' && echo imported";
    let seen = project.run(&["exec", "desk", "--", "sh", "-c", script]).exit_code(0);
    assert_eq!(seen.stdout, "tiny\n/srv/tiny\nhello\nimported\n");
    let shown = project.run(&["exec", "desk", "--", "printenv", "PASSWORD"]).exit_code(0);
    assert_eq!(shown.stdout, format!("{SECRET}\n"));
    let root = project.run(&["exec", "desk", "--root", "--", "id", "-un"]).exit_code(0);
    assert_eq!(root.stdout, "root\n");
    // Both streams, each as it is.
    let both = project.run(&["exec", "desk", "--", "sh", "-c", "echo out; echo err >&2; exit 41"]);
    let both = both.exit_code(41);
    assert_eq!((both.stdout.as_str(), both.stderr.as_str()), ("out\n", "err\n"));
    project
        .run(&["exec", "desk", "--", "no-such-command"])
        .exit_code(127)
        .says("could not run no-such-command: No such file or directory");

    assert_eq!(piped(&project, &["exec", "desk", "--", "wc", "-c"], "12345"), "5\n");
    assert_eq!(piped(&project, &["shell", "desk"], "echo from $0; exit 0\n"), "from /bin/bash\n");
    let seen = project.run(&["exec", "desk", "--role", "cache", "--", "redis-cli", "ping"]);
    assert_eq!(seen.exit_code(0).stdout, "PONG\n");
    let seen = project.run(&["exec", "desk", "--role", "suite", "--", "printenv", "STAGECTL_URL"]);
    assert_eq!(seen.exit_code(0).stdout, "http://d.example/\n");
    let seen = project.run(&["exec", "desk", "--role", "cahce", "--", "true"]).exit_code(2);
    assert_eq!(
        seen.stderr,
        "error: desk has no role `cahce`\n  caused by: its roles: app, cache, door, resolver, suite, wsgi\nhint: did you mean `cache`?\n"
    );
    project.run(&["exec", "desk", "--"]).exit_code(2);
    let last = project.run(&["logs", "-n", "2"]).exit_code(0).stdout;
    assert_eq!(last.lines().count(), 2, "{last}");

    a_signal_ends_the_command_inside(&project);
    a_reader_that_leaves_ends_the_command_inside(&project);
    a_full_disk_is_no_reader_that_leaves(&project);
    the_logs_are_in_order_and_go_on(&project);
    // All of that was nothing to the site.
    project.run(&["test", "desk"]).exit_code(0);
    all_of_that_works_while_the_descriptions_are_broken(&project);
    project.run(&["shell", "desk"]).exit_code(2).says("no replica of desk is up");
}

fn all_of_that_works_while_the_descriptions_are_broken(project: &Project) {
    std::fs::write(project.path("environments/desk.yaml"), "names: [\n").unwrap();
    let defaults = project.path("environments/defaults.yaml");
    let whole = std::fs::read_to_string(&defaults).unwrap_or_default();
    std::fs::write(&defaults, format!("{whole}\nnonsense: [\n")).unwrap();
    project.run(&["check"]).exit_code(2);
    for site in [&[][..], &["desk"][..]] {
        let run = |command: &[&str], more: &[&str]| {
            project.run(&[command, site, more].concat()).exit_code(0).stdout
        };
        assert_eq!(run(&["exec"], &["--", "printenv", "GREETING"]), "hello\n");
        assert_ne!(run(&["logs", "-n", "1"], &[]), "");
        assert!(run(&["open", "--how"], &[]).contains("printenv PASSWORD"));
        assert!(run(&["open"], &[]).starts_with("http://desk.localhost:"));
        assert_eq!(piped(project, &[&["shell"], site].concat(), "echo $GREETING\n"), "hello\n");
    }
    project
        .run(&["down", "dsek"])
        .exit_code(2)
        .says("there is no site `dsek`")
        .says("did you mean `desk`?");
    project.run(&["down"]).exit_code(0).says("desk is down");
}

/// What a command says when it gets this as its standard input.
fn piped(project: &Project, arguments: &[&str], input: &str) -> String {
    let mut child = project.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn a_signal_ends_the_command_inside(project: &Project) {
    let script = "trap 'echo told > /tmp/told; exit' INT; echo begun; while :; do sleep 0.1; done";
    let mut child = project.command(&["exec", "desk", "--", "sh", "-c", script]).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let script = "until [ -e /tmp/told ]; do sleep 0.05; done; cat /tmp/told";
    let outcome = project.run(&["exec", "desk", "--", "timeout", "20", "sh", "-c", script]);
    assert_eq!(outcome.exit_code(0).stdout, "told\n");
}

fn a_full_disk_is_no_reader_that_leaves(project: &Project) {
    for words in [&["echo", "x"][..], &["yes"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = project.command(&[&["exec", "desk", "--"], words].concat());
        let output = command.stdout(full).spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(said.contains("No space left on device"), "{said}");
    }
}

fn a_reader_that_leaves_ends_the_command_inside(project: &Project) {
    for role in ["app", "cache"] {
        let script = "echo $$; exec yes";
        let mut command =
            project.command(&["exec", "desk", "--role", role, "--", "sh", "-c", script]);
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut pid = String::new();
        said.read_line(&mut pid).unwrap();
        drop(said);
        assert_eq!(child.wait().unwrap().code(), Some(128 + 13), "{role}");
        let script = format!(
            "for i in $(seq 200); do kill -0 {} 2>/dev/null || exit 0; sleep 0.05; done; exit 1",
            pid.trim()
        );
        project.run(&["exec", "desk", "--role", role, "--", "sh", "-c", &script]).exit_code(0);
    }
}

fn the_logs_are_in_order_and_go_on(project: &Project) {
    let all = project.run(&["logs", "desk", "--output", "json"]).exit_code(0);
    let entries: Vec<serde_json::Value> =
        all.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let moments: Vec<jiff::Timestamp> =
        entries.iter().map(|entry| entry["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    let of = |role: &str| entries.iter().filter(|entry| entry["role"] == role).count();
    assert!(of("wsgi") > 0 && of("cache") > 0 && of("resolver") == 0, "{}", all.stdout);

    let one = project.run(&["logs", "desk", "cache"]).exit_code(0);
    assert!(one.stdout.lines().all(|line| line.starts_with("cache    | ")), "{}", one.stdout);
    assert_eq!(project.run(&["logs", "desk", "--since", "1ms"]).exit_code(0).stdout, "");
    project.run(&["logs", "desk", "app", "--since", "soon"]).exit_code(2);

    // A secret in a log is not shown, and what comes later is.
    let mut child = project.command(&["logs", "desk", "-f"]).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    said.find(|line| line.as_ref().unwrap().contains("Listening at")).unwrap().unwrap();
    let script = format!("echo now {SECRET} >> /var/log/stagectl/wsgi.log");
    project.run(&["exec", "desk", "--root", "--", "sh", "-c", &script]).exit_code(0);
    let line = said.find(|line| line.as_ref().unwrap().contains("now ")).unwrap().unwrap();
    assert_eq!(line, "wsgi     | now [secret pass]");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Nobody reads on inside, either.
    let script = "n=0; while cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q '[f]ollow.py'; do \
                  n=$((n + 1)); [ $n -lt 200 ] || exit 1; sleep 0.05; done";
    project.run(&["exec", "desk", "--root", "--", "sh", "-c", script]).exit_code(0);
}
