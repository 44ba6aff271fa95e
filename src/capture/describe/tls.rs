//! `tls`: the certificate by its shape, and the versions.

use serde_json::json;

use super::front::Front;
use super::scene::Scene;
use crate::capture::description::Description;

/// Versions that a description has if it says nothing.
const USUAL: [&str; 2] = ["TLSv1.2", "TLSv1.3"];

pub(super) fn describe(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let seen = scene.looks.iter().find_map(|look| look.tls.as_ref().ok().map(|seen| (look, seen)));
    let of_file = front
        .certificates
        .iter()
        .find_map(|path| Some((path, scene.proxy.certificates.get(path)?)))
        .filter(|(_, pem)| pem.contains("BEGIN CERTIFICATE"));
    let chain = seen
        .map(|(_, seen)| seen.chain_pem())
        .or_else(|| of_file.map(|(_, pem)| format!("{}\n", pem.trim_end())));
    let Some(chain) = chain else {
        if front.is_secure {
            into.todo("tls", format!("the certificate was not readable ({}): openssl s_client -showcerts -connect NAME:443 </dev/null > certificate.pem, and certificate: {{like: {}}}",
                front.certificates.join(", "), scene.name_file("certificate.pem")));
            into.set("tls", json!({}), "the proxy speaks TLS");
        } else if front.server == "none" || front.names.is_empty() {
            // Nobody knows whether somebody before it does.
        } else if let Some(look) = scene.looks.first() {
            into.notes.push(format!(
                "{}: nothing of TLS was seen on port 443: {}",
                look.name,
                look.tls.as_ref().err().cloned().unwrap_or_default()
            ));
        }
        return;
    };
    let from = seen.map_or_else(
        || of_file.map_or_else(String::new, |(path, _)| path.clone()),
        |(look, _)| format!("as {} sends it", look.name),
    );
    into.chain = Some(match seen {
        Some((_, seen)) => seen.chain.clone(),
        None => pem::parse_many(&chain)
            .unwrap_or_default()
            .into_iter()
            .map(pem::Pem::into_contents)
            .collect(),
    });
    into.add_file("certificate.pem", chain);
    into.set("tls.certificate.like", scene.name_file("certificate.pem"), from.clone());
    if !front.is_secure && front.server != "none" {
        // TLS ends before this host.
        into.set(
            "proxy.behind",
            json!({}),
            "the proxy of the host speaks plain HTTP, and the site TLS: a balancer is before it",
        );
    }
    let of_proxy: Vec<String> = front.versions.clone();
    let of_look: Vec<String> = seen
        .map(|(_, seen)| seen.versions.iter().map(|version| version.word().to_owned()).collect())
        .unwrap_or_default();
    let mut versions = if of_proxy.is_empty() { of_look } else { of_proxy };
    let old: Vec<String> =
        versions.iter().filter(|version| !USUAL.contains(&version.as_str())).cloned().collect();
    if !old.is_empty() {
        into.notes
            .push(format!("the live proxy speaks {}, too, which no replica does", old.join(" ")));
        versions.retain(|version| !old.contains(version));
    }
    if !versions.is_empty() && versions != USUAL {
        into.set("tls.versions", versions, from);
    }
    let others = scene.looks.iter().filter_map(|look| look.tls.as_ref().ok());
    let mut chains: Vec<&Vec<u8>> = others.filter_map(|seen| seen.chain.first()).collect();
    chains.dedup();
    if chains.len() > 1 {
        into.todo("tls", format!("the names have {} certificates: write them as `certificates: [...]`, each with `like`", chains.len()));
    }
}
