//! What is seen of a live site is judged, and held against its rehearsal.

use serde_json::json;

use super::checks::{
    Looked, Outcome, certificate, few_days, is_well, missing, plain_http, versions,
};
use super::compare::{Rehearsed, compare};
use super::meant::meant_live;
use crate::event::{Check, Event, RehearsedAs, Test, TestStatus, What};
use crate::failure::Kind;
use crate::outside_look::{Answer, CertificateSeen, Look, Lookout, TlsSeen, Trust};
use crate::replica::fixture::{SHOP, Stand};
use crate::report::Report;
use crate::report::sample::Script;
use crate::site::{Site, SuiteSource, TlsVersion};

fn check(name: &str, passed: bool, detail: &str) -> Check {
    Check { name: name.to_owned(), passed, detail: detail.to_owned(), took: 0.1 }
}

fn test(name: &str, status: TestStatus) -> Test {
    let file = Some("test_shop.py".to_owned());
    Test { group: "test_shop".to_owned(), name: name.to_owned(), file, status, ..Test::default() }
}

/// A rehearsal of the shop with these checks and tests.
fn rehearsed(checks: &[Check], tests: &[Test]) -> Rehearsed {
    let mut script = Script::new(crate::event::Goal::Rehearse, &["site"]).start("site");
    for check in checks {
        script = script.emit(What::CheckEnded { check: check.clone() });
    }
    for test in tests {
        script = script.emit(What::TestEnded { test: test.clone() });
    }
    let events: Vec<Event> = script.so_far();
    Rehearsed::of(Report::fold(&events), "site").unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Answer { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
}

/// A look at the shop as it is described.
fn look(name: &str) -> Look {
    let certificate = CertificateSeen {
        names: vec!["www.shop.example".to_owned(), "shop.example".to_owned()],
        common_name: None,
        key: "ecdsa-p256".to_owned(),
        issuer: "An authority".to_owned(),
        is_self_signed: false,
        not_before: 0,
        not_after: 100 * 86400,
    };
    let tls = TlsSeen {
        chain: vec![Vec::new()],
        certificate,
        trust: Trust::Trusted,
        versions: vec![TlsVersion::V1_2, TlsVersion::V1_3],
        refused: None,
    };
    let place = "https://www.shop.example/";
    Look {
        name: name.to_owned(),
        addresses: Ok(Vec::new()),
        tls: Ok(tls),
        secure: Ok(answer(200, &[("server", "nginx/1.22.1")], "")),
        plain: Ok(answer(301, &[("location", place)], "")),
    }
}

fn rehearsal_of_the_shop() -> Rehearsed {
    let checks = [
        check("www.shop.example resolves", true, "10.231.0.2"),
        check("certificate of www.shop.example, seen by Python", true, "TLSv1.3"),
        check("certificate of www.shop.example, seen by OpenSSL", true, "verified"),
        check("plain HTTP", true, "301 to https://www.shop.example/"),
        check("health", true, "HTTP 200; server nginx/1.22.1; keys cache database"),
        check("HSTS", false, "not sent"),
    ];
    let tests = [
        test("test_green", TestStatus::Passed),
        test("test_red", TestStatus::Failed),
        test("test_left_out", TestStatus::Skipped),
    ];
    rehearsed(&checks, &tests)
}

#[test]
fn what_was_green_there_and_is_red_here_is_a_hole() {
    let stand = Stand::new(&[("site", SHOP)]);
    let checks = vec![
        check("www.shop.example resolves", true, "192.0.2.7"),
        check("certificate of www.shop.example", false, "it has expired"),
        check("HSTS", false, "not sent"),
        check("www.shop.example answers", false, "HTTP 502"),
    ];
    let tests = [
        test("test_green", TestStatus::Failed),
        test("test_red", TestStatus::Error),
        test("test_left_out", TestStatus::Failed),
        test("test_new", TestStatus::Failed),
        test("test_well", TestStatus::Passed),
    ];
    let looked = Looked { checks, looks: vec![look("www.shop.example")], health: None };
    let found = compare(stand.site(), &rehearsal_of_the_shop(), &looked, &tests);
    let holes: Vec<&str> = found.holes().collect();
    assert_eq!(holes, ["certificate of www.shop.example", "test_shop.py::test_green"]);
    let red: Vec<&str> = found.reds_that_were(RehearsedAs::Red).collect();
    assert_eq!(red, ["HSTS", "test_shop.py::test_red"]);
    let not_run: Vec<&str> = found.reds_that_were(RehearsedAs::NotRun).collect();
    assert_eq!(
        not_run,
        ["www.shop.example answers", "test_shop.py::test_left_out", "test_shop.py::test_new"]
    );
    assert_eq!(found.differences, []);
}

/// The differences of a live shop, a line each.
fn differences(site: &Site, looked: Looked) -> String {
    let found = compare(site, &rehearsal_of_the_shop(), &looked, &[]).differences;
    let line =
        |it: &crate::event::SeenDifference| format!("{}: {} / {}", it.what, it.rehearsed, it.live);
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_difference_that_is_seen_from_outside_is_named() {
    let stand = Stand::new(&[("site", SHOP)]);
    let mut other = look("www.shop.example");
    let tls = other.tls.as_mut().unwrap();
    tls.certificate.names = vec!["*.shop.example".to_owned()];
    tls.certificate.key = "rsa-2048".to_owned();
    tls.trust = Trust::SelfSigned;
    tls.chain.push(Vec::new());
    tls.versions = vec![TlsVersion::V1_3];
    other.plain = Ok(answer(302, &[("location", "https://shop.example/")], ""));
    let health = Some(answer(200, &[("server", "cdn")], r#"{"database": true, "version": 2}"#));
    let looked = Looked { checks: Vec::new(), looks: vec![other], health };
    insta::assert_snapshot!(differences(stand.site(), looked), @r"
    names of the certificate of www.shop.example: shop.example, www.shop.example / *.shop.example
    key of the certificate of www.shop.example: ecdsa-p256 / rsa-2048
    issuer of the certificate of www.shop.example: a root that is trusted / itself
    chain of the certificate of www.shop.example: nothing above it is sent / 1 certificate above it is sent
    versions of TLS: TLSv1.2, TLSv1.3 / TLSv1.3
    answer of port 80: 301 to https://www.shop.example/ / 302 to https://shop.example/
    header Server: nginx/1.22.1 / cdn
    members of the health page: cache database / database version
    ");
    let headers = [("server", "nginx/1.22.1")];
    let health = Some(answer(200, &headers, r#"{"database": true, "cache": null}"#));
    let looked = Looked { checks: Vec::new(), looks: vec![look("www.shop.example")], health };
    assert_eq!(differences(stand.site(), looked), "");
}

/// What is said of the certificate of the shop that is this one now, which is good for a hundred days.
fn said(change: impl FnOnce(&mut TlsSeen), days: i64) -> Outcome {
    let stand = Stand::new(&[("site", SHOP)]);
    let mut look = look("www.shop.example");
    change(look.tls.as_mut().unwrap());
    certificate(stand.site().tls.as_ref().unwrap(), &look, days * 86400)
}

#[test]
fn a_certificate_is_for_its_name_trusted_and_in_time() {
    let rest = "names www.shop.example, shop.example; ecdsa-p256; issuer An authority; 1 sent";
    assert_eq!(said(|_| {}, 40).unwrap(), format!("{rest}; good for 60 days"));
    assert_eq!(said(|_| {}, 103).unwrap_err(), format!("it has expired, 3 days ago; {rest}"));
    let begins = |seen: &mut TlsSeen| seen.certificate.not_before = 50 * 86400;
    assert!(said(begins, 40).unwrap_err().starts_with("it is not good for 11 days; "));
    let names = |seen: &mut TlsSeen| seen.certificate.names = vec!["*.b.example".to_owned()];
    assert!(said(names, 40).unwrap_err().starts_with("it is for *.b.example; "));
    let common = |seen: &mut TlsSeen| {
        seen.certificate.names.clear();
        seen.certificate.common_name = Some("www.shop.example".to_owned());
    };
    assert!(said(common, 40).unwrap().starts_with("names the common name www.shop.example alone"));
    for (trust, expected) in [
        (Trust::SelfSigned, "it is self-signed"),
        (Trust::UnknownRoot, "its root is not trusted here"),
        (Trust::Bad("odd".to_owned()), "its chain is not good: odd"),
        (
            Trust::Incomplete { issuer: "R3".to_owned() },
            "its chain is not complete: `R3` is neither sent nor a root that is trusted here",
        ),
    ] {
        let found = said(|seen| seen.trust = trust, 40).unwrap_err();
        assert!(found.starts_with(&format!("{expected}; names ")), "{found}");
    }
}

#[test]
fn few_days_are_a_warning_and_none_is_red() {
    let warned = |days: i64| few_days(&look("www.shop.example"), days * 86400);
    assert_eq!(warned(86), None);
    let words = "the certificate of www.shop.example has 13 days left";
    assert_eq!(warned(87).as_deref(), Some(words));
    assert_eq!(warned(101), None);
}

#[test]
fn what_is_described_to_be_wrong_is_not_red() {
    let described = "tls: {certificate: {names: ['*.shop.example'], self_signed: true}, uncovered: [shop.example]}";
    let usual = "tls: {certificate: {names: [www.shop.example, shop.example], key: ecdsa-p256}}";
    let stand = Stand::new(&[("site", &SHOP.replace(usual, described))]);
    let mut look = look("shop.example");
    let seen = look.tls.as_mut().unwrap();
    seen.certificate.names = vec!["*.shop.example".to_owned()];
    seen.trust = Trust::SelfSigned;
    certificate(stand.site().tls.as_ref().unwrap(), &look, 0).unwrap();
}

#[test]
fn versions_and_port_80_are_as_described() {
    let stand = Stand::new(&[("site", SHOP)]);
    let site = stand.site();
    let mut look = look("www.shop.example");
    let tls = site.tls.as_ref().unwrap();
    assert_eq!(versions(tls, &look).unwrap(), "TLSv1.2, TLSv1.3");
    assert_eq!(plain_http(site, &look).unwrap(), "301 to https://www.shop.example/");
    look.tls.as_mut().unwrap().versions = vec![TlsVersion::V1_3];
    assert_eq!(versions(tls, &look).unwrap_err(), "it speaks TLSv1.3, described TLSv1.2, TLSv1.3");
    look.plain = Ok(answer(200, &[], ""));
    let found = plain_http(site, &look).unwrap_err();
    assert_eq!(found, "it answers HTTP 200, expected a redirect to https");
    look.plain = Err("192.0.2.7:80: connection refused".to_owned());
    assert_eq!(plain_http(site, &look).unwrap_err(), "192.0.2.7:80: connection refused");
}

#[test]
fn health_is_status_and_json() {
    let text = SHOP.replace("status: 200}", "status: 200, json: {database: true}}");
    let stand = Stand::new(&[("site", &text)]);
    let well = |status, body| is_well(stand.site(), &answer(status, &[], body));
    assert_eq!(well(200, r#"{"database": true}"#).unwrap(), "HTTP 200, as described");
    assert_eq!(well(503, "").unwrap_err(), "HTTP 503, expected 200");
    assert_eq!(well(200, "well").unwrap_err(), "HTTP 200, and its body is no JSON");
    let found = well(200, r#"{"database": false}"#).unwrap_err();
    assert_eq!(found, "HTTP 200, but `database` is false, expected true");
}

#[test]
fn a_member_that_is_not_as_expected_is_named_with_its_path() {
    let expected = json!({"database": true, "parts": {"cache": "up"}});
    let says = |found| missing(&expected, &found, "");
    assert_eq!(says(json!({"database": true, "parts": {"cache": "up", "more": 1}})), None);
    let found = json!({"database": false, "parts": {"cache": "up"}});
    assert_eq!(says(found).unwrap(), "`database` is false, expected true");
    let found = json!({"database": true, "parts": {}});
    assert_eq!(says(found).unwrap(), "`parts.cache` is null, expected \"up\"");
    assert_eq!(missing(&json!(true), &json!("x"), "").unwrap(), "`it` is \"x\", expected true");
}

/// The shop with a suite that has variables of every origin.
fn with_variables() -> Stand {
    let more = "critical: {path: ../critical, select: critical, site_env: [THEME, PASSWORD, KEY], \
                env: {TOKEN: '${secret.token}', PLAIN: word}}\n";
    let text = SHOP
        .replace("critical: {path: ../critical, budget: 2s}\n", more)
        .replace(
            "THEME: plain",
            "THEME: plain, PASSWORD: '${secret.db}', KEY: '${secret.key}', OTHER: x",
        )
        .replace(
            "db: {generate: 24}",
            "db: {generate: 24}, key: {from_env: KEY_SET}, token: {from_env: NOBODY_SETS}",
        );
    Stand::new(&[("site", &text)])
}

fn variable(key: &str) -> Option<String> {
    let set = [("KEY_SET", "the-value-of-key"), ("LOGIN", "the-value-of-login"), ("EMPTY", "")];
    set.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
}

#[test]
fn only_values_that_mean_something_on_the_live_site_are_passed() {
    let stand = with_variables();
    let lookout = Lookout::new(Vec::new(), None).unwrap();
    let passed = ["LOGIN".to_owned()];
    let meant = meant_live(stand.site(), &passed, (&lookout, Some(b"PEM")), variable).unwrap();
    assert_eq!(meant.left_out, ["PASSWORD", "TOKEN"]);
    let site = &meant.site;
    let names: Vec<&String> = site.env.keys().chain(site.critical.env.keys()).collect();
    assert_eq!(names, ["KEY", "THEME", "LOGIN", "PLAIN", "SSL_CERT_FILE"]);
    let revealed = meant.secrets.reveal(&site.critical.env["LOGIN"]);
    assert_eq!(revealed, "the-value-of-login");
    assert_eq!(meant.secrets.redact("it is the-value-of-login"), "it is [secret LOGIN]");
    let SuiteSource::Pytest { select, .. } = &site.critical.suite else { panic!("pytest") };
    assert_eq!(select.as_deref(), Some("(critical) and (read_only)"));
    assert!(site.services.is_empty() && site.outside.is_empty());
    let mut own = stand.site().clone();
    own.critical.live = Some("live and not slow".to_owned());
    let meant = meant_live(&own, &passed, (&lookout, Some(b"PEM")), variable).unwrap();
    let SuiteSource::Pytest { select, .. } = &meant.site.critical.suite else { panic!("pytest") };
    assert_eq!(select.as_deref(), Some("(critical) and (live and not slow)"));
    assert_eq!(meant.trusted_pem, "PEM\n");
}

#[test]
fn a_variable_that_is_not_set_and_a_command_are_refused() {
    let stand = with_variables();
    let lookout = Lookout::new(Vec::new(), None).unwrap();
    let refused = |site: &Site, name: Option<&str>| {
        let passed: Vec<String> = name.map(str::to_owned).into_iter().collect();
        meant_live(site, &passed, (&lookout, None), variable).unwrap_err()
    };
    for name in ["NOBODY_SETS", "EMPTY"] {
        let failure = refused(stand.site(), Some(name));
        assert_eq!(failure.kind, Kind::Usage);
        assert_eq!(failure.message, format!("the variable {name} of `--env` is not set"));
    }
    assert!(refused(stand.site(), Some("A=B")).message.contains("is not the name of a variable"));
    let text = SHOP.replace("critical: {path: ../critical,", "critical: {run: ./smoke.sh,");
    let stand = Stand::new(&[("site", &text)]);
    let failure = refused(stand.site(), None);
    assert_eq!(failure.kind, Kind::Usage);
    assert!(failure.hints[1].contains("@pytest.mark.read_only"), "{failure:?}");
    let text = text.replace("run: ./smoke.sh,", "run: ./smoke.sh, live: ./smoke.sh --read-only,");
    let stand = Stand::new(&[("site", &text)]);
    let meant = meant_live(stand.site(), &[], (&lookout, None), variable).unwrap();
    let SuiteSource::Command { run, .. } = &meant.site.critical.suite else { panic!("a command") };
    assert_eq!(run, "./smoke.sh --read-only");
}
