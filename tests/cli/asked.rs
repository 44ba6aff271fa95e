//! `stagectl why` as far as it comes without Docker, and keys that the command line sets.

use serde_json::{Value, json};

use crate::program::{SHOP, Stagectl};

const WHEEL: &str = "dist/shop-1.0-py3-none-any.whl";
const GREEN: &str = "env: {THEME: paper, PAGE: '8'}\n";
const RED: &str =
    "env: {THEME: night}\nwsgi: {server: gunicorn, workers: 4, application: 'shop.wsgi:app'}\n";

/// A project with a green and a red site; their keys beside those of the shop.
fn two_sites(green: &str, red: &str) -> Stagectl {
    let described = |more: &str| {
        let own: Vec<&str> = more.lines().map(|line| line.split(':').next().unwrap()).collect();
        let kept = SHOP.lines().filter(|line| !own.iter().any(|key| line.starts_with(key)));
        kept.fold(String::new(), |all, line| all + line + "\n") + more
    };
    Stagectl::new().wheel(">=3.9").site("green", &described(green)).site("red", &described(red))
}

fn site(name: &str, verdict: &str, code: u8) -> Value {
    let test = json!({
        "group": "test_shop", "name": "test_theme", "file": "test_shop.py", "took": 0.1,
        "status": if code == 0 { "passed" } else { "failed" },
        "message": "AssertionError: the page is dark", "details": null,
    });
    let failure = json!({
        "kind": "unfit", "message": "1 of 1 tests of the critical suite failed", "causes": [],
        "hints": [], "log": null,
    });
    let outcome = if code == 0 { "passed" } else { "failed" };
    json!({
        "name": name, "environment": "e1", "images": [], "installed": [], "steps": [],
        "phases": [{"name": "suite", "outcome": outcome, "seconds": 0.1, "note": ""}],
        "checks": [], "tests": [test], "refused": [], "app_log": null, "differs": null,
        "failure": if code == 0 { Value::Null } else { failure }, "reachable": null, "evidence": null,
        "again": null, "verdict": verdict, "code": code, "seconds": 1.0,
    })
}

/// The same project after a rehearsal of its wheel.
fn rehearsed(project: Stagectl, sites: &[Value]) -> Stagectl {
    let release =
        stagectl::release::Release::open_without(&project.root().join(WHEEL), &[]).unwrap();
    let report = json!({
        "schema": "stagectl-report/1", "run": "20260101-100100-aaaa", "goal": "rehearse",
        "started": "2026-01-01T10:01:00Z", "stagectl": "0.1.0", "project": "board",
        "release": {"name": "shop", "version": "1.0", "digest": release.digest, "path": WHEEL},
        "sites": sites, "warnings": [], "created": [], "removed": [], "left": [],
        "inventory": null, "kept": null, "stopped": null, "verdict": "failed", "code": 1, "seconds": 10.0,
    });
    project.file(".stagectl/runs/20260101-100100-aaaa/report.json", report.to_string())
}

fn green_and_red() -> [Value; 2] {
    [site("green", "passed", 0), site("red", "failed", 1)]
}

#[test]
fn a_site_that_was_never_rehearsed_has_no_why() {
    two_sites(GREEN, RED)
        .args(["why", "red"])
        .stderr("error: red was not rehearsed yet\nhint: rehearse first: `stagectl rehearse`\n")
        .exit_code(2);
}

#[test]
fn a_green_site_has_no_why_and_the_red_ones_are_named() {
    rehearsed(two_sites(GREEN, RED), &green_and_red())
        .args(["why", "green"])
        .stderr(
            "error: green was not red in run 20260101-100100-aaaa: passed\n\
             hint: red in it: red\n",
        )
        .exit_code(2);
}

#[test]
fn without_a_green_site_it_says_what_can_be_done() {
    let project = rehearsed(two_sites(GREEN, RED), &[site("red", "failed", 1)]);
    project
        .args(["why", "red"])
        .stderr(
            "error: there is no green site that red could be held against\n  \
             caused by: no other site of this project passed with this release\n\
             hint: rehearse it on another site, too: `stagectl rehearse`\n\
             hint: or describe a plain one beside it, and rehearse that\n",
        )
        .exit_code(2);
}

