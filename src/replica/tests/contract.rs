//! Both sides of a job held to each other: what Rust sends for the samples, and what `job.pyi` says that
//! the programs inside read. That they read nothing else is for mypy to say (`tests/lint.sh`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::jobs::read;
use super::samples::samples;
use crate::replica::fixture;
use crate::replica::template::{built_in, built_in_folder};
use crate::replica::{
    ConnectionsJob, EnterJob, FollowJob, RelayJob, RelayPlace, SaidJob, SessionFacts, Tests,
    TrafficJob, Ways, answer_job, beside_job, diagnosis_job, network_job, place_beside,
    proxy_diagnosis_job, proxy_job, serve_job, step_job, stop_job, suite_job, switch_job,
};

/// A key of a declared dictionary: whether it may be left out, and the type of its value.
struct Key {
    is_required: bool,
    of: String,
}

/// The dictionaries of `job.pyi`, by name and key; and which keys were seen in a job.
struct Declared {
    dictionaries: BTreeMap<String, BTreeMap<String, Key>>,
    seen: BTreeSet<(String, String)>,
    problems: Vec<String>,
}

impl Declared {
    fn by(text: &str) -> Self {
        let mut dictionaries: BTreeMap<String, BTreeMap<String, Key>> = BTreeMap::new();
        let mut name = String::new();
        for line in text.lines() {
            let class = line.strip_prefix("class ").and_then(|rest| rest.split('(').next());
            let called = line.split_once(" = TypedDict(").map(|(name, _)| name);
            if let Some(found) = class.or(called) {
                found.clone_into(&mut name);
                dictionaries.entry(name.clone()).or_default();
            }
            let Some((key, of)) = line.strip_prefix("    ").and_then(|rest| rest.split_once(": "))
            else {
                continue;
            };
            let of = of.split("  #").next().unwrap_or_default().trim_end_matches(',');
            let optional = within(of, "NotRequired[");
            let value =
                Key { is_required: optional.is_none(), of: optional.unwrap_or(of).to_owned() };
            let keys = dictionaries.get_mut(&name).unwrap();
            keys.insert(key.trim_matches('"').to_owned(), value);
        }
        Declared { dictionaries, seen: BTreeSet::new(), problems: Vec::new() }
    }

    /// Notes what of a job is not as it is declared.
    fn hold(&mut self, path: &str, of: &str, value: &Value) {
        let is_one = match of {
            "Any" => true,
            "Null" => value.is_null(),
            "str" => value.is_string(),
            "bool" => value.is_boolean(),
            "int" => value.is_i64() || value.is_u64(),
            "float" => value.is_number(),
            _ => return self.hold_whole(path, of, value),
        };
        if !is_one {
            self.problems.push(format!("{path}: {value} is no {of}"));
        }
    }

    fn hold_whole(&mut self, path: &str, of: &str, value: &Value) {
        let all = choices(of);
        if all.len() > 1 {
            let fits = |one: &&&str| match **one {
                "Null" => value.is_null(),
                "str" => value.is_string(),
                "int" | "float" => value.is_number(),
                list if list.starts_with("list[") => value.is_array(),
                _ => value.is_object() || value.is_array(),
            };
            match all.iter().find(fits) {
                Some(one) => self.hold(path, one, value),
                None => self.problems.push(format!("{path}: {value} is no {of}")),
            }
        } else if let (Some(each), Value::Array(items)) = (within(of, "list["), value) {
            for (number, item) in items.iter().enumerate() {
                self.hold(&format!("{path}.{number}"), each, item);
            }
        } else if let (Some(each), Value::Array(items)) = (within(of, "tuple["), value) {
            let each: Vec<&str> = each.split(", ").collect();
            assert_eq!(each.len(), items.len(), "{path}: {value}");
            for (each, item) in each.iter().zip(items) {
                self.hold(path, each, item);
            }
        } else if let (Some(each), Value::Object(members)) = (within(of, "dict[str, "), value) {
            for (key, member) in members {
                self.hold(&format!("{path}.{key}"), each, member);
            }
        } else if let (true, Value::Object(members)) = (self.dictionaries.contains_key(of), value) {
            self.hold_members(path, of, members);
        } else {
            self.problems.push(format!("{path}: {value} is no {of}"));
        }
    }

