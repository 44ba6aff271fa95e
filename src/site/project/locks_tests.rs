//! Whether, and for how long, a step may wait for an open transaction.

use std::time::Duration;

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::differences;

const DATABASE: &str =
    "secrets: {db: {generate: 24}}\nservices: {db: {postgres: '15', password: '${secret.db}'}}\n";

fn project(services: &str, deploy: &str) -> TestProject {
    TestProject::new().site("shop", &format!("{LEAST}{services}deploy: {deploy}\n"))
}

#[test]
fn locks_are_watched_unless_somebody_says_no() {
    let usual = project(DATABASE, "{steps: [{name: a, run: x}]}").one();
    assert!(usual.lock_watch);
    assert_eq!(usual.steps[0].lock_timeout, None);
    let off = project(DATABASE, "{lock_watch: false, steps: [{name: a, run: x}]}").one();
    // The suites are in folders of different projects.
    let keys: Vec<String> = differences(&usual, &off).into_iter().map(|one| one.key).collect();
    assert_eq!(keys, ["critical.path", "deploy.lock_watch"]);
    let longer = project(DATABASE, "{steps: [{name: a, run: x, lock_timeout: 20s}]}").one();
    assert_eq!(longer.steps[0].lock_timeout, Some(Duration::from_secs(20)));
}

#[test]
fn a_time_that_no_step_could_wait_is_refused() {
    let steps = "steps: [{name: a, run: x, lock_timeout: 0s}, {name: b, run: x, when: first, lock_timeout: 1s}, \
                 {name: c, run: x, timeout: 5s, lock_timeout: 5s}]";
    let none = "{steps: [{name: a, run: x, lock_timeout: 1s}]}";
    let off = "{lock_watch: false, steps: [{name: a, run: x, lock_timeout: 1s}]}";
    let all =
        [(DATABASE, format!("{{{steps}}}")), ("", none.to_owned()), (DATABASE, off.to_owned())];
    let said = all.map(|(services, deploy)| project(services, &deploy).problems()).join("\n");
    assert_snapshot!(said, @r"
    error: environments/shop.yaml:7:50: deploy.steps.0.lock_timeout: `0s` is not between 1ms and 24h
    error: environments/shop.yaml:7:100: deploy.steps.1.lock_timeout: a first installation waits for no transaction of a live release
    hint: take it out, or let the step run in an upgrade: `when: every`
    error: environments/shop.yaml:7:150: deploy.steps.2.lock_timeout: the step is ended before that: its `timeout` is 5s
    hint: make it shorter

    error: environments/shop.yaml:5:50: deploy.steps.0.lock_timeout: the site has no PostgreSQL and no MariaDB to wait for
    hint: take it out

    error: environments/shop.yaml:7:69: deploy.steps.0.lock_timeout: nobody holds a lock: `deploy.lock_watch` is false
    hint: take one of both out
    ");
}
