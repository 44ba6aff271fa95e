use insta::assert_snapshot;

use super::github;
use crate::display::mode::{Amount, Mode, Server, Style};
use crate::display::plain::Plain;
use crate::event::{Event, Goal, Outcome, Test, TestStatus, What};
use crate::failure::{Failure, Kind, Spot, Verdict};
use crate::replica::Phase;
use crate::report::Report;
use crate::report::sample::{self, Script};

fn log(events: &[Event], mode: Mode) -> String {
    let mut plain = Plain::new(mode);
    events.iter().flat_map(|event| plain.take(event)).collect::<Vec<_>>().join("\n")
}

fn on(server: Server) -> Mode {
    Mode { server: Some(server), ..Mode::bare(Style::Plain, 100) }
}

fn notes(events: &[Event]) -> Vec<String> {
    github::annotations(&Report::fold(events), &|file| format!("app/{file}"))
}

/// One site that is prepared while another one fails.
fn two_sites() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
    let script = script.after(1000).phase(Phase::Up, 1100).of("site-b").begin(Phase::Images);
    let script = script.doing(Phase::Images, "unpacking").of("site-a").begin(Phase::Suite);
    let script = script.test("test_a", TestStatus::Failed, Some("::error::owned\n##[add-mask]x"));
    let script = script.end(Phase::Suite, 500, Outcome::Failed);
    let verdict = Verdict::Not(Kind::Unfit);
    let script = script.after(700).finish(verdict, 3000, Some(Failure::new(Kind::Unfit, "red")));
    script.start("site-b").phase(Phase::Up, 900).finish(Verdict::Passed, 900, None).clean(verdict)
}

