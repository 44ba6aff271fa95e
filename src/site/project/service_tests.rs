//! What can be wrong with a service.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::kind::KINDS;

/// The least of descriptions, with these services.
fn project_with(services: &str) -> TestProject {
    let text = format!("{LEAST}secrets: {{db: {{generate: 24}}}}\nservices:\n{services}");
    let project = TestProject::new().site("shop", &text);
    project.file("environments/a.dump", "PGDMP and more").file("environments/a.sql", "SELECT 1;\n")
}

fn problems_with(services: &str) -> String {
    project_with(services).problems()
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
    error: environments/shop.yaml:9:50: services.mail.image: `image` goes with postgres, mariadb, redis, valkey, memcached, rabbitmq, pgbouncer and a service by its packages or image, not with smtp
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
    "#);
}

/// One that the resolver does not know would be taken for a service by its packages.
#[test]
fn every_kind_of_the_table_is_a_service_of_its_own() {
    for kind in KINDS {
        let value = kind.known().last().map_or("sink", |(version, _)| version);
        let mut text = format!("  one: {{{}: '{value}'", kind.key);
        if kind.has("password") {
            text.push_str(", password: '${secret.db}'");
        }
        if kind.has("leads_to") {
            text.push_str(", leads_to: two");
        }
        text.push_str("}\n  two: {postgres: '15', password: '${secret.db}'}\n");
        let site = project_with(&text).one();
        assert_eq!(site.services[&"one".parse().unwrap()].kind.row().key, kind.key);
    }
}

