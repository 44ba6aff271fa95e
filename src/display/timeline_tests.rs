use insta::assert_snapshot;

use super::mode::{Mode, Style};
use super::timeline::lines;
use crate::report::Report;
use crate::report::sample::{one_site, red_suite};

fn picture(report: &Report, width: usize) -> String {
    let mode = Mode::bare(Style::Plain, width);
    report.sites.iter().flat_map(|site| lines(site, mode)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_timeline_has_a_row_for_each_container_and_step() {
    assert_snapshot!(picture(&Report::fold(&one_site()), 110), @"
    site-a   passed   1.8s   critical path (*): 1.8s in 10 steps
       start    took  what                                           0.0s                                     1.8s
    *   0.00    0.04  network                                        =
        0.04    0.00  image: release shop 1.0, found                  #
    *   0.04    0.01  image: service db, made                         =
        0.04    0.21  app: created 0.15s, started 0.05s               ccccs
    *   0.05    0.25  db: created 0.04s, started 0.06s, ready 0.15s   CSSRRRR
    *   0.30    0.10  deploy step `migrate`                                  ==
    *   0.40    0.10  serve                                                    ===
    *   0.50    0.30  diagnosis                                                   =======
    *   0.80    0.80  critical suite, tests 0.6s                                         ====================
    *   1.60    0.20  teardown                                                                               =====
    bars: c created, s started, r ready, # another step; capitals and = are the critical path (*)
    ");
}

#[test]
fn a_narrow_terminal_shortens_words_and_not_numbers() {
    assert_snapshot!(picture(&Report::fold(&one_site()), 60), @"
    site-a   passed   1.8s   critical path (*): 1.8s in 10 steps
       start    took  what                  0.0s            1.8s
    *   0.00    0.04  network               =
        0.04    0.00  image: release shop…  #
    *   0.04    0.01  image: service db, …  =
        0.04    0.21  app: created 0.15s,…  ccs
    *   0.05    0.25  db: created 0.04s, …   SR
    *   0.30    0.10  deploy step `migrat…     =
    *   0.40    0.10  serve                     ==
    *   0.50    0.30  diagnosis                   ===
    *   0.80    0.80  critical suite, tes…           =========
    *   1.60    0.20  teardown                                ==
    bars: c created, s started, r ready, # another step;
      capitals and = are the critical path (*)
    ");
}

#[test]
fn a_report_without_steps_says_so_and_shows_its_phases() {
    let mut report = Report::fold(&red_suite());
    report.sites.truncate(1);
    report.sites[0].timeline.clear();
    assert_snapshot!(picture(&report, 90), @"
    site-a   passed   3.5s
    no containers and steps are recorded (an earlier stagectl wrote the report): these are its
      phases
       start    took  what       0.0s                                                     3.6s
        0.00    0.01  check      #
        0.01    0.04  images     #
        0.05    1.10  up          ###################
        1.15    0.90  deploy                         ###############
        2.05    0.20  ready                                         ####
        2.25    0.30  diagnosis                                         #####
        2.55    0.80  suite                                                  ##############
        3.35    0.20  down                                                                 ###
    ");
    report.sites[0].phases.clear();
    assert_snapshot!(picture(&report, 90), @"
    site-a   passed   3.5s
    nothing says when its steps were: it had no turn, or an earlier stagectl wrote the report
    ");
}
