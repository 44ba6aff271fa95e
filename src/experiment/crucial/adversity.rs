//! What happens to live sites, as settings over a description: each only where the description has what it hits.

use crate::site::{
    DebianSuite, KindOfService, Leaf, MARIADB, MEMCACHED, PGBOUNCER, POSTGRES, RABBITMQ, REDIS,
    Site, VALKEY, service_suite, suite_names, suite_service,
};

/// A mutant before anybody looked whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Idea {
    pub(super) name: String,
    /// The first is what it is about.
    pub(super) traits: Vec<String>,
    pub(super) settings: Vec<String>,
    pub(super) changes_image: bool,
}

impl Idea {
    fn of(name: impl Into<String>, key: &str, value: &str) -> Idea {
        Idea {
            name: name.into(),
            traits: vec![key.replace('"', "")],
            settings: vec![format!("{key}={value}")],
            changes_image: false,
        }
    }

    fn with_image(self) -> Idea {
        Idea { changes_image: true, ..self }
    }
}

/// All that could happen to a site as it is written.
pub(super) fn adversities(site: &Site, leaves: &[Leaf]) -> Vec<Idea> {
    let mut ideas = Vec::new();
    for leaf in leaves.iter().filter(|leaf| leaf.keys[0] == "env" && leaf.keys.len() == 2) {
        ideas.push(Idea::of(format!("{} absent", leaf.path), &leaf.path, "null"));
    }
    ideas.extend(of_services(leaves));
    for host in site.outside.keys() {
        let key = format!("outside.\"{host}\"");
        ideas.push(Idea::of(format!("{host} refused"), &key, "null"));
    }
    if site.tls.is_some() {
        ideas.extend(of_certificate(site, leaves));
    }
    ideas.extend([
        Idea::of("clock + 30 days", "host.clock", "+30d"),
        Idea::of("noexec /tmp", "host.tmp.exec", "false"),
        Idea::of("IPv6 first", "host.resolver.families", "[ipv6, ipv4]"),
    ]);
    let has = |path: &str| leaves.iter().any(|leaf| leaf.path == path);
    for locale in ["C", "de_DE.UTF-8"] {
        let key = if has("wsgi.locale") { "wsgi.locale" } else { "base.locale" };
        let idea = Idea::of(format!("{key} {locale}"), key, locale);
        let is_there = key == "wsgi.locale" && locale == "C";
        ideas.push(if is_there { idea } else { idea.with_image() });
    }
    let zone = if value(leaves, "base.timezone") == Some("Asia/Kolkata") {
        "America/New_York"
    } else {
        "Asia/Kolkata"
    };
    ideas.push(
        Idea::of(format!("time zone {zone}"), "base.timezone", &format!("{zone:?}")).with_image(),
    );
    ideas
}

fn value<'a>(leaves: &'a [Leaf], path: &str) -> Option<&'a str> {
    let leaf = leaves.iter().find(|leaf| leaf.path == path)?;
    Some(leaf.value.trim_matches('"'))
}

/// A service that is away, silent, slow, or of the next version.
fn of_services(leaves: &[Leaf]) -> Vec<Idea> {
    let mut ideas = Vec::new();
    let mut roles: Vec<&str> = leaves
        .iter()
        .filter(|leaf| leaf.keys[0] == "services" && leaf.keys.len() > 2)
        .map(|leaf| leaf.keys[1].as_str())
        .collect();
    roles.dedup();
    for role in roles {
        let service = format!("services.{role}");
        if value(leaves, &format!("{service}.smtp")).is_some() {
            let key = format!("{service}.smtp");
            ideas.push(Idea::of(format!("{service} refuses"), &key, "closed"));
            ideas.push(Idea::of(format!("{service} is silent"), &key, "silent"));
        } else {
            let key = format!("{service}.weather");
            ideas.push(Idea::of(format!("{service} is slow"), &key, "{latency: 300ms}"));
            ideas.push(Idea::of(format!("{service} is a black hole"), &key, "{black_hole: true}"));
        }
        ideas.push(Idea::of(format!("{service} is not there"), &service, "null"));
        ideas.extend(next_version(leaves, &service));
    }
    ideas
}

/// The version that the next Debian has.
fn next_version(leaves: &[Leaf], service: &str) -> Option<Idea> {
    const PROGRAMS: [&KindOfService; 7] =
        [&POSTGRES, &MARIADB, &REDIS, &VALKEY, &MEMCACHED, &RABBITMQ, &PGBOUNCER];
    PROGRAMS.into_iter().find_map(|program| {
        let key = format!("{service}.{}", program.key);
        let version = value(leaves, &key)?;
        let suite = service_suite(program, version)?;
        let later = suite_names().skip_while(|name| *name != suite.as_str()).skip(1);
        let next = later
            .filter_map(|name| suite_service(&name.parse::<DebianSuite>().ok()?, program))
            .find(|other| !other.starts_with(version))?;
        Some(Idea::of(format!("{service} {next}"), &key, &format!("{next:?}")).with_image())
    })
}

/// A certificate that is expired, of the other kind, or sent without what is between it and the root.
fn of_certificate(site: &Site, leaves: &[Leaf]) -> Vec<Idea> {
    let at = |key: &str| format!("tls.certificate.{key}");
    let mut ideas = vec![Idea::of("certificate expired", &at("valid"), "{from: -91d, until: -1d}")];
    let written = value(leaves, &at("names")).unwrap_or_default();
    let (name, names) = if written.contains('*') {
        ("exact names", exact(site))
    } else {
        ("wildcard", wildcard(site))
    };
    if let Some(names) = names {
        let names: Vec<String> = names.into_iter().map(|name| format!("{name:?}")).collect();
        let list = format!("[{}]", names.join(", "));
        ideas.push(Idea::of(format!("certificate of the next kind: {name}"), &at("names"), &list));
    }
    let is_rsa = value(leaves, &at("key")).is_none_or(|key| key.starts_with("rsa"));
    let next = if is_rsa { "ecdsa-p256" } else { "rsa-2048" };
    ideas.push(Idea::of(format!("certificate of the next kind: {next}"), &at("key"), next));
    let (count, sent) = (at("intermediates"), at("send_intermediates"));
    let mut unsent = Idea::of("intermediate not sent", &sent, "false");
    if value(leaves, &count).is_none_or(|count| count == "0") {
        unsent.settings.insert(0, format!("{count}=1"));
        unsent.traits.push(count);
    }
    ideas.push(unsent);
    ideas
}

fn exact(site: &Site) -> Option<Vec<String>> {
    // A wildcard of the site's own names cannot be covered by exact ones.
    site.wildcards.is_empty().then(|| site.names.iter().map(ToString::to_string).collect())
}

/// The domains of the names below a star; a name that is one of these domains is no part of that.
fn wildcard(site: &Site) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let all: Vec<String> = site.names.iter().map(ToString::to_string).collect();
    let is_domain = |name: &str| all.iter().any(|other| other.ends_with(&format!(".{name}")));
    for name in &all {
        let domain = name.split_once('.').map(|(_, domain)| domain);
        let domain = domain.filter(|domain| domain.contains('.') && !is_domain(name));
        let covered = domain.map_or_else(|| name.clone(), |domain| format!("*.{domain}"));
        if !names.contains(&covered) {
            names.push(covered);
        }
    }
    names.iter().any(|name| name.starts_with('*')).then_some(names)
}
