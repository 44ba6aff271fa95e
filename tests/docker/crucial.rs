//! `stagectl crucial`: what a suite notices, and what it does not notice any more when a test is taken away.

use serde_json::Value;

use crate::samples::{noticeboard, sample_sites};

const KEY: &str = "env.NOTICEBOARD_MAIL_SERVER";
const MAIL: &str = "test_neighbours.py::test_the_editors_are_told_of_a_new_notice";

/// What is known of a key.
fn standing<'a>(said: &'a Value, key: &str) -> &'a Value {
    let traits = said["traits"].as_array().unwrap();
    traits.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{said:#}"))
}

#[test]
fn a_test_that_is_taken_away_leaves_a_blind_spot() {
    let project = sample_sites("crucial");
    let release = noticeboard("1.2", "wheel");
    let ask = || {
        let arguments =
            ["crucial", "site-a", "--only", "env.NOTICEBOARD_MAIL_SERVER", "--output", "json"];
        let release = ["--release", release.to_str().unwrap()];
        let told = project.run(&[&arguments[..], &release[..]].concat()).exit_code(0);
        serde_json::from_str::<Value>(&told.stdout).unwrap()
    };
    let said = ask();
    let mail = standing(&said, KEY);
    assert_eq!(mail["standing"], "crucial", "{said:#}");
    assert!(mail["tests"].as_array().unwrap().contains(&MAIL.into()), "{said:#}");
    // Seen inside: by Python's own hook, and of the connection that a library in C makes.
    let touched = &said["observed"]["touched"];
    assert_eq!(touched["env.NOTICEBOARD_THEME"][0], "read by noticeboard/settings.py", "{said:#}");
    assert!(touched["services.db"].to_string().contains("connected on port 5432"), "{said:#}");
    assert!(
        touched["services.mail"].to_string().contains("mail.internal looked up by"),
        "{said:#}"
    );

    std::fs::remove_file(project.path("tests/critical/test_neighbours.py")).unwrap();
    let said = ask();
    assert_eq!(standing(&said, KEY)["standing"], "not-noticed", "{said:#}");
    assert!(!project.path(".stagectl/crucial/site-a.json").exists(), "a part is no answer");
}
