use insta::assert_snapshot;
use junit_parser::{TestStatus as Parsed, TestSuites};

use super::*;
use crate::event::{Event, Goal, Machine, Outcome, Resource, ResourceKind, TestStatus, What};
use crate::failure::Verdict;
use crate::replica::Phase;
use crate::report::sample::Script;

/// The document as a CI server reads it: a line per case.
fn read_back(events: &[Event]) -> String {
    let suites = parse(&junit(&Report::fold(events)).unwrap());
    let mut lines = Vec::new();
    for suite in &suites.suites {
        lines.push(format!(
            "{}: {} tests, {} failures, {} errors",
            suite.name, suite.tests, suite.failures, suite.errors
        ));
        for case in &suite.cases {
            let status = match &case.status {
                Parsed::Success => continue,
                Parsed::Failure(failure) => format!("failure: {}", failure.message),
                Parsed::Error(error) => format!("error: {}", error.message),
                Parsed::Skipped(skipped) => format!("skipped: {}", skipped.message),
            };
            let class = case.classname.as_deref().unwrap_or("-");
            lines.push(format!("  {class} {} {status}", case.original_name));
        }
    }
    lines.join("\n")
}

fn parse(xml: &str) -> TestSuites {
    junit_parser::from_reader(xml.as_bytes()).unwrap()
}

