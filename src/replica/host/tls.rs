//! What TLS puts on the host and into the suite's container.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::layout::{CERTIFICATE, CERTIFICATE_KEY};
use crate::replica::paths;
use crate::replica::spec::FileEntry;
use crate::site::{
    ClientCertificate, IssuedBy, ProxyServer, SentChain, Signer, Site, Tls, TlsVersion, TrustPlace,
    Validity,
};
use crate::tls::{Certificates, ClientPair};

/// Whose certificates the server takes from its clients.
pub(in crate::replica) const CLIENT_ROOT: &str = "/etc/ssl/site/clients.pem";
/// What the rehearsal's own clients show.
pub(in crate::replica) const CLIENT_CERTIFICATE: &str = paths::CLIENT_CERTIFICATE;
pub(in crate::replica) const CLIENT_KEY: &str = paths::CLIENT_KEY;
/// Intermediates that the server leaves out, for the checks.
pub(in crate::replica) const LEFT_OUT: &str = paths::LEFT_OUT;
/// Self-signed certificates, for those who trust them.
pub(in crate::replica) const SELF_SIGNED: &str = paths::SELF_SIGNED;
/// Roots of a private authority: each has a file of its own.
#[must_use]
pub(in crate::replica) fn own_root(number: usize) -> String {
    let number = if number == 0 { String::new() } else { format!("-{}", number + 1) };
    paths::own(&format!("authority{number}.pem"))
}
/// Where roots go: a line for each root and place.
const TRUST: &str = paths::TRUST;
const ROOT: &str = paths::ROOT;

/// What is another in each run, and may stand in files of the host: where it is, and a word for it.
pub(in crate::replica) const RUNS_OWN: [(&str, &str); 3] = [
    (ROOT, "the rehearsal's root"),
    (SELF_SIGNED, "the run's own certificate"),
    (CERTIFICATE, "the run's certificate"),
];

/// The files of the certificate with this number, and of its key.
#[must_use]
pub(in crate::replica) fn certificate_files(number: usize) -> (String, String) {
    if number == 0 {
        return (CERTIFICATE.to_owned(), CERTIFICATE_KEY.to_owned());
    }
    let folder = format!("/etc/ssl/site/{}", number + 1);
    (format!("{folder}/fullchain.pem"), format!("{folder}/privkey.pem"))
}

/// The root that the host's programs shall trust.
#[must_use]
pub(in crate::replica) fn trust_file(root_pem: &str) -> FileEntry {
    FileEntry::new(ROOT, 0o644, root_pem)
}

/// What a server of the site has: its certificates and their keys, the root of its clients.
#[must_use]
pub(in crate::replica) fn server_tls_files(
    site: &Site,
    certificates: &Certificates,
) -> Vec<FileEntry> {
    let mut files = Vec::new();
    // Without a proxy the app's own server reads the key.
    let is_the_app_s = site.proxy.server == ProxyServer::None;
    for (number, chain) in certificates.server.iter().enumerate() {
        let (certificate, key) = certificate_files(number);
        files.push(FileEntry::new(certificate, 0o644, chain.certificates_pem.as_bytes()));
        let key = FileEntry::new(key, 0o600, chain.key_pem.as_bytes());
        files.push(if is_the_app_s { key.of(site.login()) } else { key });
    }
    let clients = certificates.client.as_ref();
    files.extend(clients.map(|all| FileEntry::new(CLIENT_ROOT, 0o644, all.root_pem.as_bytes())));
    files
}

/// What the app's host has as a client of the site, and its checks beside that.
#[must_use]
pub(in crate::replica) fn client_tls_files(
    site: &Site,
    certificates: &Certificates,
) -> Vec<FileEntry> {
    let mut files = Vec::new();
    let left_out: String =
        certificates.server.iter().map(|chain| chain.left_out_pem.as_str()).collect();
    if !left_out.is_empty() {
        files.push(FileEntry::new(LEFT_OUT, 0o644, left_out));
    }
    if let Some(client) = &certificates.client {
        files.extend(client_files(client, None));
    }
    if let Some(tls) = &site.tls {
        files.extend(self_signed(tls, certificates));
        files.extend(own_roots(certificates));
        if let Some(lines) = trust_lines(tls) {
            files.push(FileEntry::new(TRUST, 0o644, lines));
        }
    }
    files
}

