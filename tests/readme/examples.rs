//! Every YAML example is a description that loads: alone, or on top of the least one.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_yaml::{Mapping, Value};
use stagectl::site::{CertificateShape, KeyShape, Project};
use stagectl::tls::Authority;

use crate::document::{Block, Document};

/// What a fragment stands on.
const LEAST: &str = "
base: {debian: bookworm}
names: [www.site-b.example, site-b.example]
wsgi: {server: gunicorn, application: 'noticeboard.wsgi:application'}
critical: {path: ../tests/critical}
env: {SECRET_KEY: x}
";

/// Files that the examples speak of, from the root of their project.
const FILES: [&str; 21] = [
    "environments/base.tar.zst",
    "environments/debs/noticeboard-tools_1.0_all.deb",
    "environments/keys/apt.asc",
    "certs/ca.pem",
    "constraints.txt",
    "requirements.lock",
    "environments/requirements.lock",
    "environments/requirements-1.1.lock",
    "environments/constraints.txt",
    "environments/live/city.mmdb",
    "environments/live/gunicorn.conf.py",
    "environments/live/noticeboard.d/board.conf",
    "environments/live/site-b.conf",
    "environments/live/tls.conf",
    "environments/sql/grants.sql",
    "environments/seeds/site-b.dump",
    "environments/seeds/site-b.sql.gz",
    "templates/noticeboard.ini.j2",
    "templates/site_wsgi.py.j2",
    "tests/critical/requirements.txt",
    "wheels/README",
];

/// The least of stubs.
const STUB: &str = "requests: [{path: /, answers: [{}]}]";

/// Loads descriptions by their names, as a project of their own.
pub(crate) fn load(descriptions: &[(&str, String)]) -> Result<Project, String> {
    let files = [("environments/stubs/pay.yaml", STUB), ("environments/env/site-b.env", "A=1\n")];
    load_with(&files, descriptions)
}

fn load_with(files: &[(&str, &str)], descriptions: &[(&str, String)]) -> Result<Project, String> {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in FILES.iter().map(|file| (*file, "")).chain(files.iter().copied()) {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A seed is not empty.
        fs::write(path, if file.contains("/seeds/") { "--\n" } else { text }).unwrap();
    }
    let certificates = folder.path().join("environments/certs");
    fs::create_dir_all(&certificates).unwrap();
    let (sent, root) = live_certificate();
    fs::write(certificates.join("site-b.pem"), sent).unwrap();
    fs::write(certificates.join("company-root.pem"), root).unwrap();
    let key = folder.path().join("environments/keys/apt.asc");
    fs::write(key, "-----BEGIN PGP PUBLIC KEY BLOCK-----").unwrap();
    for (name, text) in descriptions {
        fs::write(folder.path().join(format!("environments/{name}.yaml")), text).unwrap();
    }
    Project::load(folder.path(), |_| Some("set".to_owned())).map_err(|problems| problems.render())
}

/// What a site sends, and the root of that.
fn live_certificate() -> (String, String) {
    static LIVE: OnceLock<(String, String)> = OnceLock::new();
    LIVE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let names = ["www.site-b.example", "site-b.example"].map(str::to_owned);
        let authority = Authority::load_or_create(folder.path(), "live", &names).unwrap();
        let shape = CertificateShape::new(names.to_vec(), KeyShape::EcdsaP256, 0);
        let chain = authority.issue(&shape, jiff::Timestamp::now()).unwrap();
        (chain.certificates_pem, chain.root_pem)
    })
    .clone()
}

/// An example on top of the least description, whose values it replaces.
pub(crate) fn on_top_of_least(example: &str) -> String {
    let mut least: Value = serde_yaml::from_str(LEAST).unwrap();
    // A secret that nothing refers to would be a problem of its own.
    if example.contains("${secret.admin}") {
        lay_over(&mut least, serde_yaml::from_str("secrets: {admin: {generate: 24}}").unwrap());
    }
    let example: Value = serde_yaml::from_str(example).unwrap();
    lay_over(&mut least, example);
    // Where a site starts from an image, it does not start from a suite.
    if let Some(base) = least.get_mut("base").and_then(Value::as_mapping_mut) {
        only_one(base, "image", "debian");
        only_one(base, "rootfs", "debian");
    }
    if let Some(wsgi) = least.get_mut("wsgi").and_then(Value::as_mapping_mut) {
        only_one(wsgi, "file", "application");
    }
    serde_yaml::to_string(&least).unwrap()
}

fn only_one(map: &mut Mapping, this: &str, not_that: &str) {
    if map.contains_key(this) {
        map.remove(not_that);
    }
}

fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Mapping(below), Value::Mapping(above)) => {
            for (key, value) in above {
                match below.get_mut(&key) {
                    Some(there) => lay_over(there, value),
                    None => {
                        below.insert(key, value);
                    }
                }
            }
        }
        (below, above) => *below = above,
    }
}

/// The file that a block says it is, in its first line.
fn file_of(block: &Block) -> Option<&str> {
    block
        .code
        .lines()
        .next()?
        .strip_prefix("# ")?
        .split(' ')
        .next()
        .filter(|file| file.contains('/') || file.starts_with('.'))
}

#[test]
fn every_yaml_example_loads() {
    let blocks: Vec<Block> = Document::all().iter().flat_map(Document::blocks).collect();
    let mut loaded = 0;
    for block in blocks.iter().filter(|block| block.language == "yaml") {
        let outcome = match file_of(block) {
            Some(file) if file.starts_with("environments/stubs/") => {
                let site = format!(
                    "outside: {{api.example: {{stub: {}}}}}",
                    &file["environments/".len()..]
                );
                load_with(&[(file, &block.code)], &[("site-b", on_top_of_least(&site))]).map(drop)
            }
            Some(file) if !file.starts_with("environments/") => {
                serde_yaml::from_str::<Value>(&block.code)
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
            Some("environments/defaults.yaml") => {
                let site = on_top_of_least("{}");
                load(&[("defaults", block.code.clone()), ("site-a", site)]).map(drop)
            }
            Some(file) => {
                let name = Path::new(file).file_stem().unwrap().to_str().unwrap();
                load(&[(name, block.code.clone())]).map(drop)
            }
            None => load(&[("site-b", on_top_of_least(&block.code))]).map(drop),
        };
        outcome.unwrap_or_else(|problems| panic!("{}:\n{problems}{}", block.place, block.code));
        loaded += 1;
    }
    assert!(loaded >= 5, "only {loaded} examples were found");
}

#[test]
fn an_example_that_is_wrong_would_be_found() {
    let wrong = load(&[("site-b", on_top_of_least("base: {debain: bookworm}"))]).unwrap_err();
    assert!(wrong.contains("did you mean `debian`?"), "{wrong}");
}
