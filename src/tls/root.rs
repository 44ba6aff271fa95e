//! The root certificate itself: what it says, making it, reading it back.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, Error, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::chain::{self, Term, certificate_of};
use super::name::domains;
use crate::digest;

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
    fn constraints(&self) -> NameConstraints {
        let domains = self.domains.iter().cloned().map(GeneralSubtree::DnsName);
        let own = |address: &IpAddr| {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, bits))
        };
        let every = |network: CidrSubnet| GeneralSubtree::IpAddress(network);
        let excluded_subtrees = if self.addresses.is_empty() {
            vec![
                every(CidrSubnet::from_v4_prefix([0; 4], 0)),
                every(CidrSubnet::from_v6_prefix([0; 16], 0)),
            ]
        } else {
            Vec::new()
        };
        let permitted_subtrees = domains.chain(self.addresses.iter().map(own)).collect();
        NameConstraints { permitted_subtrees, excluded_subtrees }
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
    let not_after = chain::whole_seconds(now + LIFETIME);
    let mut params = CertificateParams::default();
    params.distinguished_name = chain::common_name(&wanted.subject);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(wanted.constraints());
    chain::valid(&mut params, Term { from: now - LIFETIME, until: not_after })?;
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let fingerprint = fingerprint(certificate.der());
    Ok(Root { pem: certificate.pem(), key_pem: key.serialize_pem(), fingerprint, not_after })
}

/// Reads a kept root; the error says why it is not the wanted one.
pub(super) fn read(pem: String, key_pem: String, wanted: &Wanted) -> Result<Root, String> {
    let not_after = chain::term_of_pair(&pem, &key_pem)
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
