//! Sites that together describe whatever changes what a program inside is asked.

use super::super::fixture::{DESK, FRONT, SHOP, Stand};
use super::host::FACTS;

/// `{{FACTS}}` are those of a host. A host with all facts, units, timers, services with everything that is said of them.
const WHOLE: &str = r#"
base: {debian: bookworm, timezone: Europe/Berlin}
install: {as_of: 2026-02-18}
user: {name: shop, home: /home/shop, groups: [www-data]}
names: [www.shop.example, shop.example, "*.shop.example"]
tls:
  certificate: {names: [www.shop.example], key: ecdsa-p256, valid: {from: -3d, until: -1d}, intermediates: 1, send_intermediates: false}
  client: {certificate: required}
  trust: [system]
  uncovered: [shop.example, "*.shop.example"]
  ciphers: [ECDHE-ECDSA-AES256-GCM-SHA384]
proxy: {server: nginx, body: 1MiB, hsts: max-age=60, media: {/media/: data/media}, static: {/static/: static}, http: redirect}
wsgi: {server: gunicorn, application: "shop.wsgi:app", umask: "0027", listen: /run/shop.sock,
       systemd: {private_tmp: true, protect_home: read-only, memory_deny_write_execute: true, group: www-data}}
env: {KEY: "${secret.key}"}
secrets: {key: {generate: 24}}
processes: {worker: {run: "work ${secret.key}", umask: "0077", systemd: {restart: always}}}
intended: [processes.worker.run]
timers: {nightly: {run: clean, timeout: 5s}}
services:
  db: {postgres: "15", names: [db.internal], database: shop, user: shop, password: "${secret.key}", startup: 1s,
       hba: ["host shop shop app md5"]}
  cache: {redis: "7", names: [cache.internal], weather: {latency: 40ms}}
  near: {redis: "7", host: app}
  mail: {smtp: sink, names: [mail.internal]}
{{FACTS}}  locales: [fr_FR.UTF-8]
  localtime: Etc/UTC
  hosts: {www.shop.example: 127.0.0.1}
health: {path: /healthz, json: {status: ok}}
critical: {path: ../critical}
"#;

/// Every sample: what it is, and its description.
fn descriptions() -> Vec<(&'static str, String)> {
    let facts = FACTS.replace("{search:", "{families: [ipv4], search:");
    let whole = WHOLE.replace("{{FACTS}}", &facts);
    let told = |one: &str, other: &str| {
        let text = whole.replace(one, other);
        assert_ne!(text, whole, "{one}");
        text
    };
    vec![
        ("shop", SHOP.to_owned()),
        ("desk", DESK.to_owned()),
        ("front", FRONT.to_owned()),
        ("whole", whole.clone()),
        ("self-signed", told("intermediates: 1, send_intermediates: false", "self_signed: true")),
        (
            "moments",
            told(
                "{from: -3d, until: -1d}",
                "{from: 2020-01-01T00:00:00Z, until: 2020-02-01T00:00:00Z}",
            ),
        ),
        (
            "ipv6",
            format!(
                "{DESK}host: {{resolver: {{families: [ipv6, ipv4]}}, clock: 2027-01-01T00:00:00Z}}\n"
            ),
        ),
        ("live", SHOP.replace("static: {/static/: static}", "config: live.conf")),
        (
            "mounts",
            DESK.replace(
                "application: \"shop.wsgi:app\"",
                "application: \"shop.wsgi:app\", mounts: {/api: \"api.wsgi:app\"}",
            ),
        ),
        ("command", SHOP.replace("critical: {path: ../critical,", "critical: {run: test-it,")),
    ]
}

/// All of them, described and read.
pub(super) fn samples() -> Vec<(&'static str, Stand)> {
    let live = [("environments/live.conf", "server { listen 80; }\n")];
    let stand = |(what, text): (_, String)| (what, Stand::with_files(&[("site", &text)], &live));
    descriptions().into_iter().map(stand).collect()
}
