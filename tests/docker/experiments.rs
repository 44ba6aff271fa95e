//! What other commands make of experiments: a rehearsal that says why a site is red, and tests that are picked.

use serde_json::Value;

use crate::driver::Project;
use crate::samples::{noticeboard, sample_sites};

/// What a test is called, as pytest has it for one that is in no class.
fn id(test: &Value) -> String {
    format!("{}::{}", test["file"].as_str().unwrap(), test["name"].as_str().unwrap())
}

/// The site's part of the last report, as it is written.
fn site(project: &Project, name: &str) -> Value {
    let report = std::fs::read(project.run_folder().join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let sites = report["sites"].as_array().unwrap();
    sites.iter().find(|site| site["name"] == name).unwrap().clone()
}

#[test]
fn a_red_rehearsal_says_why_and_its_page_has_the_rehearsals_that_show_it() {
    let project = sample_sites("rehearse-why");
    let release = noticeboard("1.2", "wheel");
    let rehearse = ["rehearse", "--why=10min", "--release", release.to_str().unwrap()];
    let told = project.run(&[&rehearse[..], &["site-a", "site-b"]].concat()).exit_code(1);
    assert!(told.stdout.contains("because of  tls.certificate.names"), "{}", told.stdout);
    assert_eq!(project.resource_names(), [""; 0]);

    // The newest folder is that of the experiment's last rehearsal.
    let runs = std::fs::read_dir(project.path(".stagectl/runs")).unwrap();
    let mut folders: Vec<_> =
        runs.map(|run| run.unwrap().path()).filter(|run| run.is_dir()).collect();
    folders.sort();
    let report = std::fs::read(folders[0].join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let why = &report["sites"][1]["why"];
    assert_eq!((&report["sites"][1]["name"], &why["proven"]), (&"site-b".into(), &true.into()));
    assert_eq!(why["rehearsals"].as_array().unwrap().len() + 1, folders.len(), "{why:#}");
    let page = std::fs::read_to_string(folders[0].join("report.html")).unwrap();
    for rehearsal in why["rehearsals"].as_array().unwrap() {
        let run = rehearsal["folder"].as_str().unwrap().trim_end_matches('/').rsplit('/').next();
        let link = format!("href=\"../{}/report.html\"", run.unwrap());
        assert!(page.contains(&link) || page.contains(&link.replace('/', "&#x2f;")), "{link}");
    }
}

#[test]
fn tests_that_notice_nothing_are_left_out_but_not_with_a_new_release() {
    let project = sample_sites("picked");
    let release = noticeboard("1.2", "wheel");
    let release = release.to_str().unwrap();
    let rehearse = || project.run(&["rehearse", "site-a", "--release", release]).exit_code(0);
    let all: Vec<String> = {
        rehearse();
        let tests = site(&project, "site-a")["tests"].as_array().unwrap().clone();
        tests.iter().map(id).collect()
    };
    project.run(&["crucial", "site-a", "--max", "3", "--release", release]).exit_code(0);

    let path = project.path("environments/site-a.yaml");
    let described = std::fs::read_to_string(&path).unwrap();
    let defaults = project.path("environments/defaults.yaml");
    let defaults = std::fs::read_to_string(defaults).unwrap();
    assert!(!described.contains("critical:") && defaults.contains("critical:"));
    std::fs::write(&path, format!("{described}\ncritical: {{pick: {{within: 300ms}}}}\n")).unwrap();
    rehearse();
    let picked = site(&project, "site-a");
    let left_out = picked["left_out"].as_array().unwrap();
    let run: Vec<String> = picked["tests"].as_array().unwrap().iter().map(id).collect();
    assert!(!left_out.is_empty() && !run.is_empty(), "{picked:#}");
    assert_eq!(left_out.len() + run.len(), all.len());
    assert!(run.iter().all(|id| !left_out.contains(&id.as_str().into())));

    let other = noticeboard("1.1", "wheel");
    project.run(&["rehearse", "site-a", "--release", other.to_str().unwrap()]).exit_code(0);
    let whole = site(&project, "site-a");
    assert_eq!(
        (whole["tests"].as_array().unwrap().len(), &whole["left_out"]),
        (all.len(), &Value::Null)
    );
}