#[test]
fn tls_is_described_as_its_service_speaks_it() {
    assert_snapshot!(problems_with(
        "  old: {redis: '5', tls: required}\n  sql: {mariadb: '10.3', password: '${secret.db}', tls: required}\n  \
         some: {memcached: '1.6', tls: offered}\n  none: {memcached: '1.5', tls: required}\n  \
         plain: {redis: '7', settings: {tls-port: 6380, port: x}}\n  deaf: {redis: '7', settings: {port: 0}}\n  \
         both: {redis: '7', tls: offered, settings: {port: 6380, tls-cert-file: /etc/redis/redis.crt}}\n  \
         one: {redis: '7', tls: required, settings: {port: 6379, tls-port: 0, tls-auth-clients: yes}}\n  \
         mq: {rabbitmq: '4.0', password: '${secret.db}', tls: offered, settings: {ssl_options.cacertfile: /etc/ca.pem}}\n  \
         jobs: {packages: [beanstalkd], command: x, ready: x, tls: offered}\n"), @r#"
    error: environments/shop.yaml:7:26: services.old.tls: Redis speaks TLS only since version 6
    hint: take it out, or take a newer version
    error: environments/shop.yaml:8:57: services.sql.tls: MariaDB can require TLS only since version 10.5
    hint: write `tls: offered`
    error: environments/shop.yaml:9:33: services.some.tls: Memcached has one port, and speaks TLS there with everybody or with nobody
    hint: write `tls: required`
    error: environments/shop.yaml:10:33: services.none.tls: Debian's Memcached 1.5 speaks no TLS
    hint: take it out, or take a newer version
    error: environments/shop.yaml:11:44: services.plain.settings.tls-port: TLS is not described
    hint: write `tls: offered`, or `required`
    error: environments/shop.yaml:11:56: services.plain.settings.port: `x` is not a port
    hint: write a number, such as 6379
    error: environments/shop.yaml:12:39: services.deaf.settings.port: nobody could ask it
    hint: take it out, or write `host: app` and its `unixsocket`
    error: environments/shop.yaml:13:53: services.both.settings.port: 6380 is both the plain port and that of TLS
    hint: give one of them another number
    error: environments/shop.yaml:13:59: services.both.settings.tls-cert-file: the certificates of the live host are not in a replica
    hint: take it out: `tls` brings a certificate for the service's names
    error: environments/shop.yaml:14:53: services.one.settings.port: with `tls: required` there is no plain port
    hint: write `tls: offered`
    error: environments/shop.yaml:14:69: services.one.settings.tls-port: TLS is described, and has no port
    hint: take it out, or take `tls` out
    error: environments/shop.yaml:14:90: services.one.settings.tls-auth-clients: no client of a replica has a certificate to show
    hint: take it out: `no` is what a replica has
    error: environments/shop.yaml:15:76: services.mq.settings."ssl_options.cacertfile": the certificates of the live host are not in a replica
    hint: take it out: `tls` brings a certificate for the service's names
    error: environments/shop.yaml:16:56: services.jobs.tls: `tls` goes with postgres, mariadb, redis, valkey, memcached, rabbitmq and smtp, not with a service by its packages or image
    hint: take it out
    "#);
}

#[test]
fn a_socket_of_redis_has_a_folder_of_its_own() {
    assert_snapshot!(problems_with(
        "  tmp: {redis: '7', host: app, settings: {port: 6381, unixsocket: /tmp/redis.sock}}\n  \
         run: {redis: '7', host: app, settings: {port: 6382, unixsocket: /run/redis.sock}}\n  \
         own: {redis: '7', settings: {port: 0, unixsocket: /run/redis/redis.sock}}\n  \
         good: {redis: '7', host: app, settings: {port: 0, unixsocket: /var/run/redis/redis.sock}}\n"), @r"
    error: environments/shop.yaml:7:67: services.tmp.settings.unixsocket: `/tmp/redis.sock` is not in a folder of its own in `/run`
    hint: write it as Debian would have it: /run/redis/redis-server.sock
    error: environments/shop.yaml:8:67: services.run.settings.unixsocket: `/run/redis.sock` is not in a folder of its own in `/run`
    hint: write it as Debian would have it: /run/redis/redis-server.sock
    error: environments/shop.yaml:9:38: services.own.settings.port: nobody could ask it
    hint: take it out, or write `host: app` and its `unixsocket`
    ");
}

#[test]
fn two_services_of_one_host_have_no_socket_in_common() {
    let problems = problems_with(
        "  one: {redis: '7', host: app, settings: {port: 0, unixsocket: /run/redis/a.sock}}\n  \
         two: {redis: '7', host: app, settings: {port: 0, unixsocket: /var/run/redis/a.sock}}\n",
    );
    assert!(
        problems.contains("services.two.settings.unixsocket: `one` has this socket already"),
        "{problems}"
    );
    assert_eq!(problems.matches("error: ").count(), 1, "{problems}");
}

#[test]
fn a_server_has_further_databases() {
    assert_snapshot!(problems_with(
        "  db: {postgres: '15', database: shop, user: shop, password: '${secret.db}', databases: {shop: {}, template0: {}, \n    \
         'a b': {}, reports: {user: reporting}, more: {user: pg_x, grants: [SELECT], seed: none.sql}, third: {colour: red},\n    \
         postgres: {encoding: UTF8}, twice: {password: '${secret.db}'}}}\n  \
         sql: {mariadb: '10.11', password: '${secret.db}', databases: {mysql: {}, reports: {owner: x, seed: a.dump}}}\n  \
         cache: {redis: '7', databases: {x: {}}}\n"), @r#"
    error: environments/shop.yaml:7:90: services.db.databases.shop: `shop` is the service's `database` already
    hint: describe it beside `database`, and take it out here
    error: environments/shop.yaml:7:100: services.db.databases.template0: `template0` is the server's own database
    hint: name the one that the app has
    error: environments/shop.yaml:8:5: services.db.databases."a b": `a b` is not a name
    hint: write letters, digits, `_`, `-` and `.`, at most 63, the first one a letter
    error: environments/shop.yaml:8:57: services.db.databases.more.user: `pg_x` is a name that PostgreSQL keeps to itself
    error: environments/shop.yaml:8:63: services.db.databases.more.grants: `grants` goes with mariadb, not with postgres
    hint: take it out
    error: environments/shop.yaml:8:87: services.db.databases.more.seed: there is no file `environments/none.sql`
    error: environments/shop.yaml:8:106: services.db.databases.third: unknown key `colour`
    hint: the keys here are: `user`, `password`, `owner`, `grants`, `encoding`, `collation`, `extensions`, `seed`, `init`
    error: environments/shop.yaml:9:16: services.db.databases.postgres.encoding: every server has a database `postgres`, which is as the server is
    hint: take it out
    error: environments/shop.yaml:10:65: services.sql.databases.mysql: `mysql` is the server's own database
    hint: name the one that the app has
    error: environments/shop.yaml:10:86: services.sql.databases.reports.owner: `owner` goes with postgres, not with mariadb
    hint: take it out
    error: environments/shop.yaml:10:102: services.sql.databases.reports.seed: `a.dump` is a dump of PostgreSQL, not of mariadb
    hint: write the data as SQL
    error: environments/shop.yaml:11:23: services.cache.databases: `databases` goes with postgres and mariadb, not with redis
    hint: take it out
    "#);
    assert_snapshot!(problems_with(
        "  db: {postgres: '15', password: '${secret.db}', databases: {a: {user: a}, b: {password: '${secret.db}'}}}\n  \
         near: {postgres: '15', host: app, databases: {a: {user: a}}}\n  \
         sql: {mariadb: '10.11', password: '${secret.db}', databases: {\n    \
         a: {user: x, password: '${secret.db}'}, b: {user: x}, c: {user: x, password: '${secret.none}'}}}\n"), @r#"
    error: environments/shop.yaml:7:65: services.db.databases.a: the key `password` is missing
    hint: what `a` logs in with, such as `password: "${secret.a}"`
    error: environments/shop.yaml:7:80: services.db.databases.b.password: `app` has a password already
    hint: take it out
    error: environments/shop.yaml:10:82: services.sql.databases.c.password: there is no secret `none`
    hint: the secrets of this site: `db`
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

#[test]
fn weather_is_between_hosts_and_can_be_made() {
    assert_snapshot!(problems_with(
        "  near: {redis: '7', host: app, weather: {latency: 40ms}}\n  \
         odd: {redis: '7', weather: {latency: 40, jitter: 6s, loss: 100%, rate: 10B, cut_after: 1KiB}}\n  \
         hole: {redis: '7', weather: {black_hole: true, loss: 1%}}\n  \
         jobs: {packages: [x1], command: x, ready: x, weather: {loss: 1%}}\n  \
         mail: {smtp: sink, weather: {loss: 1%}}\n  odd-weather: {redis: '7'}\n"), @r#"
    error: environments/shop.yaml:7:33: services.near.weather: there is no network between the app and its own host
    hint: take `host: app` or `weather` out
    error: environments/shop.yaml:8:40: services.odd.weather.latency: expected text, found the number 40
    hint: write it with its unit, such as 40ms
    error: environments/shop.yaml:8:52: services.odd.weather.jitter: `6s` is more than 5s
    hint: a service that never answers is `black_hole: true`
    error: environments/shop.yaml:8:62: services.odd.weather.loss: `100%` is not a share of packets
    hint: write 0.0001% to 50%; `black_hole: true` is all of them
    error: environments/shop.yaml:8:74: services.odd.weather.rate: `10B` is less than 1KiB
    error: environments/shop.yaml:8:90: services.odd.weather.cut_after: `1KiB` is less than 16KiB
    error: environments/shop.yaml:9:50: services.hole.weather.loss: nothing comes through a black hole
    hint: take `loss` out, or `black_hole`
    error: environments/shop.yaml:10:48: services.jobs.weather: where the app finds the service is not said
    hint: say its `port`
    error: environments/shop.yaml:11:22: services.mail.weather: `weather` goes with postgres, mariadb, redis, valkey, memcached, rabbitmq, pgbouncer and a service by its packages or image, not with smtp
    hint: take it out
    error: environments/shop.yaml:12:3: services.odd-weather: `odd-weather` is what is before `odd`
    hint: name the service otherwise
    "#);
}

#[test]
fn somebody_gets_into_a_database() {
    let with = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("'{line}'")).collect();
        let db = "postgres: '15', user: shop, database: shop, password: '${secret.db}'";
        let lines = lines.join(", ");
        let pool = "{pgbouncer: '1.18', leads_to: db}";
        project_with(&format!("  db: {{{db}, hba: [{lines}]}}\n  pool: {pool}\n"))
    };
    let elsewhere = "host shop shop 10.0.0.5/32 md5";
    let right: [&[&str]; 6] = [
        &["host all all all md5"],
        &[elsewhere, "host shop shop app md5"],
        &[elsewhere, "host shop shop pool md5"],
        &["host shop shop 10.231.0.0/16 md5"],
        // That it lets nobody in is what the site says.
        &["host desk desk 10.0.0.5/32 md5"],
        &["host shop shop app.internal md5"],
    ];
    for lines in right {
        with(lines).one();
    }
    assert_snapshot!(with(&["host desk desk all md5", elsewhere, "host all all 127.0.0.1/32 md5"]).problems(), @r#"
    error: environments/shop.yaml:7:110: services.db.hba.1: `10.0.0.5/32` is nobody's address in a replica, and no other line lets `shop` in
    hint: write `app` for the address of the app's host, or the name of a service for that of its host
    "#);
    assert_snapshot!(with(&["host all all all md6"]).problems(), @r#"
    error: environments/shop.yaml:7:84: services.db.hba.0: `md6` is none of trust, reject, scram-sha-256, md5, password, gss, sspi, ident, peer, ldap, radius, cert, pam
    hint: write it as the live file has it: host all all 127.0.0.1/32 scram-sha-256
    "#);
}

#[test]
fn a_pooler_stands_before_a_postgres() {
    assert_snapshot!(problems_with(
        "  one: {pgbouncer: '1.18', leads_to: cache}\n  two: {pgbouncer: '1.18', leads_to: db}\n  \
         three: {pgbouncer: '1', user: x}\n  cache: {redis: '7', leads_to: one}\n"), @r#"
    error: environments/shop.yaml:7:38: services.one.leads_to: `cache` is no PostgreSQL
    hint: name the PostgreSQL that it stands before
    error: environments/shop.yaml:8:38: services.two.leads_to: there is no service `db`
    hint: name the PostgreSQL that it stands before
    error: environments/shop.yaml:9:10: services.three: the key `leads_to` is missing
    hint: the service that it stands before, such as `leads_to: db`
    error: environments/shop.yaml:9:27: services.three.user: `user` goes with postgres, mariadb, rabbitmq and smtp, not with pgbouncer
    hint: take it out
    error: environments/shop.yaml:10:23: services.cache.leads_to: `leads_to` goes with pgbouncer, not with redis
    hint: take it out
    "#);
}
