//! `stagectl why` on cases of the gallery whose two sites differ in a dozen keys more: it names the one that is to
//! blame. `docs/why.md` is the table, written by `UPDATE=1 cargo test --test showstoppers why`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::case::{Case, is_below, link, pack, read_defaults};
use crate::driver::{Project, repository};

/// Beside what is to blame the two sites differ so: the red one, the green one.
const BESIDE: &[(&str, &str, &str)] = &[
    ("base.timezone", "Europe/Berlin", "UTC"),
    ("critical.budget", "80s", "70s"),
    ("env.SHOP_MAIL_SERVER", "mail.internal", "relay.internal"),
    ("env.SHOP_PUBLIC_URL", "https://www.shop.example/a", "https://www.shop.example/b"),
    ("env.SHOP_REGION", "north", "south"),
    ("env.SHOP_THEME", "harbour", "paper"),
    ("health.within", "50s", "45s"),
    ("host.open_files", "4096", "1024"),
    ("host.tmp.size", "200MiB", "300MiB"),
    ("resources.memory", "900MiB", "1000MiB"),
    ("wsgi.umask", "\"0027\"", "\"0022\""),
    ("wsgi.workers", "3", "2"),
];

const BEGIN: &str = "<!-- why: generated -->";
const END: &str = "<!-- why: end -->";
const HEAD: &str = "| case | keys | rehearsals | seconds | because of |\n|---|---|---|---|---|\n";

macro_rules! cases {
    ($($name:ident)*) => {
        /// In the order of the table.
        const CASES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                name_the_key(&crate::folder_of(stringify!($name)));
            }
        )*
    };
}

cases! {
    wildcard_certificate
    server_locale
    extra_variable
    application_group
    plain_redis
    system_library
    missing_variable
    table_owner
    noexec_tmp
    clock_shift
    socket_group
    database_encoding
    forwarded_proto
    outside_answer
    wildcard_bare_domain
    missing_intermediate
    assertions
    password_hash
    pooler_mode
    read_only_root
    ipv6_address
    mail_host
    black_hole
}

fn name_the_key(name: &str) {
    let case = Case::read(name);
    let project = Project::new(&format!("why-{name}"))
        .folder(&format!("tests/showstoppers/{name}"), "")
        .defaults(&read_defaults(name));
    for (site, side) in [("red", 0), ("green", 1)] {
        put_beside(&project.path(&format!("environments/{site}.yaml")), &case, side);
    }
    let release = pack(&project, &case, ("release", "1.0"));
    project.rehearse(&release).exit_code(case.code.into());

    let told = project.run(&["why", "red", "--at-once", "1", "--output", "json"]).exit_code(0);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&said["proven"], &said["confidence"]), (&true.into(), &1.0.into()), "{said:#}");
    let [cause] = &said["causes"].as_array().unwrap()[..] else { panic!("{said:#}") };
    let [unit] = &cause["units"].as_array().unwrap()[..] else { panic!("{said:#}") };
    let key = unit[0]["key"].as_str().unwrap();
    let is_it = is_below(key, &case.differs) || is_below(&case.differs, key);
    assert!(is_it, "{key} is not {}: {said:#}", case.differs);

    // All of it is known now: nothing is rehearsed, and a person reads the same.
    let runs = project.run_folder();
    let told = project.run(&["why", "red", "--at-once", "1"]).exit_code(0);
    assert!(told.stdout.contains(&format!("because of  {key}: ")), "{}", told.stdout);
    assert_eq!(project.run_folder(), runs, "it was rehearsed again");
    record(name, &said, key);
}

/// A shop that has a page for each theme in each region, but for one.
const TWO_KEYS: &str = r#"
import os

PAGES = {("paper", "south"): "a", ("paper", "north"): "b", ("harbour", "south"): "c"}


def application(environ, start_response):
    page = "open"
    if environ["PATH_INFO"] == "/themed":
        page = PAGES[os.environ["SHOP_THEME"], os.environ["SHOP_REGION"]]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [page.encode()]
"#;

