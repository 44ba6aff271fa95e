//! `stagectl why` on each case of the gallery, whose two sites differ in a dozen keys more: it names the one that is to
//! blame.

mod pairs;
mod table;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::case::{Case, is_below, pack, read_defaults};
use crate::driver::Project;

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

/// Cases in which several processes make an accident: which of them answers, and two that migrate at once.
const OF_ONE_PROCESS: [&str; 2] = ["application-group", "migrates-at-start"];

macro_rules! causes {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                name_the_key(&crate::folder_of(stringify!($name)));
            }
        )*
    };
}

for_each_case!(causes);

fn name_the_key(name: &str) {
    let case = Case::read(name);
    let project = Project::new(&format!("why-{name}"))
        .folder(&format!("tests/showstoppers/{name}"), "")
        .defaults(&read_defaults(name));
    for (site, side) in SIDES {
        let mut alone = vec![case.differs.as_str()];
        alone.extend(OF_ONE_PROCESS.contains(&name).then_some("wsgi.workers"));
        put_beside(&project.path(&format!("environments/{site}.yaml")), &alone, side);
    }
    let release = pack(&project, &case, ("release", "1.0"));
    if project.path("live").is_dir() {
        pack(&project, &case, ("live", "0.9"));
    }
    project.rehearse(&release).exit_code(case.code.into());

    let said = ask(&project);
    let [unit] = &units(&said)[..] else { panic!("{said:#}") };
    let key = unit[0]["key"].as_str().unwrap();
    let is_it = is_below(key, &case.differs) || is_below(&case.differs, key);
    assert!(is_it, "{key} is not {}: {said:#}", case.differs);

    // All of it is known now: nothing is rehearsed, and a person reads the same.
    let runs = project.run_folder();
    let told = project.run(&["why", "red", "--at-once", "1"]).exit_code(0);
    assert!(told.stdout.contains(&format!("because of  {key}: ")), "{}", told.stdout);
    assert_eq!(project.run_folder(), runs, "it was rehearsed again");
    table::record(&table::linked(name), &said, &[key]);
}

/// The two sites, and where their values stand in `BESIDE`.
const SIDES: [(&str, usize); 2] = [("red", 0), ("green", 1)];

/// Asks why, one rehearsal at a time; the answer is proven.
fn ask(project: &Project) -> Value {
    let told = project.run(&["why", "red", "--at-once", "1", "--output", "json"]).exit_code(0);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&said["proven"], &said["confidence"]), (&true.into(), &1.0.into()), "{said:#}");
    said
}

/// The units of the only cause.
fn units(said: &Value) -> &Vec<Value> {
    let [cause] = &said["causes"].as_array().unwrap()[..] else { panic!("{said:#}") };
    cause["units"].as_array().unwrap()
}

/// Puts the keys beside those that a description has; what it has stays, and these are left alone.
fn put_beside(file: &Path, left_alone: &[&str], side: usize) {
    let text = fs::read_to_string(file).unwrap();
    let mut site: Value = serde_yaml::from_str::<Option<Value>>(&text).unwrap().unwrap_or_default();
    for (key, red, green) in BESIDE {
        if !left_alone.iter().any(|other| is_below(key, other) || is_below(other, key)) {
            put(&mut site, key, [red, green][side]);
        }
    }
    fs::write(file, site.to_string()).unwrap();
}

/// Puts a value at a key that is not there.
fn put(site: &mut Value, key: &str, value: &str) {
    let mut place = site;
    for part in key.split('.') {
        if place.is_null() {
            *place = Value::Object(serde_json::Map::new());
        }
        place = place.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
    }
    if place.is_null() {
        *place = serde_yaml::from_str(value).unwrap();
    }
}