fn own_roots(certificates: &Certificates) -> impl Iterator<Item = FileEntry> {
    let roots = certificates.own_roots.iter().enumerate();
    roots.map(|(number, pem)| FileEntry::new(own_root(number), 0o644, pem.as_bytes()))
}

/// The same for the suite, which is a client of the site and trusts the root in any case.
#[must_use]
pub(in crate::replica) fn suite_tls_files(
    site: &Site,
    certificates: &Certificates,
) -> Vec<FileEntry> {
    let mut files = Vec::new();
    files.extend(certificates.client.iter().flat_map(|client| client_files(client, Some(site))));
    let Some(tls) = &site.tls else { return files };
    files.extend(self_signed(tls, certificates));
    files.extend(own_roots(certificates));
    let everywhere = [TrustPlace::System, TrustPlace::Certifi];
    let own = || tls.trust.iter().flatten().filter(|place| !matches!(place, TrustPlace::Bundle(_)));
    let lines = if own_root_count(tls) > 0 {
        let roots = (0..own_root_count(tls)).map(own_root);
        lines_of(&[ROOT.to_owned()], &everywhere)
            + &lines_of(&roots.collect::<Vec<_>>(), &everywhere)
    } else if tls.trust.is_some() {
        let own: Vec<TrustPlace> = own().cloned().collect();
        lines_of(&[ROOT.to_owned()], &everywhere) + &self_signed_lines(tls, &own)
    } else {
        return files;
    };
    files.push(FileEntry::new(TRUST, 0o644, lines));
    files
}

/// Root's, or those of the site's user.
pub(in crate::replica) fn client_files(
    client: &ClientPair,
    owner: Option<&Site>,
) -> [FileEntry; 2] {
    let key = FileEntry::new(CLIENT_KEY, 0o600, client.key_pem.as_bytes());
    [
        FileEntry::new(CLIENT_CERTIFICATE, 0o644, client.certificate_pem.as_bytes()),
        match owner {
            Some(site) => key.of(site.login()),
            None => key,
        },
    ]
}

/// Every self-signed certificate of the site, in one file.
fn self_signed(tls: &Tls, certificates: &Certificates) -> Option<FileEntry> {
    let own = tls.shapes().zip(&certificates.server);
    let text: String = own
        .filter(|(shape, _)| shape.issuer == IssuedBy::Itself)
        .map(|(_, chain)| chain.certificates_pem.as_str())
        .collect();
    (!text.is_empty()).then(|| FileEntry::new(SELF_SIGNED, 0o644, text))
}

/// How many roots of its own the site's certificates may have.
#[must_use]
pub(in crate::replica) fn own_root_count(tls: &Tls) -> usize {
    if !tls.authority.is_empty() {
        return tls.authority.len();
    }
    let in_chains = tls.shapes().flat_map(|shape| &shape.links);
    let own = in_chains.filter(|link| link.form.signer == Signer::Itself);
    own.map(|link| &link.form.key_of).collect::<BTreeSet<_>>().len()
}

/// A line for each root and place, as `trust.sh` reads it; none where all is as usual.
///
/// What stands for public authorities is where these are; a private one's root is only where the
/// description says, and else in the system's bundle, into which an administrator puts it.
#[must_use]
pub(in crate::replica) fn trust_lines(tls: &Tls) -> Option<String> {
    let roots: Vec<String> = (0..own_root_count(tls)).map(own_root).collect();
    let usual = [TrustPlace::System, TrustPlace::Certifi];
    if roots.is_empty() {
        let places = tls.trust.as_deref()?;
        return Some(lines_of(&[ROOT.to_owned()], places) + &self_signed_lines(tls, places));
    }
    let is_private = !tls.authority.is_empty();
    let own = if is_private { &usual[..1] } else { &usual[..] };
    let places = tls.trust.as_deref().unwrap_or(own);
    let own =
        lines_of(&roots, places) + &self_signed_lines(tls, tls.trust.as_deref().unwrap_or(&[]));
    Some(lines_of(&[ROOT.to_owned()], &usual) + &own)
}

