//! Two sites of one app, of which there are archives alone: captured in one go, and rehearsed with what they share said once.

use std::fs;
use std::process::{Command, Stdio};

use super::live_host::{LiveHost, files_with};
use crate::driver::Project;

const SHARED: &str = "critical: {path: ../suite, requirements: ../suite/requirements.txt, select: critical, site_env: [NOTICEBOARD_ADMIN_PASSWORD, NOTICEBOARD_THEME]}
deploy: {steps: [{name: migrate, run: noticeboard-admin migrate}, {name: static, run: noticeboard-admin collectstatic}, {name: first admin, run: noticeboard-admin create-admin, when: first}]}
";

#[test]
fn two_sites_are_captured_from_archives_of_their_hosts_and_rehearsed_within_two_edits() {
    let host = LiveHost::start("nginx-gunicorn");
    let project = Project::new("captured-archives").folder("tests/critical", "suite").defaults("");
    let export = |file: &str| {
        let done = Command::new("docker")
            .args(["export", "--output", file, host.fact("container")])
            .current_dir(project.path(""))
            .stdin(Stdio::null())
            .status();
        assert!(done.unwrap().success());
    };
    export("one.tar");
    host.run("sed -i s/THEME=harbour/THEME=paper/ /etc/noticeboard/env");
    export("two.tar");
    let arguments =
        "capture site-d=rootfs://one.tar site-e=rootfs://two.tar --unit noticeboard --no-look";
    let outcome = project.run(&arguments.split(' ').collect::<Vec<_>>()).exit_code(0);
    let outcome = outcome.says("as archived").says("keys that site-d and site-e share");
    let secrets = host.secrets();
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!secrets.iter().any(|secret| said.contains(secret.as_str())), "{said}");
    for folder in ["environments", ".stagectl"] {
        assert_eq!(files_with(&project.path(folder), &secrets), [""; 0]);
    }
    let path = project.path("environments/defaults.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + SHARED).unwrap();
    project.run(&["drift", "--no-look"]).exit_code(0).says("site-d  true").says("site-e  true");
    project.rehearse(&host.release()).exit_code(0);
}