#[test]
fn github_folds_each_site_and_obeys_nothing_that_a_test_said() {
    assert_snapshot!(log(&two_sites(), on(Server::GitHub)), @"
    noticeboard 1.2 (3f9c21ab)  on 2 sites, in order

    ::group::site-a
        2.1s  site-a  up         1.1s
        2.1s  site-a  suite      1 of 1 failed 0.5s
    ::endgroup::
        2.8s  site-a             failed after 3.0s
    ::group::site-b
        2.1s  site-b  images     unpacking
        3.7s  site-b  up         0.9s
    ::endgroup::
        3.7s  site-b             passed after 0.9s

    site      up  suite  total  verdict
    site-b  0.9s      -   0.9s  passed
    site-a  1.1s  !0.5s   3.0s  failed

    site-a failed in the critical suite
      test_own_api.py::test_a
        > ::error::owned
        ## [add-mask]x

    FAILED   1 of 2 sites   3.7s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn gitlab_folds_each_site_with_its_times() {
    let shown = log(&two_sites(), on(Server::GitLab));
    let marks = shown.replace('\u{1b}', "^").replace('\r', "<");
    let marks: Vec<&str> = marks.lines().filter(|line| line.contains("section_")).collect();
    assert_snapshot!(marks.join("\n"), @"
    ^[0Ksection_start:1795428842:site-a[collapsed=true]<^[0Ksite-a
    ^[0Ksection_end:1795428842:site-a<^[0K
    ^[0Ksection_start:1795428842:site-b[collapsed=true]<^[0Ksite-b
    ^[0Ksection_end:1795428843:site-b<^[0K
    ");
}

#[test]
fn the_notes_of_a_run_are_at_their_places_and_escaped() {
    let mut events = two_sites();
    let at = std::time::Duration::ZERO;
    let site = Some(sample::site("site-a"));
    let test = Test {
        group: "test_b".into(),
        name: "test_b[a,b]".into(),
        file: Some("test_b.py".into()),
        status: TestStatus::Error,
        took: 0.0,
        message: Some("100% wrong\r\nreally".into()),
        details: Some("def f():\n    x\n\ntest_b.py:12: \n_ _\nhelp.py:3: Error".into()),
        ..Test::default()
    };
    let folder = What::SuiteAt { folder: "tests/critical".into() };
    events.insert(1, Event { at, site: site.clone(), what: folder });
    events.insert(2, Event { at, site, what: What::TestEnded { test } });
    assert_snapshot!(notes(&events).join("\n"), @"
    ::error file=app/tests/critical/test_b.py,line=12,title=site-a%3A test_b[a%2Cb]::100%25 wrong%0Areally
    ::error file=app/tests/critical/test_own_api.py,title=site-a%3A test_a::::error::owned%0A##[add-mask]x
    ");
}

#[test]
fn what_could_not_be_found_out_is_noted_before_what_is_bad() {
    let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
    let unfit = Verdict::Not(Kind::Deploy);
    let failure = Failure::new(Kind::Deploy, "deploy step `migrate` ended with code 1");
    let script = script.begin(Phase::Deploy).end(Phase::Deploy, 9, Outcome::Failed);
    let script = script.finish(unfit, 9, Some(failure)).start("site-b");
    let infrastructure = Verdict::Not(Kind::Infrastructure);
    let failure = Failure::infrastructure("could not reach Docker").cause("it is gone").hint("x");
    let script = script
        .finish(infrastructure, 9, Some(failure))
        .emit(What::Warning { message: "no lock".into() });
    assert_snapshot!(notes(&script.clean(infrastructure)).join("\n"), @"
    ::error title=site-b error::could not reach Docker%0Acaused by: it is gone%0Ahint: x
    ::error title=site-a failed in deploy::deploy step `migrate` ended with code 1
    ::warning title=site-b::no lock
    ");
}

#[test]
fn no_more_notes_than_are_shown_and_each_site_has_one_of_them() {
    let names = ["site-a", "site-b", "site-c"];
    let mut script = Script::new(Goal::Rehearse, &names);
    for name in names {
        script = script.start(name);
        for number in 0..20 {
            script = script.test(&format!("test_{number}"), TestStatus::Failed, Some("no"));
        }
        script = script.finish(Verdict::Not(Kind::Unfit), 1, None);
    }
    let shown = notes(&script.clean(Verdict::Not(Kind::Unfit)));
    assert_eq!(shown.len(), 10);
    for (name, note) in names.iter().zip(&shown) {
        assert!(note.contains(&format!("title={name}%3A test_0::")), "{note}");
    }
    assert_eq!(
        shown[9],
        "::error title=stagectl::and 51 more: they are in the log and in the report"
    );
}

#[test]
fn green_runs_have_no_notes() {
    assert_eq!(notes(&sample::green()), [""; 0]);
}

#[test]
fn problems_of_descriptions_are_noted_where_they_are() {
    let problem = Spot {
        file: "environments/shop.yaml".into(),
        line: Some(3),
        column: Some(5),
        key: Some("services.db".into()),
        message: "unknown key `postgress`".into(),
        hint: Some("did you mean `postgres`?".into()),
        source: None,
    };
    let failure = Failure { problems: vec![problem; 12], ..Failure::usage("all of them") };
    let shown = github::of_failure(&failure, &|file| format!("sub/{file}"));
    assert_eq!(shown.len(), 10);
    assert_snapshot!(shown[8..].join("\n"), @"
    ::error file=sub/environments/shop.yaml,line=3,col=5,title=services.db::unknown key `postgress`%0Ahint: did you mean `postgres`?
    ::error title=stagectl::and 3 more: they are in the log and in the report
    ");
}

#[test]
fn quiet_is_failures_warnings_and_the_verdict() {
    let quiet = Mode { amount: Amount::Quiet, ..Mode::bare(Style::Plain, 100) };
    assert_snapshot!(log(&sample::green(), quiet), @"PASSED   3 of 3 sites   41.3s   nothing left: 0 containers, 0 networks, 0 volumes");
    assert_snapshot!(log(&sample::red_suite(), quiet), @"
    warning: site-b: no lock and no `as_of`: today's index decided what was installed

    site-b failed in the critical suite
      test_own_api.py::test_board_is_reachable_by_its_own_address
        NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
      app, at that moment
        noticeboard.api  error  GET https://www.site-b.example/api/notices: certificate refused
      site-b tried api.pay.example (3 times): describe it below `outside`
      site-a passed; site-b differs from it in 5 keys: tls.certificate.names, base.debian, locale, ...
      evidence  .stagectl/runs/20261123-1014-3f9c/site-b/
      again     stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl

    FAILED   1 of 3 sites   52.3s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
    assert_snapshot!(log(&sample::interrupted(), quiet), @"
        4.3s  Ctrl-C: tearing down
    not run: site-c

    site-b was interrupted (the start of the replica)
      stopped by Ctrl-C

    INTERRUPTED   1 of 3 sites passed   4.5s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn verbose_is_also_each_image_step_check_and_test() {
    let all = Mode { amount: Amount::Verbose, ..Mode::bare(Style::Plain, 100) };
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
    let script = script.images(crate::event::ImageOrigin::Cached, 40).begin(Phase::Deploy);
    let output = vec!["1 migration".to_owned(), "done\u{7}".to_owned()];
    let took = std::time::Duration::from_millis(20);
    let script = script.emit(What::StepEnded {
        name: "migrate".into(),
        code: 0,
        took,
        output,
        locks: Vec::new(),
    });
    let script = script.end(Phase::Deploy, 30, Outcome::Passed).checks(1).begin(Phase::Suite);
    let script = script.test("test_a", TestStatus::Passed, None);
    let script = script.test("test_b", TestStatus::Failed, Some("assert 1 == 2"));
    let script = script.end(Phase::Suite, 100, Outcome::Failed);
    assert_snapshot!(log(&script.so_far(), all), @"
    noticeboard 1.2 (3f9c21ab)  on site-a

        0.0s  site-a  images     found environment 0.0s
        0.0s  site-a  images     cached 0.0s
        0.0s  site-a  deploy     step migrate 0.0s
        0.0s  site-a  deploy       1 migration
        0.0s  site-a  deploy       done
        0.0s  site-a  deploy     0.0s
        0.3s  site-a  diagnosis  ok check 1
        0.3s  site-a  diagnosis    as described
        0.3s  site-a  diagnosis  1 ok 0.3s
        0.3s  site-a  suite      ok test_own_api.py::test_a 0.1s
        0.3s  site-a  suite      failed test_own_api.py::test_b 0.1s
        0.3s  site-a  suite        assert 1 == 2
        0.3s  site-a  suite      1 of 2 failed 0.1s
    ");
}

/// The lines of a log between two sites never mix, and the verdict is the last of them.
#[test]
fn sites_never_interleave_and_the_last_line_is_the_verdict() {
    let words = ["PASSED", "FAILED", "ERROR", "INTERRUPTED", "LEFT BEHIND", "UP"];
    let runs = [
        sample::green(),
        sample::red_suite(),
        sample::failed_deploy(),
        sample::infrastructure(),
        sample::interrupted(),
        sample::leftovers(),
        sample::up(),
        two_sites(),
    ];
    for (events, amount) in runs
        .iter()
        .flat_map(|run| [Amount::Quiet, Amount::Usual, Amount::Verbose].map(|amount| (run, amount)))
    {
        for width in [60, 80, 100, 140] {
            let shown = log(events, Mode { amount, ..Mode::bare(Style::Plain, width) });
            let last = shown.lines().last().unwrap();
            assert!(words.iter().any(|word| last.starts_with(word)), "{last}\n{shown}");
            let timed = shown.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("s  "));
            let mut sites: Vec<&str> =
                timed.filter_map(|(_, rest)| rest.split(' ').next()).collect();
            sites.retain(|name| name.starts_with("site-"));
            sites.dedup();
            let mut once = sites.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(sites.len(), once.len(), "{shown}");
        }
    }
}
