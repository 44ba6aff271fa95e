//! A description against what its host says, and against what was last built: only keys that the description has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::finding::{Finding, Standing, Weight};
use super::form::plain;
use crate::capture::Description;
use crate::outside_look::CertificateSeen;

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

/// Keys that a host does not know, or that are no part of the environment.
const NOT_COMPARED: [&str; 20] = [
    "summary",
    "login",
    "order",
    "advisory",
    "logs",
    "secrets",
    "project",
    "release",
    "required",
    "uncovered",
    "capture",
    "intended",
    "live",
    "deploy",
    "health",
    "critical",
    "resources",
    "outside",
    "files",
    "tls",
];
/// Maps whose members are compared each by itself.
const HOLDERS: [&str; 9] =
    ["base", "env", "services", "proxy", "wsgi", "host", "processes", "timers", "user"];

/// The most lines of a file that a finding shows.
const MOST_LINES: usize = 5;

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
        if matches!(
            keys[..],
            ["base", "packages"] | ["install", ..] | ["proxy", "config"] | ["wsgi", "config"]
        ) {
            return;
        }
        if live.is_none() && !self.sides.live.has_seen(path) {
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
            texts.1 = texts.1.or_else(|| self.usual_locale());
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
    fn usual_locale(&self) -> Option<String> {
        let is_apache =
            self.sides.live.get("wsgi.server").and_then(Value::as_str) == Some("mod_wsgi");
        let of_system = self.sides.live.get("base.locale").and_then(Value::as_str);
        Some(if is_apache { "C" } else { of_system.unwrap_or("C.UTF-8") }.to_owned())
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

    /// Files that were brought along: the live ones against those beside the description.
    fn texts(&mut self) {
        for (key, text) in &self.sides.texts {
            let Some(live) = self.sides.live.texts.get(key) else { continue };
            self.count += 1;
            let lines = |text: &str| -> Vec<String> {
                let plain =
                    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
                plain
                    .filter(|line| {
                        !line.is_empty()
                            && !line.starts_with('#')
                            && !line.contains("HIDDEN")
                            && !line.contains("{{")
                    })
                    .collect()
            };
            let (one, two) = (lines(text), lines(live));
            if one == two {
                continue;
            }
            let only = |these: &[String], those: &[String]| {
                let lines: Vec<&String> =
                    these.iter().filter(|line| !those.contains(line)).collect();
                let more = if lines.len() > MOST_LINES { " …" } else { "" };
                let text = lines
                    .iter()
                    .take(MOST_LINES)
                    .map(|line| line.as_str())
                    .collect::<Vec<_>>()
                    .join(" ⏎ ");
                (!lines.is_empty()).then(|| text + more)
            };
            self.add(key.clone(), (only(&one, &two), only(&two, &one)), None, None);
        }
    }

    /// Packages that were asked for by hand, each by its name; pins by their versions.
    fn packages(&mut self) {
        let list = |value: Option<&Value>| -> BTreeMap<String, Option<String>> {
            let items = value.and_then(Value::as_array).cloned().unwrap_or_default();
            let split = |item: &Value| {
                let text = item.as_str()?.to_owned();
                Some(text.split_once('=').map_or((text.clone(), None), |(name, version)| {
                    (name.to_owned(), Some(version.to_owned()))
                }))
            };
            items.iter().filter_map(split).collect()
        };
        let described = self.sides.described.pointer("/base/packages");
        let Some(value) = described else { return };
        let written = list(Some(value));
        let live = self.sides.live.get("base.packages").cloned();
        if live.is_none() && !self.sides.live.has_seen(&["base".to_owned(), "packages".to_owned()])
        {
            return;
        }
        let manual = list(live.as_ref());
        let accepted = self.accepted_packages(&written, &manual);
        let before = self.findings.len();
        for (name, pin) in &written {
            self.count += 1;
            let installed = self.sides.live.installed.get(name);
            let key = format!("base.packages.{name}");
            match (pin, installed) {
                (_, None) => self.add(
                    key,
                    (Some(pin.clone().unwrap_or_else(|| "there".to_owned())), None),
                    None,
                    None,
                ),
                (Some(pin), Some(version)) if pin != version => {
                    let standing = if upstream(pin) == upstream(version) {
                        Standing::Aged
                    } else {
                        Standing::Drifted
                    };
                    self.add(key, (Some(pin.clone()), Some(version.clone())), None, None);
                    if let Some(last) = self.findings.last_mut() {
                        last.standing = standing;
                    }
                }
                _ => {}
            }
        }
        for name in manual.keys().filter(|name| !written.contains_key(*name)) {
            self.add(
                format!("base.packages.{name}"),
                (None, Some("asked for by hand".to_owned())),
                None,
                None,
            );
        }
        for finding in &mut self.findings[before..] {
            finding.path = vec!["base".to_owned(), "packages".to_owned()];
            finding.accepted = Some(accepted.clone());
        }
    }

    /// The list as the host has it, with pins where the description has them.
    fn accepted_packages(
        &self,
        written: &BTreeMap<String, Option<String>>,
        manual: &BTreeMap<String, Option<String>>,
    ) -> Value {
        let mut list: Vec<String> = Vec::new();
        for (name, pin) in written {
            match (pin, self.sides.live.installed.get(name)) {
                (_, None) => {}
                (None, Some(_)) => list.push(name.clone()),
                (Some(_), Some(version)) => list.push(format!("{name}={version}")),
            }
        }
        list.extend(manual.keys().filter(|name| !written.contains_key(*name)).cloned());
        list.into()
    }

    /// Distributions of the app's environment against the lock.
    fn locks(&mut self) {
        let (Some(locked), true) = (&self.sides.locked, !self.sides.live.distributions.is_empty())
        else {
            return;
        };
        let live = &self.sides.live.distributions;
        let names: BTreeSet<&String> = locked.keys().chain(live.keys()).collect();
        let mut found = Vec::new();
        for name in names {
            let is_installer =
                ["pip", "setuptools", "wheel", "uv", "pkg-resources"].contains(&name.as_str());
            if is_installer || self.sides.live.release.as_ref() == Some(name) {
                continue;
            }
            let (one, two) = (locked.get(name), live.get(name));
            // A lock has what other systems need, too.
            if two.is_some() && one != two {
                found.push((name.clone(), one.cloned(), two.cloned()));
            }
            self.count += 1;
        }
        for (name, one, two) in found {
            self.add(format!("install.requirements.{name}"), (one, two), None, None);
        }
    }

    /// The certificate: names, kind of key, how many are above it.
    fn certificate(&mut self) {
        let Some(seen) = self.sides.live.chain.as_ref().filter(|chain| !chain.is_empty()) else {
            return;
        };
        let Some(live) = CertificateSeen::read(&seen[0]) else { return };
        let described = self.sides.described.pointer("/tls/certificate");
        let of_like = self
            .sides
            .certificate
            .as_ref()
            .and_then(|chain| Some((CertificateSeen::read(chain.first()?)?, chain.len())));
        let text = |key: &str| {
            described
                .and_then(|value| value.get(key))
                .map(|value| plain(&["tls".to_owned()], value))
        };
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names.join(", ")
        };
        let pairs = [
            (
                "names",
                text("names").or_else(|| of_like.as_ref().map(|(one, _)| sorted(&one.names))),
                sorted(&live.names),
            ),
            (
                "key",
                text("key").or_else(|| of_like.as_ref().map(|(one, _)| one.key.clone())),
                live.key.clone(),
            ),
            (
                "intermediates",
                text("intermediates")
                    .or_else(|| of_like.as_ref().map(|(_, count)| (count - 1).to_string())),
                (seen.len() - 1).to_string(),
            ),
        ];
        for (key, described, live) in pairs {
            let Some(described) = described else { continue };
            self.count += 1;
            if described != live {
                self.add(
                    format!("tls.certificate.{key}"),
                    (Some(described), Some(live)),
                    None,
                    None,
                );
            }
        }
        let versions = |value: Option<&Value>| value.map(|value| plain(&["tls".to_owned()], value));
        let usual = || Some("TLSv1.2, TLSv1.3".to_owned());
        let written = versions(self.sides.described.pointer("/tls/versions")).or_else(usual);
        let live = versions(self.sides.live.get("tls.versions")).or_else(usual);
        self.count += 1;
        if written != live {
            self.add(
                "tls.versions".to_owned(),
                (written, live),
                None,
                self.sides.live.get("tls.versions").cloned(),
            );
        }
    }
}

