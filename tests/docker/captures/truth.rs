//! Replicas are hosts of which the truth is known: each sample site, read with each tier of rights, against its own
//! description. The figures are the table of docs/capture.md.

use std::fmt::Write as _;

use serde_json::Value;

use crate::driver::{Project, repository};
use crate::samples::{noticeboard, sample_sites};

const TIERS: [(&str, &str); 3] =
    [("any user", "nobody"), ("the app's user", "noticeboard"), ("root", "root")];

#[test]
fn what_is_captured_of_each_sample_site_is_true() {
    let project = sample_sites("truth");
    let release = noticeboard("1.1", "wheel");
    let mut table =
        String::from("| site | read as | right | not readable | wrong |\n|---|---|---|---|---|\n");
    let mut at_second = (0, 0);
    for site in ["site-a", "site-b", "site-c"] {
        project.run(&["up", "-q", site, "--release", release.to_str().unwrap()]).exit_code(0);
        let container = project
            .resource_names()
            .into_iter()
            .find(|name| name.ends_with(&format!("{site}-app")))
            .unwrap();
        for (tier, user) in TIERS {
            let (right, missing, wrong) =
                figures(&project, site, &format!("docker://{user}@{container}"));
            assert_eq!(wrong, [""; 0], "{site} as {tier}");
            writeln!(table, "| {site} | {tier} | {right} | {missing} | 0 |").unwrap();
            if user == "noticeboard" {
                at_second = (at_second.0 + right, at_second.1 + right + missing);
            }
        }
        project.run(&["down", site]).exit_code(0);
    }
    let (right, all) = at_second;
    assert!(right * 10 >= all * 9, "{right} of {all} at tier 2");
    let document = repository().join("docs/capture.md");
    let text = std::fs::read_to_string(&document).unwrap();
    let (before, rest) = text.split_once("<!-- truth: generated -->\n").unwrap();
    let (old, after) = rest.split_once("<!-- truth: end -->").unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let new =
            format!("{before}<!-- truth: generated -->\n\n{table}\n<!-- truth: end -->{after}");
        std::fs::write(&document, new).unwrap();
    } else {
        assert_eq!(
            old.trim(),
            table.trim(),
            "write it: UPDATE=1 cargo test --test docker what_is_captured"
        );
    }
}

/// How many keys are right, how many nothing is known of, and those that are wrong.
fn figures(project: &Project, site: &str, host: &str) -> (usize, usize, Vec<String>) {
    let outcome = project.run(&["drift", site, "--host", host, "--no-look", "--output", "json"]);
    let said: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    let drift = &said["sites"][0];
    let wrong: Vec<String> = drift["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["key"].to_string())
        .collect();
    let compared = usize::try_from(drift["compared"].as_u64().unwrap()).unwrap();
    (compared - wrong.len(), drift["not_known"].as_array().unwrap().len(), wrong)
}
