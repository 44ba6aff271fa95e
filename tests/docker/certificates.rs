//! Certificates and handshakes of every described kind: the site is up, the diagnosis sees what is
//! described and nothing else, and the suite meets what its clients meet.

use std::path::Path;
use std::process::Command;

use stagectl::report::SiteReport;

use crate::driver::{Project, endings};
use crate::samples::{tiny, tiny_sites};

/// A suite of one test, that takes any certificate and shows its own where it has one; and one that
/// tells what a strict client says.
const SUITE: &str = r#"
import os, ssl, sys, urllib.request
loose = ssl._create_unverified_context()
if "STAGECTL_CLIENT_KEY" in os.environ:
    loose.load_cert_chain(os.environ["STAGECTL_CLIENT_CERTIFICATE"], os.environ["STAGECTL_CLIENT_KEY"])
url = os.environ["STAGECTL_URL"]
with urllib.request.urlopen(url, timeout=5, context=loose) as answer:
    assert answer.status == 200
strict = os.environ.get("STRICT", "")
try:
    urllib.request.urlopen(url, timeout=5)
    said = ""
except OSError as error:
    said = str(error)
good = strict in said if strict else True
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    failure = "" if good else "<failure message='it said %s'/>" % said.replace("'", "").replace("<", "")
    file.write("<testsuite><testcase name='answers'>%s</testcase></testsuite>" % failure)
sys.exit(0 if good else 1)
"#;

fn sites(test: &str) -> Project {
    tiny_sites(test).file("critical/loose.py", SUITE)
}

fn site(tls: &str, more: &str) -> String {
    let variables = if more.contains("STRICT") { "[STRICT]" } else { "[]" };
    let critical = format!("critical: {{run: python3 loose.py, site_env: {variables}}}");
    format!("tls: {tls}\nhealth: {{within: 60s}}\n{critical}\n{more}\n")
}

fn detail<'a>(report: &'a [SiteReport], site: &str, check: &str) -> &'a str {
    let site = report.iter().find(|found| found.name == site).unwrap();
    &site.checks.iter().find(|found| found.name.contains(check)).unwrap().detail
}

#[test]
fn certificates_of_every_shape_are_seen_as_described() {
    let project = sites("certificates")
        .site("common-name-alone", &site("{certificate: {common_name: c.example}}", "names: [c.example]"))
        .site("expired", &site("{certificate: {valid: {until: -3d}}}", "names: [e.example]\nenv: {STRICT: certificate has expired}"))
        .site("expiring", &site("{certificate: {expires_in: 5d, key: ecdsa-p384, intermediates: 2, signature: rsa-sha384}}", "names: [x.example]"))
        .site("missing-intermediate", &site("{certificate: {intermediates: 1, send_intermediates: false}}", "names: [m.example]\nenv: {STRICT: unable to get local issuer}"))
        .site("not-yet-valid", &site("{certificate: {valid: {from: 2d}}}", "names: [n.example]\nenv: {STRICT: not yet valid}"))
        .site("self-signed", &site("{certificate: {self_signed: true, names: [s.example, 192.0.2.7]}}", "names: [s.example]\nenv: {STRICT: self}"))
        .site("self-signed-trusted", &site("{certificate: {self_signed: true}, trust: [system]}", "names: [t.example]"))
        .site("uncovered", &site("{certificate: {names: ['*.u.example']}, uncovered: [u.example]}", "names: [www.u.example, u.example]"));
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    assert_eq!(
        endings(&report),
        "common-name-alone 0\n\
         expired 0\n\
         expiring 0\n\
         missing-intermediate 0\n\
         not-yet-valid 0\n\
         self-signed 0\n\
         self-signed-trusted 0\n\
         uncovered 0",
        "{}",
        outcome.stderr
    );
    let detail_of = |site, check| detail(&report.sites, site, check);
    for (site, check, expected) in [
        ("common-name-alone", "Python", "the common name c.example alone"),
        ("expired", "Python", "refused as described: certificate has expired"),
        ("expired", "OpenSSL", "expired for 3 days"),
        ("expiring", "OpenSSL", "3 sent"),
        ("expiring", "OpenSSL", "good for 5 days"),
        ("missing-intermediate", "Python", "refused as described: unable to get local issuer"),
        ("missing-intermediate", "OpenSSL", "1 sent"),
        ("not-yet-valid", "OpenSSL", "not good for 2 days"),
        ("self-signed", "Python", "refused as described: self"),
        ("self-signed", "OpenSSL", "names s.example, 192.0.2.7"),
        ("self-signed-trusted", "Python", "certificate for t.example"),
        ("self-signed-trusted", "trust", "in system"),
        (
            "uncovered",
            "certificate of u.example, seen by Python",
            "refused as described: Hostname mismatch",
        ),
    ] {
        let found = detail_of(site, check);
        assert!(found.contains(expected), "{site}, {check}: {found}");
    }
    outcome.exit_code(0);
}

