//! What was really built of a site: as the last run that served it found it there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::host_files::{file_differences, read_host_files};
use super::recorded::{report_in, run_folders};
use crate::event::HostFiles;
use crate::failure::Failure;
use crate::site::{Difference, Site};

/// Checks that see addresses and process numbers, which are others in each run.
const OF_THE_RUN: [&str; 2] = [" resolves", " runs"];

/// What a run found in a site's replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    pub run: String,
    /// By key: `machine.openssl`, `packages.libpq5`, `installed.flask`, `seen.CHECK`.
    facts: BTreeMap<String, String>,
    /// `None` where the run did not list them.
    pub files: Option<HostFiles>,
}

impl Built {
    /// Of the last run whose report has it; reads `.stagectl/runs` of the project.
    ///
    /// # Errors
    /// Usage: no run ever served the site; a report that is none.
    pub fn last(project_root: &Path, site: &Site) -> Result<Built, Failure> {
        for folder in run_folders(project_root) {
            let folder = folder.as_path();
            // A run that is under way has none yet.
            let Some(report) = report_in(folder)? else { continue };
            // That is of another description under the name of a site.
            if report["goal"] == "experiment" {
                continue;
            }
            if let Some(built) = Built::of(&report, site, read_host_files(folder, &site.name)) {
                return Ok(built);
            }
        }
        Err(Failure::usage(format!("{} was never built here", site.name))
            .hint(format!("rehearse it first: `stagectl rehearse {}`", site.name)))
    }

    /// What a report says of a site that was served; read as JSON, so that reports of other
    /// versions are good, too.
    fn of(report: &Value, site: &Site, files: Option<HostFiles>) -> Option<Built> {
        let sites = report["sites"].as_array()?;
        let of_site = sites.iter().find(|of| of["name"] == site.name.as_str())?;
        let mut facts = BTreeMap::new();
        let texts = |value: &Value| -> Vec<String> {
            let list = value.as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        for (key, value) in of_site["machine"].as_object().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                facts.insert(format!("machine.{key}"), text.to_owned());
            }
        }
        let lists = [
            ("packages", texts(&of_site["machine"]["packages"]), "="),
            ("installed", texts(&of_site["installed"]), "=="),
        ];
        for (key, lines, sign) in lists {
            facts.extend(lines.iter().filter_map(|line| {
                let (name, version) = line.split_once(sign)?;
                Some((format!("{key}.{name}"), version.to_owned()))
            }));
        }
        if facts.is_empty() {
            return None;
        }
        for check in of_site["checks"].as_array().into_iter().flatten() {
            if let (Some(name), Some(seen)) = (check["name"].as_str(), check["detail"].as_str())
                && !OF_THE_RUN.iter().any(|ending| name.ends_with(ending))
            {
                facts.insert(format!("seen.{}", without_names(name, site)), seen.to_owned());
            }
        }
        Some(Built { run: report["run"].as_str().unwrap_or_default().to_owned(), facts, files })
    }

    /// Where two differ, the files last. What a check saw is compared where both sites have the
    /// check, and files are where both runs listed them.
    #[must_use]
    pub fn differences(&self, other: &Built) -> Vec<Difference> {
        let keys: BTreeSet<&String> = self.facts.keys().chain(other.facts.keys()).collect();
        let pairs = keys.into_iter().map(|key| (key, self.facts.get(key), other.facts.get(key)));
        let facts = pairs
            .filter(|(key, one, two)| {
                one != two && (!key.starts_with("seen.") || one.is_some() && two.is_some())
            })
            .map(|(key, one, two)| Difference {
                key: key.clone(),
                one: one.cloned(),
                two: two.cloned(),
            });
        let both = self.files.as_ref().zip(other.files.as_ref());
        facts.chain(both.into_iter().flat_map(|(one, two)| file_differences(one, two))).collect()
    }
}

