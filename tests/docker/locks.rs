//! Steps of an upgrade that wait for an open transaction, on PostgreSQL and on MariaDB.

use std::fs;
use std::path::PathBuf;

use stagectl::event::{Outcome, StepLocks};
use stagectl::report::{Report, SiteReport};

use crate::driver::{Project, ending, endings, repository};
use crate::samples::{sources, wheel_of};

/// A project whose sites have a table in each of both.
fn sites() -> Project {
    let project = Project::new("locks").folder("tests/apps/locks/critical", "critical");
    project.defaults(
        r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0", "psycopg[binary]==3.2.12", "PyMySQL==1.1.2"]}
user: locks
names: [locks.example]
env: {POSTGRES: "postgresql://locks:${secret.db}@db/locks", MARIADB_PASSWORD: "${secret.sql}"}
secrets: {db: {generate: 24}, sql: {generate: 24}}
services:
  db: {postgres: "15", locale: C, password: "${secret.db}"}
  sql: {mariadb: "10.11", password: "${secret.sql}"}
proxy: {server: none}
wsgi: {server: gunicorn, application: "locks.wsgi:application", workers: 1}
health: {within: 10s}
critical: {path: ../critical, run: python3 check.py, budget: 60s}
"#,
    )
}

/// The deploy of a site: its tables, and then these steps in an upgrade.
fn deploy(steps: &str) -> String {
    format!(
        "deploy:\n  steps:\n    \
         - {{name: create, run: python -m locks.admin create, when: first}}\n{steps}"
    )
}

fn release(project: &Project, version: &str) -> PathBuf {
    let folder = repository().join("tests/apps/locks/locks");
    wheel_of(project, ("locks", version), "", sources(&folder, "locks"))
}

fn site<'a>(report: &'a Report, name: &str) -> &'a SiteReport {
    report.sites.iter().find(|site| site.name == name).unwrap()
}

/// What the steps of a site locked in a service.
fn locks<'a>(site: &'a SiteReport, service: &str) -> Vec<&'a StepLocks> {
    let locks = site.watched_steps().flat_map(|(_, step)| &step.locks);
    locks.filter(|locks| locks.service == service).collect()
}

#[test]
fn a_step_that_waits_for_an_open_transaction_is_red_and_one_that_gives_up_and_tries_again_is_not() {
    let alter = |service: &str, more: &str| {
        format!(
            "    - {{name: alter {service}, run: python -m locks.admin alter {service}{more}, \
             when: upgrade, lock_timeout: 3s}}\n"
        )
    };
    let patient = alter("db", " --patient") + &alter("sql", " --patient");
    let project = sites()
        .site("on-postgres", &deploy(&alter("db", "")))
        .site("on-mariadb", &deploy(&alter("sql", "")))
        .site("patient", &deploy(&patient))
        .site(
            "unwatched",
            &(deploy(&alter("db", "").replace(", lock_timeout: 3s", "")) + "  lock_watch: false\n"),
        );
    let (old, new) = (release(&project, "1.0"), release(&project, "1.1"));
    let [from, to] = [&old, &new].map(|path| path.to_str().unwrap());
    let told = project.run(&["rehearse", "--from", from, "--release", to]).exit_code(3);
    let report = project.report();
    let codes: Vec<_> = ["on-postgres", "on-mariadb", "patient", "unwatched"]
        .map(|name| site(&report, name).code)
        .into();
    assert_eq!(
        codes,
        [Some(3), Some(3), Some(0), Some(0)],
        "{}\n{}",
        endings(&report),
        told.stderr
    );

    let statement = "ALTER TABLE notices ADD COLUMN author text";
    for (name, service, mode) in
        [("on-postgres", "db", "AccessExclusiveLock"), ("on-mariadb", "sql", "MDL_EXCLUSIVE")]
    {
        let site = site(&report, name);
        let failure = site.failure.as_ref().unwrap();
        let message = format!(
            "deploy step `alter {service}` waited 3s for notices of {service}, which an open transaction has read"
        );
        assert!(failure.message.contains(&message), "{}", ending(site));
        let causes = failure.causes.join("\n");
        assert!(causes.contains(&format!("`{statement}` wants {mode}")), "{causes}");
        assert!(causes.contains("a transaction that has read each table"), "{causes}");
        let [seen] = locks(site, service)[..] else { panic!("{}", ending(site)) };
        assert_eq!(seen.strongest.as_ref().unwrap().mode, mode);
        let waited = seen.waited.as_ref().unwrap();
        assert_eq!((waited.lock.table.as_str(), waited.statement.as_str()), ("notices", statement));
    }
    let patient = site(&report, "patient");
    assert!(patient.states.iter().all(|state| state.outcome == Some(Outcome::Passed)));
    for (service, mode) in [("db", "AccessExclusiveLock"), ("sql", "MDL_EXCLUSIVE")] {
        let strongest = locks(patient, service).into_iter().find_map(|one| one.strongest.clone());
        let strongest = strongest.unwrap();
        assert_eq!((strongest.mode.as_str(), strongest.table.as_str()), (mode, "notices"));
    }
    assert!(site(&report, "unwatched").watched_steps().next().is_none());
    project.assert_secrets_are_kept(&told);
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    let page = fs::read_to_string(project.run_folder().join("report.html")).unwrap();
    assert!(page.contains("beside a transaction that has read each table"));
}
