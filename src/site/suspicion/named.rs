//! What a failure names: variables, headers, hosts, paths, and the keys and services that they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::case::{Points, Signs};
use crate::site::difference::Difference;
use crate::site::model::Site;

/// For a key that is named itself, for a value that is named, and for a service whose host is.
const KEY: f64 = 60.0;
const VALUE: f64 = 25.0;
const SERVICE: f64 = 25.0;

/// Maps whose keys are names that somebody gave, such as those of variables.
const MAPS: [&str; 7] =
    ["env.", "outside.", "proxy.headers.", "files.", "deploy.steps.", "host.hosts.", "secrets."];

/// Words, hosts (`cache.internal`) and names of certificates (`*.shop.example`).
static WORDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)*").expect("a pattern of ours"));
/// Paths (`/run/redis.sock`), and not those of addresses.
static PATHS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s'"=(:,\[])((?:/[\w.+-]+)+)"#).expect("a pattern of ours")
});

/// What is named in the texts of a failure.
#[derive(Debug)]
pub(super) struct Names {
    things: BTreeSet<String>,
    /// By service, the host by which the failure names it.
    services: BTreeMap<String, String>,
    /// Public names: they are in every address, and say nothing.
    own: BTreeSet<String>,
    /// Variables of a file, whose values are shown nowhere.
    filed: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(signs: &Signs<'_>, failing: &Site) -> Self {
        let texts = signs.said.iter().chain(&signs.logged);
        let things: BTreeSet<String> = texts.flat_map(|text| things_in(text)).collect();
        let own = failing.names.iter().map(ToString::to_string).collect();
        let mut services = BTreeMap::new();
        for (role, service) in &failing.services {
            let mut names = service.names.iter().map(ToString::to_string);
            // `cache` alone may be any word.
            let named = names.find(|name| name.contains('.') && things.contains(name));
            let logged = signs.sources.iter().find(|source| **source == role.as_str());
            if let Some(name) = named.or_else(|| logged.map(|source| (*source).to_owned())) {
                services.insert(role.to_string(), name);
            }
        }
        Names { things, services, own, filed: failing.filed.iter().cloned().collect() }
    }

    pub(super) fn points(&self, difference: &Difference) -> Points {
        let key = difference.key.as_str();
        let named = |thing: &str| Some(format!("the failure names `{thing}`"));
        if let Some(name) = self.named_in_key(key) {
            return Points { points: KEY, why: named(name) };
        }
        let is_filed = key.strip_prefix("env.").is_some_and(|name| self.filed.contains(name));
        let sides = [&difference.one, &difference.two];
        let value = sides.into_iter().flatten().find_map(|value| self.named_in_value(value));
        if let Some(thing) = value.filter(|_| !is_filed) {
            return Points { points: VALUE, why: named(&thing) };
        }
        let role = key.strip_prefix("services.").and_then(|rest| rest.split('.').next());
        match role.and_then(|role| self.services.get(role)) {
            Some(host) => Points { points: SERVICE, why: named(host) },
            None => Points::default(),
        }
    }

    /// The name that somebody gave, where a key has one, and the failure names it.
    fn named_in_key<'k>(&self, key: &'k str) -> Option<&'k str> {
        let given = MAPS.iter().find_map(|map| key.strip_prefix(map))?;
        // `rates.bank.example` of `rates.bank.example.stub`
        let ends = given.match_indices('.').map(|(end, _)| end).chain([given.len()]);
        let mut names = ends.map(|end| &given[..end]);
        names.rfind(|name| name.len() > 3 && self.things.contains(*name))
    }

    /// A host or a path of a value that the failure names, too; of a folder, what lies in it.
    fn named_in_value(&self, value: &str) -> Option<String> {
        things_in(value).find_map(|thing| {
            if thing.starts_with('/') {
                let below = format!("{thing}/");
                let is_meant = |named: &&String| **named == thing || named.starts_with(&below);
                let is_deep = thing.matches('/').count() > 1;
                return self.things.iter().find(is_meant).filter(|_| is_deep).cloned();
            }
            let is_host = thing.contains('.') && thing.contains(char::is_alphabetic);
            (is_host && !self.own.contains(&thing) && self.things.contains(&thing)).then_some(thing)
        })
    }
}

fn things_in(text: &str) -> impl Iterator<Item = String> {
    let paths = PATHS.captures_iter(text).map(|found| found[1].trim_end_matches('.').to_owned());
    paths.chain(WORDS.find_iter(text).map(|found| found.as_str().to_owned()))
}
