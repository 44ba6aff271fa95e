//! Copies of live chains (`tests/certificates/chains.py`) say what the originals say, and OpenSSL says the
//! same of both.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use regex::Regex;

use super::Authority;
use crate::site::Project;

fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// What OpenSSL thinks of a chain, leniently and strictly, without the names of files.
fn verified(folder: &Path) -> String {
    let lenient =
        ["verify", "-purpose", "sslserver", "-CAfile", "root.pem", "-untrusted", "sent.pem"];
    let strict = [&lenient[..], &["-x509_strict", "sent.pem"]].concat();
    let lenient = [&lenient[..], &["sent.pem"]].concat();
    let said = openssl(folder, &lenient) + &openssl(folder, &strict);
    said.lines()
        .filter(|line| line.starts_with("error ") || line.contains("OK"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What each certificate says, but for the bytes of keys, identifiers and signatures: of these, how many
/// there are. Of the last one of a public chain, not who issued it: the project's root stands for that one.
fn describe_certificates(folder: &Path, is_private: bool) -> String {
    let text = fs::read_to_string(folder.join("sent.pem")).unwrap();
    let all: Vec<&str> = text.split_inclusive("-----END CERTIFICATE-----\n").collect();
    let bytes = Regex::new(r"(?i)\b(?:[0-9a-f]{2}:)+[0-9a-f]{2}\b").unwrap();
    let mut found = String::new();
    for (number, pem) in all.iter().enumerate() {
        fs::write(folder.join("one.pem"), pem).unwrap();
        let said = openssl(
            folder,
            &[
                "x509",
                "-in",
                "one.pem",
                "-noout",
                "-text",
                "-nameopt",
                "RFC2253,show_type",
                "-certopt",
                "no_pubkey,no_sigdump",
            ],
        );
        let is_last = number + 1 == all.len();
        for line in said.lines().map(str::trim) {
            let is_of_the_root =
                line.starts_with("Issuer:") || line.contains("Signature Algorithm");
            if is_last && !is_private && is_of_the_root {
                continue;
            }
            let line = bytes.replace_all(line, |found: &regex::Captures<'_>| {
                format!("<{} bytes>", found[0].len().div_ceil(3))
            });
            found.push_str(&format!("{line}\n"));
        }
    }
    found
}

#[test]
fn a_copy_says_what_the_original_says_and_is_as_good_and_as_bad() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/chains.py");
    let output = Command::new("python3").arg(script).arg(&made).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = ["site-b.example", "site-c.example", "127.0.0.1"].map(str::to_owned);
    let authority =
        Authority::load_or_create(&folder.path().join("tls"), "chains", &names).unwrap();
    let mut wrong = Vec::new();
    let mut chains: Vec<_> =
        fs::read_dir(&made).unwrap().map(|entry| entry.unwrap().path()).collect();
    chains.sort();
    for original in &chains {
        let name = original.file_name().unwrap().to_string_lossy();
        let is_private = original.join("authority").exists();
        let environments = original.join("project/environments");
        fs::create_dir_all(&environments).unwrap();
        fs::create_dir_all(original.join("project/critical")).unwrap();
        for file in ["sent.pem", "root.pem"] {
            fs::copy(original.join(file), environments.join(file)).unwrap();
        }
        let root = if is_private { "authority: {like: root.pem}, " } else { "" };
        let uncovered = if ["another-name", "address-alone"].contains(&&*name) {
            ", uncovered: [www.site-b.example]"
        } else {
            ""
        };
        let yaml = format!(
            "{{base: {{debian: bookworm}}, names: [www.site-b.example], tls: {{{root}certificate: {{like: sent.pem}}{uncovered}}}, \
             proxy: {{server: nginx}}, wsgi: {{server: gunicorn, application: 'shop:app'}}, critical: {{path: ../critical}}}}"
        );
        fs::write(environments.join("site.yaml"), yaml).unwrap();
        let project = Project::load(&original.join("project"), |_| None)
            .unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let tls = project.sites[0].tls.as_ref().unwrap();
        let chain = authority.issue(&tls.certificate, Timestamp::now()).unwrap();
        // It is kept, and given again.
        assert_eq!(authority.issue(&tls.certificate, Timestamp::now()).unwrap(), chain, "{name}");
        let copy = original.join("copy");
        fs::create_dir_all(&copy).unwrap();
        fs::write(copy.join("sent.pem"), &chain.certificates_pem).unwrap();
        fs::write(copy.join("root.pem"), &chain.root_pem).unwrap();
        for (one, two) in [
            (verified(original), verified(&copy)),
            (describe_certificates(original, is_private), describe_certificates(&copy, is_private)),
        ] {
            if one != two {
                wrong.push(format!(
                    "{name}: {:?}\n{one}\nand of the copy\n{two}",
                    tls.warnings().collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(chains.len() >= 60, "{}", chains.len());
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
