use insta::assert_snapshot;

use super::*;
use crate::event::{Goal, TestStatus};
use crate::failure::{Excerpt, Verdict};
use crate::report::sample::{self, Script};
use crate::report::{Ending, KeyValues, SiteReport};

fn page(report: &Report) -> String {
    html(report, &Beside::default()).unwrap()
}

/// What a reader of the page reads, without the style: tags gone, a line for each that has text.
pub(in crate::report) fn read(page: &str) -> String {
    let body = page.split("<main").nth(1).unwrap().split_once('>').unwrap().1;
    let mut text = String::new();
    let mut inside = false;
    for char in body.chars() {
        match char {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push('\u{1}');
            }
            char if !inside => text.push(char),
            _ => {}
        }
    }
    for (escaped, char) in
        [("&#x27;", "'"), ("&#x2f;", "/"), ("&quot;", "\""), ("&lt;", "<"), ("&amp;", "&")]
    {
        text = text.replace(escaped, char);
    }
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(['\u{1}', ' ']).filter(|word| !word.is_empty()).collect();
        words.join(" ")
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_verdict_comes_first_and_then_what_is_wrong() {
    let mut report = Report::fold(&sample::red_suite());
    report.stagectl = "VERSION".to_owned();
    let page = page(&report);
    let title = page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert_eq!(title, "FAILED: noticeboard 1.2 on 1 of 3 sites");
    let read = read(&page);
    let (first, _) = read.split_once("\nTime line").unwrap();
    assert_snapshot!(first, @"
    ✕ FAILED noticeboard 1.2
    1 of 3 sites, in 52.3s, 2026-11-23 10:14:00 UTC
    site-b failed in the critical suite test_own_api.py::test_board_is_reachable_by_its_own_address: NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
    release dist/noticeboard-1.2-py3-none-any.whl
    SHA-256 3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab
    project noticeboard
    run 20261123-1014-3f9c
    exit code 1: the critical suite or the diagnosis failed
    command stagectl rehearse --release dist/noticeboard-1.2-py3-none-any.whl
    host build-7: Debian GNU/Linux 12 (bookworm), x86_64, 2 cores, 24.0 GiB
    engine Docker 29.1.3, storage overlay2
    Sites
    Each site and the time of each of its phases
    Site Verdict images up deploy ready diagnosis suite down Tests Total
    site-a ✓ passed 0.0s, cached 1.1s 0.9s 0.2s 0.3s 0.8s 0.2s 12 ok 3.5s
    site-b ✕ failed 41.0s 1.3s 1.2s 0.3s 0.3s ✕ failed 0.9s 0.2s 1 failed, 11 ok 45.1s
    site-c ✓ passed 0.0s, cached 1.1s 0.9s 0.2s 0.3s 0.8s 0.2s 12 ok 3.5s
    Failures
    ✕ site-b failed in the critical suite
    app, at that moment
    noticeboard.api error GET https://www.site-b.example/api/notices: certificate refused
    ✕ Test failed: test_own_api.py::test_board_is_reachable_by_its_own_address
    NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
    Details of test_own_api.py::test_board_is_reachable_by_its_own_address
    def test_board_is_reachable_by_its_own_address():
    assert get()
    NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
    Beyond the site
    site-b tried api.pay.example (3 times): describe it below `outside`
    site-a passed; site-b differs from it in 5 keys
    Where the environment of site-b differs from that of site-a, the most suspicious key first. A key that stands first is where to look, not yet the cause.
    Key site-b site-a, passed
    tls.certificate.names the failure says “NameMismatch” x not there
    base.debian x not there
    locale x not there
    proxy.server x not there
    wsgi.server one site passed with this value x not there
    Look at it yourself
    stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl
    Evidence: .stagectl/runs/20261123-1014-3f9c/site-b/
    Tests
    13 tests on 3 sites, 1 not green somewhere. A time stands for a test that passed.
    Tests that are not green somewhere, and how they ended on each site
    Test site-a site-b site-c
    test_own_api.py::test_board_is_reachable_by_its_own_address not there ✕ failed not there
    12 tests that failed nowhere
    Tests that failed nowhere, and how they ended on each site
    Test site-a site-b site-c
    test_own_api.py::test_1 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_2 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_3 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_4 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_5 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_6 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_7 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_8 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_9 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_10 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_11 ✓ 0.05s ✓ 0.05s ✓ 0.05s
    test_own_api.py::test_12 ✓ 0.05s not there ✓ 0.05s
    ");
}

/// A text that would like to be more than a text.
const EVIL: &str = "</style></pre></title><script>alert(1)</script>\"><img src=x onerror='alert(2)'> \
                    {{ 7 * 7 }} {% raw %} & \u{202e}reversed \u{2066}\u{200f}\u{1b}[31m\u{0}\u{7}\u{8}";

/// Every text of a report is the given one.
fn with_texts(value: &mut serde_json::Value, key: &str, text: &str) {
    match value {
        serde_json::Value::String(old) => {
            let fixed = [
                "schema", "verdict", "outcome", "status", "kind", "goal", "origin", "started",
                "stage",
            ];
            // A phase's name is one of a few.
            if !fixed.contains(&key) && crate::replica::Phase::ALL.iter().all(|p| p.name() != old) {
                text.clone_into(old);
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                with_texts(item, key, text);
            }
        }
        serde_json::Value::Object(map) => {
            for (key, item) in map {
                with_texts(item, key, text);
            }
        }
        _ => {}
    }
}

#[test]
fn no_text_of_others_is_more_than_text() {
    let runs = [
        sample::red_suite(),
        sample::failed_deploy(),
        sample::leftovers(),
        sample::up(),
        sample::one_site(),
    ];
    for events in runs {
        let mut value = serde_json::to_value(Report::fold(&events)).unwrap();
        with_texts(&mut value, "", EVIL);
        let mut report: Report = serde_json::from_value(value).unwrap();
        for site in &mut report.sites {
            if let Some(differs) = &mut site.differs {
                let evil = Some(EVIL.to_owned());
                let key = EVIL.to_owned();
                let (failing, passing, why) = (evil.clone(), evil.clone(), evil);
                differs.values = vec![KeyValues { key, failing, passing, why }];
            }
        }
        let files =
            SavedFiles::from([(EVIL.to_owned(), vec![EVIL.to_owned(), "../../x".to_owned()])]);
        let page = html(&report, &Beside { files, trends: true }).unwrap();
        assert!(page.contains("&lt;script&gt;"), "it is shown");
        for forbidden in [
            "<script",
            "<img",
            "</pre></title>",
            "onerror='",
            "\u{202e}",
            "\u{2066}",
            "\u{200f}",
            "\u{1b}",
            "\u{0}",
            "\u{7}",
            "\u{8}",
            " 49 ",
        ] {
            assert!(!page.contains(forbidden), "{forbidden:?}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
        // Nothing is asked of anybody: links lead to files beside the page or within it.
        for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(
                link.starts_with('#') || link.starts_with(".&#x2f;") || link.starts_with("./"),
                "{link}"
            );
        }
        for loads in [" src=", "url(", "@import", "<link", "<iframe", "javascript:"] {
            assert!(!page.replace("&lt;img src=", "").contains(loads), "{loads}");
        }
    }
}

#[test]
fn a_page_of_fifty_sites_with_five_hundred_tests_is_of_a_few_megabytes() {
    let message = "AssertionError: ".repeat(1000);
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
    let script = (0..500).fold(script, |script, number| {
        let status = if number % 2 == 0 { TestStatus::Failed } else { TestStatus::Passed };
        script.test(&format!("test_number_{number}"), status, Some(&message))
    });
    let one = Report::fold(&script.so_far()).sites.remove(0);
    let log = Excerpt { source: "app".to_owned(), lines: vec!["x".repeat(100_000); 1000] };
    let site = |number| SiteReport {
        name: format!("site-{number}"),
        verdict: Ending::Failed,
        app_log: Some(log.clone()),
        ..one.clone()
    };
    let report = Report { sites: (0..50).map(site).collect(), ..Report::default() };
    let page = page(&report);
    assert!(page.len() < 12 << 20, "{} bytes", page.len());
    assert_eq!(page.matches("230 more tests not green, too").count(), 50);
    assert!(page.contains("left out here, where there are so many"));
}

#[test]
fn a_report_of_an_earlier_version_has_a_page_too() {
    let mut value = serde_json::to_value(Report::fold(&sample::red_suite())).unwrap();
    value.as_object_mut().unwrap().remove("folder");
    for site in value["sites"].as_array_mut().unwrap() {
        for phase in site["phases"].as_array_mut().unwrap() {
            phase.as_object_mut().unwrap().remove("at");
        }
        if let Some(differs) = site["differs"].as_object_mut() {
            differs.remove("values");
        }
    }
    let report: Report = serde_json::from_value(value).unwrap();
    let page = page(&report);
    assert!(!page.contains("Time line"), "nobody knows when the phases were");
    assert!(page.contains("<code>tls.certificate.names</code></th></tr>"));
}

#[test]
fn the_critical_path_is_drawn_and_said() {
    let page = page(&Report::fold(&sample::one_site()));
    let read = read(&page);
    let (_, steps) = read.split_once("\nContainers and steps\n").unwrap();
    let (steps, _) = steps.split_once("\nDetails of the sites").unwrap();
    assert_snapshot!(steps, @"
    critical path
    all else
    a container: created, started, ready
    site-a , critical path 1.8s in 10 steps
    Critical path, each step waited for the one before: network (0.04s) &rarr; image: service db, made (0.01s) &rarr; db created (0.04s) &rarr; db started (0.06s) &rarr; db ready (0.15s) &rarr; deploy step `migrate` (0.10s) &rarr; serve (0.10s) &rarr; diagnosis (0.30s) &rarr; critical suite, tests 0.6s (0.80s) &rarr; teardown (0.20s)
    container or step start took
    0.0s
    0.4s
    0.7s
    1.1s
    1.4s
    1.8s
    network 0.00 0.04 critical network: 0.00s to 0.04s, on the critical path
    image: release shop 1.0, found 0.04 0.00 image: release shop 1.0, found: 0.04s to 0.04s
    image: service db, made 0.04 0.01 critical image: service db, made: 0.04s to 0.05s, on the critical path
    app: created 0.15s, started 0.05s 0.04 0.21 app created: 0.04s to 0.20s app started: 0.20s to 0.25s
    db: created 0.04s, started 0.06s, ready 0.15s 0.05 0.25 critical db created: 0.05s to 0.09s, on the critical path db started: 0.09s to 0.15s, on the critical path db ready: 0.15s to 0.30s, on the critical path
    deploy step `migrate` 0.30 0.10 critical deploy step `migrate`: 0.30s to 0.40s, on the critical path
    serve 0.40 0.10 critical serve: 0.40s to 0.50s, on the critical path
    diagnosis 0.50 0.30 critical diagnosis: 0.50s to 0.80s, on the critical path
    critical suite, tests 0.6s 0.80 0.80 critical critical suite, tests 0.6s: 0.80s to 1.60s, on the critical path
    teardown 1.60 0.20 critical teardown: 1.60s to 1.80s, on the critical path
    ");
    assert_eq!(page.matches("class=\"t-critical\" x=").count(), 10);
    assert_eq!(page.matches("class=\"t-step\" x=").count(), 3 + 2);
}

#[test]
fn nothing_at_all_has_a_page() {
    for report in [
        Report::default(),
        Report::fold(&Script::new(Goal::Rehearse, &[]).clean(Verdict::Passed)),
        Report::fold(&sample::interrupted()),
        Report::fold(&sample::green()),
        Report::fold(&sample::infrastructure()),
    ] {
        let page = page(&report);
        assert!(page.ends_with("</html>\n"), "{page}");
    }
}
