//! Hosts beyond the site: stubs under their real names, and what was asked of them.

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

#[test]
fn a_stub_answers_under_the_real_name_and_notes_what_was_asked() {
    let project = Project::new("outside")
        .folder("tests/apps/payer/critical", "critical")
        .file("environments/stubs/pay.yaml", STUB)
        .defaults(
            r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0"]}
user: payer
names: [shop.example]
proxy: {server: none}
wsgi: {server: gunicorn, application: "payer.wsgi:application", workers: 1}
critical: {path: ../critical}
"#,
        )
        .site("shop", "outside: {api.pay.example: {stub: stubs/pay.yaml}}");
    let release = packed(&project, "payer");
    let told = project.rehearse(&release);
    let report = project.report();
    assert_eq!(endings(&report), "shop 0", "{}", told.stderr);
    told.exit_code(0).says("unknown to its stub (1 time)");
    let asked: Vec<String> = report.sites[0].outside.iter().map(shown).collect();
    assert_eq!(
        asked,
        ["503 x1", "reset x1", "201 x2", "200 x1", "unknown x1"]
            .map(|answer| format!("POST api.pay.example/v1/charges {answer}"))
    );
}

fn shown(request: &OutsideRequest) -> String {
    let OutsideRequest { host, method, path, answer, times } = request;
    format!("{method} {host}{path} {answer} x{times}")
}
