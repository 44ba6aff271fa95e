//! A replica that a red rehearsal leaves up.

use std::process::Command;

use crate::samples::{tiny, tiny_sites};

#[test]
fn a_red_site_that_is_kept_ends_with_its_address_its_shell_and_the_way_to_remove_it() {
    let red =
        "names: [d.example]\ncritical: {path: ../critical, run: python3 red.py, budget: 30s}\n";
    let project = tiny_sites("kept").site("desk", red);
    std::fs::write(project.path("critical/red.py"), RED).unwrap();
    let release = tiny(&project);
    let arguments = ["rehearse", "--keep", "--release", release.to_str().unwrap()];
    let outcome = project.run(&arguments).exit_code(1).says("still up: ");
    let lines: Vec<&str> = outcome
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("desk  http://"))
        .take(4)
        .collect();
    let [address, lease, shell, next] = lines[..] else { panic!("{}", outcome.stderr) };
    let address = address.strip_prefix("desk  ").unwrap();
    assert!(lease.starts_with("  lease  until "), "{lease}");
    assert_eq!((shell, next), ("  shell  stagectl shell desk", "  next   stagectl down desk"));
    assert_eq!(project.run(&["open"]).exit_code(0).stdout, format!("{address}\n"));
    let health = address.replace("desk.localhost", "127.0.0.1") + "healthz";
    let asked = ["--silent", "--show-error", "--fail", "--max-time", "20", &health];
    let page = Command::new("curl").args(asked).output().unwrap();
    assert!(page.status.success(), "{page:?}");
    project.run(&["exec", "--", "true"]).exit_code(0);
    project.run(&["down"]).exit_code(0).says("desk is down");
    assert_eq!(project.resource_names(), [""; 0]);
}

const RED: &str = r#"
import os
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write('<testsuites><testsuite name="x"><testcase classname="a" name="b">'
               '<failure message="no">no</failure></testcase></testsuite></testsuites>')
raise SystemExit(1)
"#;
