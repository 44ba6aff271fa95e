//! A description against what its host says, and against what was last built: only keys that the description has.

mod members;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::tree::beyond;
use self::tree::{NOT_COMPARED, leaves, renamed, unsaid};
use super::finding::{Finding, Standing, Weight};
use super::form::plain;
use crate::capture::Description;

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

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Compared {
    pub findings: Vec<Finding>,
    /// Keys that were compared.
    pub count: usize,
    /// Keys of the description of which nothing was known.
    pub unknown: Vec<String>,
}

/// What differs, how many keys were compared, and of which nothing is known.
#[must_use]
pub fn compare(sides: &Sides<'_>) -> Compared {
    let live = renamed(sides.live.tree(), sides.described);
    let mut described = BTreeMap::new();
    leaves(sides.described, &mut Vec::new(), &mut described);
    let mut seen = BTreeMap::new();
    leaves(&live, &mut Vec::new(), &mut seen);
    let mut built = BTreeMap::new();
    if let Some(value) = sides.built {
        leaves(value, &mut Vec::new(), &mut built);
    }
    let mut comparison =
        Comparison { sides, findings: Vec::new(), count: 0, unknown: Vec::new(), built };
    for (path, value) in
        described.iter().filter(|(path, _)| !NOT_COMPARED.contains(&path[0].as_str()))
    {
        comparison.one(path, Some(value), seen.get(path));
    }
    // Where the description says of a whole map what there is, more of it is drift, too.
    let has = |first: &str| described.keys().any(|path| path[0] == first);
    for (path, value) in &seen {
        let is_whole = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["env", _] => has("env"),
            ["processes" | "timers", _, "run"] => true,
            _ => false,
        };
        if is_whole && !described.contains_key(path) {
            comparison.one(path, None, Some(value));
        }
    }
    comparison.unsaid(&described, &seen);
    comparison.texts();
    comparison.packages();
    comparison.locks();
    comparison.certificate();
    let Comparison { mut findings, count, unknown, .. } = comparison;
    findings.sort_by(|one, two| {
        (one.standing, one.weight, &one.key).cmp(&(two.standing, two.weight, &two.key))
    });
    Compared { findings, count, unknown }
}

struct Comparison<'a> {
    sides: &'a Sides<'a>,
    findings: Vec<Finding>,
    count: usize,
    unknown: Vec<String>,
    built: BTreeMap<Vec<String>, Value>,
}

impl Comparison<'_> {
    fn one(&mut self, path: &[String], described: Option<&Value>, live: Option<&Value>) {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        // Compared member by member, below.
        if matches!(keys[..], ["base", "packages"] | ["install", ..] | ["proxy" | "wsgi", "config"])
        {
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
        self.add(path.join("."), texts, built, Some(live.cloned().unwrap_or(Value::Null)));
        if let Some(last) = self.findings.last_mut() {
            last.path = path.to_vec();
        }
    }

    fn add(
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
    fn usual_locale(&self) -> String {
        let is_apache =
            self.sides.live.get("wsgi.server").and_then(Value::as_str) == Some("mod_wsgi");
        let of_system = self.sides.live.get("base.locale").and_then(Value::as_str);
        if is_apache { "C" } else { of_system.unwrap_or("C.UTF-8") }.to_owned()
    }

    fn weight(&self, key: &str) -> Weight {
        let above = self.sides.weights.iter().filter(|(own, _)| {
            *own == key
                || key.starts_with(&format!("{own}."))
                || own.starts_with(&format!("{key}."))
        });
        above.map(|(_, weight)| *weight).min().unwrap_or(Weight::Unknown)
    }

    /// Keys that the description does not have: what is not as it was when the host was first looked at.
    fn unsaid(
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
                self.add(
                    key.clone(),
                    (before.get(key).cloned(), Some(text)),
                    None,
                    Some(value.clone()),
                );
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
        ["proxy", "prefix"] => "/",
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
