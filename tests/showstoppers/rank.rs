//! Where the key that is to blame stands among all in which two sites differ: each case of the gallery, with
//! what the screen said of it (`docs/failures.md`), on two sites that differ in two dozen more keys.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use stagectl::event::State;
use stagectl::site::{Difference, Peers, Project, Signs, Site, by_suspicion, differences};

use crate::case::{Case, is_below};
use crate::driver::{files, repository};
use crate::{GALLERY, folder_of};

/// Beside what is to blame, two sites differ so: their keys, and what the red and the green one have there. A key
/// that is to blame, or that would make the description wrong, stays as the case has it.
const NOISE: &[(&str, &str, &str)] = &[
    ("base.debian", "trixie", "bookworm"),
    ("proxy.server", "apache", "nginx"),
    ("proxy.timeout", "40s", "50s"),
    ("base.locale", "de_DE.UTF-8", "C.UTF-8"),
    ("base.packages", "[gettext-base]", "[]"),
    ("base.timezone", "Europe/Berlin", "UTC"),
    ("critical.budget", "90s", "60s"),
    ("env.REDIS_URL", "redis://cache.internal/1", "redis://cache.internal/0"),
    ("env.SHOP_MAIL_SERVER", "mail.internal", "relay.partner.example"),
    ("env.SHOP_PUBLIC_URL", "https://www.shop.example", "https://www.store.example"),
    ("env.SHOP_THEME", "harbour", "paper"),
    (
        "env.SHOP_WEATHER_URL",
        "https://api.weather.example/v1/Brest",
        "https://api.weather.example/v1/Kiel",
    ),
    ("health.within", "40s", "30s"),
    ("host.open_files", "4096", "1024"),
    ("host.tmp.size", "200MiB", "300MiB"),
    ("install.extra", "[packaging==25.0]", "[]"),
    (
        "outside",
        "{api.weather.example: allow}",
        "{api.weather.example: allow, api.pay.example: allow}",
    ),
    ("resources.memory", "1800MiB", "1900MiB"),
    (
        "services.audit",
        "{postgres: '17', user: audit, password: '${secret.audit}'}",
        "{postgres: '15', user: audit, password: '${secret.audit}', encoding: UTF8}",
    ),
    ("services.sessions", "{redis: '8'}", "{redis: '7'}"),
    ("services.post", "{smtp: sink, startup: 90s}", "{smtp: sink}"),
    ("tls.certificate.key", "ecdsa-p256", "rsa-2048"),
    ("tls.certificate.intermediates", "2", "1"),
    ("tls.versions", "[TLSv1.3]", "[TLSv1.2, TLSv1.3]"),
    ("user", "{name: shop, groups: [adm]}", "{name: shop}"),
    ("wsgi.locale", "de_DE.UTF-8", "C.UTF-8"),
    ("wsgi.umask", "\"0027\"", "\"0022\""),
    ("wsgi.workers", "3", "2"),
];

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the ranks are what whoever changes the words wants to see"
)]
fn the_key_that_is_to_blame_is_among_the_first_three() {
    let mut table = String::new();
    let ranks: Vec<usize> = GALLERY
        .iter()
        .map(|test| {
            let name = folder_of(test);
            let (rank, of, first) = rank(&name);
            writeln!(table, "{rank:>2} of {of}  {name}, {}: {first}", Case::read(&name).differs)
                .unwrap();
            rank
        })
        .collect();
    let first_three = ranks.iter().filter(|rank| **rank <= 3).count();
    let first = ranks.iter().filter(|rank| **rank == 1).count();
    println!("{table}{first} first, {first_three} among the first three, of {}", ranks.len());
    assert!(first_three * 100 >= ranks.len() * 80, "{table}");
}

/// The place of the key, of how many, and which key stands first and why.
fn rank(name: &str) -> (usize, usize, String) {
    let case = Case::read(name);
    let folder = tempfile::tempdir().unwrap();
    let (red, green) = two_sites(name, folder.path());
    let found: Vec<Difference> = differences(&red, &green);
    let texts = said(name);
    let of_log = |line: &&str| line.ends_with(", at that moment");
    let (sources, mut said): (Vec<&str>, Vec<&str>) =
        texts.iter().map(String::as_str).partition(of_log);
    let sources = sources.iter().filter_map(|line| line.split(',').next()).collect();
    said.push(&case.message);
    // So begins the program's own message, and its row tells it in other words.
    if case.state == Some(State::Back) && case.phase != "deploy" {
        said.push("the live release of red is red after the way back");
    }
    // As the program has it: what is known before the start is a failed deploy.
    let phase = match case.phase.as_str() {
        "check" => "deploy",
        "diagnosis" => "suite",
        phase => phase,
    };
    let signs = Signs { phase, said, sources, logged: Vec::new() };
    let peers =
        Peers { failing: &red, nearest: &green, passed: vec![&green], failed_alike: Vec::new() };
    let ranked = by_suspicion(found, &signs, &peers);
    assert!(ranked.len() >= 24, "{name}: there are two dozen differences: {}", ranked.len());
    let rank = ranked.iter().position(|one| is_below(&one.difference.key, &case.differs));
    let first =
        format!("{} ({})", ranked[0].difference.key, ranked[0].why.as_deref().unwrap_or("-"));
    (rank.expect("the key is among the differences") + 1, ranked.len(), first)
}

