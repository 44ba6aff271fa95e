//! A certificate that is made like a live one is as good and as bad as that one: three clients of three
//! Pythons say the same of both, for chains of every kind (`tests/certificates/chains.py`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use serde::Deserialize;
use stagectl::site;
use stagectl::tls::Authority;

use crate::driver::{Project, repository};
use crate::samples::{tiny, tiny_sites};

const SITES: [&str; 3] = ["bookworm", "bullseye", "trixie"];
const BEGIN: &str = "<!-- verdicts: generated -->";
const END: &str = "<!-- verdicts: end -->";

/// What the clients of one Python say.
#[derive(Debug, Deserialize)]
struct Verdicts {
    versions: BTreeMap<String, String>,
    chains: BTreeMap<String, Sides>,
}

/// By client.
#[derive(Debug, Deserialize)]
struct Sides {
    original: BTreeMap<String, String>,
    replica: BTreeMap<String, String>,
}

#[test]
fn clients_say_the_same_of_a_live_certificate_and_of_its_copy() {
    let mut project = tiny_sites("chains").folder("tests/certificates", "clients");
    lay_out(&project.path("clients"));
    for suite in SITES {
        let yaml = format!(
            "base: {{debian: {suite}}}\nnames: [{suite}.example]\nhealth: {{within: 60s}}\n\
             critical: {{path: ../clients, run: python3 clients.py, budget: 5min, requirements: ../clients/requirements.txt}}\n"
        );
        project = project.site(suite, &yaml);
    }
    project.rehearse(&tiny(&project)).exit_code(0);
    let all: Vec<Verdicts> = SITES.iter().map(|site| read(&project, site)).collect();
    let mut different = Vec::new();
    for verdicts in &all {
        assert!(verdicts.chains.len() >= 60, "{}", verdicts.chains.len());
        for (name, Sides { original, replica }) in &verdicts.chains {
            assert_eq!(original.len(), 3, "{name}");
            if original != replica {
                let python = &verdicts.versions["python"];
                different.push(format!("{name}, {python}: {original:?}, of the copy {replica:?}"));
            }
        }
    }
    assert_eq!(different, [""; 0]);
    record(&all);
}

/// Makes the chains, and one like each of them, where the suite finds both.
fn lay_out(clients: &Path) {
    let made = clients.join("made");
    let script = repository().join("tests/certificates/chains.py");
    let output = Command::new("python3").arg(script).arg(&made).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = ["site-b.example", "site-c.example", "127.0.0.1"].map(str::to_owned);
    let keys = tempfile::tempdir().unwrap();
    let authority = Authority::load_or_create(keys.path(), "chains", &names).unwrap();
    for entry in fs::read_dir(&made).unwrap() {
        let original = entry.unwrap().path();
        let folder = clients.join("chains").join(original.file_name().unwrap());
        copy_of(&original, &folder.join("replica"), &authority);
        fs::rename(&original, folder.join("original")).unwrap();
    }
}

/// Makes a chain as a description does that says `like`.
fn copy_of(original: &Path, target: &Path, authority: &Authority) {
    let description = tempfile::tempdir().unwrap();
    let environments = description.path().join("environments");
    fs::create_dir_all(&environments).unwrap();
    fs::create_dir_all(description.path().join("critical")).unwrap();
    fs::create_dir_all(target).unwrap();
    for file in ["sent.pem", "root.pem"] {
        fs::copy(original.join(file), environments.join(file)).unwrap();
    }
    fs::copy(original.join("host"), target.join("host")).unwrap();
    let is_private = original.join("authority").exists();
    let root = if is_private { "authority: {like: root.pem}, " } else { "" };
    let yaml = |uncovered: &str| {
        format!(
            "{{base: {{debian: bookworm}}, names: [www.site-b.example], tls: {{{root}certificate: {{like: sent.pem}}{uncovered}}}, \
             proxy: {{server: nginx}}, wsgi: {{server: gunicorn, application: 'shop:app'}}, critical: {{path: ../critical}}}}"
        )
    };
    let write = |text: String| fs::write(environments.join("site.yaml"), text).unwrap();
    let load = || site::Project::load(description.path(), |_| None);
    write(yaml(""));
    let loaded = load().or_else(|_| {
        // Some are for other names.
        write(yaml(", uncovered: [www.site-b.example]"));
        load()
    });
    let loaded = loaded.unwrap_or_else(|problems| panic!("{}: {problems}", original.display()));
    let shape = &loaded.sites[0].tls.as_ref().unwrap().certificate;
    let chain = authority.issue(shape, Timestamp::now()).unwrap();
    for (file, text) in [
        ("sent.pem", &chain.certificates_pem),
        ("leaf.key", &chain.key_pem),
        ("root.pem", &chain.root_pem),
    ] {
        fs::write(target.join(file), text).unwrap();
    }
}

fn read(project: &Project, site: &str) -> Verdicts {
    let path = project.run_folder().join(site).join("suite.xml");
    let xml = fs::read_to_string(&path).unwrap();
    let value = xml.split_once("name=\"verdicts\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let json = value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&json).unwrap()
}

/// One cell: what the clients of a Python say, each of them where they do not agree.
fn cell(verdicts: &BTreeMap<String, String>) -> String {
    let mut by_verdict: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (client, verdict) in verdicts {
        by_verdict.entry(verdict).or_default().push(client);
    }
    let is_one = by_verdict.len() == 1;
    let words = by_verdict.iter().map(|(verdict, clients)| {
        let verdict = verdict.replace('|', "\\|");
        if is_one { verdict } else { format!("{}: {verdict}", clients.join(", ")) }
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Compares the table with the document, or writes it there (`UPDATE=1`).
fn record(all: &[Verdicts]) {
    let mut pythons: Vec<&Verdicts> = all.iter().collect();
    let minor = |verdicts: &&Verdicts| {
        let version = &verdicts.versions["python"];
        version.split('.').nth(1).unwrap().parse::<u32>().unwrap()
    };
    pythons.sort_by_key(minor);
    let heads = pythons.iter().map(|verdicts| format!(" Python 3.{} |", minor(verdicts)));
    let mut table = format!("| chain |{} the copy |\n", heads.collect::<String>());
    table.push_str("|---|---|---|---|---|\n");
    for name in pythons[0].chains.keys() {
        let cells =
            pythons.iter().map(|verdicts| format!(" {} |", cell(&verdicts.chains[name].original)));
        let same = pythons.iter().flat_map(|verdicts| {
            let Sides { original, replica } = &verdicts.chains[name];
            original.iter().filter(|(client, verdict)| replica.get(*client) == Some(verdict))
        });
        let row = format!(
            "| {} |{} {} of 9 the same |\n",
            name.replace('-', " "),
            cells.collect::<String>(),
            same.count()
        );
        table.push_str(&row);
    }
    let document: PathBuf = repository().join("docs/certificates.md");
    let text = fs::read_to_string(&document).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&document, format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).unwrap();
    } else {
        assert_eq!(
            found.trim(),
            table.trim(),
            "write it: UPDATE=1 cargo test --test docker clients_say"
        );
    }
}
