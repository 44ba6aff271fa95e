//! The checks of a live site from outside: names, certificates, versions, pages.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::event::{Check, Events, What};
use crate::failure::{Failure, Kind};
use crate::outside_look::{Answer, CertificateSeen, Look, Lookout, Scheme, TlsSeen, Trust};
use crate::site::{CertificateShape, ClientCertificate, IssuedBy, PlainHttp, SentChain, Site, Tls};
use crate::tls::covers;

/// A certificate with fewer days left is warned of.
const FEW_DAYS: i64 = 14;
/// Between two questions whether the site is well: it is another machine's.
const PACE: Duration = Duration::from_millis(500);
/// Bytes of a value that are shown.
const SHOWN: usize = 200;

/// What was seen of a live site.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) checks: Vec<Check>,
    /// A look at each of its names.
    pub(super) looks: Vec<Look>,
    /// What the health page answered last.
    pub(super) health: Option<Answer>,
}

/// The outcome of a check in words.
pub(super) type Outcome = Result<String, String>;

/// Looks at all names of a live site, and emits each check and what is to be warned of. `now` is in seconds since 1970.
///
/// # Errors
/// Infrastructure: not one of its names resolves here. A failed check is no error.
pub(super) async fn look(
    site: &Site,
    lookout: &Lookout,
    events: &Events,
    now: i64,
) -> Result<Looked, Failure> {
    let names = names_of(site);
    let begin = Instant::now();
    let looking = names.iter().map(|name| lookout.look(name, &site.proxy.prefix));
    let looks = join_all(looking).await;
    if let Some(failure) = no_name_resolves(site, &looks) {
        return Err(failure);
    }
    let took = begin.elapsed();
    let mut found: Vec<(String, Outcome, Duration)> = Vec::new();
    for look in &looks {
        let mut add = |name: String, outcome| found.push((name, outcome, took));
        add(format!("{} resolves", look.name), resolves(look));
        if let Some(tls) = &site.tls {
            add(format!("certificate of {}", look.name), certificate(tls, look, now));
            if let Some(message) = few_days(look, now) {
                events.emit(What::Warning { message });
            }
        }
    }
    let wants_clients = site.tls.as_ref().and_then(|tls| tls.client.as_ref());
    if wants_clients.is_some_and(|client| client.certificate == ClientCertificate::Required) {
        let message = "it takes clients with a certificate alone: its versions of TLS and its pages were not looked at";
        events.emit(What::Warning { message: message.to_owned() });
        return Ok(looked(events, found, (looks, None)));
    }
    for look in &looks {
        found.push((format!("{} answers", look.name), answers(site, look), took));
    }
    if let Some(tls) = &site.tls {
        found.push(("TLS versions".to_owned(), versions(tls, &looks[0]), took));
        found.push(("plain HTTP".to_owned(), plain_http(site, &looks[0]), took));
    }
    let begin = Instant::now();
    let (answer, outcome) = health(site, lookout).await;
    found.push(("health".to_owned(), outcome, begin.elapsed()));
    if let Some(described) = &site.proxy.hsts {
        found.push(("HSTS".to_owned(), hsts(described, &looks[0]), took));
    }
    Ok(looked(events, found, (looks, answer)))
}

/// What the diagnosis asks for: a wildcard by one of the names that it stands for.
fn names_of(site: &Site) -> Vec<String> {
    let wildcards = site.wildcards.iter().map(|domain| format!("stagectl-any.{domain}"));
    site.names.iter().map(ToString::to_string).chain(wildcards).collect()
}

fn looked(
    events: &Events,
    found: Vec<(String, Outcome, Duration)>,
    (looks, health): (Vec<Look>, Option<Answer>),
) -> Looked {
    let check = |(name, outcome, took): (String, Outcome, Duration)| {
        let passed = outcome.is_ok();
        let detail = outcome.unwrap_or_else(|wrong| wrong);
        let check = Check { name, passed, detail, took: took.as_secs_f64() };
        events.emit(What::CheckEnded { check: check.clone() });
        check
    };
    Looked { checks: found.into_iter().map(check).collect(), looks, health }
}