/// What the screen said of the red site, without what it says of the other site and of ways on.
fn said(name: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs/failures.md")).unwrap();
    let start = format!("| gallery, {name}: red | ");
    let row = text.lines().find_map(|line| line.strip_prefix(&start)).expect("its row");
    let lines = row
        .trim_end_matches(" |")
        .split("<br>")
        .map(|line| line.replace("&nbsp;", "").trim_matches('`').replace("\\|", "|"));
    let of_others = [
        "green passed",
        "evidence ",
        "again ",
        "hint:",
        "last lines of",
        "red failed",
        "red never",
        "red could not",
    ];
    lines.filter(|line| !of_others.iter().any(|start| line.starts_with(start))).collect()
}

/// The two sites of a case with the noise, in a project of their own.
fn two_sites(name: &str, folder: &Path) -> (Site, Site) {
    let source = repository().join("tests/showstoppers").join(name);
    for file in files(&source) {
        let target = folder.join(file.strip_prefix(&source).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
    let environments = folder.join("environments");
    let read = |site: &str| -> Value {
        let text = fs::read_to_string(environments.join(format!("{site}.yaml"))).unwrap();
        serde_yaml::from_str(&text).unwrap()
    };
    let mut defaults = read("defaults");
    let shared = Value::Object(
        ["project", "release"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), defaults.as_object_mut()?.remove(key)?)))
            .collect(),
    );
    let [mut red, mut green] = ["red", "green"].map(|site| merged(defaults.clone(), read(site)));
    rename(&mut green);
    write(&environments, "defaults", &shared);
    let load = |red: &Value, green: &Value| {
        write(&environments, "red", red);
        write(&environments, "green", green);
        Project::load(folder, |_| Some("a-value".to_owned()))
    };
    load(&red, &green).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    for (key, of_red, of_green) in NOISE {
        // What is to blame stays as it is.
        if at(&red, key) != at(&green, key) {
            continue;
        }
        let (mut noisy_red, mut noisy_green) = (red.clone(), green.clone());
        for (site, text) in [(&mut noisy_red, of_red), (&mut noisy_green, of_green)] {
            put(site, key, serde_yaml::from_str(text).unwrap());
            if text.contains("${secret.audit}") {
                put(site, "secrets.audit", serde_yaml::from_str("{generate: 24}").unwrap());
            }
        }
        if load(&noisy_red, &noisy_green).is_ok() {
            (red, green) = (noisy_red, noisy_green);
        }
    }
    let project = load(&red, &green).unwrap();
    let site = |name: &str| project.sites.iter().find(|site| site.name.as_str() == name).unwrap();
    (site("red").clone(), site("green").clone())
}

/// Another site has other names.
fn rename(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace("shop.example", "store.example"),
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Object(members) => members.values_mut().for_each(rename),
        _ => {}
    }
}

/// As `environments/defaults.yaml` and a site become one.
fn merged(below: Value, above: Value) -> Value {
    match (below, above) {
        (Value::Object(mut below), Value::Object(above)) => {
            for (key, value) in above {
                let known = below.remove(&key).unwrap_or_default();
                below.insert(key, merged(known, value));
            }
            Value::Object(below)
        }
        (below, Value::Null) => below,
        (_, above) => above,
    }
}

/// What a site has at a key path.
fn at<'a>(site: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(site, |value, key| value.get(key))
}

/// Sets what a site has at a key path.
fn put(site: &mut Value, path: &str, value: Value) {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    if !site.is_object() {
        *site = Value::Object(Map::new());
    }
    let members = site.as_object_mut().unwrap();
    match rest {
        Some(rest) => put(members.entry(key).or_insert(Value::Null), rest, value),
        None => _ = members.insert(key.to_owned(), value),
    }
}

/// JSON is YAML, too.
fn write(environments: &Path, site: &str, value: &Value) {
    fs::write(environments.join(format!("{site}.yaml")), value.to_string()).unwrap();
}
