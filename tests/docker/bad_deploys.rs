//! Deploys that must fail: each with the right code, in the right phase, in seconds, with the last
//! line of the right log. Bad sites share a project and one rehearsal.

use std::time::{Duration, Instant};

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
    project.assert_secrets_are_kept(&outcome);
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
        .site("other-port", "{names: [o.example], wsgi: {server: waitress, application: 'tiny.other_port:application'}}")
        .site("other-port-than-a-worker-s", "{names: [p.example], processes: {worker: {run: exec python -m tiny.work listen}}, wsgi: {server: waitress, application: 'tiny.other_port:application'}}")
        .site("unwell", "{names: [h.example], env: {TINY_HEALTH: 503 Service Unavailable}, health: {within: 6s}}")
        .site("wrong-json", "{names: [j.example], env: {TINY_DATABASE: down}, health: {within: 6s, json: {database: true}}}");
    insta::assert_snapshot!(rehearsed(&project, 4), @r#"
    dies 4 in ready: wsgi of dies ended with code 9 at its start
      wsgi: tiny: no licence key, good bye
    gunicorn 4 in ready: wsgi of gunicorn ended with code 3 at its start
      ModuleNotFoundError: No module named 'a_library_nobody_declared'
      at tiny/no_import.py:2 in <module>: import a_library_nobody_declared
      wsgi: ModuleNotFoundError: No module named 'a_library_nobody_declared'
    mod-wsgi 4 in ready: mod-wsgi is not ready: the application cannot be imported
      ModuleNotFoundError: No module named 'a_library_nobody_declared'
      at tiny/no_import.py:2 in <module>: import a_library_nobody_declared
      last seen: HTTP 500 Internal Server Error from https://m.example/shop/healthz, expected 200: The server encountered an internal error or misconfiguration and was unable to complete your request. Please contact the server administrator at [no address given] to inform them of the time this error occurred, and the actions you performed just before this error. More information about this error ...
      import: ModuleNotFoundError: No module named 'a_library_nobody_declared'
    no-callable 4 in ready: wsgi of no-callable ended with code 1 at its start
      AttributeError: module 'tiny.wsgi' has no attribute 'app'
      wsgi: 1. module 'tiny.wsgi' has no attribute 'app'
    other-port 4 in ready: other-port is not ready: nothing listens on 80, but something on 8123
      last seen: ConnectionRefusedError: [Errno 111] Connection refused from http://o.example/healthz
      wsgi: INFO:waitress:Serving on http://127.0.0.1:8123
    other-port-than-a-worker-s 4 in ready: other-port-than-a-worker-s is not ready: nothing listens on 80, but something on 8123
      last seen: ConnectionRefusedError: [Errno 111] Connection refused from http://p.example/healthz
      wsgi: INFO:waitress:Serving on http://127.0.0.1:8123
    unwell 4 in ready: unwell is not ready: not ready within 6s
      last seen: HTTP 503 Service Unavailable from http://h.example/healthz, expected 200: {"database": true}
      wsgi: tiny: health says 503 Service Unavailable
    uwsgi 4 in ready: wsgi of uwsgi ended with code 22 at its start
      ModuleNotFoundError: No module named 'a_library_nobody_declared'
      at tiny/no_import.py:2 in <module>: import a_library_nobody_declared
      wsgi: ModuleNotFoundError: No module named 'a_library_nobody_declared'
    wrong-json 4 in ready: wrong-json is not ready: not ready within 6s
      last seen: HTTP 200 OK from http://j.example/healthz, but `database` is false, expected true
      wsgi: tiny: starting
    "#);
}

