//! Sites shared by several runs, and one verdict out of their reports; without Docker.

use serde_json::{Value, json};

use crate::program::{Answer, SHOP, Stagectl};

/// A site's part of a report.
fn site(name: &str, verdict: &str, code: Option<u8>, seconds: f64) -> Value {
    json!({
        "name": name, "environment": "e1", "images": [], "phases": [], "installed": [], "steps": [],
        "checks": [], "tests": [], "refused": [], "failure": null, "app_log": null, "differs": null,
        "reachable": null, "evidence": format!(".stagectl/runs/x/{name}/"), "again": null,
        "verdict": verdict, "code": code, "seconds": seconds,
    })
}

/// The report of a rehearsal that began in this minute.
fn report(minute: u32, code: u8, sites: &[Value]) -> Value {
    json!({
        "schema": "stagectl-report/1", "run": format!("20260101-10{minute:02}00-aaaa"), "goal": "rehearse",
        "started": format!("2026-01-01T10:{minute:02}:00Z"), "stagectl": "0.1.0", "project": "board",
        "release": {"name": "shop", "version": "1.0", "digest": "ab".repeat(32), "path": "dist/shop.whl"},
        "sites": sites, "warnings": [], "created": [], "removed": [], "left": [],
        "inventory": {"containers": 0, "networks": 0, "volumes": 0}, "kept": null, "stopped": null,
        "verdict": if code == 0 { "passed" } else { "failed" }, "code": code, "seconds": 10.0,
    })
}

fn four_sites() -> Stagectl {
    ["a", "b", "c", "d"].into_iter().fold(Stagectl::new().wheel(">=3.9"), |project, name| {
        project.site(name, &SHOP.replace("shop.example", &format!("{name}.example")))
    })
}

fn recorded(project: Stagectl, reports: &[Value]) -> Stagectl {
    reports.iter().fold(project, |project, report| {
        let run = report["run"].as_str().unwrap();
        project.file(&format!(".stagectl/runs/{run}/report.json"), report.to_string())
    })
}

const WHEEL: &str = "dist/shop-1.0-py3-none-any.whl";

/// The report of a rehearsal of the project's own wheel.
fn of_the_wheel(project: &Stagectl, mut report: Value) -> Value {
    let release =
        stagectl::release::Release::open_without(&project.root().join(WHEEL), &[]).unwrap();
    report["release"]["digest"] = release.digest.into();
    report
}

#[test]
fn nothing_failed_is_said_and_is_green() {
    let project = four_sites();
    let green =
        report(1, 0, &[site("a", "passed", Some(0), 1.0), site("b", "passed", Some(0), 1.0)]);
    let green = of_the_wheel(&project, green);
    recorded(project, &[green])
        .args(["rehearse", "--only-failed", "--release", WHEEL])
        .stderr(
            "nothing to rehearse: all was green in run 20260101-100100-aaaa (a, b); not rehearsed in it: c, d\n",
        )
        .exit_code(0);
    let project = four_sites();
    let red = of_the_wheel(&project, report(2, 1, &[site("a", "failed", Some(1), 1.0)]));
    recorded(project, &[red])
        .args(["rehearse", "--only-failed", "b", "--release", WHEEL])
        .stderr("nothing to rehearse: in run 20260101-100200-aaaa others were not green: a\n")
        .exit_code(0);
    four_sites()
        .args(["rehearse", "--only-failed", "--release", WHEEL])
        .stderr(
            "error: there is no last run whose failures could be rehearsed again\n\
             hint: rehearse all sites first: leave out `--only-failed`\n",
        )
        .exit_code(2);
}

/// Green with one release is not green with another, whatever both are called.
#[test]
fn what_was_green_with_another_release_is_not_green_with_this_one() {
    let green = report(1, 0, &[site("a", "passed", Some(0), 1.0)]);
    let mut unknown = green.clone();
    unknown["release"] = Value::Null;
    let red = report(1, 1, &[site("a", "passed", Some(0), 1.0), site("b", "failed", Some(1), 1.0)]);
    for (last, asked, known) in [
        (green, vec![], "shop 1.0 (abababab)"),
        (unknown, vec![], "a release that is not known"),
        (red, vec!["a"], "shop 1.0 (abababab)"),
    ] {
        let project = four_sites();
        let path = project.root().join(WHEEL);
        let digest = stagectl::release::Release::open_without(&path, &[]).unwrap().digest;
        let mut project =
            recorded(project, &[last]).args(["rehearse", "--only-failed", "--release", WHEEL]);
        project.add_args(&asked);
        project
            .stderr(&format!(
                "error: none of these sites failed in run 20260101-100100-aaaa, which was of {known}: it says nothing \
                 about shop 1.0 ({})\n\
                 hint: rehearse it without `--only-failed`: `stagectl rehearse --release {WHEEL}`\n",
                &digest[..8]
            ))
            .exit_code(2);
    }
}

