//! What a description says of a certificate's form, as OpenSSL reads it.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;

use super::Authority;
use crate::site::{Project, Tls};

/// The TLS of a site whose description says so.
fn resolve_tls(folder: &Path, tls: &str) -> Tls {
    resolve_tls_for(folder, "www.site-b.example", tls)
}

fn resolve_tls_for(folder: &Path, names: &str, tls: &str) -> Tls {
    fs::create_dir_all(folder.join("environments")).unwrap();
    fs::create_dir_all(folder.join("critical")).unwrap();
    let text = format!(
        "{{base: {{debian: bookworm}}, names: [{names}], tls: {tls}, proxy: {{server: nginx}}, \
         wsgi: {{server: gunicorn, application: 'shop:app'}}, critical: {{path: ../critical}}}}"
    );
    fs::write(folder.join("environments/site-b.yaml"), text).unwrap();
    let project = Project::load(folder, |_| None).unwrap_or_else(|problems| panic!("{problems}"));
    project.sites[0].tls.clone().unwrap()
}

fn openssl(folder: &Path, arguments: &str) -> String {
    let output =
        Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn keys_make_the_certificates_that_they_describe() {
    let folder = tempfile::tempdir().unwrap();
    let tls = resolve_tls(
        folder.path(),
        "{authority: {subject: [DC=example, CN=DC01-CA], key: rsa-2048, signature: rsa-sha1, \
           extensions: {basicConstraints: 'CA:TRUE', keyUsage: none}}, \
          certificate: {names: [www.site-b.example], serial: '0', \
           subject: [C=DE, 'O=teletex:Größe', CN=www.site-b.example], signature: rsa-sha256, \
           extensions: {authorityKeyIdentifier: none, extendedKeyUsage: serverAuth, 1.2.3.4: 'DER:0500'}, \
           chain: [{subject: [CN=Issuing CA 2], version: 1, serial: '-5', key: rsa-2048}]}}",
    );
    let names = ["www.site-b.example".to_owned()];
    let authority = Authority::load_or_create(&folder.path().join("tls"), "b", &names).unwrap();
    let chain = authority.issue(&tls.certificate, Timestamp::now()).unwrap();
    let all = authority.issue_all(&tls, Timestamp::now()).unwrap();
    assert_eq!(all.own_roots, chain.own_roots);
    assert_eq!(chain.own_roots.len(), 1);
    assert_eq!(chain.root_pem, chain.own_roots[0]);
    fs::write(folder.path().join("root.pem"), &chain.root_pem).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let sent: Vec<&str> = chain.certificates_pem.split_inclusive(end).collect();
    let text = |pem: &str| {
        fs::write(folder.path().join("one.pem"), pem).unwrap();
        openssl(folder.path(), "x509 -in one.pem -noout -text -nameopt RFC2253,show_type")
    };
    let [leaf, middle] = [text(sent[0]), text(sent[1])];
    let root = text(&chain.root_pem);
    for (text, part) in [
        (&leaf, "Serial Number: 0 (0x0)"),
        (&leaf, "O=T61STRING:Gr"),
        (&leaf, "Issuer: CN=UTF8STRING:Issuing CA 2"),
        (&leaf, "1.2.3.4:"),
        (&leaf, "sha256WithRSAEncryption"),
        (&middle, "Version: 1 (0x0)"),
        (&middle, "Serial Number: -5 (-0x5)"),
        (&middle, "DC=IA5STRING:example"),
        (&root, "sha1WithRSAEncryption"),
        (&root, "X509v3 Basic Constraints: \n                CA:TRUE"),
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    for (text, part) in
        [(&leaf, "Authority Key"), (&middle, "X509v3 extensions"), (&root, "Key Usage")]
    {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    fs::write(folder.path().join("sent.pem"), &chain.certificates_pem).unwrap();
    let verified = openssl(folder.path(), "verify -CAfile root.pem -untrusted sent.pem sent.pem");
    assert!(verified.contains("invalid CA certificate"), "{verified}");
}

#[test]
fn certificates_of_one_authority_have_the_same_root() {
    let folder = tempfile::tempdir().unwrap();
    let tls = resolve_tls_for(
        folder.path(),
        "www.site-b.example, b.example",
        "{authority: {key: ecdsa-p384}, certificates: [{names: [www.site-b.example], intermediates: 1}, \
          {names: [b.example]}]}",
    );
    let names: Vec<String> = tls.said_names().map(str::to_owned).collect();
    let authority = Authority::load_or_create(&folder.path().join("tls"), "b", &names).unwrap();
    let all = authority.issue_all(&tls, Timestamp::now()).unwrap();
    assert_eq!(all.own_roots.len(), 1);
    fs::write(folder.path().join("root.pem"), &all.own_roots[0]).unwrap();
    for chain in &all.server {
        fs::write(folder.path().join("sent.pem"), &chain.certificates_pem).unwrap();
        let verify = "verify -x509_strict -CAfile root.pem -untrusted sent.pem sent.pem";
        assert!(openssl(folder.path(), verify).contains("OK"));
    }
}

#[test]
fn the_next_certificate_is_todays_with_its_own_keys_on_top() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["www.site-b.example".to_owned()];
    let authority = Authority::load_or_create(&folder.path().join("tls"), "b", &names).unwrap();
    let next = "next: {valid: {until: 47d}, extensions: {extendedKeyUsage: serverAuth}}";
    let today =
        "{names: [www.site-b.example], extensions: {extendedKeyUsage: 'serverAuth, clientAuth'}}";
    let tls = resolve_tls(folder.path(), &format!("{{certificate: {today}, {next}}}"));
    let live = authority.issue(&tls.certificate, Timestamp::now()).unwrap();
    fs::write(folder.path().join("environments/live.pem"), &live.certificates_pem).unwrap();
    let of_a_copy =
        resolve_tls(folder.path(), &format!("{{certificate: {{like: live.pem}}, {next}}}"));
    for tls in [&tls, &of_a_copy] {
        let next = authority.issue(tls.next.as_ref().unwrap(), Timestamp::now()).unwrap();
        let hours = next.not_after.duration_since(Timestamp::now()).as_hours();
        assert!((46 * 24..=47 * 24).contains(&hours), "{hours}");
        fs::write(folder.path().join("next.pem"), &next.certificates_pem).unwrap();
        let text = openssl(folder.path(), "x509 -in next.pem -noout -text");
        assert!(text.contains("TLS Web Server Authentication"), "{text}");
        assert!(!text.contains("TLS Web Client Authentication"), "{text}");
        assert!(text.contains("DNS:www.site-b.example"), "{text}");
    }
}
