//! Certificates of every described shape, as OpenSSL reads and verifies them.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};

use super::{Authority, Chain};
use crate::site::{
    CertificateShape, IssuedBy, KeyShape, Moment, Project, SentChain, Signature, Validity,
};

const HOST: &str = "www.site-b.example";

fn shape(intermediates: u8) -> CertificateShape {
    CertificateShape::new(vec![HOST.to_owned()], KeyShape::EcdsaP256, intermediates)
}

fn valid(from: Option<i64>, until: Option<i64>) -> Validity {
    let moment = |days: i64| Moment::In(SignedDuration::from_hours(days * 24));
    Validity::Described { from: from.map(moment), until: until.map(moment) }
}

fn authority(folder: &Path, names: &[&str]) -> Authority {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Authority::load_or_create(&folder.join("tls"), "board", &names).unwrap()
}

fn openssl(folder: &Path, arguments: &str) -> String {
    let arguments = arguments.split(' ').filter(|word| !word.is_empty());
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What OpenSSL says of what a server would send, and of the leaf.
fn inspect(folder: &Path, chain: &Chain) -> (String, String) {
    fs::write(folder.join("root.pem"), &chain.root_pem).unwrap();
    fs::write(folder.join("sent.pem"), &chain.certificates_pem).unwrap();
    let verify =
        format!("verify -x509_strict -CAfile root.pem -untrusted sent.pem -verify_hostname {HOST}");
    let text = openssl(folder, "x509 -in sent.pem -noout -text -nameopt RFC2253");
    (openssl(folder, &format!("{verify} sent.pem")), text)
}

#[test]
fn what_is_wrong_with_a_certificate_is_what_openssl_finds() {
    let table = [
        (CertificateShape { valid: valid(None, Some(5)), ..shape(1) }, "sent.pem: OK"),
        (CertificateShape { valid: valid(None, Some(-3)), ..shape(1) }, "certificate has expired"),
        (CertificateShape { valid: valid(Some(2), None), ..shape(0) }, "not yet valid"),
        (CertificateShape { sent: SentChain::LeafOnly, ..shape(1) }, "unable to get local issuer"),
        (CertificateShape { issuer: IssuedBy::Itself, ..shape(0) }, "self"),
        (
            CertificateShape { names: Vec::new(), common_name: Some(HOST.to_owned()), ..shape(0) },
            "sent.pem: OK",
        ),
        (
            CertificateShape { names: vec!["*.site-b.example".to_owned()], ..shape(0) },
            "sent.pem: OK",
        ),
        (
            CertificateShape { names: vec!["site-b.example".to_owned()], ..shape(0) },
            "ostname mismatch",
        ),
    ];
    for (shape, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let chain = authority(folder.path(), &["site-b.example"]).issue(&shape, Timestamp::now());
        let (verified, text) = inspect(folder.path(), &chain.unwrap());
        assert!(verified.contains(expected), "{shape:?}: {verified}\n{text}");
        let has_names = text.contains("Subject Alternative Name");
        assert_eq!(has_names, !shape.names.is_empty(), "{text}");
    }
}

#[test]
fn a_described_validity_moves_on_for_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(folder.path(), &["site-b.example"]);
    let shape = CertificateShape { valid: valid(None, Some(-3)), ..shape(1) };
    let now = Timestamp::now();
    let first = authority.issue(&shape, now).unwrap();
    let later = authority.issue(&shape, now + SignedDuration::from_hours(24)).unwrap();
    assert_eq!(first.key_pem, later.key_pem);
    assert_eq!(later.not_after.duration_since(first.not_after), SignedDuration::from_hours(24));
}

#[test]
fn every_signature_is_that_of_the_issuers_key() {
    for (signature, expected) in [
        (Signature::RsaSha256, "sha256WithRSAEncryption"),
        (Signature::RsaSha384, "sha384WithRSAEncryption"),
        (Signature::RsaSha512, "sha512WithRSAEncryption"),
        (Signature::EcdsaSha384, "ecdsa-with-SHA384"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let shape = CertificateShape { signature: Some(signature), ..shape(2) };
        let chain = authority(folder.path(), &["site-b.example"]).issue(&shape, Timestamp::now());
        let (verified, text) = inspect(folder.path(), &chain.unwrap());
        assert!(verified.contains("OK") && text.contains(expected), "{verified}{text}");
    }
}

#[test]
fn a_copied_shape_is_that_of_the_live_certificate() {
    let live = "/O=Site B/CN=site-b.example";
    let names = "subjectAltName=DNS:*.site-b.example,DNS:site-b.example,IP:192.0.2.7";
    let (key, self_signed) = ("rsa:3072", "-x509 -sha384 -days 40");
    let usages =
        ["keyUsage=digitalSignature,keyEncipherment", "extendedKeyUsage=serverAuth,clientAuth"];
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args("req -nodes -keyout /dev/null -out live.pem -newkey".split(' '))
        .arg(key)
        .args(self_signed.split(' '))
        .args(["-subj", live, "-addext", names, "-addext", usages[0], "-addext", usages[1]])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let environments = folder.path().join("environments");
    fs::create_dir_all(&environments).unwrap();
    fs::create_dir_all(folder.path().join("critical")).unwrap();
    fs::rename(folder.path().join("live.pem"), environments.join("live.pem")).unwrap();
    let description = "{base: {debian: bookworm}, names: [www.site-b.example], \
        tls: {certificate: {like: live.pem}}, proxy: {server: none}, \
        wsgi: {server: gunicorn, application: 'shop:app'}, critical: {path: ../critical}}";
    fs::write(environments.join("site-b.yaml"), description).unwrap();
    let project = Project::load(folder.path(), |_| None).unwrap();
    let shape = &project.sites[0].tls.as_ref().unwrap().certificate;
    let chain = authority(folder.path(), &["site-b.example"]).issue(shape, Timestamp::now());
    let (_, copy) = inspect(folder.path(), &chain.unwrap());
    let live = openssl(&environments, "x509 -in live.pem -noout -text -nameopt RFC2253");
    let kept_lines = |text: &str| {
        let kept = [
            "Not ",
            "Public-Key",
            "DNS:",
            "Digital",
            "TLS Web",
            "Signature Algorithm",
            "CA:TRUE",
            "CA:FALSE",
        ];
        let is_kept = |line: &&str| kept.iter().any(|part| line.contains(part));
        let lines = text.lines().map(str::trim).filter(is_kept);
        let mut lines: Vec<String> = lines.map(|line| line.replace("RSA ", "")).collect();
        lines.sort();
        lines
    };
    assert_eq!(kept_lines(&copy), kept_lines(&live));
}
