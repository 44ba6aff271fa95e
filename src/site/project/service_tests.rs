//! What can be wrong with a service.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

/// What is wrong with these services of the least of descriptions.
fn problems_with(services: &str) -> String {
    let text = format!("{LEAST}secrets: {{db: {{generate: 24}}}}\nservices:\n{services}");
    let dump = "PGDMP and more";
    let project = TestProject::new().site("shop", &text);
    project.file("environments/a.dump", dump).file("environments/a.sql", "SELECT 1;\n").problems()
}

#[test]
fn keys_go_with_their_service() {
    assert_snapshot!(problems_with(
        "  db: {postgres: '15', password: '${secret.db}', grants: [SELECT], command: x}\n  \
         sql: {mariadb: '10.12', user: x, owner: x, seed: a.dump, collation: latin1_german1_ci}\n  \
         mail: {smtp: silent, password: '${secret.db}', image: x}\n  post: {smtp: sinc}\n  \
         any: {packages: [beanstalkd]}\n  both: {packages: [a2], image: x, command: x, ready: x}\n  \
         mq: {rabbitmq: '5', tls: offered}\n"), @r#"
    error: environments/shop.yaml:7:50: services.db.grants: `grants` goes with mariadb, not with postgres
    hint: take it out
    error: environments/shop.yaml:7:68: services.db.command: `command` goes with a service by its packages or image, not with postgres
    hint: take it out
    error: environments/shop.yaml:8:8: services.sql: the key `password` is missing
    hint: such as `password: "${secret.db}"`, with `secrets: {db: {generate: 24}}`
    error: environments/shop.yaml:8:18: services.sql.mariadb: no known Debian has MariaDB `10.12`
    hint: the versions there are: 10.3 (buster), 10.5 (bullseye), 10.11 (bookworm), 11.8 (trixie); any other one comes from an `image`
    error: environments/shop.yaml:8:36: services.sql.owner: `owner` goes with postgres, not with mariadb
    hint: take it out
    error: environments/shop.yaml:8:52: services.sql.seed: `a.dump` is a dump of PostgreSQL, not of mariadb
    hint: write the data as SQL
    error: environments/shop.yaml:8:71: services.sql.collation: `latin1_german1_ci` is no collation of `utf8mb4`
    hint: its collations begin with `utf8mb4_`
    error: environments/shop.yaml:9:24: services.mail.password: a mail host that says nothing asks for no login
    hint: take it out
    error: environments/shop.yaml:9:50: services.mail.image: `image` goes with postgres, mariadb, redis, memcached, rabbitmq and a service by its packages or image, not with smtp
    hint: take it out
    error: environments/shop.yaml:10:16: services.post.smtp: `sinc` is none of sink, silent, closed
    hint: did you mean `sink`?
    error: environments/shop.yaml:11:8: services.any: the key `command` is missing
    hint: such as `command: beanstalkd -l 0.0.0.0`
    error: environments/shop.yaml:11:8: services.any: the key `ready` is missing
    hint: a command that succeeds as soon as it is, such as `ready: "bash -c 'exec 3<>/dev/tcp/127.0.0.1/11300'"`
    error: environments/shop.yaml:12:9: services.both: `packages` and `image` are both there
    hint: put the packages into the image
    error: environments/shop.yaml:13:7: services.mq: the key `password` is missing
    hint: such as `password: "${secret.db}"`, with `secrets: {db: {generate: 24}}`
    error: environments/shop.yaml:13:18: services.mq.rabbitmq: no known Debian has RabbitMQ `5`
    hint: the versions there are: 3.8 (bullseye), 3.10 (bookworm), 4.0 (trixie); any other one comes from an `image`
    error: environments/shop.yaml:13:23: services.mq.tls: `tls` goes with postgres, mariadb and smtp, not with rabbitmq
    hint: take it out
    "#);
}

#[test]
fn services_of_one_host_have_ports_of_their_own() {
    assert_snapshot!(problems_with(
        "  one: {redis: '7', host: app}\n  two: {redis: '7', host: app}\n  three: {redis: '7'}\n"), @r"
    error: environments/shop.yaml:8:27: services.two.host: `one` has port 6379 of the app's host already
    hint: give one of them `host: own`
    ");
}