fn lines_of(roots: &[String], places: &[TrustPlace]) -> String {
    let word = |place: &TrustPlace| match place {
        TrustPlace::System => "system".to_owned(),
        TrustPlace::Certifi => "certifi".to_owned(),
        TrustPlace::Bundle(path) => path.clone(),
    };
    let lines = places
        .iter()
        .flat_map(|place| roots.iter().map(move |root| format!("{root} {}\n", word(place))));
    lines.collect()
}

fn self_signed_lines(tls: &Tls, places: &[TrustPlace]) -> String {
    if tls.shapes().any(|shape| shape.issuer == IssuedBy::Itself) {
        lines_of(&[SELF_SIGNED.to_owned()], places)
    } else {
        String::new()
    }
}

/// Whether the readiness probe can demand a chain that verifies.
#[must_use]
pub(in crate::replica) fn is_verifiable(site: &Site) -> bool {
    let Some(tls) = &site.tls else { return false };
    let shape = tls.shapes().nth(tls.serving(site.names[0].as_str())).unwrap_or(&tls.certificate);
    let trusts = |place| tls.trust.as_ref().is_none_or(|places| places.contains(&place));
    shape.valid == Validity::Usual
        && shape.sent == SentChain::Whole
        && shape.issuer == IssuedBy::Root
        && !shape.has_form()
        && trusts(TrustPlace::System)
}

/// The lines of a proxy's configuration that speak of TLS, beside certificate and versions.
#[must_use]
pub(in crate::replica) fn proxy_tls(site: &Site) -> Value {
    let Some(tls) = &site.tls else { return json!({}) };
    let of = |version: TlsVersion| {
        let named = tls.ciphers.iter().filter(|cipher| cipher.version() == version);
        named.map(|cipher| cipher.name()).collect::<Vec<_>>().join(":")
    };
    let client = tls.client.as_ref().map(|client| match client.certificate {
        ClientCertificate::Required => "required",
        ClientCertificate::Optional => "optional",
    });
    json!({
        "ciphers": of(TlsVersion::V1_2),
        "newer_ciphers": of(TlsVersion::V1_3),
        "client": client,
        "client_root": CLIENT_ROOT,
    })
}

/// A block of the proxy's configuration: a certificate and the names that it is served for.
#[must_use]
pub(in crate::replica) fn proxy_servers(site: &Site, names: &[String]) -> Vec<Value> {
    let count = site.tls.as_ref().map_or(1, |tls| tls.shapes().count());
    let number_of = |name: &String| site.tls.as_ref().map_or(0, |tls| tls.serving(name));
    (0..count)
        .map(|number| {
            let own: Vec<&String> = names.iter().filter(|name| number_of(name) == number).collect();
            let (certificate, key) = certificate_files(number);
            json!({"names": own, "certificate": certificate, "certificate_key": key})
        })
        .collect()
}

/// The options with which gunicorn speaks TLS itself.
#[must_use]
pub(in crate::replica) fn gunicorn_options(site: &Site) -> Vec<String> {
    let Some(tls) = site.tls.as_ref().filter(|_| site.proxy.server == ProxyServer::None) else {
        return Vec::new();
    };
    let mut options = vec!["--certfile", CERTIFICATE, "--keyfile", CERTIFICATE_KEY]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    if !tls.ciphers.is_empty() {
        let names: Vec<&str> = tls.ciphers.iter().map(|cipher| cipher.name()).collect();
        options.extend(["--ciphers".to_owned(), names.join(":")]);
    }
    if let Some(client) = &tls.client {
        // As `ssl.CERT_OPTIONAL` and `ssl.CERT_REQUIRED` count.
        let demand = match client.certificate {
            ClientCertificate::Optional => "1",
            ClientCertificate::Required => "2",
        };
        options.extend(["--ca-certs", CLIENT_ROOT, "--cert-reqs", demand].map(str::to_owned));
    }
    options
}
