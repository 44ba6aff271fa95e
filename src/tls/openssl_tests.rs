//! What OpenSSL itself thinks of the chains. Without its command there is nothing to ask: these tests
//! fail then, since a chain that nobody checked is not tested.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use jiff::Timestamp;

use super::{Authority, Chain, covers, name};
use crate::site::{CertificateShape, KeyShape};

const NAMES: [&str; 2] = ["*.site-b.example", "site-b.example"];

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

fn join_output(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Issues a chain and lays its parts out as `root.pem`, `leaf.pem`, `untrusted.pem`, `key.pem`.
fn lay_out(folder: &Path, authority_names: &[&str], shape: &CertificateShape) -> Chain {
    let authority =
        Authority::load_or_create(&folder.join("tls"), "board", &strings(authority_names)).unwrap();
    let chain = authority.issue(shape, Timestamp::now()).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let leaf = chain.certificates_pem.find(end).unwrap() + end.len();
    let (leaf, untrusted) = chain.certificates_pem.split_at(leaf);
    for (name, text) in [
        ("root.pem", chain.root_pem.as_str()),
        ("leaf.pem", leaf),
        ("untrusted.pem", untrusted),
        ("full.pem", &chain.certificates_pem),
        ("key.pem", &chain.key_pem),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    chain
}

fn verify(folder: &Path) -> Output {
    let mut arguments =
        vec!["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem"];
    if fs::metadata(folder.join("untrusted.pem")).unwrap().len() > 0 {
        arguments.extend(["-untrusted", "untrusted.pem"]);
    }
    arguments.push("leaf.pem");
    openssl(folder, &arguments)
}

#[test]
fn openssl_accepts_every_shape_strictly() {
    let table = [
        (KeyShape::Rsa2048, 0, "rsaEncryption", "2048 bit"),
        (KeyShape::Rsa4096, 1, "rsaEncryption", "4096 bit"),
        (KeyShape::EcdsaP256, 1, "id-ecPublicKey", "256 bit"),
        (KeyShape::EcdsaP384, 2, "id-ecPublicKey", "384 bit"),
    ];
    for (key, intermediates, kind, bits) in table {
        let folder = tempfile::tempdir().unwrap();
        let shape = CertificateShape::new(strings(&NAMES), key, intermediates);
        let chain = lay_out(folder.path(), &NAMES, &shape);
        let count = chain.certificates_pem.matches("END CERTIFICATE").count();
        assert_eq!(count, usize::from(intermediates) + 1);
        let verified = verify(folder.path());
        assert!(verified.status.success(), "{key:?}: {}", join_output(&verified));
        let text =
            join_output(&openssl(folder.path(), &["x509", "-in", "leaf.pem", "-noout", "-text"]));
        for part in [kind, bits, "DNS:*.site-b.example, DNS:site-b.example", "TLS Web Server"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(text.contains("CN = *.site-b.example") || text.contains("CN=*.site-b.example"));
    }
}

#[test]
fn the_root_vouches_for_the_projects_names_only() {
    for names in [&["www.site-c.example"][..], &["10.0.0.1"], &["site-b.example.org"]] {
        let folder = tempfile::tempdir().unwrap();
        let shape = CertificateShape::new(strings(names), KeyShape::EcdsaP256, 1);
        lay_out(folder.path(), &NAMES, &shape);
        let verified = verify(folder.path());
        assert!(!verified.status.success(), "{names:?} was accepted");
        let text = join_output(&verified);
        assert!(text.contains("permitted subtree") || text.contains("excluded subtree"), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let names = ["10.0.0.1", "site-b.example"];
    let shape = CertificateShape::new(strings(&names), KeyShape::EcdsaP256, 0);
    lay_out(folder.path(), &names, &shape);
    let verified = verify(folder.path());
    assert!(verified.status.success(), "{}", join_output(&verified));
}

#[test]
fn a_name_is_covered_where_openssl_says_so() {
    for (name, host, _) in name::tests::TABLE {
        let folder = tempfile::tempdir().unwrap();
        let names = strings(&[name]);
        let shape = CertificateShape::new(names, KeyShape::EcdsaP256, 0);
        let chain = lay_out(folder.path(), &[name], &shape);
        // As a host name, OpenSSL would take an address for labels; Python's `ssl` asks this way, too.
        let check = if host.parse::<IpAddr>().is_ok() { "-checkip" } else { "-checkhost" };
        let text = join_output(&openssl(
            folder.path(),
            &["x509", "-in", "leaf.pem", "-noout", check, host],
        ));
        assert_eq!(covers(&chain.names, host), text.contains("does match"), "{host}: {text}");
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_handshake_succeeds_for_a_covered_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let shape = CertificateShape::new(strings(&NAMES), KeyShape::EcdsaP256, 1);
    lay_out(folder.path(), &NAMES, &shape);
    let arguments =
        "s_server -accept 127.0.0.1:0 -cert leaf.pem -key key.pem -cert_chain untrusted.pem -www";
    let mut child = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _server = Server(child);
    let port = lines
        .find_map(|line| line.unwrap().strip_prefix("ACCEPT 127.0.0.1:").map(str::to_owned))
        .unwrap();
    let connect = |host: &str| {
        let address = format!("127.0.0.1:{port}");
        let arguments = [
            "s_client",
            "-connect",
            &address,
            "-CAfile",
            "root.pem",
            "-servername",
            host,
            "-verify_hostname",
            host,
            "-verify_return_error",
        ];
        let mut client = Command::new("openssl")
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        client.stdin.take().unwrap().write_all(b"Q\n").unwrap();
        client.wait_with_output().unwrap()
    };
    let fine = connect("www.site-b.example");
    assert!(join_output(&fine).contains("Verify return code: 0 (ok)"), "{}", join_output(&fine));
    let wrong = connect("a.www.site-b.example");
    assert!(!wrong.status.success(), "{}", join_output(&wrong));
}
