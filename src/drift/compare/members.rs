//! Things that are compared one by one: files that were brought along, packages, distributions, the certificate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::comparison::Comparison;
use crate::drift::finding::Standing;
use crate::drift::form::plain;
use crate::outside_look::CertificateSeen;

/// The most lines of a file that a finding shows.
const MOST_LINES: usize = 5;

impl Comparison<'_> {
    /// Files that were brought along: the live ones against those beside the description.
    pub(super) fn texts(&mut self) {
        for (key, text) in &self.sides.texts {
            let Some(live) = self.sides.live.texts.get(key) else { continue };
            self.count += 1;
            let (all, all_live) = (plain_lines(text), plain_lines(live));
            // What was kept back on the host stands here as a person wrote it.
            let kept_back: Vec<&str> =
                all_live.iter().filter_map(|line| Some(line.split_once("HIDDEN")?.0)).collect();
            let is_known = |line: &&String| {
                !line.contains("HIDDEN")
                    && !line.contains("{{")
                    && !kept_back.iter().any(|start| !start.is_empty() && line.starts_with(start))
            };
            let one: Vec<String> = all.iter().filter(is_known).cloned().collect();
            let two: Vec<String> = all_live.iter().filter(is_known).cloned().collect();
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
    pub(super) fn packages(&mut self) {
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
                    Some(Value::Null),
                ),
                (Some(pin), Some(version)) if pin != version => {
                    let standing = if upstream(pin) == upstream(version) {
                        Standing::Aged
                    } else {
                        Standing::Drifted
                    };
                    let accepted = Some(format!("{name}={version}").into());
                    self.add(key, (Some(pin.clone()), Some(version.clone())), None, accepted);
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
                Some(name.clone().into()),
            );
        }
        for finding in &mut self.findings[before..] {
            finding.path = vec!["base".to_owned(), "packages".to_owned()];
        }
    }

    /// Distributions of the app's environment against the lock.
    pub(super) fn locks(&mut self) {
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
    pub(super) fn certificate(&mut self) {
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
                json!(live.names),
            ),
            (
                "key",
                text("key").or_else(|| of_like.as_ref().map(|(one, _)| one.key.clone())),
                live.key.clone(),
                json!(live.key),
            ),
            (
                "intermediates",
                text("intermediates")
                    .or_else(|| of_like.as_ref().map(|(_, count)| (count - 1).to_string())),
                (seen.len() - 1).to_string(),
                json!(seen.len() - 1),
            ),
        ];
        for (key, described, live, accepted) in pairs {
            let Some(described) = described else { continue };
            self.count += 1;
            if described != live {
                // What only the file of `like` says is for a person.
                let accepted = Some(accepted).filter(|_| text(key).is_some());
                self.add(
                    format!("tls.certificate.{key}"),
                    (Some(described), Some(live)),
                    None,
                    accepted,
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

/// The lines of a text without remarks and what is between their words.
fn plain_lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// `3.0.11-1~deb12u2` without what Debian adds, and without an epoch.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}