/// A check's name without the site's own: the first name of one site stands beside the first of the
/// other.
fn without_names(check: &str, site: &Site) -> String {
    let words = check.split(' ').map(|word| {
        let bare = word.trim_end_matches(',');
        match site.names.iter().position(|name| name.as_str() == bare) {
            Some(index) => word.replace(bare, &format!("names.{index}")),
            None => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::replica::fixture::{DESK, SHOP, Stand};

    #[test]
    fn what_two_sites_were_built_of_is_held_against_each_other() {
        let stand = Stand::new(&[("shop", SHOP), ("desk", DESK)]);
        let site = |name: &str| {
            stand.project.sites.iter().find(|site| site.name.as_str() == name).unwrap()
        };
        assert_eq!(
            Built::last(&stand.root(), site("shop")).unwrap_err().message,
            "shop was never built here"
        );
        let write = |run: &str, sites: Value| {
            let folder = stand.root().join(".stagectl/runs").join(run);
            fs::create_dir_all(&folder).unwrap();
            let report = json!({"run": run, "sites": sites});
            fs::write(folder.join("report.json"), report.to_string()).unwrap();
        };
        let built = |name: &str, openssl: &str, host: &str, flask: &str| {
            json!({
                "name": name,
                "installed": [format!("flask=={flask}"), "click==8.1.8"],
                "machine": {"openssl": openssl, "packages": ["libc6=2.36"]},
                "checks": [
                    {"name": format!("certificate of {host}, seen by Python"), "detail": "TLSv1.3"},
                    {"name": "locale", "detail": if name == "shop" { "C" } else { "de_DE.UTF-8" }},
                    {"name": format!("only {name}"), "detail": "x"},
                    {"name": format!("{host} resolves"), "detail": format!("address of {name}")},
                    {"name": "wsgi runs", "detail": format!("process of {name}")},
                ],
            })
        };
        write("20260101-1", json!([built("desk", "1.1.1w", "www.desk.example", "2.2")]));
        write(
            "20260102-1",
            json!([built("shop", "3.0.15", "www.shop.example", "3.1"), {"name": "desk"}]),
        );
        write("20260103-1", json!([{"name": "shop", "installed": []}]));
        let list = |of: &str, files: Value| {
            let folder = stand.root().join(".stagectl/runs").join(of);
            fs::create_dir_all(&folder).unwrap();
            let listed = json!({"schema": "stagectl-files/1", "files": files});
            fs::write(folder.join("files.json"), listed.to_string()).unwrap();
        };
        let file = |mode: &str| json!({"kind": "file", "mode": mode, "owner": "root", "size": 3});
        list("20260102-1/shop", json!({"/etc/a": file("644")}));
        // Of a run that did not serve it to the end.
        list("20260103-1/shop", json!({}));
        let [shop, desk] =
            ["shop", "desk"].map(|name| Built::last(&stand.root(), site(name)).unwrap());
        assert_eq!((shop.run.as_str(), desk.run.as_str()), ("20260102-1", "20260101-1"));
        let list_differences = |desk: &Built| -> Vec<String> {
            let found = shop.differences(desk).into_iter();
            found.map(|other| format!("{}: {:?} {:?}", other.key, other.one, other.two)).collect()
        };
        assert_eq!((shop.files.is_some(), desk.files.is_some()), (true, false));
        let facts = list_differences(&desk);
        assert_eq!(
            facts,
            [
                "installed.flask: Some(\"3.1\") Some(\"2.2\")",
                "machine.openssl: Some(\"3.0.15\") Some(\"1.1.1w\")",
                "seen.locale: Some(\"C\") Some(\"de_DE.UTF-8\")",
            ]
        );
        list("20260101-1/desk", json!({"/etc/a": file("600"), "/etc/b": file("600")}));
        let desk = Built::last(&stand.root(), site("desk")).unwrap();
        let with_files = list_differences(&desk);
        assert_eq!(with_files[..facts.len()], facts);
        assert_eq!(
            with_files[facts.len()..],
            [
                "files./etc/a: Some(\"mode 644\") Some(\"mode 600\")",
                "files./etc/b: None Some(\"600 root 3 B\")",
            ]
        );
        let broken = |text: &str, why: &str| {
            let folder = stand.root().join(".stagectl/runs/20260104-1");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("report.json"), text).unwrap();
            let failure = Built::last(&stand.root(), site("shop")).unwrap_err();
            let file = folder.join("report.json");
            assert_eq!(failure.message, format!("could not read {}", file.display()));
            assert_eq!(failure.causes, [why]);
        };
        broken("{", "EOF while parsing an object at line 1 column 1");
        broken(&"[".repeat(1_000_000), "recursion limit exceeded at line 1 column 128");
    }
}
