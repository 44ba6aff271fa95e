//! The answer of a small world, in all its forms.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;

use crate::event::Release;
use crate::experiment::crucial::{
    Baseline, Crucial, Declared, Known, Mutant, Observed, Origin, Planned, SCHEMA, Standing,
    TimedTest, fold, line, page, text,
};
use crate::experiment::{Found, Seen};
use crate::replica::Phase;
use crate::report::Signature;

fn planned(name: &str, key: &str, setting: &str) -> Planned {
    Planned {
        name: name.to_owned(),
        origin: Origin::Adversity,
        traits: vec![key.to_owned()],
        settings: vec![setting.to_owned()],
        changes_image: false,
    }
}

fn seen(phase: Option<Phase>, checks: &[&str], failed: &[&str]) -> Seen {
    let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let signature = phase.map(|phase| Signature {
        state: None,
        phase,
        code: 1,
        says: "SITE is not ready".to_owned(),
        failing: names(checks)
            .into_iter()
            .chain(names(failed))
            .map(|name| (name, String::new()))
            .collect(),
        errors: std::collections::BTreeSet::new(),
        flaky: std::collections::BTreeSet::new(),
    });
    let says = phase.map(|phase| format!("shop is red in {}", phase.name()));
    let found = Found { says, checks: names(checks), failed: names(failed), ..Found::default() };
    let (run, folder) = ("20261130-0400".to_owned(), ".stagectl/runs/20261130-0400".to_owned());
    let (took, installed) = (Duration::from_millis(4100), Vec::new());
    Seen { signature, installed, took, run, folder, found }
}

fn crucial() -> Crucial {
    let planned = [
        planned("env.SECRET_KEY absent", "env.SECRET_KEY", "env.SECRET_KEY=null"),
        planned("services.mail refuses", "services.mail.smtp", "services.mail.smtp=closed"),
        planned(
            "certificate expired",
            "tls.certificate.valid",
            "tls.certificate.valid={until: -1d}",
        ),
        planned(
            "services.cache is slow",
            "services.cache.weather",
            "services.cache.weather={latency: 300ms}",
        ),
        planned("env.OLD absent", "env.OLD", "env.OLD=null"),
        planned("env.OLDER absent", "env.OLDER", "env.OLDER=null"),
        planned("time zone Asia/Kolkata", "base.timezone", "base.timezone=\"Asia/Kolkata\""),
    ];
    let mut known = Known {
        groups: vec![vec![0], vec![1], vec![2], vec![3], vec![4, 5], vec![6]],
        ..Known::default()
    };
    known.take(vec![0], seen(Some(Phase::Ready), &[], &[]));
    known.take(vec![1], seen(Some(Phase::Suite), &[], &["test_mail.py::test_editors_are_told"]));
    known.take(vec![2], seen(Some(Phase::Diagnosis), &["certificate of www.shop.example"], &[]));
    known.take(vec![3], seen(None, &[], &[]));
    known.take(vec![4, 5], seen(None, &[], &[]));
    let mutants: Vec<Mutant> =
        (0..planned.len()).map(|place| known.mutant(place, &planned)).collect();
    let touched = [
        ("env.SECRET_KEY", "read by shop/settings.py"),
        ("services.mail", "connected on port 25"),
        ("services.cache", "connected on port 6379"),
        ("tls", "every request of the suite comes over it"),
        ("base", "every process runs on it"),
    ];
    let touched: BTreeMap<String, Vec<String>> =
        touched.map(|(key, how)| (key.to_owned(), vec![how.to_owned()])).into();
    let observed = Observed { touched, ..Observed::default() };
    let (traits, score) = fold(&mutants, &observed, &[]);
    Crucial {
        schema: SCHEMA.to_owned(),
        stagectl: "1.0.0".to_owned(),
        site: "site-a".to_owned(),
        environment: "e0".to_owned(),
        release: Release {
            name: "shop".to_owned(),
            version: "1.2".to_owned(),
            digest: "d0".to_owned(),
            path: "dist/shop.whl".to_owned(),
        },
        baseline: Baseline {
            run: "20261130-0359".to_owned(),
            seconds: 4.0,
            tests: vec![TimedTest {
                name: "test_mail.py::test_editors_are_told".to_owned(),
                seconds: 0.4,
            }],
        },
        observed,
        mutants,
        traits,
        score,
        rehearsals: 6,
        seconds: 31.0,
        ended: None,
    }
}

