//! Key by key: what is described, and what the host has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::unsaid;
use crate::capture::Description;
use crate::drift::finding::{Finding, Standing, Weight};
use crate::drift::form::plain;

/// What is held against each other.
#[derive(Debug)]
pub struct Sides<'a> {
    /// The description over the defaults, as it is written.
    pub described: &'a Value,
    /// What the host has.
    pub live: &'a Description,
    /// What the last rehearsal's description said, where there was one.
    pub built: Option<&'a Value>,
    /// Distributions by name that the description's lock has, where it could be read.
    pub locked: Option<BTreeMap<String, String>>,
    /// The certificate that `like` names, where it could be read: the site's own first.
    pub certificate: Option<Vec<Vec<u8>>>,
    /// Keys that the description does not have, as the host had them when it was first looked at; nothing before that.
    pub unsaid: Option<&'a BTreeMap<String, String>>,
    /// The texts of files beside the description, by the keys that name them: `proxy.config`, `files./etc/x`.
    pub texts: BTreeMap<String, String>,
    /// What `stagectl crucial` found, by key.
    pub weights: BTreeMap<String, Weight>,
}

/// What is known so far.
pub(super) struct Comparison<'a> {
    pub(super) sides: &'a Sides<'a>,
    pub(super) findings: Vec<Finding>,
    pub(super) count: usize,
    pub(super) unknown: Vec<String>,
    pub(super) built: BTreeMap<Vec<String>, Value>,
}

impl Comparison<'_> {
    pub(super) fn one(&mut self, path: &[String], described: Option<&Value>, live: Option<&Value>) {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        // Compared member by member, below; gunicorn's arguments are compared as the keys that they mean.
        if matches!(
            keys[..],
            ["base", "packages"]
                | ["install", ..]
                | ["proxy" | "wsgi", "config"]
                | ["env", "GUNICORN_CMD_ARGS"]
        ) {
            return;
        }
        if live.is_none() && !self.sides.live.has_seen(path) {
            self.unknown.push(path.join("."));
            return;
        }
        if live.is_some_and(|value| plain(path, value).contains("HIDDEN")) {
            self.unknown.push(path.join("."));
            return;
        }
        self.count += 1;
        let is_cut = self.sides.live.marks.iter().any(|(marked, _)| *marked == path.join("."));
        let text = |value: &Value| {
            let text = plain(path, value);
            if is_cut { bare(&text) } else { text }
        };
        let mut texts = (described.map(text), live.map(text));
        if keys[..] == ["wsgi", "locale"] {
            texts.1 = texts.1.or_else(|| Some(self.usual_locale()));
        }
        if texts.0 == texts.1 || is_default(&keys, texts.0.as_deref(), texts.1.as_deref()) {
            return;
        }
        // A secret stands for a value that nobody but the host knows.
        if texts.0.as_deref().is_some_and(|text| text == "${…}")
            && texts.1.is_some()
            && keys[0] == "env"
        {
            return;
        }
        let built = self.built.get(path).map(|value| plain(path, value));
        // What the host has by itself is written, too: a line with its remark stays.
        let by_itself = texts.1.clone().map_or(Value::Null, Value::from);
        let accepted = live.cloned().unwrap_or(by_itself);
        self.add(path.join("."), texts, built, Some(accepted));
        if let Some(last) = self.findings.last_mut() {
            last.path = path.to_vec();
        }
    }

    pub(super) fn add(
        &mut self,
        key: String,
        (described, live): (Option<String>, Option<String>),
        built: Option<String>,
        accepted: Option<Value>,
    ) {
        let weight = self.weight(&key);
        let path = key.split('.').map(str::to_owned).collect();
        self.findings.push(Finding {
            path,
            key,
            standing: Standing::Drifted,
            described,
            live,
            built,
            since: String::new(),
            weight,
            accepted,
        });
    }

    /// The locale that a server has where nothing else is said: that of the system, or Apache's.
    pub(super) fn usual_locale(&self) -> String {
        let is_apache =
            self.sides.live.get("wsgi.server").and_then(Value::as_str) == Some("mod_wsgi");
        let of_system = self.sides.live.get("base.locale").and_then(Value::as_str);
        if is_apache { "C" } else { of_system.unwrap_or("C.UTF-8") }.to_owned()
    }

    pub(super) fn weight(&self, key: &str) -> Weight {
        let above = self.sides.weights.iter().filter(|(own, _)| {
            *own == key
                || key.starts_with(&format!("{own}."))
                || own.starts_with(&format!("{key}."))
        });
        above.map(|(_, weight)| *weight).min().unwrap_or(Weight::Unknown)
    }

    /// Keys that the description does not have: what is not as it was when the host was first looked at.
    pub(super) fn unsaid(
        &mut self,
        described: &BTreeMap<Vec<String>, Value>,
        seen: &BTreeMap<Vec<String>, Value>,
    ) {
        let Some(before) = self.sides.unsaid else { return };
        let now = unsaid(described, seen);
        for (key, (path, value)) in &now {
            let text = plain(path, value);
            if before.get(key) != Some(&text)
                && !self.findings.iter().any(|finding| finding.key == *key)
            {
                let (text, accepted) = if key == "proxy.config" {
                    ("directives that no key says".to_owned(), None)
                } else {
                    (text, Some(value.clone()))
                };
                self.add(key.clone(), (before.get(key).cloned(), Some(text)), None, accepted);
                if let Some(last) = self.findings.last_mut() {
                    last.path.clone_from(path);
                }
            }
        }
    }
}

/// A URL without its log-in and what is asked, which never leave a host.
fn bare(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}://{}", rest.split(['?', '#']).next().unwrap_or(rest).trim_end_matches('/'))
}

/// What one side says in words is what the other has by itself.
fn is_default(keys: &[&str], described: Option<&str>, live: Option<&str>) -> bool {
    let usual = match keys {
        ["proxy", "prefix"] | ["services", _, "virtual_host"] => "/",
        ["wsgi", "umask"] => "0022",
        ["proxy", "http"] => "redirect",
        ["wsgi", "socket"] => "tcp",
        ["base", "locale"] | ["services", _, "locale"] => "C.UTF-8",
        ["services", _, "encoding"] => "UTF8",
        ["wsgi", "systemd", ..] | ["host", "read_only_root"] => "false",
        ["proxy", "behind"] => "",
        // The owner of a database is who logs in, and a hostname that of the site, where nothing is said.
        ["services", _, "owner"] => return live.is_none(),
        ["user", "name"] => return described.is_none() || live.is_none(),
        _ => return false,
    };
    described.unwrap_or(usual) == live.unwrap_or(usual)
}
