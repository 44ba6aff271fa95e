//! What a site leans on, as described: asked by a suite inside the replica.

use crate::driver::{Project, endings, repository};
use crate::samples::{tiny, tiny_sites};

const DESCRIBED: &str = r#"
names: [a.example]
secrets: {db: {generate: 24}}
env:
  POSTGRES_URL: "postgresql://tiny:${secret.db}@db/tiny?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
  SQL_PASSWORD: "${secret.db}"
  MAIL_PASSWORD: "${secret.db}"
services:
  db: {postgres: "15", owner: curator, roles: [reporting], password: "${secret.db}",
       seed: seeds/notices.sql.gz, init: [seeds/grants.sql],
       tls: required}
  sql: {mariadb: "10.11", database: shop, password: "${secret.db}", collation: utf8mb4_german2_ci,
        seed: seeds/notices.sql, tls: required}
  mail: {smtp: sink, password: "${secret.db}"}
  mq: {rabbitmq: "3.10", password: "${secret.db}", virtual_host: board, startup: 5min}
  jobs: {packages: [beanstalkd], command: "beanstalkd -l 0.0.0.0 -p $PORT", env: {PORT: "11300"}, port: 11300,
         ready: "bash -c 'exec 3<>/dev/tcp/127.0.0.1/11300'", host: app}
critical: {path: ../leaning, run: null, budget: 120s, requirements: ../leaning/requirements.txt,
           site_env: [POSTGRES_URL, SQL_PASSWORD, MAIL_PASSWORD]}
health: {within: 60s}
install: {as_of: 2026-02-18}
"#;

fn leaning_site(test: &str) -> Project {
    let project = tiny_sites(test)
        .folder("tests/apps/leaning/critical", "leaning")
        .folder("tests/apps/leaning/seeds", "environments/seeds");
    let sql = std::fs::read(repository().join("tests/apps/leaning/seeds/notices.sql")).unwrap();
    let packed = std::fs::File::create(project.path("environments/seeds/notices.sql.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &sql).unwrap();
    packed.finish().unwrap();
    project
}

#[test]
fn what_a_site_leans_on_is_there_as_described() {
    let project = leaning_site("leaning").site("a", DESCRIBED);
    let outcome = project.rehearse(&tiny(&project)).exit_code(0);
    let report = project.report();
    let checks: Vec<&str> = report.sites[0]
        .checks
        .iter()
        .filter(|check| check.name.ends_with(" answers"))
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(checks, ["db answers", "jobs answers", "mail answers", "mq answers", "sql answers"]);
    assert_eq!(report.sites[0].tests.len(), 6, "{}", outcome.stderr);
}

#[test]
fn a_seed_that_does_not_load_says_the_database_s_words_and_the_line() {
    let project = leaning_site("seeds")
        .file("environments/seeds/wrong.sql", "CREATE TABLE a (i integer);\nINSERT INTO b VALUES (1);\n")
        .site("postgres", "{names: [p.example], secrets: {db: {generate: 24}}, services: {db: {postgres: '15', password: '${secret.db}', seed: seeds/wrong.sql}}}")
        .site("mariadb", "{names: [m.example], secrets: {db: {generate: 24}}, services: {db: {mariadb: '10.11', password: '${secret.db}', seed: seeds/wrong.sql}}}")
        .site("memory", "{names: [x.example], services: {cache: {redis: '7', memory: 900000GiB}}}");
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    let ended = endings(&report);
    assert!(ended.contains("memory 75 in"), "{ended}\n{}", outcome.stderr);
    let without_memory: Vec<&str> = ended
        .lines()
        .filter(|line| !line.contains("of memory, and Docker's machine has"))
        .collect();
    insta::assert_snapshot!(without_memory.join("\n"), @r#"
    mariadb 2 in images: could not build database tiny of MariaDB 10.11
      wrong.sql: ERROR 1146 (42S02) at line 2: Table 'tiny.b' doesn't exist
      build: wrong.sql: ERROR 1146 (42S02) at line 2: Table 'tiny.b' doesn't exist
    postgres 2 in images: could not build database tiny of PostgreSQL 15
      psql:wrong.sql:2: ERROR:  relation "b" does not exist
      build: ^
    "#);
}
