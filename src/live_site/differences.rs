//! In what a live site differs from its replica, as far as both are seen from outside.

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::Looked;
use crate::event::SeenDifference;
use crate::outside_look::{Answer, Look, TlsSeen, Trust};
use crate::report::SiteReport;
use crate::site::{CertificateShape, IssuedBy, SentChain, Site, Tls};

/// What the diagnosis of a rehearsal tells of the health page behind its status.
const SERVER: &str = "; server ";
const KEYS: &str = "; keys ";

/// All that is another on the live site than in its rehearsal.
#[must_use]
pub(super) fn differences(
    site: &Site,
    rehearsed: &SiteReport,
    looked: &Looked,
) -> Vec<SeenDifference> {
    let mut found = Vec::new();
    if let Some(tls) = &site.tls {
        for look in &looked.looks {
            if let Ok(seen) = &look.tls {
                found.extend(of_certificate(tls, look, seen));
            }
        }
        if let Some(seen) = looked.looks.first().and_then(|look| look.tls.as_ref().ok()) {
            found.extend(of_versions(tls, seen));
        }
    }
    let detail = |name: &str| {
        let check = rehearsed.checks.iter().find(|check| check.name == name)?;
        Some(check.detail.as_str())
    };
    let plain = looked.looks.first().and_then(|look| look.plain.as_ref().ok());
    found.extend(detail("plain HTTP").and_then(|then| of_redirect(then, plain?)));
    if let (Some(then), Some(answer)) = (detail("health"), &looked.health) {
        found.extend(of_health(then, answer));
    }
    found
}

fn unless_same(what: String, rehearsed: String, live: String) -> Option<SeenDifference> {
    (rehearsed != live).then_some(SeenDifference { what, rehearsed, live })
}

/// Names, key, issuer and chain: a replica has what is described.
fn of_certificate(
    tls: &Tls,
    look: &Look,
    seen: &TlsSeen,
) -> impl Iterator<Item = SeenDifference> + use<> {
    let shape = tls.shapes().nth(tls.serving(&look.name)).unwrap_or(&tls.certificate);
    let of = |what: &str| format!("{what} of the certificate of {}", look.name);
    let own = &seen.certificate;
    [
        unless_same(of("names"), joined(&shape.names), joined(&own.names)),
        unless_same(of("key"), shape.key.word().to_owned(), own.key.clone()),
        unless_same(of("issuer"), described_issuer(shape).to_owned(), issuer(&seen.trust)),
        unless_same(of("chain"), sent(described_sent(shape)), sent(seen.sent_above())),
    ]
    .into_iter()
    .flatten()
}

/// In one order, as it does not matter to who connects.
fn joined(names: &[String]) -> String {
    let names: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn described_issuer(shape: &CertificateShape) -> &'static str {
    match shape.issuer {
        IssuedBy::Itself => "itself",
        IssuedBy::Root => "a root that is trusted",
    }
}

fn issuer(trust: &Trust) -> String {
    match trust {
        Trust::Trusted | Trust::Bad(_) => "a root that is trusted".to_owned(),
        Trust::SelfSigned => "itself".to_owned(),
        Trust::Incomplete { issuer } => format!("{issuer}, which is not trusted here"),
        Trust::UnknownRoot => "a root that is not trusted here".to_owned(),
    }
}

fn described_sent(shape: &CertificateShape) -> usize {
    match shape.sent {
        SentChain::Whole => usize::from(shape.intermediates),
        SentChain::LeafOnly => 0,
    }
}

fn sent(above: usize) -> String {
    match above {
        0 => "nothing above it is sent".to_owned(),
        1 => "1 certificate above it is sent".to_owned(),
        number => format!("{number} certificates above it are sent"),
    }
}

fn of_versions(tls: &Tls, seen: &TlsSeen) -> Option<SeenDifference> {
    let words = |versions: &[crate::site::TlsVersion]| {
        let words: Vec<&str> = versions.iter().map(|version| version.word()).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    unless_same("versions of TLS".to_owned(), words(&tls.versions), words(&seen.versions))
}

/// A redirect, or what it is instead.
fn of_redirect(then: &str, now: &Answer) -> Option<SeenDifference> {
    let then = then.split(", as the live").next().unwrap_or(then);
    let now = match now.header("location") {
        Some(place) => format!("{} to {place}", now.status),
        None => format!("HTTP {}", now.status),
    };
    unless_same("answer of port 80".to_owned(), then.to_owned(), now)
}

/// The `Server` header and the members of the JSON, where the rehearsal has told of them.
fn of_health(then: &str, now: &Answer) -> Vec<SeenDifference> {
    let part = |begin: &str| {
        let (_, rest) = then.split_once(begin)?;
        Some(rest.split("; ").next().unwrap_or(rest).to_owned())
    };
    let server = part(SERVER).and_then(|then| {
        let now = now.header("server").unwrap_or("none");
        unless_same("header Server".to_owned(), then, now.to_owned())
    });
    let keys = part(KEYS).and_then(|then| {
        let now = keys(&now.body).unwrap_or("none".to_owned());
        unless_same("members of the health page".to_owned(), then, now)
    });
    server.into_iter().chain(keys).collect()
}

/// The members of a JSON object, sorted.
fn keys(body: &[u8]) -> Option<String> {
    let Value::Object(members) = serde_json::from_slice(body).ok()? else { return None };
    if members.is_empty() {
        return None;
    }
    let keys: BTreeSet<&String> = members.keys().collect();
    Some(keys.into_iter().map(String::as_str).collect::<Vec<_>>().join(" "))
}