#[test]
fn handshakes_are_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let two = "[{names: [a.example]}, {names: ['*.b.example', b.example], key: ecdsa-p256}]";
    let names = "names: [a.example, www.b.example, b.example]";
    let project = sites("handshakes")
        .file("environments/certs/live.pem", &live_chain(folder.path()))
        .file("templates/roots.j2", "# the app's own bundle\n")
        .site(
            "apache",
            &site(
                &format!("{{certificates: {two}, ciphers: [TLS_AES_128_GCM_SHA256, ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256], client: {{certificate: optional}}}}"),
                &format!("{names}\nproxy: {{server: apache}}"),
            ),
        )
        .site(
            "gunicorn",
            &site(
                "{ciphers: [ECDHE-RSA-AES256-GCM-SHA384], client: {common_name: tills}, trust: [system, certifi, /etc/tiny/roots.pem]}",
                "names: [g.example]\nfiles: [{path: /etc/tiny/roots.pem, template: roots.j2, mode: '0644'}]",
            ),
        )
        .site("like", &site("{certificate: {like: certs/live.pem}, trust: [certifi]}", "names: [www.live.example]"))
        .site(
            "nginx",
            &site(
                &format!("{{certificates: {two}, versions: [TLSv1.3], ciphers: [TLS_CHACHA20_POLY1305_SHA256], client: {{}}}}"),
                &format!("{names}\nproxy: {{server: nginx}}"),
            ),
        );
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    let expected = "apache 0\ngunicorn 0\nlike 0\nnginx 0";
    assert_eq!(endings(&report), expected, "{}", outcome.stderr);
    let detail_of = |site, check| detail(&report.sites, site, check);
    for (site, check, expected) in [
        ("apache", "of a.example, seen by Python", "certificate for a.example"),
        ("apache", "of www.b.example, seen by Python", "certificate for *.b.example, b.example"),
        ("apache", "ciphers", "agreed to ECDHE-RSA-AES128-GCM-SHA256 and TLS_AES_128_GCM_SHA256"),
        ("apache", "client certificates", "without one: HTTP 200"),
        ("gunicorn", "client certificates", "without one: "),
        ("gunicorn", "trust", "in system, certifi ("),
        ("gunicorn", "trust", "), /etc/tiny/roots.pem"),
        ("like", "OpenSSL", "subject CN=live.example"),
        ("like", "OpenSSL", "2 sent"),
        ("nginx", "of b.example, seen by OpenSSL", "TLSv1.3, TLS_CHACHA20_POLY1305_SHA256"),
        ("nginx", "client certificates", "without one: HTTP 400"),
    ] {
        let found = detail_of(site, check);
        assert!(found.contains(expected), "{site}, {check}: {found}");
    }
    outcome.exit_code(0);
}

/// A public certificate with its intermediate, as a site would send them.
fn live_chain(folder: &Path) -> String {
    let script = r#"
set -e
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj "/CN=Big CA" -days 900 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout mid.key -out mid.csr -subj "/O=Big CA/CN=R7" 2>/dev/null
printf 'basicConstraints=critical,CA:TRUE\n' > mid.cnf
openssl x509 -req -in mid.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile mid.cnf -days 800 -out mid.pem 2>/dev/null
openssl req -newkey rsa:3072 -nodes -keyout leaf.key -out leaf.csr -subj "/CN=live.example" 2>/dev/null
printf 'subjectAltName=DNS:*.live.example,DNS:live.example\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n' > leaf.cnf
openssl x509 -req -sha512 -in leaf.csr -CA mid.pem -CAkey mid.key -CAcreateserial -extfile leaf.cnf -days 40 -out leaf.pem 2>/dev/null
cat leaf.pem mid.pem
"#;
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
