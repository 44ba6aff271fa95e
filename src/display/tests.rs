use insta::assert_snapshot;

use super::live::{Change, Picture};
use super::mode::{Colour, Mode, Style};
use super::plain::Plain;
use crate::event::{Check, Event, Goal, Outcome, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::replica::Phase;
use crate::report::sample::{self, Script};

fn mode(style: Style, width: usize) -> Mode {
    Mode::bare(style, width)
}

pub(super) fn plain(events: &[Event], width: usize) -> String {
    let mut plain = Plain::new(mode(Style::Plain, width));
    events.iter().flat_map(|event| plain.take(event)).collect::<Vec<_>>().join("\n")
}

/// What stays on a terminal.
fn live(events: &[Event], width: usize) -> String {
    let mut picture = Picture::new(mode(Style::Live, width));
    let changes = events.iter().flat_map(|event| picture.take(event));
    let lines = changes.filter_map(|change| match change {
        Change::Print(lines) => Some(lines.join("\n")),
        Change::Show { .. } | Change::Clear => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_green_run_on_a_terminal() {
    assert_snapshot!(live(&sample::green(), 140), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

    site-a   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed
    site-b   images 41.0s    up 1.3s   deploy 1.2s   ready 0.3s   diagnosis 14 ok   suite 12 ok 0.9s   down 0.2s   passed
    site-c   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed

    PASSED   3 of 3 sites   41.3s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_green_run_on_a_narrow_terminal() {
    assert_snapshot!(live(&sample::green(), 80), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

    site-a   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok
             suite 12 ok 0.8s   down 0.2s   passed
    site-b   images 41.0s    up 1.3s   deploy 1.2s   ready 0.3s   diagnosis 14 ok
             suite 12 ok 0.9s   down 0.2s   passed
    site-c   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok
             suite 12 ok 0.8s   down 0.2s   passed

    PASSED  3 of 3 sites  41.3s  nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_green_run_in_a_log() {
    assert_snapshot!(plain(&sample::green(), 80), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

        0.0s  site-a  check      0.0s
        0.1s  site-a  images     cached 0.0s
        1.1s  site-a  up         1.1s
        2.0s  site-a  deploy     0.9s
        2.2s  site-a  ready      0.2s
        2.5s  site-a  diagnosis  14 ok 0.3s
        3.4s  site-a  suite      12 ok 0.8s
        3.5s  site-a  down       0.2s
        3.5s  site-a             passed after 3.5s
        1.1s  site-b  images     bootstrapping debian bullseye: unpacking
        2.5s  site-b  images     built environment 38.2s
       33.5s  site-b  images     41.0s
       34.9s  site-b  up         1.3s
       36.0s  site-b  deploy     1.2s
       36.4s  site-b  ready      0.3s
       36.6s  site-b  diagnosis  14 ok 0.3s
       37.5s  site-b  suite      12 ok 0.9s
       37.8s  site-b  down       0.2s
       37.8s  site-b             passed after 45.2s
       37.8s  site-c  check      0.0s
       37.8s  site-c  images     cached 0.0s
       38.9s  site-c  up         1.1s
       39.8s  site-c  deploy     0.9s
       40.0s  site-c  ready      0.2s
       40.3s  site-c  diagnosis  14 ok 0.3s
       41.1s  site-c  suite      12 ok 0.8s
       41.3s  site-c  down       0.2s
       41.3s  site-c             passed after 3.5s

    site    images    up  deploy  ready  diagnosis  suite  down  total  verdict
    site-a    0.0s  1.1s    0.9s   0.2s       0.3s   0.8s  0.2s   3.5s  passed
    site-b   41.0s  1.3s    1.2s   0.3s       0.3s   0.9s  0.2s  45.2s  passed
    site-c    0.0s  1.1s    0.9s   0.2s       0.3s   0.8s  0.2s   3.5s  passed

    PASSED  3 of 3 sites  41.3s  nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_red_suite_on_a_terminal() {
    assert_snapshot!(live(&sample::red_suite(), 140), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

    site-a   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed
    site-b   images 41.0s    up 1.3s   deploy 1.2s   ready 0.3s   diagnosis 14 ok   suite 1 of 12 failed   down 0.2s   failed
    site-c   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed

    warning: site-b: no lock and no `as_of`: today's index decided what was installed

    site-b failed in the critical suite
      test_own_api.py::test_board_is_reachable_by_its_own_address
        NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']
      app, at that moment
        noticeboard.api  error  GET https://www.site-b.example/api/notices: certificate refused
      site-b tried api.pay.example (3 times): describe it below `outside`
      site-a passed; site-b differs from it in 5 keys: tls.certificate.names, base.debian, locale, proxy.server, wsgi.server
      evidence  .stagectl/runs/20261123-1014-3f9c/site-b/
      again     stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl

    FAILED   1 of 3 sites   52.3s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_red_suite_in_a_narrow_log() {
    assert_snapshot!(plain(&sample::red_suite(), 80), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

        0.0s  site-a  check      0.0s
        0.1s  site-a  images     cached 0.0s
        1.1s  site-a  up         1.1s
        2.0s  site-a  deploy     0.9s
        2.2s  site-a  ready      0.2s
        2.5s  site-a  diagnosis  14 ok 0.3s
        3.4s  site-a  suite      12 ok 0.8s
        3.5s  site-a  down       0.2s
        3.5s  site-a             passed after 3.5s
       44.5s  site-b  images     built environment 41.0s
       44.5s  site-b  images     41.0s
       45.9s  site-b  up         1.3s
       47.0s  site-b  deploy     1.2s
       47.4s  site-b  ready      0.3s
       47.6s  site-b  diagnosis  14 ok 0.3s
       48.5s  site-b  suite      1 of 12 failed 0.9s
       48.8s  site-b  down       0.2s
       48.8s  site-b             failed after 45.1s
       48.8s  site-c  check      0.0s
       48.8s  site-c  images     cached 0.0s
       49.9s  site-c  up         1.1s
       50.8s  site-c  deploy     0.9s
       51.0s  site-c  ready      0.2s
       51.3s  site-c  diagnosis  14 ok 0.3s
       52.1s  site-c  suite      12 ok 0.8s
       52.3s  site-c  down       0.2s
       52.3s  site-c             passed after 3.5s

    site    images    up  deploy  ready  diagnosis  suite  down  total  verdict
    site-a    0.0s  1.1s    0.9s   0.2s       0.3s   0.8s  0.2s   3.5s  passed
    site-c    0.0s  1.1s    0.9s   0.2s       0.3s   0.8s  0.2s   3.5s  passed
    site-b   41.0s  1.3s    1.2s   0.3s       0.3s  !0.9s  0.2s  45.1s  failed

    warning: site-b: no lock and no `as_of`: today's index decided what was
      installed

    site-b failed in the critical suite
      test_own_api.py::test_board_is_reachable_by_its_own_address
        NameMismatch: www.site-b.example is none of ['*.site-b.example',
          'site-b.example']
      app, at that moment
        noticeboard.api  error  GET https://www.site-b.example/api/notices: certificate refused
      site-b tried api.pay.example (3 times): describe it below `outside`
      site-a passed; site-b differs from it in 5 keys: tls.certificate.names, ...
      evidence  .stagectl/runs/20261123-1014-3f9c/site-b/
      again     stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl

    FAILED  1 of 3 sites  52.3s  nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_failed_deploy() {
    assert_snapshot!(plain(&sample::failed_deploy(), 80), @r#"
    noticeboard 1.2 (3f9c21ab)  on site-a

        0.0s  site-a  images     cached 0.0s
        1.1s  site-a  up         1.1s
        2.6s  site-a  deploy     step migrate ended with code 1 1.4s
        2.6s  site-a  deploy     failed 1.5s
        2.8s  site-a  down       0.2s
        2.8s  site-a             failed after 2.8s

    site    images    up  deploy  down  total  verdict
    site-a    0.0s  1.1s   !1.5s  0.2s   2.8s  failed

    site-a failed in the deploy
      deploy step `migrate` ended with code 1
      last lines of deploy step migrate:
        psycopg.errors.UndefinedTable: relation "notices" is missing
      hint: run it yourself: stagectl up site-a --keep

    FAILED   1 of 1 site   2.8s   nothing left: 0 containers, 0 networks, 0 volumes
    "#);
}

#[test]
fn broken_infrastructure_could_not_it_did_not_fail() {
    assert_snapshot!(live(&sample::infrastructure(), 140), @"
    noticeboard 1.2 (3f9c21ab)  on 2 sites, in order

    site-a   images error 1m01s   error
    site-b   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed

    site-a could not be rehearsed (the images)
      could not build the environment image of site-a
      caused by: could not reach the package mirror
      caused by: no route to host
      hint: set `STAGECTL_MIRROR` to a mirror that this machine reaches

    ERROR   1 of 2 sites could not be rehearsed   1m05s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn an_interrupted_run() {
    assert_snapshot!(plain(&sample::interrupted(), 80), @"
    noticeboard 1.2 (3f9c21ab)  on 3 sites, in order

        0.0s  site-a  check      0.0s
        0.1s  site-a  images     cached 0.0s
        1.1s  site-a  up         1.1s
        2.0s  site-a  deploy     0.9s
        2.2s  site-a  ready      0.2s
        2.5s  site-a  diagnosis  14 ok 0.3s
        3.4s  site-a  suite      12 ok 0.8s
        3.5s  site-a  down       0.2s
        3.5s  site-a             passed after 3.5s
        3.6s  site-b  images     cached 0.0s
        4.3s  Ctrl-C: tearing down
        4.3s  site-b  up         stopped 0.7s
        4.5s  site-b  down       0.2s
        4.5s  site-b             interrupted after 0.9s

    site    images     up  deploy  ready  diagnosis  suite  down  total  verdict
    site-a    0.0s   1.1s    0.9s   0.2s       0.3s   0.8s  0.2s   3.5s  passed
    site-b    0.0s  !0.7s       -      -          -      -  0.2s   0.9s  interrupted
    site-c       -      -       -      -          -      -     -      -  not run

    not run: site-c

    site-b was interrupted (the start of the replica)
      stopped by Ctrl-C

    nothing left: 0 containers, 0 networks, 0 volumes
    INTERRUPTED   1 of 3 sites passed   4.5s
    ");
}

#[test]
fn what_was_left_behind_is_named() {
    assert_snapshot!(live(&sample::leftovers(), 140), @"
    noticeboard 1.2 (3f9c21ab)  on site-a

    site-a   images cached   up 1.1s   deploy 0.9s   ready 0.2s   diagnosis 14 ok   suite 12 ok 0.8s   down 0.2s   passed

    left behind
      container stagectl-3f9c-site-a-db
        Docker answered 500: device busy
    hint: run `stagectl gc`, which removes them

    LEFT BEHIND   1 of 1 site passed   3.5s   left behind: 1 container, 0 networks, 0 volumes
    ");
}

#[test]
fn a_replica_that_stays_up() {
    assert_snapshot!(live(&sample::up(), 140), @"
    noticeboard 1.2 (3f9c21ab)  on site-a

    site-a   images cached   up 1.1s   deploy 0.9s   ready 0.2s   passed

    site-a  https://www.site-a.example/
      lease       until Mon 18:00; each use begins its 8h anew
      next        stagectl open site-a, test, logs -f, shell, redeploy; at the end down
      other ways  stagectl open site-a --how

    UP   1 of 1 site   2.2s   still up: 4 containers, 1 network, 0 volumes
    ");
}

#[test]
fn colours_are_in_the_words_and_not_in_the_widths() {
    let bare = live(&sample::red_suite(), 80);
    let mut picture = Picture::new(Mode { colour: Colour::Yes, ..mode(Style::Live, 80) });
    let events = sample::red_suite();
    let coloured: Vec<String> = events
        .iter()
        .flat_map(|event| picture.take(event))
        .filter_map(|change| if let Change::Print(lines) = change { Some(lines) } else { None })
        .flatten()
        .collect();
    let coloured = coloured.join("\n");
    assert!(coloured.contains("\u{1b}[31m"));
    assert_eq!(console::strip_ansi_codes(&coloured), bare);
}

#[test]
fn long_names_are_shortened_and_numbers_are_not() {
    let long = "the-very-long-name-of-the-harbour-office";
    let events = Script::new(Goal::Rehearse, &[long]).green_site(long);
    let events = events.clean(Verdict::Passed);
    let shown = plain(&events, 80);
    let table: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("site ")).collect();
    assert_snapshot!(table.join("\n"), @"
    site                 images   up deploy ready diagnosis suite down total verdict
    the-very-long-name-…   0.0s 1.1s   0.9s  0.2s      0.3s  0.8s 0.2s  3.5s passed

    PASSED   1 of 1 site   3.5s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}

#[test]
fn a_failure_with_everything() {
    let failure = Failure::new(Kind::NotReady, "could not reach `web` of site-b")
        .cause("the process ended with code 3")
        .evidence("wsgi", vec!["Traceback:\u{7}".into(), "\tImportError: no module".into()])
        .hint("is `noticeboard.wsgi` part of the release?");
    assert_snapshot!(super::failure::failure(&failure, Colour::No).join("\n"), @"
    error: could not reach `web` of site-b
      caused by: the process ended with code 3
      last lines of wsgi:
        Traceback:
            ImportError: no module
    hint: is `noticeboard.wsgi` part of the release?
    ");
}

#[test]
fn a_site_that_ends_before_it_starts_is_shown() {
    let failure = Failure::infrastructure("could not reach Docker");
    let verdict = Verdict::Not(Kind::Infrastructure);
    let script = Script::new(Goal::Up, &["site-a"]).of("site-a");
    let events = script.finish(verdict, 10, Some(failure)).over(verdict);
    assert_snapshot!(live(&events, 80), @"
    noticeboard 1.2 (3f9c21ab)  on site-a

    site-a   error

    site-a could not be rehearsed
      could not reach Docker

    not known what is left: stagectl's guardian goes on, and `stagectl status` shows it
    ERROR   1 of 1 site could not be rehearsed   0.0s
    ");
}

#[test]
fn a_failed_check_says_what_was_seen() {
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").begin(Phase::Diagnosis);
    let script = script.emit(What::CheckEnded {
        check: Check {
            name: "certificate of www.site-a.example, seen by OpenSSL".into(),
            passed: false,
            detail: "it ended on 2026-01-01; expected one that is valid".into(),
            took: 0.1,
        },
    });
    let verdict = Verdict::Not(Kind::Unfit);
    let failure = Failure::new(Kind::Unfit, "1 of 1 checks failed");
    let script = script.end(Phase::Diagnosis, 300, Outcome::Failed);
    let events = script.finish(verdict, 300, Some(failure)).clean(verdict);
    assert_snapshot!(live(&events, 80), @"
    noticeboard 1.2 (3f9c21ab)  on site-a

    site-a   diagnosis 1 of 1 failed   failed

    site-a failed in the diagnosis
      certificate of www.site-a.example, seen by OpenSSL
        it ended on 2026-01-01; expected one that is valid

    FAILED   1 of 1 site   0.0s   nothing left: 0 containers, 0 networks, 0 volumes
    ");
}