const ASKS_FOR_THE_PAGE: &str = r#"
import os
import sys
import urllib.error
import urllib.request

failure = ""
try:
    urllib.request.urlopen(os.environ["STAGECTL_URL"] + "themed", timeout=10).read()
except urllib.error.HTTPError as error:
    failure = f'<failure message="the page: {error.code}"/>'
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase name="themed">{failure}</testcase></testsuite>')
sys.exit(1 if failure else 0)
"#;

#[test]
fn two_keys_that_are_red_together_alone_are_named_as_two() {
    let case = Case::read("extra-variable");
    let project = Project::new("why-two")
        .folder("tests/showstoppers/extra-variable", "")
        .defaults(&read_defaults("extra-variable"))
        .site("red", "{}")
        .site("green", "{}")
        .file("release/shop/wsgi.py", TWO_KEYS)
        .file("critical/check.py", ASKS_FOR_THE_PAGE);
    for (site, side) in [("red", 0), ("green", 1)] {
        put_beside(&project.path(&format!("environments/{site}.yaml")), &case, side);
    }
    let release = pack(&project, &case, ("release", "1.0"));
    project.rehearse(&release).exit_code(1);
    let told = project.run(&["why", "red", "--at-once", "1", "--output", "json"]).exit_code(0);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(said["proven"], true, "{said:#}");
    let [cause] = &said["causes"].as_array().unwrap()[..] else { panic!("{said:#}") };
    let units = cause["units"].as_array().unwrap();
    let mut keys: Vec<&str> = units.iter().map(|unit| unit[0]["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["env.SHOP_REGION", "env.SHOP_THEME"], "{said:#}");
    let told = project.run(&["why", "red", "--at-once", "1"]).exit_code(0);
    assert!(told.stdout.contains("\n       and  env.SHOP_"), "{}", told.stdout);
}

/// Puts the keys beside those that a description has; what it has stays.
fn put_beside(file: &PathBuf, case: &Case, side: usize) {
    let text = fs::read_to_string(file).unwrap();
    let mut site: Value = serde_yaml::from_str::<Option<Value>>(&text).unwrap().unwrap_or_default();
    if site.is_null() {
        site = Value::Object(serde_json::Map::new());
    }
    for (key, red, green) in BESIDE {
        if is_below(key, &case.differs) || is_below(&case.differs, key) {
            continue;
        }
        let mut place = &mut site;
        for part in key.split('.') {
            if place.is_null() {
                *place = Value::Object(serde_json::Map::new());
            }
            place = place.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
        }
        if place.is_null() {
            *place = serde_yaml::from_str([red, green][side]).unwrap();
        }
    }
    fs::write(file, site.to_string()).unwrap();
}

fn document() -> PathBuf {
    repository().join("docs/why.md")
}

/// Compares what is not another in each run with the document, or writes the row there (`UPDATE=1`).
fn record(name: &str, said: &Value, key: &str) {
    let lock = fs::File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("why.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let text = fs::read_to_string(document()).unwrap();
    let (row, rest) = (
        format!("| [{name}]({}) | {} | {} |", link(name), said["keys"], said["count"]),
        format!("`{key}` |"),
    );
    if std::env::var_os("UPDATE").is_none() {
        let is_it = |line: &str| line.starts_with(&row) && line.ends_with(&rest);
        assert!(text.lines().any(is_it), "docs/why.md has no row {row} ... {rest}");
        return;
    }
    let (before, rows) = text.split_once(BEGIN).expect("the table's begin");
    let (table, after) = rows.split_once(END).expect("the table's end");
    let seconds = said["seconds"].as_f64().unwrap();
    let rows = CASES.iter().map(|test| crate::folder_of(test)).filter_map(|other| {
        if other == name {
            return Some(format!("{row} {seconds:.0} | {rest}\n"));
        }
        let link = format!("]({})", link(&other));
        table.lines().find(|line| line.contains(&link)).map(|line| format!("{line}\n"))
    });
    let table: String = rows.collect();
    fs::write(document(), format!("{before}{BEGIN}\n\n{HEAD}{table}\n{END}{after}")).unwrap();
}