/// Keys that the host has and the description has not, with their values.
fn unsaid(
    described: &BTreeMap<Vec<String>, Value>,
    seen: &BTreeMap<Vec<String>, Value>,
) -> BTreeMap<String, (Vec<String>, Value)> {
    let is_said = |path: &[String]| {
        described.keys().any(|own| own.starts_with(path) || path.starts_with(own))
    };
    let not_said = seen.iter().filter(|(path, _)| {
        !NOT_COMPARED.contains(&path[0].as_str())
            && path[0] != "install"
            && !matches!(path.last().map(String::as_str), Some("config"))
            && !is_said(path)
    });
    not_said.map(|(path, value)| (path.join("."), (path.clone(), value.clone()))).collect()
}

/// What a host has beyond its description, as it is kept for the next look.
#[must_use]
pub fn beyond(described: &Value, live: &Description) -> BTreeMap<String, String> {
    let (mut own, mut seen) = (BTreeMap::new(), BTreeMap::new());
    leaves(described, &mut Vec::new(), &mut own);
    leaves(&renamed(live.tree(), described), &mut Vec::new(), &mut seen);
    unsaid(&own, &seen)
        .into_iter()
        .map(|(key, (path, value))| (key, plain(&path, &value)))
        .collect()
}

/// `3.0.11-1~deb12u2` without what Debian adds, and without an epoch.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
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
        ["base", "locale"] => "C.UTF-8",
        ["services", _, "locale"] => "C.UTF-8",
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