/// What the checks come to.
///
/// # Errors
/// `Unfit` when one failed.
pub(super) fn judge(looked: &Looked) -> Result<(), Failure> {
    let is_private = |look: &Look| {
        let trust = look.tls.as_ref().map(|seen| &seen.trust);
        matches!(trust, Ok(Trust::Incomplete { .. } | Trust::UnknownRoot))
    };
    let failed = looked.checks.iter().filter(|check| !check.passed).count();
    if failed == 0 {
        return Ok(());
    }
    let message = format!("{failed} of {} checks from outside failed", looked.checks.len());
    let failure = Failure::new(Kind::Unfit, message);
    if looked.looks.iter().any(is_private) {
        return Err(failure
            .hint("where a private authority has issued it, name its certificates: `--ca FILE`"));
    }
    Err(failure)
}

/// A network that leads nowhere is no fault of a site.
fn no_name_resolves(site: &Site, looks: &[Look]) -> Option<Failure> {
    if looks.iter().any(|look| look.addresses.is_ok()) {
        return None;
    }
    let said = looks.iter().find_map(|look| look.addresses.as_ref().err())?;
    Some(
        Failure::infrastructure(format!("not one name of {} resolves on this machine", site.name))
            .cause(said.clone())
            .cause("that is likely this machine and its name servers, and not the site")
            .hint("check the network here, or name the address: `--resolve NAME:443=ADDRESS`"),
    )
}

fn resolves(look: &Look) -> Outcome {
    let addresses = look.addresses.as_ref().map_err(Clone::clone)?;
    let mut shown: Vec<String> = addresses.iter().map(|it| it.ip().to_string()).collect();
    shown.dedup();
    Ok(shown.join(", "))
}

/// The certificate is for the name, its chain leads to a root, and its time is not over: as far as the description does not
/// say otherwise.
pub(super) fn certificate(tls: &Tls, look: &Look, now: i64) -> Outcome {
    let seen = look.tls.as_ref().map_err(Clone::clone)?;
    let shape = tls.shapes().nth(tls.serving(&look.name)).unwrap_or(&tls.certificate);
    let own = &seen.certificate;
    let mut wrong: Vec<String> = Vec::new();
    if shape.covers(&look.name) && !is_for(own, &look.name) {
        wrong.push(format!("it is for {}", names_in_words(own)));
    }
    wrong.extend(distrust(shape, &seen.trust));
    if own.not_before > now {
        wrong.push(format!("it is not good for {} days", (own.not_before - now) / 86400 + 1));
    }
    let left = own.days_left(now);
    if left < 0 {
        wrong.push(format!("it has expired, {} days ago", -left));
    }
    let said = certificate_in_words(seen, left);
    if wrong.is_empty() { Ok(said) } else { Err(format!("{}; {said}", wrong.join("; "))) }
}

fn certificate_in_words(seen: &TlsSeen, left: i64) -> String {
    let own = &seen.certificate;
    let (names, key, sent) = (names_in_words(own), &own.key, seen.chain.len());
    let time = if left < 0 { String::new() } else { format!("; good for {left} days") };
    format!("names {names}; {key}; issuer {}; {sent} sent{time}", own.issuer)
}

/// Whether a certificate is for a name: by its common name only where it has no other.
pub(super) fn is_for(seen: &CertificateSeen, name: &str) -> bool {
    let common: Vec<String> = seen.common_name.iter().cloned().collect();
    covers(if seen.names.is_empty() { &common } else { &seen.names }, name)
}

fn names_in_words(seen: &CertificateSeen) -> String {
    match &seen.common_name {
        Some(name) if seen.names.is_empty() => format!("the common name {name} alone"),
        _ if seen.names.is_empty() => "no name".to_owned(),
        _ => seen.names.join(", "),
    }
}

/// Why clients of this machine do not trust a chain, unless that is described.
fn distrust(shape: &CertificateShape, trust: &Trust) -> Option<String> {
    match trust {
        Trust::Trusted => None,
        Trust::SelfSigned if shape.issuer == IssuedBy::Itself => None,
        Trust::SelfSigned => Some("it is self-signed".to_owned()),
        Trust::Incomplete { .. } if shape.sent == SentChain::LeafOnly => None,
        Trust::Incomplete { issuer } => Some(format!(
            "its chain is not complete: `{issuer}` is neither sent nor a root that is trusted here"
        )),
        Trust::UnknownRoot => Some("its root is not trusted here".to_owned()),
        Trust::Bad(error) => Some(format!("its chain is not good: {error}")),
    }
}

/// Certificates that end soon, each a warning.
pub(super) fn few_days(look: &Look, now: i64) -> Option<String> {
    let left = look.tls.as_ref().ok()?.certificate.days_left(now);
    let name = &look.name;
    (0..FEW_DAYS).contains(&left).then(|| format!("the certificate of {name} has {left} days left"))
}

