//! Deploys that must fail: each with the right code, in the right phase, in seconds, with the last
//! line of the right log. Bad sites share a project and one rehearsal.

use std::time::Duration;

use crate::driver::{Project, endings, seconds_without_images};
use crate::samples::{tiny, tiny_sites};

/// No bad site may take longer than this, apart from its images: seconds, not a time-out.
const QUICK: f64 = 20.0;

fn rehearsed(project: &Project, code: i32) -> String {
    let outcome = project.rehearse(&tiny(project)).exit_code(code);
    let report = project.report();
    for site in &report.sites {
        let took = seconds_without_images(site);
        assert!(took < QUICK, "{} took {took} s:\n{}", site.name, outcome.stderr);
    }
    outcome.says("nothing left: 0 containers, 0 networks, 0 volumes");
    endings(&report)
}

#[test]
fn an_app_that_cannot_be_served_never_becomes_ready() {
    let project = tiny_sites("unready")
        .site("gunicorn", "{names: [g.example], wsgi: {application: 'tiny.no_import:application'}}")
        .site("uwsgi", "{names: [u.example], tls: {}, proxy: {server: apache}, wsgi: {server: uwsgi, application: 'tiny.no_import:application'}}")
        .site("mod-wsgi", "{names: [m.example], tls: {}, proxy: {server: apache, prefix: /shop/}, wsgi: {server: mod_wsgi, locale: C, application: 'tiny.no_import:application'}}")
        .site("no-callable", "{names: [c.example], wsgi: {server: waitress, application: 'tiny.wsgi:app'}}")
        .site("dies", "{names: [d.example], wsgi: {server: waitress, application: 'tiny.dies:application'}}")
        .site("other-port", "{names: [o.example], wsgi: {server: waitress, options: {listen: '127.0.0.1:8123'}}}")
        .site("unwell", "{names: [h.example], env: {TINY_HEALTH: 503 Service Unavailable}, health: {within: 3s}}")
        .site("wrong-json", "{names: [j.example], env: {TINY_DATABASE: down}, health: {within: 3s, json: {database: true}}}");
    assert_eq!(rehearsed(&project, 4), "");
}

#[test]
fn a_deploy_step_that_fails_is_a_failed_deploy() {
    let project = tiny_sites("steps")
        .variable("STAGE_STEP_SECRET", "xyzzy-plugh-4711")
        .site("fails", r#"{names: [f.example], deploy: {steps: [{name: static, run: "true"}, {name: migrate, run: "echo 0007_prices; echo 'relation \"prices\" does not exist' >&2; exit 4"}]}}"#)
        .site("hangs", r#"{names: [h.example], deploy: {steps: [{name: migrate, timeout: 1s, run: "echo waiting for a lock on prices; sleep 60"}]}}"#)
        .site("missing", r#"{names: [m.example], deploy: {steps: [{name: migrate, run: tiny-admin migrate}]}}"#)
        .site("tells", r#"{names: [t.example], env: {TINY_SECRET: "${secret.key}"}, secrets: {key: {from_env: STAGE_STEP_SECRET}}, deploy: {steps: [{name: tell, run: "echo the key is $TINY_SECRET; exit 1"}]}}"#);
    assert_eq!(rehearsed(&project, 3), "");
}

#[test]
fn a_site_that_answers_and_is_not_as_described_fails_its_diagnosis() {
    let project = tiny_sites("unfit")
        .site("refused", "{names: [r.example], env: {TINY_ASKS: api.pay.example}}")
        .site("traceback", "{names: [t.example], env: {TINY_TRACEBACK: 'yes'}}")
        .site("variables", "{names: [v.example], env: {TINY_GREETING: hello}, wsgi: {server: waitress, application: 'tiny.other_variables:application'}}");
    assert_eq!(rehearsed(&project, 1), "");
}

#[test]
fn what_cannot_be_installed_is_said_with_its_name() {
    let project = tiny_sites("installs")
        .site("package", "{names: [p.example], base: {packages: [libnosuchthing7]}}")
        .site(
            "requirement",
            "{names: [r.example], install: {extra: ['gunicorn==23.0.0', 'tiny-nosuchthing==7']}}",
        )
        .site("suite", "{names: [s.example], critical: {requirements: ../nosuchthing.txt}}")
        .site("python", "{names: [y.example], python: '3.12'}")
        .file("nosuchthing.txt", "tiny-nosuchthing==7\n");
    assert_eq!(rehearsed(&project, 5), "");
}

#[test]
fn a_suite_without_a_result_is_never_green() {
    let project = tiny_sites("suites")
        .folder("tests/apps/tiny/pytest", "pytest")
        .file("none/helpers.py", "")
        .site("budget", "{names: [b.example], critical: {run: 'echo waiting for a mail; sleep 60', budget: 1s}}")
        .site("no-file", "{names: [n.example], critical: {run: 'echo all is well'}}")
        .site("unreadable", "{names: [u.example], critical: {run: 'echo all is well > $STAGECTL_JUNIT'}}")
        .site("crashed", "{names: [c.example], critical: {run: 'python3 check.py; exit 3'}}");
    assert_eq!(rehearsed(&project, 5), "");
}

#[test]
fn a_pytest_suite_without_tests_is_never_green() {
    let project = Project::new("no-tests")
        .folder("tests/apps/tiny/pytest", "pytest")
        .file("none/helpers.py", "")
        .defaults(
            "base: {debian: bookworm}\n\
             install: {extra: ['gunicorn==23.0.0', 'waitress==3.0.2']}\n\
             user: tiny\n\
             proxy: {server: none}\n\
             wsgi: {server: gunicorn, application: 'tiny.wsgi:application', workers: 1}\n\
             health: {path: /healthz}\n",
        )
        .site("none", "{names: [n.example], critical: {path: ../none}}")
        .site("skipped", "{names: [s.example], critical: {path: ../pytest}}");
    assert_eq!(rehearsed(&project, 5), "");
}

#[test]
fn an_engine_that_is_not_there_is_said_at_once() {
    let project = tiny_sites("nowhere").site("shop", "{names: [s.example]}");
    let release = tiny(&project);
    let hosts = ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"];
    for host in hosts {
        let mut command = project.command(&["rehearse", "--release", release.to_str().unwrap()]);
        let output = command.env("DOCKER_HOST", host).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(75));
    }
    let _quick = Duration::from_secs(2);
}
