//! A chain of certificates of a described shape, below a project's root.

use std::fmt;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, Error, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use time::OffsetDateTime;
use x509_parser::pem::Pem;

use super::key::{extended_usages, issuing_key, key_usages};
use crate::site::{CertificateShape, IssuedBy, SentChain, Validity};

/// The longest common name: <https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1>
const LONGEST_COMMON_NAME: usize = 64;

/// What a server needs to be a site, and what its clients need to trust it.
#[derive(Clone, PartialEq, Eq)]
pub struct Chain {
    /// What the server sends: the leaf, then the intermediates; without the root.
    pub certificates_pem: String,
    /// The intermediates that it leaves out, for those who look whether that is all that is wrong.
    pub left_out_pem: String,
    /// The leaf's private key (PKCS#8). A secret: it never enters an image, a log or a report.
    pub key_pem: String,
    pub root_pem: String,
    /// The names that the leaf is for.
    pub names: Vec<String>,
    pub not_after: Timestamp,
}

impl fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Chain")
            .field("names", &self.names)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// The ends of a certificate's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Term {
    /// As a shape has it, in the whole seconds that certificates know.
    pub(super) fn of(valid: Validity, now: Timestamp) -> Self {
        let (from, until) = valid.at(now);
        Term { from: whole_seconds(from), until: whole_seconds(until) }
    }
}

/// Makes the certificates of a chain for the leaf's key: the leaf, then the intermediates.
pub(super) fn issue(
    root: &Issuer<'_, KeyPair>,
    shape: &CertificateShape,
    key: &KeyPair,
    leaf: Term,
    above: Term,
) -> Result<String, Error> {
    let params = leaf_params(shape, leaf)?;
    if shape.issuer == IssuedBy::Itself {
        return Ok(params.self_signed(key)?.pem());
    }
    let mut intermediates: Vec<(Certificate, Issuer<'static, KeyPair>)> = Vec::new();
    for number in 1..=shape.intermediates {
        let below = shape.intermediates - number;
        let params = intermediate_params(number, below, above)?;
        // The described signature is the leaf's; those of the public intermediates vary.
        let key = if below == 0 { issuing_key(shape.signature)? } else { KeyPair::generate()? };
        let issuer = intermediates.last().map_or(root, |(_, issuer)| issuer);
        let certificate = params.signed_by(&key, issuer)?;
        intermediates.push((certificate, Issuer::new(params, key)));
    }
    let issuer = intermediates.last().map_or(root, |(_, issuer)| issuer);
    let leaf = params.signed_by(key, issuer)?;
    let below_first = intermediates.iter().rev().map(|(certificate, _)| certificate.pem());
    Ok(std::iter::once(leaf.pem()).chain(below_first).collect())
}

/// A root for clients, and the certificate of one that it has issued for a key; both as PEM.
pub(super) fn issue_client(
    name: &str,
    key: &KeyPair,
    term: Term,
) -> Result<(String, String), Error> {
    let mut root = CertificateParams::default();
    root.distinguished_name = common_name("stagectl rehearsal clients");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut root, term)?;
    let root_key = KeyPair::generate()?;
    let root_pem = root.self_signed(&root_key)?.pem();
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, term)?;
    Ok((root_pem, params.signed_by(key, &Issuer::new(root, root_key))?.pem()))
}

/// What the server sends of a chain, and what it leaves out.
pub(super) fn split(certificates_pem: &str, sent: SentChain) -> (&str, &str) {
    const END: &str = "-----END CERTIFICATE-----\n";
    match (sent, certificates_pem.find(END)) {
        (SentChain::LeafOnly, Some(end)) => certificates_pem.split_at(end + END.len()),
        _ => (certificates_pem, ""),
    }
}

fn leaf_params(shape: &CertificateShape, term: Term) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(shape.names.clone())?;
    let first = shape.names.first().filter(|name| name.len() <= LONGEST_COMMON_NAME);
    let first = first.map_or("stagectl rehearsal", String::as_str);
    params.distinguished_name = match shape.common_name.as_deref() {
        // Some public authorities leave the subject empty.
        Some("") => DistinguishedName::new(),
        name => common_name(name.unwrap_or(first)),
    };
    params.is_ca = match shape.issuer {
        IssuedBy::Root => IsCa::ExplicitNoCa,
        // As `openssl req -x509` has it.
        IssuedBy::Itself => IsCa::Ca(BasicConstraints::Unconstrained),
    };
    params.key_usages = key_usages(shape);
    params.extended_key_usages = extended_usages(&shape.usage);
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, term)?;
    Ok(params)
}

fn intermediate_params(number: u8, below: u8, term: Term) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("stagectl rehearsal intermediate {number}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, term)?;
    Ok(params)
}

pub(super) fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// Sets the time in which a certificate is good.
pub(super) fn valid(params: &mut CertificateParams, term: Term) -> Result<(), Error> {
    let convert = |moment: Timestamp| {
        OffsetDateTime::from_unix_timestamp(moment.as_second()).map_err(|_| Error::Time)
    };
    params.not_before = convert(term.from)?;
    params.not_after = convert(term.until)?;
    Ok(())
}

/// A moment as certificates know it: in whole seconds.
pub(super) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// The validity of the first certificate in a PEM text, when the given private key is its key.
pub(super) fn term_of_pair(certificates_pem: &str, key_pem: &str) -> Result<Term, String> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(certificates_pem.as_bytes())
        .map_err(|error| error.to_string())?;
    let certificate = certificate_of(&pem)?;
    let key = KeyPair::from_pem(key_pem).map_err(|error| error.to_string())?;
    if key.subject_public_key_info() != certificate.public_key().raw {
        return Err("the key is not that of the certificate".to_owned());
    }
    let moment = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_second(time.timestamp()).map_err(|error| error.to_string())
    };
    let validity = certificate.validity();
    Ok(Term { from: moment(validity.not_before)?, until: moment(validity.not_after)? })
}

pub(super) fn certificate_of(
    pem: &Pem,
) -> Result<x509_parser::certificate::X509Certificate<'_>, String> {
    pem.parse_x509().map_err(|error| error.to_string())
}