    fn hold_members(&mut self, path: &str, of: &str, members: &serde_json::Map<String, Value>) {
        let keys = &self.dictionaries[of];
        for (key, declared) in keys {
            if declared.is_required && !members.contains_key(key) {
                self.problems.push(format!("{path}: `{key}` of {of} is not sent"));
            }
        }
        for (key, member) in members {
            let Some(declared) = self.dictionaries[of].get(key) else {
                self.problems.push(format!("{path}: `{key}` of {of} is read by nobody"));
                continue;
            };
            let declared = declared.of.clone();
            self.seen.insert((of.to_owned(), key.clone()));
            self.hold(&format!("{path}.{key}"), &declared, member);
        }
    }
}

/// What is in the brackets.
fn within<'a>(of: &'a str, begin: &str) -> Option<&'a str> {
    of.strip_prefix(begin)?.strip_suffix(']')
}

/// The alternatives of a type, without those that are in brackets.
fn choices(of: &str) -> Vec<&str> {
    let (mut all, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, letter) in of.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            '|' if depth == 0 => {
                all.push(of[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    all.push(of[begin..].trim());
    all
}

fn declared() -> Declared {
    Declared::by(built_in("inside/job.pyi"))
}

/// Every job of a site, with the dictionary that its program reads.
fn jobs(stand: &fixture::Stand) -> Vec<(&'static str, Value)> {
    let (site, handles) = (stand.site(), stand.plan().handles);
    let secrets = fixture::secrets(site);
    let roles = ["wsgi", "worker", "nginx", "apache"];
    let pids: Vec<(String, i64)> =
        roles.iter().zip(7..).map(|(role, pid)| ((*role).to_owned(), pid)).collect();
    let more = ["-x".to_owned()];
    let facts = SessionFacts::of(site, &secrets, &handles, Ways::of(site, None));
    let enter = |whom, argv| read(EnterJob { whom, argv, pid: "/run/x", terminal: true });
    let seen = BTreeMap::from([("/var/log/x".to_owned(), 7)]);
    let mut jobs = vec![
        ("ServeJob", read(serve_job(site, &secrets, &handles).unwrap())),
        ("DiagnoseJob", read(diagnosis_job(site, &secrets, &handles, &pids))),
        ("DiagnoseJob", read(diagnosis_job(site, &secrets, &handles, &pids).since(&seen))),
        ("NetworkJob", read(network_job(&handles))),
        (
            "StepJob",
            read(step_job(site, &secrets, (&handles, &site.home()), "x", Duration::from_secs(3))),
        ),
        ("StepJob", read(suite_job(site, &secrets, &handles, Tests::All(&more)))),
        ("StopJob", read(stop_job(site, true))),
        ("SwitchJob", read(switch_job(site, &secrets, true).unwrap())),
        ("ServeJob", read(beside_job(&place_beside(site, "1.1"), &secrets, &handles).unwrap())),
        ("ServeJob", read(answer_job(site, &secrets, &handles).unwrap())),
        ("ServeJob", read(serve_job(site, &secrets, &handles).unwrap().with_the_proxy_on(site))),
        ("StopJob", read(stop_job(site, true).without_the_proxy(site))),
        ("ConnectionsJob", read(ConnectionsJob::new(site))),
        ("TrafficJob", read(TrafficJob::new(site, &["/".to_owned()], true))),
        ("EnterJob", enter(facts.enter, Some(&more[..]))),
        ("EnterJob", enter(facts.enter_suite, None)),
    ];
    if site.has_proxy_host() {
        jobs.push(("ServeJob", read(proxy_job(site, &secrets, &handles).unwrap())));
        jobs.push(("DiagnoseProxyJob", read(proxy_diagnosis_job(site, &pids))));
        jobs.push(("DiagnoseProxyJob", read(proxy_diagnosis_job(site, &pids).since(&seen))));
        jobs.push(("StopJob", read(stop_job(site, false))));
        jobs.push(("SwitchJob", read(switch_job(site, &secrets, false).unwrap())));
    }
    jobs
}

/// Those that are of no site.
fn other_jobs() -> Vec<(&'static str, Value)> {
    let files = [("wsgi".to_owned(), "/var/log/x".to_owned())];
    let skip = BTreeMap::from([("/var/log/x".to_owned(), 7)]);
    let (address, place) = ("127.0.71.1".to_owned(), "www.a.example:443".to_owned());
    let place = RelayPlace { address, port: 443, place };
    let said = |skip, sizes| read(SaidJob { files: &files, written: &[], skip, sizes });
    vec![
        ("FollowJob", read(FollowJob { files: &files, since: Some(0.5), follow: true })),
        ("FollowJob", read(FollowJob { files: &files, since: None, follow: false })),
        ("SaidJob", said(Some(&skip), false)),
        ("SaidJob", said(None, true)),
        ("RelayJob", read(RelayJob { places: vec![place] })),
    ]
}

#[test]
fn what_is_sent_is_read_and_what_is_needed_is_sent() {
    let mut declared = declared();
    for (of, job) in other_jobs() {
        declared.hold(of, of, &job);
    }
    for (what, stand) in samples() {
        for (of, job) in jobs(&stand) {
            declared.hold(&format!("{what}: {of}"), of, &job);
        }
    }
    assert_eq!(declared.problems, Vec::<String>::new());
    let unseen: Vec<String> = declared
        .dictionaries
        .iter()
        .flat_map(|(of, keys)| keys.keys().map(move |key| (of.clone(), key.clone())))
        .filter(|key| !declared.seen.contains(key))
        .map(|(of, key)| format!("{of}.{key}"))
        .collect();
    assert_eq!(unseen, Vec::<String>::new(), "no sample sends it");
}

#[test]
fn what_is_declared_is_a_word_of_a_program() {
    let programs: String = built_in_folder("inside")
        .into_iter()
        .filter(|(name, _)| name.strip_suffix(".py").is_some())
        // Every other piece is a text over several lines.
        .flat_map(|(_, text)| text.split("\"\"\"").step_by(2))
        .collect();
    let dictionaries = declared().dictionaries;
    let keys = dictionaries.values().flat_map(BTreeMap::keys);
    let is_read = |key: &str| {
        ['"', '\''].iter().any(|quote| programs.contains(&format!("{quote}{key}{quote}")))
    };
    let unread: Vec<&String> = keys.filter(|key| !is_read(key)).collect();
    assert_eq!(unread, Vec::<&String>::new());
}

#[test]
fn a_planted_key_is_found_and_a_lost_one_and_another_kind_of_value() {
    let problems = |of: &str, job: Value| {
        let mut declared = declared();
        declared.hold("job", of, &job);
        declared.problems
    };
    let job = json!({"name": "a", "text": "b", "nobody": ["c"]});
    assert_eq!(problems("NetworkJob", job.clone()), Vec::<String>::new());
    let mut planted = job.clone();
    planted["planted"] = json!(1);
    assert_eq!(problems("NetworkJob", planted), ["job: `planted` of NetworkJob is read by nobody"]);
    let lost = json!({"name": "a", "text": "b"});
    assert_eq!(problems("NetworkJob", lost), ["job: `nobody` of NetworkJob is not sent"]);
    let mut other = job;
    other["nobody"] = json!(["c", 7]);
    assert_eq!(problems("NetworkJob", other), ["job.nobody.1: 7 is no str"]);
    let null = json!({"files": [["a", "b"]], "since": null, "follow": null});
    assert_eq!(problems("FollowJob", null), ["job.follow: null is no bool"]);
}