fn answers(site: &Site, look: &Look) -> Outcome {
    let answer = if site.tls.is_some() { &look.secure } else { &look.plain };
    let answer = answer.as_ref().map_err(Clone::clone)?;
    let status = answer.status;
    if status >= 500 { Err(format!("HTTP {status}")) } else { Ok(format!("HTTP {status}")) }
}

/// Exactly the described versions, of those that stagectl knows.
pub(super) fn versions(tls: &Tls, look: &Look) -> Outcome {
    let seen = look.tls.as_ref().map_err(Clone::clone)?;
    let words = |versions: &[crate::site::TlsVersion]| {
        versions.iter().map(|version| version.word()).collect::<Vec<_>>().join(", ")
    };
    let found = words(&seen.versions);
    if seen.versions == tls.versions {
        return Ok(found);
    }
    let found = if found.is_empty() { seen.refused.clone().unwrap_or_default() } else { found };
    Err(format!("it speaks {found}, described {}", words(&tls.versions)))
}

/// What port 80 does is as described; where only the live configuration says it, it is reported.
pub(super) fn plain_http(site: &Site, look: &Look) -> Outcome {
    let described = site.proxy.plain_http;
    let answer = match (&look.plain, described) {
        (Ok(answer), _) => answer,
        (Err(why), Some(PlainHttp::Closed) | None) => {
            return Ok(format!("port 80 is closed: {why}"));
        }
        (Err(why), Some(_)) => return Err(why.clone()),
    };
    let seen = match answer.header("location") {
        Some(place) => format!("{} to {}", answer.status, cut(place)),
        None => format!("HTTP {}", answer.status),
    };
    let to_https = answer.redirect().is_some_and(|place| place.starts_with("https://"));
    match described {
        None => Ok(seen),
        Some(PlainHttp::Closed) => Err(format!("it answers {seen}, described as closed")),
        Some(PlainHttp::Redirect) if to_https => Ok(seen),
        Some(PlainHttp::Redirect) => {
            Err(format!("it answers {seen}, expected a redirect to https"))
        }
        Some(PlainHttp::Serve) if answer.status < 500 && !to_https => Ok(seen),
        Some(PlainHttp::Serve) => Err(format!("it answers {seen}, expected the app")),
    }
}

/// Asks for the health page until it says what is described, for as long as that may take.
async fn health(site: &Site, lookout: &Lookout) -> (Option<Answer>, Outcome) {
    let scheme = if site.tls.is_some() { Scheme::Https } else { Scheme::Http };
    let path = format!("{}{}", site.proxy.prefix, site.health.path.trim_start_matches('/'));
    let begin = Instant::now();
    loop {
        let answer = lookout.ask(scheme, site.names[0].as_str(), &path).await;
        let outcome = answer.as_ref().map_err(Clone::clone).and_then(|it| is_well(site, it));
        if outcome.is_ok() || begin.elapsed() + PACE > site.health.within {
            return (answer.ok(), outcome);
        }
        sleep(PACE).await;
    }
}

pub(super) fn is_well(site: &Site, answer: &Answer) -> Outcome {
    let expected = site.health.status;
    if answer.status != expected {
        return Err(format!("HTTP {}, expected {expected}", answer.status));
    }
    let Some(described) = &site.health.json else { return Ok(format!("HTTP {expected}")) };
    let found: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| format!("HTTP {expected}, and its body is no JSON"))?;
    match missing(described, &found, "") {
        None => Ok(format!("HTTP {expected}, as described")),
        Some(what) => Err(format!("HTTP {expected}, but {what}")),
    }
}

/// The first member that is not as expected.
pub(super) fn missing(expected: &Value, found: &Value, path: &str) -> Option<String> {
    if let (Value::Object(members), Value::Object(_)) = (expected, found) {
        let below =
            |key: &String| if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        return members.iter().find_map(|(key, value)| missing(value, &found[key], &below(key)));
    }
    let shown = |value: &Value| cut(&value.to_string());
    let path = if path.is_empty() { "it" } else { path };
    (expected != found)
        .then(|| format!("`{path}` is {}, expected {}", shown(found), shown(expected)))
}

fn hsts(described: &str, look: &Look) -> Outcome {
    let answer = look.secure.as_ref().map_err(Clone::clone)?;
    match answer.header("strict-transport-security") {
        Some(found) if found == described => Ok(found.to_owned()),
        found => Err(format!(
            "Strict-Transport-Security is {}, described {described}",
            found.map_or("not sent".to_owned(), cut)
        )),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
