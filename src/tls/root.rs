//! The root certificate itself: what it says, making it, reading it back.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rcgen::{Error, KeyPair};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::encode::{Issuing, pem};
use super::name::domains;
use super::recipe;
use super::term::{Term, certificate_of};
use crate::digest;
use crate::site::{Extension, Form, constraints_der};

/// Tags of general names.
const DNS_NAME: u64 = 2;
const ADDRESS: u64 = 7;

/// Ten years, leap days included.
const LIFETIME: SignedDuration = SignedDuration::from_hours(3653 * 24);

/// A root with its key. Not `Debug`: the key is a secret.
pub(super) struct Root {
    pub(super) pem: String,
    pub(super) key_pem: String,
    /// SHA-256 of the certificate.
    pub(super) fingerprint: String,
    pub(super) not_after: Timestamp,
}

impl Root {
    pub(super) fn key(&self) -> Result<KeyPair, Error> {
        KeyPair::from_pem(&self.key_pem)
    }

    /// What the certificates below say of it.
    pub(super) fn issuing(&self) -> Result<Issuing, Error> {
        let unreadable = |_| Error::CouldNotParseCertificate;
        let (_, block) =
            x509_parser::pem::parse_x509_pem(self.pem.as_bytes()).map_err(unreadable)?;
        let certificate = certificate_of(&block).map_err(|_| Error::CouldNotParseCertificate)?;
        let identifier = certificate.extensions().iter().find_map(|extension| {
            match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
                _ => None,
            }
        });
        Ok(Issuing {
            subject: certificate.subject().as_raw().to_vec(),
            issuer: certificate.issuer().as_raw().to_vec(),
            key_identifier: identifier.unwrap_or_default(),
            serial: certificate.raw_serial().to_vec(),
        })
    }
}

/// What a project's root says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    subject: String,
    /// Sorted; each stands for itself and all below it.
    domains: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Wanted {
    pub(super) fn new(project: &str, names: &[String]) -> Self {
        let is_address = |name: &&String| name.parse::<IpAddr>().is_ok();
        let (addresses, names): (Vec<&String>, Vec<&String>) = names.iter().partition(is_address);
        let mut addresses: Vec<IpAddr> =
            addresses.into_iter().filter_map(|address| address.parse().ok()).collect();
        addresses.sort();
        addresses.dedup();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let subject = format!("stagectl rehearsal root ({project}), not trusted by anyone else");
        Wanted { subject, domains: domains(&names), addresses }
    }

    fn read(certificate: &X509Certificate<'_>) -> Result<Self, String> {
        let subject = certificate.subject().iter_common_name().next();
        let subject = subject.and_then(|name| name.as_str().ok()).unwrap_or_default().to_owned();
        let (mut domains, mut addresses) = (Vec::new(), Vec::new());
        let constraints = certificate.name_constraints().map_err(|error| error.to_string())?;
        let permitted = constraints.and_then(|found| found.value.permitted_subtrees.as_ref());
        for subtree in permitted.into_iter().flatten() {
            match subtree.base {
                GeneralName::DNSName(name) => domains.push(name.to_owned()),
                GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
                _ => {}
            }
        }
        Ok(Wanted { subject, domains, addresses })
    }

    /// Names beyond the project's are refused by every client that trusts this root.
    fn constraints(&self) -> Extension {
        let domains = self.domains.iter().map(|name| (DNS_NAME, name.as_bytes().to_vec()));
        let own = |address: &IpAddr| match address {
            IpAddr::V4(address) => [&address.octets()[..], &[0xff; 4]].concat(),
            IpAddr::V6(address) => [&address.octets()[..], &[0xff; 16]].concat(),
        };
        let addresses = self.addresses.iter().map(|address| (ADDRESS, own(address)));
        let permitted: Vec<_> = domains.chain(addresses).collect();
        let every = [(ADDRESS, vec![0; 8]), (ADDRESS, vec![0; 32])];
        let excluded = if self.addresses.is_empty() { &every[..] } else { &[] };
        recipe::critical("2.5.29.30", constraints_der(&permitted, excluded))
    }
}

/// An address constraint is the address and its mask.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let (address, _mask) = bytes.split_at(bytes.len() / 2);
    <[u8; 4]>::try_from(address)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(address).map(IpAddr::from))
        .ok()
}

/// Makes a new root, for ten years, and good since ten years: a site's clock may be behind.
pub(super) fn make(wanted: &Wanted, now: Timestamp) -> Result<Root, Error> {
    let not_after = super::term::whole_seconds(now + LIFETIME);
    let term = Term { from: super::term::whole_seconds(now - LIFETIME), until: not_after };
    let key = KeyPair::generate()?;
    let more = vec![wanted.constraints()];
    let recipe = recipe::root(&Form::default(), &wanted.subject, None, more, &key, term);
    let der = recipe.signed(&key, &recipe.issuing(&key, &recipe.subject), &key)?;
    let fingerprint = fingerprint(&der);
    Ok(Root { pem: pem(&der), key_pem: key.serialize_pem(), fingerprint, not_after })
}

/// Reads a kept root; the error says why it is not the wanted one.
pub(super) fn read(pem: String, key_pem: String, wanted: &Wanted) -> Result<Root, String> {
    let not_after = super::term::term_of_pair(&pem, &key_pem)
        .map_err(|error| format!("root.pem and root-key.pem could not be used: {error}"))?
        .until;
    let (_, parsed) =
        x509_parser::pem::parse_x509_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
    if Wanted::read(&certificate_of(&parsed)?)? != *wanted {
        return Err("the project or its names have changed".to_owned());
    }
    let fingerprint = fingerprint(&parsed.contents);
    Ok(Root { pem, key_pem, fingerprint, not_after })
}

fn fingerprint(certificate: &[u8]) -> String {
    // Reading from memory cannot fail.
    digest::sha256(certificate).unwrap_or_default()
}
