//! The app's own log files.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::differences;

fn project(logs: &str) -> TestProject {
    TestProject::new().site("shop", &format!("{LEAST}logs: {logs}\n"))
}

#[test]
fn logs_are_globs_on_the_site_and_no_part_of_its_environment() {
    let project = project("[/var/log/shop/*.log, '/srv/shop/log/[a-z]?.txt']");
    std::fs::create_dir_all(project.root.join("tests/critical")).unwrap();
    let with = project.one();
    assert_eq!(with.logs, ["/var/log/shop/*.log", "/srv/shop/log/[a-z]?.txt"]);
    let mut without = with.clone();
    without.logs.clear();
    assert_eq!(differences(&with, &without), []);
    assert_eq!(with.digest().unwrap(), without.digest().unwrap());
}

#[test]
fn a_glob_that_is_no_place_for_logs_is_said() {
    let globs = "[shop.log, /srv/../etc/shadow, /proc/1/environ, /var/log/shop/, /a.log, /a.log]";
    assert_snapshot!(project(globs).problems(), @r"
    error: environments/shop.yaml:5:8: logs.0: `shop.log` is not an absolute path on the site
    hint: write where the log is, such as `/var/log/shop/*.log`
    error: environments/shop.yaml:5:18: logs.1: `/srv/../etc/shadow` is not an absolute path on the site
    hint: write where the log is, such as `/var/log/shop/*.log`
    error: environments/shop.yaml:5:38: logs.2: `/proc/1/environ` is no place for logs
    hint: write where the log is, such as `/var/log/shop/*.log`
    error: environments/shop.yaml:5:55: logs.3: `/var/log/shop/` is a folder
    hint: name its files: `/var/log/shop/*.log`
    error: environments/shop.yaml:5:79: logs.5: `/a.log` is there twice
    ");
}
