//! What becomes of a site and the defaults.

use super::*;
use crate::site::yaml;

fn merged(defaults: &str, site: &str) -> String {
    let read = |text: &str| yaml::read("x.yaml", text.as_bytes()).unwrap();
    merge(&read(defaults), &read(site)).to_json().to_string()
}

#[test]
fn the_sites_keys_win_maps_merge_lists_replace_and_null_takes_away() {
    let table = [
        ("a: 1\nb: 2", "b: 3", r#"{"a":1,"b":3}"#),
        ("env: {A: x, B: y}", "env: {B: z}", r#"{"env":{"A":"x","B":"z"}}"#),
        ("names: [a, b]", "names: [c]", r#"{"names":["c"]}"#),
        ("tls: {versions: [x]}\nuser: app", "tls: null", r#"{"user":"app"}"#),
        (
            "base: {debian: x, locale: C}",
            "base: {image: y}",
            r#"{"base":{"locale":"C","image":"y"}}"#,
        ),
        ("a: 1", "", r#"{"a":1}"#),
        ("", "health: {json: {error: null}}", r#"{"health":{"json":{"error":null}}}"#),
        ("user: app", "user: {home: none}", r#"{"user":{"name":"app","home":"none"}}"#),
        ("user: {name: app, home: none}", "user: www", r#"{"user":"www"}"#),
    ];
    for (defaults, site, expected) in table {
        assert_eq!(merged(defaults, site), expected, "{defaults} + {site}");
    }
}

/// What stands at a place in the defaults and in a site, and what holds then.
fn check(place: &str, table: &[(&str, &str, &str)]) {
    let places: Vec<&str> = place.split('.').collect();
    let around = |inner: &str| {
        places.iter().rev().fold(inner.to_owned(), |inner, key| format!("{{{key}: {inner}}}"))
    };
    for (defaults, site, expected) in table {
        let read = |text: &str| yaml::read("x.yaml", text.as_bytes()).unwrap().to_json();
        let merged: serde_json::Value =
            serde_json::from_str(&merged(&around(defaults), &around(site))).unwrap();
        let inside = places.iter().fold(&merged, |map, key| &map[*key]);
        assert_eq!(*inside, read(expected), "{place}: {defaults} + {site}");
    }
}

#[test]
fn another_kind_of_service_replaces_what_is_in_the_words_of_the_first() {
    let db = "{postgres: 15, names: [db], startup: 9s, memory: 1GiB, tls: offered, user: u, \
              password: p, database: d, owner: o, encoding: UTF8, extensions: [x], seed: a.sql, \
              settings: {a: 1}, packages: [pp]}";
    let found = "names: [db], startup: 9s, memory: 1GiB";
    let other = "{packages: [b], command: run, ready: is, port: 3, env: {A: b}, names: [mq]}";
    check(
        "services.db",
        &[
            (
                db,
                "{mariadb: 11}",
                &format!(
                    "{{{found}, tls: offered, user: u, password: p, database: d, mariadb: 11}}"
                ),
            ),
            (db, "{redis: 7}", &format!("{{{found}, tls: offered, password: p, redis: 7}}")),
            (
                db,
                "{smtp: sink}",
                &format!("{{{found}, tls: offered, user: u, password: p, smtp: sink}}"),
            ),
            (db, "{pgbouncer: 1}", &format!("{{{found}, pgbouncer: 1}}")),
            (
                db,
                "{packages: [b], command: run}",
                &format!("{{{found}, packages: [b], command: run}}"),
            ),
            (other, "{rabbitmq: 4}", "{names: [mq], rabbitmq: 4}"),
            (
                other,
                "{image: i}",
                "{command: run, ready: is, port: 3, env: {A: b}, names: [mq], image: i}",
            ),
            // The same kind, and no kind.
            ("{postgres: 15, seed: a.sql}", "{postgres: 17}", "{seed: a.sql, postgres: 17}"),
            (
                "{postgres: 15, seed: a.sql}",
                "{packages: [b]}",
                "{postgres: 15, seed: a.sql, packages: [b]}",
            ),
            ("{command: run, ready: is}", "{command: go}", "{ready: is, command: go}"),
            // By hand, as it had to be.
            ("{postgres: 15, names: [a]}", "{postgres: null, redis: 7}", "{names: [a], redis: 7}"),
            ("{host: app, redis: 7}", "{weather: {loss: 1%}}", "{redis: 7, weather: {loss: 1%}}"),
            ("{weather: {loss: 1%}, redis: 7}", "{host: app}", "{redis: 7, host: app}"),
        ],
    );
    check(
        "services.db.weather",
        &[("{loss: 1%, rate: 1MiB}", "{black_hole: true}", "{black_hole: true}")],
    );
}

#[test]
fn another_base_replaces_what_goes_with_the_first_alone() {
    check(
        "base",
        &[
            ("{debian: a, snapshot: b, locale: C}", "{rootfs: c}", "{locale: C, rootfs: c}"),
            ("{debian: a, packages: [p]}", "{image: c}", "{packages: [p], image: c}"),
            ("{rootfs: a}", "{debian: b, snapshot: c}", "{debian: b, snapshot: c}"),
            ("{debian: a, snapshot: b}", "{debian: c}", "{snapshot: b, debian: c}"),
            ("{image: a}", "{image: null, debian: c}", "{debian: c}"),
        ],
    );
}

#[test]
fn another_certificate_replaces_the_first() {
    check(
        "tls",
        &[
            ("{certificate: {key: a}, next: {}}", "{certificates: [{}]}", "{certificates: [{}]}"),
            ("{certificates: [{}]}", "{certificate: {key: a}}", "{certificate: {key: a}}"),
            (
                "{certificate: {key: a}}",
                "{certificates: []}",
                "{certificate: {key: a}, certificates: []}",
            ),
        ],
    );
    for place in ["tls.certificate", "tls.next"] {
        check(
            place,
            &[
                ("{names: [a], key: b, extensions: {c: d}}", "{like: x}", "{like: x}"),
                ("{like: x, extensions: {c: d}}", "{like: y}", "{extensions: {c: d}, like: y}"),
                ("{like: x}", "{names: [a]}", "{names: [a]}"),
                ("{names: [a], key: b}", "{common_name: a}", "{key: b, common_name: a}"),
                ("{common_name: a}", "{names: [a]}", "{names: [a]}"),
                ("{valid: {from: a}}", "{expires_in: 5d}", "{expires_in: 5d}"),
                ("{expires_in: 5d}", "{valid: {from: a}}", "{valid: {from: a}}"),
                ("{intermediates: 1}", "{chain: [{}]}", "{chain: [{}]}"),
                (
                    "{intermediates: 1, key: b}",
                    "{self_signed: true}",
                    "{key: b, self_signed: true}",
                ),
            ],
        );
    }
    check(
        "tls.authority",
        &[
            ("{key: a, subject: [b]}", "{like: x}", "{like: x}"),
            ("{like: x}", "{key: a}", "{key: a}"),
        ],
    );
}

#[test]
fn another_server_replaces_what_is_in_the_words_of_the_first() {
    check(
        "wsgi",
        &[
            ("{server: gunicorn, application: a}", "{file: b}", "{server: gunicorn, file: b}"),
            ("{server: uwsgi, file: b}", "{application: a}", "{server: uwsgi, application: a}"),
            (
                "{server: gunicorn, from: index, options: {a: 1}, config: c, workers: 2}",
                "{server: uwsgi}",
                "{workers: 2, server: uwsgi}",
            ),
            (
                "{server: mod_wsgi, file: f, application_group: global, threads: 2}",
                "{server: waitress, application: a}",
                "{threads: 2, server: waitress, application: a}",
            ),
            (
                "{server: gunicorn, listen: l, systemd: {private_tmp: true}, umask: u}",
                "{server: mod_wsgi}",
                "{umask: u, server: mod_wsgi}",
            ),
            ("{options: {a: 1}}", "{server: uwsgi}", "{options: {a: 1}, server: uwsgi}"),
            (
                "{server: uwsgi, options: {a: 1}}",
                "{server: uwsgi}",
                "{options: {a: 1}, server: uwsgi}",
            ),
            ("{listen: l}", "{socket: tcp}", "{socket: tcp}"),
            ("{server: uwsgi, workers: 2}", "{config: c}", "{server: uwsgi, config: c}"),
            (
                "{server: gunicorn, workers: 2}",
                "{config: c}",
                "{server: gunicorn, workers: 2, config: c}",
            ),
        ],
    );
    check(
        "proxy",
        &[
            ("{headers: {a: b}, body: 1MiB}", "{server: apache}", "{body: 1MiB, server: apache}"),
            ("{headers: {a: b}}", "{server: nginx}", "{headers: {a: b}, server: nginx}"),
            (
                "{server: apache, modules: [m], static: {/s/: s}}",
                "{server: nginx}",
                "{static: {/s/: s}, server: nginx}",
            ),
            ("{static: {/s/: s}, prefix: /p/}", "{server: none}", "{prefix: /p/, server: none}"),
            (
                "{static: {/s/: s}, timeout: 9s, body: 1MiB}",
                "{config: c}",
                "{body: 1MiB, config: c}",
            ),
            (
                "{static: {/s/: s}, host: own}",
                "{config: c}",
                "{static: {/s/: s}, host: own, config: c}",
            ),
        ],
    );
}

#[test]
fn another_source_of_a_secret_or_of_the_tests_replaces_the_first() {
    check(
        "secrets.a",
        &[
            ("{generate: 9}", "{from_env: A}", "{from_env: A}"),
            ("{from_env: A}", "{from_file: a}", "{from_file: a}"),
            ("{from_file: a}", "{generate: 9}", "{generate: 9}"),
        ],
    );
    check(
        "critical",
        &[
            ("{path: p, select: s}", "{run: r}", "{path: p, run: r}"),
            ("{run: r}", "{path: p}", "{path: p}"),
            ("{run: r, path: p}", "{path: q}", "{run: r, path: q}"),
            ("{run: r, path: p}", "{select: s}", "{path: p, select: s}"),
        ],
    );
}
