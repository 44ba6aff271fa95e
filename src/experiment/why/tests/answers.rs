//! An experiment between two described sites, as a person reads it.

use super::super::ends::nearest;
use super::super::question::Red;
use super::super::search::Purpose;
use super::world::World;
use crate::experiment::{Kind, Rehearsed, Results};
use crate::replica::fixture::{DESK, SHOP, Stand};
use crate::report::{Ending, Report, Signature, sample};

/// What is shown of the experiment in which these keys are to blame.
fn show_experiment(causes: &[&[&str]]) -> String {
    show_before(causes, None)
}

/// The same, where another red comes behind it.
fn show_before(causes: &[&[&str]], later: Option<&str>) -> String {
    let stand = Stand::new(&[("shop", SHOP), ("desk", DESK)]);
    let [desk, shop] = &stand.project.sites[..] else { panic!("two sites") };
    let report = Report::fold(&sample::red_suite());
    let seen = report.sites.iter().find(|site| site.verdict == Ending::Failed).unwrap();
    let red = Red { report: &report, seen, signature: Signature::of(seen).unwrap() };
    let between = nearest(&stand.project, (desk, &red), (&[shop], Kind::Sites), &[shop]).unwrap();
    let unit = |wanted: &str| {
        let mut units = 0..between.space.units().len();
        units.find(|unit| between.keys(*unit).any(|key| key.key == wanted)).unwrap()
    };
    let causes: Vec<Vec<usize>> =
        causes.iter().map(|keys| keys.iter().map(|key| unit(key)).collect()).collect();
    let explored = World { causes, ..World::default() }.explore(&between.space);
    let mut results = Results::default();
    let mut lines = Vec::new();
    let mut rehearsed = Vec::new();
    for (trial, outcome) in explored.rehearsed {
        results.add(trial.hybrid.clone(), outcome);
        let folder = format!(".stagectl/runs/{}", results.count());
        let is_whole = trial.purpose == Purpose::Without;
        let says = later.filter(|_| is_whole).map(str::to_owned);
        let one = Rehearsed { outcome, is_whole, says, folder, ..Rehearsed::refused(trial) };
        lines.push(between.line(results.count(), &one));
        rehearsed.push(one);
    }
    let answer = between.answer(&explored.answer, &rehearsed);
    let ending =
        between.ending(&explored.answer, &results, (&rehearsed, std::time::Duration::ZERO), None);
    format!("{}\n\n{answer}{ending}", lines.join("\n"))
}

#[test]
fn one_key_is_told_with_both_values_and_both_proofs() {
    insta::assert_snapshot!(show_experiment(&[&["tls.certificate.names"]]), @r#"
      1  desk as it is                   green      known
      2  desk with all of them           red        known
      3  desk with 6 of them             red        known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      4  desk with 2 of them             red        known   tls.certificate.names, tls.certificate.intermediates
      5  desk with 1 of them             red        known   tls.certificate.names
      6  shop without 2 of them          green      known   tls.certificate.names, names

    because of  tls.certificate.names: [www.desk.example, desk.example]   instead of  ["*.desk.example"]
      names of shop are written as those of desk
      desk with it                    failed, the same      known
      shop without it                 passed                known
    6 rehearsals, 0.0s   report: .stagectl/runs/5/report.html   try it: stagectl up desk --set 'tls.certificate.names=[www.desk.example, desk.example]'
    "#);
}

#[test]
fn what_is_red_behind_the_cause_is_told_and_not_called_passed() {
    let shown = show_before(&[&["env.THEME"]], Some("test_home   (AssertionError)"));
    let (_, answer) = shown.split_once("\n\n").unwrap();
    insta::assert_snapshot!(answer, @r"
    because of  env.THEME: plain   instead of  nothing
      desk with it                    failed, the same      known
      shop without it                 got past it           known
        and then failed for another reason: test_home   (AssertionError)
    8 rehearsals, 0.0s   report: .stagectl/runs/7/report.html   try it: stagectl up desk --set env.THEME=plain
    ");
}

#[test]
fn two_keys_are_told_with_a_proof_for_each() {
    insta::assert_snapshot!(show_experiment(&[&["tls.certificate.intermediates", "wsgi.server"]]), @r#"
      1  desk as it is                   green      known
      2  desk with all of them           red        known
      3  desk with 6 of them             green      known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      4  desk with 10 of them            green      known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      5  desk with 12 of them            red        known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      6  desk with 11 of them            green      known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      7  desk with it                    green      known   wsgi.server
      8  desk with 7 of them             red        known   tls.certificate.names, tls.certificate.intermediates, env.THEME ...
      9  desk with 3 of them             red        known   tls.certificate.names, tls.certificate.intermediates, wsgi.server
     10  desk with 2 of them             green      known   tls.certificate.names, wsgi.server
     11  desk with 2 of them             red        known   tls.certificate.intermediates, wsgi.server
     12  desk with it                    green      known   tls.certificate.intermediates
     13  desk with it                    green      known   tls.certificate.intermediates
     14  shop without 2 of them          green      known   wsgi.server, proxy.server
     15  desk with it                    green      known   wsgi.server
     16  shop without it                 green      known   tls.certificate.intermediates

    because of  wsgi.server: gunicorn   instead of  mod_wsgi
           and  tls.certificate.intermediates: nothing   instead of  1
      desk with them                  failed, the same      known
      shop without wsgi.server        passed                known
      shop without tls.certificate.intermediates  passed                known
    16 rehearsals, 0.0s   report: .stagectl/runs/11/report.html   try it: stagectl up desk --set wsgi.server=gunicorn --set tls.certificate.intermediates=null
    "#);
}