#[test]
fn a_part_without_sites_is_green_and_a_part_that_is_none_is_refused() {
    four_sites()
        .args(["rehearse", "--partition", "5/5"])
        .stderr("nothing to rehearse: part 5/5 of 4 sites has none\n")
        .exit_code(0)
        .made_nothing();
    four_sites()
        .args(["rehearse", "--partition", "3/2"])
        .stderr(
            "error: invalid value '3/2' for '--partition <PART>': write the part and of how many, such \
             as 2/4; at most 1000\n\nFor more information, try '--help'.\n",
        )
        .exit_code(2);
    for args in [["--fail-fast", "--keep-going"], ["--times", "x.json"]] {
        let [one, two] = args;
        four_sites().args(["rehearse", one, two]).run().exit_code(2);
    }
    four_sites()
        .args(["rehearse", "--partition", "1/2", "--times", "none.json"])
        .stderr(
            "error: could not read none.json\n  caused by: No such file or directory (os error 2)\n",
        )
        .exit_code(2);
}

/// The merged report that an answer left in `merged/`.
fn merged(answer: &Answer) -> Value {
    let text = std::fs::read(answer.root().join("merged/report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn the_reports_of_shards_become_one_with_the_worst_verdict() {
    let mut one =
        report(1, 0, &[site("a", "passed", Some(0), 4.0), site("c", "passed", Some(0), 4.0)]);
    let mut two =
        report(2, 1, &[site("b", "failed", Some(1), 6.0), site("d", "passed", Some(0), 3.0)]);
    for (report, part) in [(&mut one, "1/2"), (&mut two, "2/2")] {
        report["partition"] = json!({"part": part, "sites": ["a", "b", "c", "d"]});
    }
    let answer = four_sites()
        .file("shards/1/report.json", one.to_string())
        .file("shards/1/a/junit.xml", "of another time")
        .file("shards/2/.stagectl/runs/x/report.json", two.to_string())
        .file("shards/2/.stagectl/runs/x/b/logs/app.log", "no such table")
        .args(["report", "merge", "shards/1", "shards/2", "--into", "merged"])
        .stdout("")
        .stderr(
            "shop 1.0 (abababab)  on 4 sites, in order\n\n\
             b failed\n  evidence  merged/b/\n\n\
             report: merged/report.html\n\
             FAILED   1 of 4 sites   1m10s   nothing left: 0 containers, 0 networks, 0 volumes\n",
        )
        .exit_code(1);
    let report = merged(&answer);
    let sites: Vec<&str> = report["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| site["name"].as_str().unwrap())
        .collect();
    assert_eq!(sites, ["a", "b", "c", "d"]);
    let read =
        |path: &str| std::fs::read_to_string(answer.root().join("merged").join(path)).unwrap();
    assert_eq!(read("b/logs/app.log"), "no such table");
    assert!(read("a/junit.xml").starts_with("<?xml"), "written anew");
    assert!(read("report.html").contains("href=\".&#x2f;b&#x2f;logs&#x2f;app.log\""));
    assert!(read("junit.xml").contains("<testsuite name=\"d\""));
}

#[test]
fn a_shard_that_never_reported_is_not_green() {
    let green = report(1, 0, &[site("a", "passed", Some(0), 4.0)]);
    let project = || four_sites().file("shards/1/report.json", green.to_string());
    project()
        .args(["report", "merge", "shards/1", "--into", "merged", "--expect", "a"])
        .stderr(
            "shop 1.0 (abababab)  on a\n\n\
             report: merged/report.html\n\
             PASSED   1 of 1 site   10.0s   nothing left: 0 containers, 0 networks, 0 volumes\n",
        )
        .exit_code(0);
    // The project here says which sites there are.
    project()
        .args(["report", "merge", "shards/1", "--into", "merged"])
        .stderr(
            "shop 1.0 (abababab)  on 4 sites, in order\n\n\
             warning: b, c, d: no run reported on it\n\
             not run: b, c, d\n\n\
             report: merged/report.html\n\
             ERROR   3 of 4 sites without a result   10.0s   \
             nothing left: 0 containers, 0 networks, 0 volumes\n",
        )
        .exit_code(5);
    project()
        .file("shards/2/suite.log", "")
        .args(["report", "merge", "shards/1", "shards/2", "--into", "merged", "--expect", "a"])
        .run()
        .exit_code(5);
}

#[test]
fn what_cannot_be_merged_is_refused_with_the_reason() {
    let green = report(1, 0, &[site("a", "passed", Some(0), 4.0)]);
    let mut other = report(2, 0, &[site("b", "passed", Some(0), 4.0)]);
    other["release"]["digest"] = "cd".repeat(32).into();
    let project = |other: String| {
        four_sites()
            .file("1.json", green.to_string())
            .file("2.json", other)
            .args(["report", "merge", "1.json", "2.json", "--into", "merged"])
    };
    project(other.to_string())
        .stderr(
            "error: the reports are of different releases\n  \
             caused by: run 20260101-100100-aaaa is of shop 1.0 (abababab)\n  \
             caused by: run 20260101-100200-aaaa is of shop 1.0 (cdcdcdcd)\n\
             hint: build the release once, and give every run the same file\n",
        )
        .exit_code(2);
    other["schema"] = "stagectl-report/9".into();
    project(other.to_string())
        .stderr(
            "error: could not read 2.json\n  \
             caused by: it is of a newer stagectl: stagectl-report/9, and this one knows stagectl-report/1\n\
             hint: use the newest stagectl of all that wrote the reports\n",
        )
        .exit_code(2);
    project("[1, 2".to_owned())
        .stderr(
            "error: could not read 2.json\n  \
             caused by: EOF while parsing a list at line 1 column 5\n\
             hint: name the `report.json` of a run\n",
        )
        .exit_code(2);
    four_sites()
        .file("1.json", green.to_string())
        .file("merged/mine", "")
        .args(["report", "merge", "1.json", "--into", "merged"])
        .stderr(
            "error: could not merge into merged\n  caused by: there is something in it already\n\
             hint: name another folder, or remove this one\n",
        )
        .exit_code(2);
    four_sites()
        .args(["report", "merge", "none"])
        .stderr("error: could not read none\n  caused by: No such file or directory (os error 2)\n")
        .exit_code(2);
}

#[test]
fn the_last_report_is_shown_again() {
    let reports = [
        report(1, 1, &[site("a", "failed", Some(1), 4.0)]),
        report(2, 0, &[site("a", "passed", Some(0), 4.0)]),
    ];
    let project = || {
        recorded(four_sites(), &reports)
            .file(".stagectl/runs/20260101-100200-aaaa/report.html", "<!DOCTYPE html>")
    };
    project()
        .args(["report", "show"])
        .stdout(
            "shop 1.0 (abababab)  on a\n\n\
             report: .stagectl/runs/20260101-100200-aaaa/report.html\n\
             PASSED   1 of 1 site   10.0s   nothing left: 0 containers, 0 networks, 0 volumes\n",
        )
        .stderr("")
        .exit_code(0);
    project()
        .args(["report", "show", "20260101-100100-aaaa"])
        .stdout(
            "shop 1.0 (abababab)  on a\n\n\
             a failed\n  evidence  .stagectl/runs/x/a/\n\n\
             FAILED   1 of 1 site   10.0s   nothing left: 0 containers, 0 networks, 0 volumes\n",
        )
        .exit_code(0);
    let json = project().args(["report", "show", "--output", "json"]).run().out();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["code"], 0);
    project()
        .args(["report", "show", "nonsense"])
        .stderr(
            "error: could not read nonsense\n  caused by: No such file or directory (os error 2)\n\
             hint: the runs of a project are the folders in its `.stagectl/runs`\n",
        )
        .exit_code(2);
    four_sites()
        .args(["report", "show"])
        .stderr("error: there is no report here\nhint: rehearse first: `stagectl rehearse`\n")
        .exit_code(2);
}

#[test]
fn the_timeline_of_a_run_is_shown_and_an_older_one_says_what_it_lacks() {
    let mut new = site("b", "passed", Some(0), 2.0);
    new["timeline"] = json!([
        {"what": "network", "phase": "up", "at": 0.0, "seconds": 0.5, "outcome": "passed", "critical": true},
        {"what": "start app", "phase": "up", "container": "app", "stage": "started", "at": 0.5, "seconds": 1.5,
         "outcome": "passed", "after": [0], "critical": true},
    ]);
    let sites = [site("a", "passed", Some(0), 4.0), new];
    let project = || recorded(four_sites(), &[report(1, 0, &sites)]);
    project()
        .args(["report", "show", "--timeline", "b,a"])
        .stdout(
            "b   passed   2.0s   critical path (*): 2.0s in 2 steps\n\
             \x20  start    took  what                0.0s                                                                          2.0s\n\
             *   0.00    0.50  network             =====================\n\
             *   0.50    1.50  app: started 1.50s                       SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS\n\
             bars: c created, s started, r ready, # another step; capitals and = are the critical path (*)\n\n\
             a   passed   4.0s\n\
             nothing says when its steps were: it had no turn, or an earlier stagectl wrote the report\n",
        )
        .exit_code(0);
    let json = project().args(["report", "show", "--timeline", "--output", "json"]).run().out();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sites"][1]["timeline"][1]["after"], json!([0]));
    assert_eq!(json["sites"][0], json!({"name": "a", "timeline": []}));
    project()
        .args(["report", "show", "--timeline", "z"])
        .stderr(
            "error: run 20260101-100100-aaaa has no site z\nhint: its sites: a, b\n\
             hint: name a run before the flag: `stagectl report show RUN --timeline`\n",
        )
        .exit_code(2);
}
