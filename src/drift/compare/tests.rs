use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::capture::Description;
use crate::drift::finding::Standing;

fn live() -> Description {
    let mut live = Description::default();
    live.set("base.debian", "bookworm", "");
    live.set("wsgi.server", "gunicorn", "");
    live.set("wsgi.workers", 2, "");
    live.set("user", "shop", "");
    live.set_at(&["env", "THEME"], "paper", "");
    live.set_at(&["env", "KEY"], "${secret.key}", "");
    live.set_at(&["services", "db", "postgres"], "15", "");
    live.set_at(&["services", "db", "names"], json!(["db.internal"]), "");
    live.saw(&["env.*", "wsgi.workers", "wsgi.threads", "base.packages"]);
    live
}

fn sides_of<'a>(described: &'a Value, live: &'a Description) -> Sides<'a> {
    Sides {
        described,
        live,
        built: None,
        locked: None,
        certificate: None,
        unsaid: None,
        texts: BTreeMap::new(),
        weights: BTreeMap::new(),
    }
}

fn found(described: &Value, live: &Description) -> Vec<String> {
    let say = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
    compare(&sides_of(described, live))
        .findings
        .into_iter()
        .map(|one| format!("{} {} {}", one.key, say(one.described), say(one.live)))
        .collect()
}

fn describe_shop() -> Value {
    json!({
        "base": {"debian": "bookworm"}, "user": {"name": "shop"}, "wsgi": {"server": "gunicorn", "workers": 2},
        "env": {"THEME": "paper", "KEY": "${secret.session}"},
        "services": {"database": {"postgres": "15", "names": ["db.internal"], "database": "shop"}},
        "critical": {"path": "../tests"},
    })
}

#[test]
fn what_is_true_says_nothing() {
    assert_eq!(found(&describe_shop(), &live()), Vec::<String>::new());
}

#[test]
fn a_change_on_the_host_is_found_and_what_was_not_read_is_not() {
    let mut host = live();
    host.set("wsgi.workers", 4, "");
    host.set_at(&["env", "NEW"], "1", "");
    host.set_at(&["services", "db", "postgres"], "17", "");
    host.keys.retain(|key| key.path != ["env", "THEME"]);
    assert_eq!(
        found(&describe_shop(), &host),
        [
            "env.NEW - 1",
            "env.THEME paper -",
            "services.database.postgres 15 17",
            "wsgi.workers 2 4"
        ]
    );
    let mut unread = live();
    unread.keys.retain(|key| key.path[0] != "env");
    unread.seen.retain(|key| *key != "env.*");
    assert_eq!(found(&describe_shop(), &unread), Vec::<String>::new());
}

#[test]
fn only_keys_that_the_description_has_are_compared() {
    let mut host = live();
    host.set("host.open_files", "1024:524288", "");
    host.set("wsgi.umask", "0027", "");
    assert_eq!(found(&describe_shop(), &host), Vec::<String>::new());
}

#[test]
fn a_security_update_within_a_pin_is_age() {
    let described =
        json!({"base": {"packages": ["libssl3=3.0.15-1~deb12u1", "curl=7.88.1-10+deb12u8"]}});
    let mut host = Description::default();
    host.set("base.packages", json!(["libssl3", "curl"]), "");
    host.installed = BTreeMap::from([
        ("libssl3".to_owned(), "3.0.15-1~deb12u3".to_owned()),
        ("curl".to_owned(), "8.0.0-1".to_owned()),
    ]);
    let sides = sides_of(&described, &host);
    let standings: Vec<(String, Standing)> =
        compare(&sides).findings.into_iter().map(|one| (one.key, one.standing)).collect();
    assert_eq!(
        standings,
        [
            ("base.packages.curl".to_owned(), Standing::Drifted),
            ("base.packages.libssl3".to_owned(), Standing::Aged)
        ]
    );
}

#[test]
fn a_proxy_that_keys_do_not_say_any_more_is_one_finding() {
    let described = describe_shop();
    let first = beyond(&described, &live());
    let mut host = live();
    host.set("proxy.config", "shop/nginx.conf", "as it is");
    host.set("wsgi.listen", "127.0.0.1:8000", "where the proxy looks for it");
    let sides = Sides { unsaid: Some(&first), ..sides_of(&described, &host) };
    let findings = compare(&sides).findings;
    let said: Vec<_> = findings.iter().map(|one| (one.key.as_str(), one.live.as_deref())).collect();
    assert_eq!(said, [("proxy.config", Some("directives that no key says"))]);
    assert!(findings[0].accepted.is_none());
}