#[test]
fn sites_that_are_described_alike_differ_in_no_key() {
    rehearsed(two_sites(GREEN, GREEN), &green_and_red())
        .args(["why", "red"])
        .stderr(
            "error: red and green are described alike\n  \
             caused by: one passed, and the other did not: the difference is in no description\n\
             hint: rehearse both again: it may be the suite that varies\n",
        )
        .exit_code(2);
}

#[test]
fn a_release_that_is_gone_or_another_one_is_named() {
    let again =
        "hint: rehearse again with the release at hand: `stagectl rehearse --release ...`\n";
    let project = rehearsed(two_sites(GREEN, RED), &green_and_red());
    std::fs::remove_file(project.root().join(WHEEL)).unwrap();
    project
        .args(["why", "red"])
        .stderr(&format!(
            "error: the release of run 20260101-100100-aaaa is not there any more: {WHEEL}\n{again}"
        ))
        .exit_code(2);
    rehearsed(two_sites(GREEN, RED), &green_and_red())
        .wheel(">=3.11")
        .args(["why", "red"])
        .stderr(&format!(
            "error: {WHEEL} is another release now than in run 20260101-100100-aaaa\n{again}"
        ))
        .exit_code(2);
}

#[test]
fn the_best_answer_without_any_rehearsal_is_that_it_is_one_of_all_keys() {
    let answer = rehearsed(two_sites(GREEN, RED), &green_and_red())
        .args(["why", "red", "--max", "0"])
        .stderr("")
        .exit_code(0);
    let out = answer.out();
    // Its last line has the time that it took.
    let said = out.rsplit_once("0 rehearsals, ").unwrap().0;
    assert_eq!(
        said,
        "red failed in the suite: test_shop.py::test_theme   (AssertionError: the page is dark)\n\
         nearest green site: green; they differ in 3 keys, 3 units that can be tried\n\n\n\
         one of these 3 is to blame: env.PAGE, env.THEME, wsgi.workers\n"
    );
}

#[test]
fn a_program_reads_the_same_as_an_object() {
    let answer = rehearsed(two_sites(GREEN, RED), &green_and_red())
        .args(["why", "red", "--max", "0", "--output", "json"])
        .run()
        .exit_code(0);
    let said: Value = serde_json::from_str(&answer.out()).unwrap();
    assert_eq!(said["schema"], "stagectl-why/1");
    assert_eq!(said["red"]["failing"], json!({"test_shop.py::test_theme": "AssertionError"}));
    assert_eq!(
        said["range"]["one_of"][1],
        json!([{"key": "env.THEME", "red": "night", "green": "paper"}])
    );
    assert_eq!((&said["proven"], &said["count"]), (&false.into(), &0.into()));
}

#[test]
fn the_command_line_sets_a_key_and_a_wrong_one_is_a_problem_of_its_own() {
    let digest = |answer: String| answer.split_whitespace().nth(1).unwrap().to_owned();
    let plain = digest(two_sites(GREEN, RED).args(["check", "green"]).run().exit_code(0).out());
    let set = ["check", "green", "--set", "env.THEME=night", "--set", "env.PAGE=null"];
    let set = digest(two_sites(GREEN, RED).args(set).run().exit_code(0).out());
    let described = digest(
        two_sites("env: {THEME: night}\n", RED).args(["check", "green"]).run().exit_code(0).out(),
    );
    assert!(set == described && set != plain, "{set} {described} {plain}");
    let wrong = two_sites(GREEN, RED).args(["check", "green", "--set", "wsgi.worker=4"]).run();
    let error = wrong.exit_code(2).error();
    assert!(error.contains("error: --set: wsgi: unknown key `worker`"), "{error}");
    let none = two_sites(GREEN, RED).args(["check", "--set", "wsgi"]).run().exit_code(2).error();
    assert!(none.contains("write a key and its value: tls.certificate.key=ecdsa-p256"), "{none}");
}
