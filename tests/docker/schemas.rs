//! Upgrades that change a schema in MariaDB: a column more, and a column with another name.

use std::path::PathBuf;

use stagectl::event::{Outcome, State};
use stagectl::report::{Report, SiteReport};

use crate::driver::{Project, ending, repository};
use crate::samples::{sources, wheel_of};

/// A project whose sites have a board, and a release 1.0 that is live.
fn board_sites(test: &str) -> Project {
    let project = Project::new(test).folder("tests/apps/board/critical", "critical");
    board(&project, "1.0");
    project.defaults(
        r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0", "PyMySQL==1.1.2"]}
user: board
names: [board.example]
env: {DATABASE_PASSWORD: "${secret.db}"}
secrets: {db: {generate: 24}}
services: {db: {mariadb: "10.11", password: "${secret.db}"}}
proxy: {server: none}
wsgi: {server: gunicorn, application: "board.wsgi:application", workers: 1}
live: {release: ../board-1.0-py3-none-any.whl}
deploy: {steps: [{name: migrate, run: python -m board.migrate, lock_timeout: 2s}]}
health: {path: /healthz, within: 10s}
critical: {path: ../critical, budget: 60s}
"#,
    )
}

/// A release of the board as a wheel.
fn board(project: &Project, version: &str) -> PathBuf {
    let folder = repository().join("tests/apps/board");
    let mut members = sources(&folder.join("board"), "board");
    let release = std::fs::read_to_string(folder.join(format!("releases/{version}.py"))).unwrap();
    members.push(("board/release.py".to_owned(), release));
    wheel_of(project, ("board", version), "", members)
}

fn site<'a>(report: &'a Report, name: &str) -> &'a SiteReport {
    report.sites.iter().find(|site| site.name == name).unwrap()
}

/// How each state of a site ended.
fn states(site: &SiteReport) -> Vec<(State, Option<Outcome>)> {
    site.states.iter().map(|state| (state.name, state.outcome)).collect()
}

#[test]
fn a_column_more_is_green_in_each_state_and_one_with_another_name_is_red_for_the_live_code() {
    let project = board_sites("schemas")
        .site("restarted", "deploy: {strategy: restart}")
        .site("stopped", "deploy: {strategy: stop}");
    let (more, renamed) = (board(&project, "1.1"), board(&project, "1.2"));
    let rehearse = |release: &PathBuf, sites: &[&str]| {
        let release = ["rehearse", "--rollback", "--release", release.to_str().unwrap()];
        project.run(&[&release[..], sites].concat())
    };
    let (passed, failed) = (Some(Outcome::Passed), Some(Outcome::Failed));

    rehearse(&more, &["restarted"]).exit_code(0);
    let report = project.report();
    let all = [State::Live, State::Between, State::New, State::Back];
    let green = site(&report, "restarted");
    assert_eq!(states(green), all.map(|state| (state, passed)), "{}", ending(green));
    // The migration gave way to who was reading the table.
    let locks: Vec<_> = green.watched_steps().flat_map(|(_, step)| &step.locks).collect();
    let [seen] = locks[..] else { panic!("{locks:?}") };
    let strongest = seen.strongest.as_ref().map(|lock| (lock.mode.as_str(), lock.table.as_str()));
    assert_eq!(strongest, Some(("MDL_EXCLUSIVE", "notices")), "{seen:?}");

    // Beside the steps the live code meets the new name, and where the site is stopped, on the way back.
    let told = rehearse(&renamed, &["restarted", "stopped"]).exit_code(1);
    let report = project.report();
    let red = [
        ("restarted", vec![(State::Live, passed), (State::Between, failed)]),
        ("stopped", vec![(State::Live, passed), (State::New, passed), (State::Back, failed)]),
    ];
    for (name, expected) in red {
        let site = site(&report, name);
        assert_eq!((site.code, states(site)), (Some(1), expected), "{}", ending(site));
        let said: Vec<&String> = site.logs_at_failure().flat_map(|log| &log.lines).collect();
        let is_named = said.iter().any(|line| line.contains("Unknown column 'title'"));
        assert!(is_named, "{said:?}\n{}", ending(site));
    }
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
}