#[test]
fn green_has_a_case_for_every_phase_check_and_test() {
    assert_snapshot!(read_back(&sample::green()), @"
    site-a: 34 tests, 0 failures, 0 errors
    site-b: 33 tests, 0 failures, 0 errors
    site-c: 34 tests, 0 failures, 0 errors
    ");
}

#[test]
fn a_red_test_is_one_failure_of_its_site() {
    assert_snapshot!(read_back(&sample::red_suite()), @"
    site-a: 34 tests, 0 failures, 0 errors
    site-b: 32 tests, 1 failures, 0 errors
      site-b.test_own_api test_board_is_reachable_by_its_own_address failure: NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
    site-c: 34 tests, 0 failures, 0 errors
    ");
}

#[test]
fn a_failed_deploy_is_a_failure_of_its_phase() {
    assert_snapshot!(read_back(&sample::failed_deploy()), @"
    site-a: 4 tests, 1 failures, 0 errors
      site-a.phase deploy failure: deploy step `migrate` ended with code 1
    ");
}

#[test]
fn broken_infrastructure_is_an_error_and_not_a_failure() {
    assert_snapshot!(read_back(&sample::infrastructure()), @"
    site-a: 1 tests, 0 failures, 1 errors
      site-a.phase images error: could not build the environment image of site-a
    site-b: 34 tests, 0 failures, 0 errors
    ");
}

#[test]
fn a_site_that_never_started_is_an_error() {
    assert_snapshot!(read_back(&sample::interrupted()), @"
    site-a: 34 tests, 0 failures, 0 errors
    site-b: 3 tests, 0 failures, 1 errors
      site-b.phase up error: stopped by Ctrl-C
    site-c: 1 tests, 0 failures, 1 errors
      site-c.rehearsal rehearsal error: the site was never started: Ctrl-C came first
    ");
}

#[test]
fn what_is_left_behind_is_an_error_of_its_site() {
    assert_snapshot!(read_back(&sample::leftovers()), @"
    site-a: 35 tests, 0 failures, 1 errors
      site-a.rehearsal rehearsal error: something was left behind
    ");
}

#[test]
fn suites_say_which_release_and_environment_they_are_about() {
    let report = Report::fold(&sample::red_suite());
    let xml = junit_of_site(&report, &report.sites[1]).unwrap();
    let suites = parse(&xml);
    assert_eq!(suites.suites.len(), 1);
    let properties: Vec<String> = suites.suites[0]
        .properties
        .vec
        .iter()
        .map(|(name, value)| format!("{name} = {}", &value[..value.len().min(24)]))
        .collect();
    assert_snapshot!(properties.join("\n"), @"
    site = site-b
    run = 20261123-1014-3f9c
    verdict = failed
    release = noticeboard
    release.version = 1.2
    release.digest = 3f9c21ab3f9c21ab3f9c21ab
    environment.digest = e1e1e1e1e1e1e1e1e1e1e1e1
    ");
}

#[test]
fn whatever_a_suite_writes_the_document_stays_xml_of_bounded_size() {
    let message = format!("\u{1b}[31m\u{0}\u{8}\u{ffff}]]> <&\" {}", "long\n".repeat(100_000));
    let script = Script::new(Goal::Test, &["site-a"]).start("site-a");
    let events = script.test("test_\u{1}odd", TestStatus::Failed, Some(&message)).so_far();
    let report = Report::fold(&events);
    let xml = junit(&report).unwrap();
    assert!(xml.len() < 80 * 1024, "{} bytes", xml.len());
    assert!(!xml.contains(|char: char| char < ' ' && char != '\n'));
    let suites = parse(&xml);
    let case = &suites.suites[0].cases[0];
    assert_eq!(case.original_name, "test_odd");
    assert!(case.status.failure_as_ref().message.starts_with("]]> <&\" long long"));
    serde_json::from_str::<Report>(&serde_json::to_string(&report).unwrap()).unwrap();
}

#[test]
fn the_times_that_a_suite_claims_are_numbers() {
    for (claimed, expected) in [(f64::NAN, 0.0), (-1.0, 0.0), (f64::INFINITY, 31_536_000.0)] {
        let mut events = Script::new(Goal::Test, &["site-a"]).green_tests(1).of("site-a");
        events = events.test("test_one", TestStatus::Passed, None);
        let mut events = events.so_far();
        if let Some(Event { what: What::TestEnded { test }, .. }) = events.last_mut() {
            test.took = claimed;
        }
        let report = Report::fold(&events);
        assert!((report.sites[0].tests[0].took - expected).abs() < 1e-9, "{claimed}");
    }
}

#[test]
fn an_over_budget_suite_is_an_error_beside_its_tests() {
    let script = Script::new(Goal::Test, &["site-a"]).start("site-a").begin(Phase::Suite);
    let script = script.after(60_000).test("test_slow", TestStatus::Failed, Some("too late"));
    let kind = crate::failure::Kind::NoResult;
    let failure = crate::failure::Failure::new(kind, "the critical suite took over 60s");
    let script = script.end(Phase::Suite, 60_000, Outcome::Error);
    let events = script.finish(Verdict::Not(kind), 60_000, Some(failure)).so_far();
    assert_snapshot!(read_back(&events), @"
    site-a: 2 tests, 1 failures, 1 errors
      site-a.phase suite error: the critical suite took over 60s
      site-a.test_own_api test_slow failure: too late
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn the_report_of_a_red_run() {
    let mut report = Report::fold(&sample::red_suite());
    report.stagectl = "VERSION".into();
    for site in &mut report.sites {
        site.phases.truncate(1);
        site.timeline.clear();
        site.checks.truncate(1);
        site.tests.drain(..site.tests.len() - 1);
    }
    report.sites.remove(2);
    report.sites.remove(0);
    assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
    {
      "schema": "stagectl-report/1",
      "run": "20261123-1014-3f9c",
      "goal": "rehearse",
      "started": "2026-11-23T10:14:00Z",
      "stagectl": "VERSION",
      "project": "noticeboard",
      "release": {
        "name": "noticeboard",
        "version": "1.2",
        "digest": "3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab",
        "path": "dist/noticeboard-1.2-py3-none-any.whl"
      },
      "surroundings": {
        "command": "stagectl rehearse --release dist/noticeboard-1.2-py3-none-any.whl",
        "host": {
          "name": "build-7",
          "system": "Debian GNU/Linux 12 (bookworm)",
          "architecture": "x86_64",
          "cores": 2,
          "memory": 25769803776
        },
        "engine": {
          "version": "29.1.3",
          "storage": "overlay2",
          "host": "build-7",
          "cores": 2,
          "memory": 25769803776
        }
      },
      "folder": null,
      "sites": [
        {
          "name": "site-b",
          "environment": "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1",
          "images": [
            {
              "role": "environment",
              "key": "0123456789abcdef",
              "id": "sha256:aa",
              "origin": "built",
              "seconds": 41.0
            }
          ],
          "states": [],
          "phases": [
            {
              "name": "images",
              "outcome": "passed",
              "seconds": 41.0,
              "at": 3.55,
              "note": ""
            }
          ],
          "machine": null,
          "installed": [],
          "steps": [],
          "checks": [
            {
              "name": "check 1",
              "passed": true,
              "detail": "as described",
              "took": 0.01
            }
          ],
          "tests": [
            {
              "group": "test_own_api",
              "name": "test_board_is_reachable_by_its_own_address",
              "file": "test_own_api.py",
              "status": "failed",
              "took": 0.05,
              "message": "NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']",
              "details": "def test_board_is_reachable_by_its_own_address():\n\tassert get()\nNameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']"
            }
          ],
          "refused": [
            {
              "name": "api.pay.example",
              "times": 3,
              "by": [
                "app"
              ]
            }
          ],
          "failure": {
            "kind": "unfit",
            "message": "1 of 12 critical tests failed",
            "causes": [],
            "hints": [],
            "log": null
          },
          "app_log": {
            "source": "app",
            "lines": [
              "noticeboard.api  error  GET https://www.site-b.example/api/notices: \u001b[31mcertificate refused"
            ]
          },
          "differs": {
            "passed": "site-a",
            "keys": [
              "tls.certificate.names",
              "base.debian",
              "locale",
              "proxy.server",
              "wsgi.server"
            ],
            "values": [
              {
                "key": "tls.certificate.names",
                "failing": "x",
                "passing": null,
                "why": "the failure says “NameMismatch”"
              },
              {
                "key": "base.debian",
                "failing": "x",
                "passing": null
              },
              {
                "key": "locale",
                "failing": "x",
                "passing": null
              },
              {
                "key": "proxy.server",
                "failing": "x",
                "passing": null
              },
              {
                "key": "wsgi.server",
                "failing": "x",
                "passing": null,
                "why": "one site passed with this value"
              }
            ]
          },
          "reachable": null,
          "evidence": ".stagectl/runs/20261123-1014-3f9c/site-b/",
          "again": "stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl",
          "verdict": "failed",
          "code": 1,
          "seconds": 45.1
        }
      ],
      "warnings": [
        {
          "message": "no lock and no `as_of`: today's index decided what was installed",
          "sites": [
            "site-b"
          ]
        }
      ],
      "created": [],
      "removed": [],
      "left": [],
      "inventory": {
        "containers": 0,
        "networks": 0,
        "volumes": 0
      },
      "kept": null,
      "cached": null,
      "stopped": null,
      "verdict": "failed",
      "code": 1,
      "seconds": 52.3
    }
    "#);
}

/// A container is there although Docker's answer to its creation got lost.
#[test]
fn what_a_run_removed_it_had_made() {
    let resource = |name: &str| Resource { kind: ResourceKind::Container, name: name.to_owned() };
    let fold_with_goal = |goal: Goal| {
        let mut events = sample::green();
        for event in &mut events {
            if let What::RunStarted { goal: of_run, .. } = &mut event.what {
                *of_run = goal;
            }
        }
        let at = std::time::Duration::ZERO;
        let what = [
            What::Created { resource: resource("app") },
            What::Removed { resource: resource("app") },
            What::Removed { resource: resource("lost") },
        ];
        events.extend(what.map(|what| Event { at, site: None, what }));
        let report = Report::fold(&events);
        (report.created.len(), report.removed.len(), receipt_in_words(&report))
    };
    let receipt = Some("created and removed: 2 containers".to_owned());
    assert_eq!(fold_with_goal(Goal::Rehearse), (2, 2, receipt));
    // Of others' making.
    assert_eq!(fold_with_goal(Goal::Down).0, 1);
}

#[test]
fn a_run_without_an_end_is_unfinished() {
    let events = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a").so_far();
    let report = Report::fold(&events);
    let endings: Vec<Ending> = report.sites.iter().map(|site| site.verdict).collect();
    assert_eq!(endings, [Ending::Unfinished, Ending::NotRun]);
    assert_eq!((report.verdict, report.code), (Ending::Unfinished, None));
}

#[test]
fn what_the_machine_is_made_of_stands_in_the_report() {
    let machine = Machine {
        system: "Debian GNU/Linux 12 (bookworm), 12.9".to_owned(),
        python: "3.11.2".to_owned(),
        packages: vec!["libc6=2.36-9".to_owned()],
        ..Machine::default()
    };
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
    let seen = script.emit(What::MachineSeen { machine: machine.clone() });
    assert_eq!(Report::fold(&seen.clean(Verdict::Passed)).sites[0].machine, Some(machine));
}
