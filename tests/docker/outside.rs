//! Hosts beyond the site: stubs under their real names, what was asked of them, and real hosts.

use stagectl::event::OutsideRequest;

use crate::driver::{Project, endings};
use crate::samples::packed;

const STUB: &str = "
requests:
  - method: POST
    path: /v1/charges
    headers: {content-type: application/json}
    json: {currency: EUR, amount: 5}
    answers:
      - {status: 503, headers: {Retry-After: 7}, delay: 300ms}
      - {error: reset}
      - {status: 201, json: {id: ch_1}}
  - {path: /v1/*, json: {amount: 7}, answers: [{json: {id: ch_2}}]}
";

const PAYER: &str = r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0"]}
user: payer
names: [shop.example]
proxy: {server: none}
wsgi: {server: gunicorn, application: "payer.wsgi:application", workers: 1}
critical: {path: ../critical}
"#;

#[test]
fn a_stub_answers_under_the_real_name_and_notes_what_was_asked() {
    let project = Project::new("outside")
        .folder("tests/apps/payer/critical", "critical")
        .file("environments/stubs/pay.yaml", STUB)
        .defaults(PAYER)
        .site("shop", "outside: {api.pay.example: {stub: stubs/pay.yaml}}");
    let release = packed(&project, "payer");
    let outcome = project.rehearse(&release);
    let report = project.report();
    assert_eq!(endings(&report), "shop 0", "{}", outcome.stderr);
    outcome.exit_code(0).says("unknown to its stub (1 time)");
    let asked: Vec<String> = report.sites[0].outside.iter().map(format_request).collect();
    assert_eq!(
        asked,
        ["503 x1", "reset x1", "201 x2", "200 x1", "unknown x1"]
            .map(|answer| format!("POST api.pay.example/v1/charges {answer}"))
    );
}

/// The package mirror and the package index are hosts that are there wherever images can be built;
/// the index speaks TLS, with a certificate that this machine can verify.
#[test]
fn an_allowed_host_is_really_reached_and_no_other_is() {
    let mirror = std::env::var("STAGECTL_MIRROR");
    let mirror = mirror.unwrap_or_else(|_| "http://deb.debian.org/debian".to_owned());
    let url = format!("{}/dists/bookworm/Release", mirror.trim_end_matches('/'));
    let (_, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let indexes = ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"].map(|key| std::env::var(key).ok());
    let index = indexes.into_iter().flatten().find(|index| index.starts_with("https://"));
    let index = index.unwrap_or_else(|| "https://pypi.org/simple".to_owned());
    let secure = format!("{}/gunicorn/", index.trim_end_matches('/'));
    let index = secure["https://".len()..].split('/').next().unwrap();
    let roots = std::env::var("SSL_CERT_FILE");
    let roots = roots.unwrap_or_else(|_| "/etc/ssl/certs/ca-certificates.crt".to_owned());
    let project = Project::new("allowed")
        .folder("tests/apps/payer/allowed", "critical")
        .file("templates/roots.pem", &std::fs::read_to_string(roots).unwrap())
        .defaults(&format!(
            "{}env: {{SSL_CERT_FILE: /srv/payer/roots.pem}}\n\
             files: [{{path: /srv/payer/roots.pem, template: roots.pem}}]\n",
            PAYER.replace(
                "../critical",
                &format!("../critical, env: {{ALLOWED: \"{url}\", SECURE: \"{secure}\"}}")
            )
        ))
        .site("shop", &format!("outside: {{{host}: allow, {index}: allow}}"))

        .site(
            "six",
            &format!(
                "{{outside: {{{host}: allow, {index}: allow}}, host: {{resolver: {{families: [ipv6, ipv4]}}}}}}"
            ),
        );
    let release = packed(&project, "payer");
    let outcome = project.rehearse(&release);
    let report = project.report();
    let tried = "tried mirror.example\n  tried addresses beyond its network";
    let expected = format!("shop 0\n  {tried}\nsix 0\n  {tried}");
    assert_eq!(endings(&report), expected, "{}", outcome.stderr);
    for site in &report.sites {
        assert_eq!(site.refused.last().unwrap().by, ["suite"], "{}", site.name);
    }
    outcome.exit_code(0).says(&format!("shop reached {host}, the real one (3 times)"));
    let mut real = [host, index];
    real.sort_unstable();
    let limits = real.map(|host| format!("a stand-in for {host} (it is the real one)"));
    let told_last = &report.sites[0].not_replicated;
    assert!(told_last.ends_with(&limits), "{told_last:?}");
    let asked: Vec<String> = report.sites[0].outside.iter().map(format_request).collect();
    assert_eq!(
        asked,
        [
            format!("GET {host}/{path} passed: 200 x2"),
            format!("GET {host}/{path}-of-nobody passed: 404 x1"),
            format!("TLS {index}:443 passed x1"),
        ]
    );
}

fn format_request(request: &OutsideRequest) -> String {
    let OutsideRequest { host, method, path, answer, times } = request;
    format!("{method} {host}{path} {answer} x{times}")
}
