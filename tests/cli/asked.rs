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
fn without_a_green_site_it_is_held_against_itself_with_its_keys_at_their_defaults() {
    let project = rehearsed(two_sites(GREEN, RED), &[site("red", "failed", 1)]);
    let out = project.args(["why", "red", "--max", "0"]).stderr("").exit_code(0).out();
    let said = out.split_once("\n0 rehearsals, ").unwrap().0;
    assert_eq!(
        said,
        "red failed in the suite: test_shop.py::test_theme   (AssertionError: the page is dark)\n\
         held against plain red, with keys at their defaults; they differ in 2 keys, 2 units that can be tried\n\n\n\
         what is to blame is among these 2: env.THEME, wsgi.workers\n\
         ended early: as many rehearsals as wanted were done (`--max`); the same command goes on"
    );
}

#[test]
fn a_site_with_nothing_to_be_held_against_says_what_can_be_done() {
    let plain = "health: {path: /}\n";
    rehearsed(two_sites(GREEN, plain), &[site("red", "failed", 1)])
        .args(["why", "red"])
        .stderr(
            "error: there is nothing green that red could be held against\n  \
             caused by: no other site passed with this release, no other release on this site, and its keys are at \
             their defaults\n\
             hint: rehearse it on another site, too: `stagectl rehearse`\n\
             hint: or describe a plain one beside it, and rehearse that\n",
        )
        .exit_code(2);
}

#[test]
fn the_green_end_can_be_chosen_and_is_no_site_itself() {
    let against = |other: &str| {
        let project = rehearsed(two_sites(GREEN, RED), &[site("red", "failed", 1)]);
        project.args(["why", "red", "--max", "0", "--against", other]).run()
    };
    let out = against("green").exit_code(0).out();
    assert!(out.contains("\nheld against green; they differ in 3 keys, "), "{out}");
    let error = against("red").exit_code(2).error();
    assert!(error.starts_with("error: red cannot be held against itself\n"), "{error}");
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
         what is to blame is among these 3: env.PAGE, env.THEME, wsgi.workers\n\
         ended early: as many rehearsals as wanted were done (`--max`); the same command goes on\n"
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

const YESTERDAY: &str = "20260101-090000-bbbb";
const TODAY: &str = "20260101-100100-aaaa";

/// A site that was green yesterday and is red today, with what was installed each time; an index that nobody can ask.
fn two_runs(is_described: bool) -> Stagectl {
    let green = format!("{GREEN}install: {{index: 'http://127.0.0.1:9/simple'}}\n");
    let mut project = two_sites(GREEN, &green);
    let described = std::fs::read_to_string(project.root().join("environments/red.yaml")).unwrap();
    let installed = |mut site: Value, lines: &[&str]| {
        site["installed"] = json!(lines);
        site["machine"] =
            json!({"packages": ["libc6=2.36", format!("openssl=3.0.{}", lines.len())]});
        site
    };
    let today = ["flask==2.2.2", "werkzeug==3.0.1", "certifi==2024.2.2", "shop==1.0"];
    let before =
        ["flask==2.2.2", "werkzeug==2.3.7", "certifi==2023.7.22", "idna==3.4", "shop==1.0"];
    project = rehearsed(project, &[installed(site("red", "failed", 1), &today)]);
    let report = project.root().join(format!(".stagectl/runs/{TODAY}/report.json"));
    let mut report: Value =
        serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    report["run"] = json!(YESTERDAY);
    report["sites"] = json!([installed(site("red", "passed", 0), &before)]);
    project = project.file(&format!(".stagectl/runs/{YESTERDAY}/report.json"), report.to_string());
    if is_described {
        for (run, page) in [(YESTERDAY, "'8'"), (TODAY, "'9'")] {
            let text = described.replace("'8'", page);
            project = project.file(&format!(".stagectl/runs/{run}/red/environment.yaml"), text);
        }
    }
    project
}

#[test]
fn two_runs_differ_in_what_was_installed_and_in_keys_that_changed_between_them() {
    let between = ["why", "red", "--max", "0", "--between", YESTERDAY, TODAY];
    let out = two_runs(true).args(between).stderr("").exit_code(0).out();
    let said = out.split_once("\n0 rehearsals, ").unwrap().0;
    assert_eq!(
        said,
        "red failed in the suite: test_shop.py::test_theme   (AssertionError: the page is dark)\n\
         held against run 20260101-090000-bbbb, which was green; they differ in 1 key and 3 distributions, 4 units that can be tried\n\
         not tried: 1 Debian package that differs, too, of which the mirror has one version: openssl\n\n\n\
         what is to blame is among these 4: env.PAGE, installed.certifi, installed.idna, installed.werkzeug\n\
         ended early: as many rehearsals as wanted were done (`--max`); the same command goes on"
    );
    // In whichever order they are named.
    let other = ["why", "red", "--max", "0", "--between", TODAY, YESTERDAY];
    assert_eq!(
        two_runs(true).args(other).run().exit_code(0).out().split_once("\n0 re").unwrap().0,
        said
    );
}

#[test]
fn a_run_that_did_not_keep_another_description_or_was_not_green_is_no_end() {
    let error = |project: Stagectl, runs: [&str; 2]| {
        project.args(["why", "red", "--between", runs[0], runs[1]]).run().exit_code(2).error()
    };
    let undescribed = error(two_runs(false), [YESTERDAY, TODAY]);
    assert!(
        undescribed.starts_with(
            "error: red was described otherwise in run 20260101-090000-bbbb, which did not keep the description\n"
        ),
        "{undescribed}"
    );
    let red = error(two_runs(true), [TODAY, TODAY]);
    assert!(red.starts_with("error: red passed in none of the runs "), "{red}");
    let green = error(two_runs(true), [YESTERDAY, YESTERDAY]);
    assert!(
        green.starts_with("error: red was not red in run 20260101-090000-bbbb: passed"),
        "{green}"
    );
}