#[test]
fn a_person_reads_three_lists_and_what_the_diagnosis_alone_notices() {
    assert_snapshot!(text(&crucial()), @r"
    crucial: 2 keys
      env.SECRET_KEY   noticed by ready
      services.mail.smtp   noticed by test_mail.py::test_editors_are_told
    not noticed by the suite although the app touches it: 1 key
      services.cache.weather   connected on port 6379
          services.cache is slow: stagectl up site-a --set 'services.cache.weather={latency: 300ms}'
    only the diagnosis notices it: 1 key
      tls.certificate.valid   noticed by certificate of www.shop.example
    not used: 2 keys
      env.OLD
      env.OLDER
    noticed 2 of 4 keys that the app touches, and 1 more by the diagnosis alone
    3 of 7 mutants survived, 1 is open; 6 rehearsals, 31s
    ");
}

#[test]
fn each_mutant_has_a_line() {
    let crucial = crucial();
    let lines: String = crucial.mutants.iter().map(|mutant| line(mutant, 0)).collect();
    assert_snapshot!(lines, @r"
    env.SECRET_KEY absent                                   4.1s  noticed   ready: shop is red in ready
    services.mail refuses                                   4.1s  noticed   test_mail.py::test_editors_are_told
    certificate expired                                     4.1s  noticed   diagnosis: certificate of www.shop.example
    services.cache is slow                                  4.1s  survived
    env.OLD absent                                          4.1s  survived
    env.OLDER absent                                        4.1s  survived
    time zone Asia/Kolkata                                        split
    ");
}

#[test]
fn the_file_is_read_as_it_was_written_and_one_of_another_version_is_none() {
    let root = tempfile::tempdir().unwrap();
    let crucial = crucial();
    assert!(Crucial::read(root.path(), "site-a").is_none());
    let page = crucial.keep(root.path(), &page(&crucial).unwrap()).unwrap();
    assert_eq!(Crucial::read(root.path(), "site-a").unwrap(), crucial);
    assert!(std::fs::read_to_string(page).unwrap().contains("stagectl up site-a --set"));
    let other = Crucial { schema: "stagectl-crucial/2".to_owned(), ..crucial };
    other.keep(root.path(), "").unwrap();
    assert!(Crucial::read(root.path(), "site-a").is_none());
}

#[test]
fn a_test_that_is_taken_away_moves_its_key_to_those_that_nobody_notices() {
    let mut crucial = crucial();
    let of = |crucial: &Crucial, key: &str| {
        crucial.traits.iter().find(|one| one.key == key).unwrap().standing
    };
    assert_eq!(of(&crucial, "services.mail.smtp"), Standing::Crucial);
    let mut known = Known { groups: vec![vec![0]], ..Known::default() };
    known.take(vec![0], seen(None, &[], &[]));
    let mail = planned("services.mail refuses", "services.mail.smtp", "services.mail.smtp=closed");
    crucial.mutants[1] = known.mutant(0, &[mail]);
    (crucial.traits, crucial.score) = fold(&crucial.mutants, &crucial.observed, &[]);
    assert_eq!(of(&crucial, "services.mail.smtp"), Standing::NotNoticed);
}

#[test]
fn keys_that_the_description_calls_uncovered_stand_apart_and_one_that_is_noticed_is_named() {
    let mut crucial = crucial();
    let uncovered = ["services.cache", "env.SECRET_KEY"].map(str::to_owned);
    (crucial.traits, crucial.score) = fold(&crucial.mutants, &crucial.observed, &uncovered);
    assert_snapshot!(text(&crucial), @r"
    crucial: 2 keys
      env.SECRET_KEY   noticed by ready
      services.mail.smtp   noticed by test_mail.py::test_editors_are_told
    not noticed, as `uncovered` says: 1 key
      services.cache.weather
    named in `uncovered`, and noticed by now: 1 key
      env.SECRET_KEY
    only the diagnosis notices it: 1 key
      tls.certificate.valid   noticed by certificate of www.shop.example
    not used: 2 keys
      env.OLD
      env.OLDER
    noticed 2 of 4 keys that the app touches, and 1 more by the diagnosis alone
    3 of 7 mutants survived, 1 is open; 6 rehearsals, 31s
    ");
    let declared = Declared { required: Vec::new(), uncovered: uncovered.into() };
    let offered = crucial.offered(&declared);
    assert_eq!(offered.uncovered, declared.uncovered);
    assert_eq!(offered.required, ["SECRET_KEY"]);
}