/// The leaves of the maps whose members are compared, and all else as one.
fn leaves(value: &Value, path: &mut Vec<String>, into: &mut BTreeMap<Vec<String>, Value>) {
    let descends = |path: &[String], map: &Map<String, Value>| match path {
        [] => true,
        [first] => HOLDERS.contains(&first.as_str()),
        [first, ..] if first == "env" => false,
        [first, second] if first == "proxy" => matches!(second.as_str(), "static" | "media"),
        [first, second] if first == "host" => {
            matches!(second.as_str(), "resolver" | "limits" | "hosts")
        }
        [first, second] if first == "wsgi" => matches!(second.as_str(), "options" | "systemd"),
        [first, _] => {
            matches!(first.as_str(), "services" | "processes" | "timers") && !map.is_empty()
        }
        [first, _, third] => {
            (first == "services" && third == "settings")
                || (first == "processes" && third == "systemd")
        }
        _ => false,
    };
    match value {
        Value::Object(map) if descends(path, map) => {
            for (key, value) in map {
                path.push(key.clone());
                leaves(value, path, into);
                path.pop();
            }
        }
        Value::String(name) if path.len() == 1 && path[0] == "user" => {
            into.insert(vec!["user".to_owned(), "name".to_owned()], name.clone().into());
        }
        Value::Null => {}
        other if !path.is_empty() => {
            into.insert(path.clone(), other.clone());
        }
        _ => {}
    }
}

/// The live services under the names that the description gives them: by what they are and where they are found.
fn renamed(mut live: Value, described: &Value) -> Value {
    let kinds = ["postgres", "mariadb", "redis", "valkey", "memcached", "rabbitmq", "smtp"];
    let kind_of =
        |service: &Value| kinds.iter().find(|kind| service.get(**kind).is_some()).copied();
    let Some(own) = described.get("services").and_then(Value::as_object) else { return live };
    let Some(services) = live.get_mut("services").and_then(Value::as_object_mut) else {
        return live;
    };
    let mut named = Map::new();
    for (name, service) in std::mem::take(services) {
        let names =
            |service: &Value| service.get("names").map(|value| plain(&["names".to_owned()], value));
        let same_kind = |other: &Value| {
            kind_of(other).is_some()
                && (kind_of(other) == kind_of(&service)
                    || matches!(
                        (kind_of(other), kind_of(&service)),
                        (Some("valkey"), Some("redis"))
                    ))
        };
        let by_host = own.iter().find(|(key, other)| {
            same_kind(other) && names(other).or_else(|| Some((*key).clone())) == names(&service)
        });
        let mut alike = own.iter().filter(|(_, other)| same_kind(other));
        let only = alike.next().filter(|_| alike.next().is_none());
        let found = by_host.or(only).map_or(name, |(name, _)| name.clone());
        named.entry(found).or_insert(service);
    }
    *services = named;
    live
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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

    fn found(described: &Value, live: &Description) -> Vec<String> {
        let sides = Sides {
            described,
            live,
            built: None,
            locked: None,
            certificate: None,
            unsaid: None,
            texts: BTreeMap::new(),
            weights: BTreeMap::new(),
        };
        let say = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        compare(&sides)
            .findings
            .into_iter()
            .map(|one| format!("{} {} {}", one.key, say(one.described), say(one.live)))
            .collect()
    }

    fn described() -> Value {
        json!({
            "base": {"debian": "bookworm"}, "user": {"name": "shop"}, "wsgi": {"server": "gunicorn", "workers": 2},
            "env": {"THEME": "paper", "KEY": "${secret.session}"},
            "services": {"database": {"postgres": "15", "names": ["db.internal"], "database": "shop"}},
            "critical": {"path": "../tests"},
        })
    }

    #[test]
    fn what_is_true_says_nothing() {
        assert_eq!(found(&described(), &live()), Vec::<String>::new());
    }

    #[test]
    fn a_change_on_the_host_is_found_and_what_was_not_read_is_not() {
        let mut host = live();
        host.set("wsgi.workers", 4, "");
        host.set_at(&["env", "NEW"], "1", "");
        host.set_at(&["services", "db", "postgres"], "17", "");
        host.keys.retain(|key| key.path != ["env", "THEME"]);
        assert_eq!(
            found(&described(), &host),
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
        assert_eq!(found(&described(), &unread), Vec::<String>::new());
    }

    #[test]
    fn only_keys_that_the_description_has_are_compared() {
        let mut host = live();
        host.set("host.open_files", "1024:524288", "");
        host.set("wsgi.umask", "0027", "");
        assert_eq!(found(&described(), &host), Vec::<String>::new());
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
        let sides = Sides {
            described: &described,
            live: &host,
            built: None,
            locked: None,
            certificate: None,
            unsaid: None,
            texts: BTreeMap::new(),
            weights: BTreeMap::new(),
        };
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
}