#[test]
fn a_deploy_step_that_fails_is_a_failed_deploy() {
    let project = tiny_sites("steps")
        .variable("STAGE_STEP_SECRET", "xyzzy-plugh-4711")
        .site("fails", r#"{names: [f.example], deploy: {steps: [{name: static, run: "true"}, {name: migrate, run: "echo 0007_prices; echo 'relation \"prices\" does not exist' >&2; exit 4"}]}}"#)
        .site("hangs", r#"{names: [h.example], deploy: {steps: [{name: migrate, timeout: 1s, run: "echo waiting for a lock on prices; sleep 60"}]}}"#)
        .site("missing", "{names: [m.example], deploy: {steps: [{name: migrate, run: tiny-admin migrate}]}}")
        .site("tells", r#"{names: [t.example], env: {TINY_SECRET: "${secret.key}"}, secrets: {key: {from_env: STAGE_STEP_SECRET}}, deploy: {steps: [{name: tell, run: "echo the key is $TINY_SECRET; exit 1"}]}}"#);
    insta::assert_snapshot!(rehearsed(&project, 3), @r#"
    fails 3 in deploy: deploy step `migrate` failed with exit code 4
      relation "prices" does not exist
      it ran `echo 0007_prices; echo 'relation "prices" does not exist' >&2; exit 4` as tiny
      deploy step `migrate`: relation "prices" does not exist
    hangs 3 in deploy: deploy step `migrate` did not end within 1s
      deploy step `migrate`: waiting for a lock on prices
    missing 3 in deploy: deploy step `migrate` failed with exit code 127
      /bin/sh: 1: tiny-admin: not found
      it ran `tiny-admin migrate` as tiny
      deploy step `migrate`: /bin/sh: 1: tiny-admin: not found
    tells 3 in deploy: deploy step `tell` failed with exit code 1
      it ran `echo the key is $TINY_SECRET; exit 1` as tiny
      deploy step `tell`: the key is [secret key]
    "#);
}

#[test]
fn a_site_that_answers_and_is_not_as_described_fails_its_diagnosis() {
    let project = tiny_sites("unfit")
        .site("refused", "{names: [r.example], env: {TINY_ASKS: api.pay.example}}")
        .site("traceback", "{names: [t.example], env: {TINY_TRACEBACK: 'yes'}}")
        .site("variables", "{names: [v.example], env: {TINY_GREETING: hello}, wsgi: {server: waitress, application: 'tiny.other_variables:application'}}");
    insta::assert_snapshot!(rehearsed(&project, 1), @r#"
    refused 0
      tried api.pay.example
    traceback 1 in diagnosis: 1 of 8 checks of the diagnosis failed
      logs: /var/log/stagectl/wsgi.log: Traceback (most recent call last): KeyError: 'theme'
    variables 1 in diagnosis: 1 of 8 checks of the diagnosis failed
      variables: not as described in the live process: TINY_GREETING
    "#);
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
        .file("nosuchthing.txt", "tiny-nosuchthing==7\n");
    insta::assert_snapshot!(rehearsed(&project, 5), @r#"
    package 2 in images: could not build packages of package
      E: Unable to locate package libnosuchthing7
      build: E: Unable to locate package libnosuchthing7
    requirement 3 in images: could not build dependencies of tiny for requirement
      error: No solution found when resolving dependencies
      Because tiny-nosuchthing was not found in the package registry and you require tiny-nosuchthing==7, we can conclude that your requirements are unsatisfiable.
      build: cause: Because tiny-nosuchthing was not found in the package registry and you require tiny-nosuchthing==7, we can conclude that your requirements are unsatisfiable.
    suite 5 in images: could not build test tools of suite
      error: No solution found when resolving dependencies
      Because tiny-nosuchthing was not found in the package registry and you require tiny-nosuchthing==7, we can conclude that your requirements are unsatisfiable.
      build: cause: Because tiny-nosuchthing was not found in the package registry and you require tiny-nosuchthing==7, we can conclude that your requirements are unsatisfiable.
    "#);
}

#[test]
fn a_suite_without_a_result_is_never_green() {
    let project = tiny_sites("suites")
        .folder("tests/apps/tiny/pytest", "pytest")
        .file("none/helpers.py", "")
        .site("budget", "{names: [b.example], critical: {run: 'echo waiting for a mail; sleep 60', budget: 1s}}")
        .site("no-file", "{names: [n.example], critical: {run: 'echo all is well'}}")
        .site("unreadable", "{names: [u.example], critical: {run: 'echo all is well > $STAGECTL_JUNIT'}}")
        .site("crashed", "{names: [c.example], critical: {run: 'python3 check.py; exit 3'}}")
        .site("large", "{names: [l.example], critical: {run: 'truncate -s 20G $STAGECTL_JUNIT'}}")
        .site("link", "{names: [k.example], critical: {run: 'ln -s /dev/zero $STAGECTL_JUNIT'}}")
        .site("line", r#"{names: [i.example], critical: {run: "head -c 200M /dev/zero | tr '\\0' x; python3 check.py"}}"#);
    insta::assert_snapshot!(rehearsed(&project, 5), @r#"
    budget 5 in suite: the critical suite was not done within its budget of 1s
      suite: waiting for a mail
    crashed 5 in suite: the critical suite ended with code 3 although no test failed
    large 5 in suite: could not read the suite's JUnit XML
      it has more than 16777216 bytes
    line 0
    link 5 in suite: could not read the suite's JUnit XML
      /opt/stagectl/results/junit.xml is not a file
    no-file 5 in suite: the critical suite ended with code 0 and left no JUnit XML
      suite: all is well
    unreadable 5 in suite: could not read the suite's JUnit XML
      there is no `testsuites` and no `testsuite` in it
    "#);
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
    insta::assert_snapshot!(rehearsed(&project, 5), @r#"
    none 5 in suite: the critical suite has no tests
      no tests is never green
      suite: no tests ran
    skipped 5 in suite: the critical suite skipped every test
      no tests is never green
      suite: 1 skipped
    "#);
}

#[test]
fn an_engine_that_is_not_there_is_said_at_once() {
    let project = tiny_sites("nowhere").site("shop", "{names: [s.example]}");
    let release = tiny(&project);
    for (host, expected) in [
        (
            "unix:///nowhere/docker.sock",
            "error: could not reach Docker at unix:///nowhere/docker.sock\n",
        ),
        ("tcp://127.0.0.1:1", "error: could not reach Docker at tcp://127.0.0.1:1\n"),
    ] {
        let begin = Instant::now();
        let mut command = project.command(&["rehearse", "--release", release.to_str().unwrap()]);
        let output = command.env("DOCKER_HOST", host).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(expected) && said.contains("\nhint: "), "{said}");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(75), &b""[..]));
        assert!(begin.elapsed() < Duration::from_secs(3), "it took {:?}", begin.elapsed());
    }
}
