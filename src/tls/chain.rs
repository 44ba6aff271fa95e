//! A chain of certificates of a described shape, below a project's root.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize,
};
use time::OffsetDateTime;
use x509_parser::pem::Pem;

use crate::site::{CertificateShape, KeyShape};

/// As long as the certificates of the public authorities.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Against clocks that differ.
pub(super) const BACKDATING: SignedDuration = SignedDuration::from_hours(24);
/// The longest common name: <https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1>
const LONGEST_COMMON_NAME: usize = 64;

/// What a server needs to be a site, and what its clients need to trust it.
#[derive(Clone, PartialEq, Eq)]
pub struct Chain {
    /// The leaf, then the intermediates; without the root.
    pub certificates_pem: String,
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

/// Leaf and intermediates with the leaf's key, before they are put together with the root.
pub(super) struct Issued {
    pub(super) certificates_pem: String,
    pub(super) key_pem: String,
}

/// Makes the keys and certificates of a chain.
pub(super) fn issue(
    root: &Issuer<'_, KeyPair>,
    shape: &CertificateShape,
    from: Timestamp,
    until: Timestamp,
) -> Result<Issued, Error> {
    let mut intermediates: Vec<(Certificate, Issuer<'static, KeyPair>)> = Vec::new();
    for number in 1..=shape.intermediates {
        let params = intermediate_params(number, shape.intermediates - number, from, until)?;
        // The kind of key is described for the leaf; those of the public intermediates vary.
        let key = KeyPair::generate()?;
        let above = intermediates.last().map_or(root, |(_, issuer)| issuer);
        let certificate = params.signed_by(&key, above)?;
        intermediates.push((certificate, Issuer::new(params, key)));
    }
    let key = new_key(shape.key)?;
    let issuer = intermediates.last().map_or(root, |(_, issuer)| issuer);
    let leaf = leaf_params(shape, from, until)?.signed_by(&key, issuer)?;
    let below_first = intermediates.iter().rev().map(|(certificate, _)| certificate.pem());
    Ok(Issued {
        certificates_pem: std::iter::once(leaf.pem()).chain(below_first).collect(),
        key_pem: key.serialize_pem(),
    })
}

fn new_key(shape: KeyShape) -> Result<KeyPair, Error> {
    match shape {
        KeyShape::Rsa2048 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
        KeyShape::Rsa4096 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096),
        KeyShape::EcdsaP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        KeyShape::EcdsaP384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
    }
}

fn leaf_params(
    shape: &CertificateShape,
    from: Timestamp,
    until: Timestamp,
) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(shape.names.clone())?;
    let common = shape.names.first().filter(|name| name.len() <= LONGEST_COMMON_NAME);
    let subject = common.map_or("stagectl rehearsal", String::as_str);
    params.distinguished_name = common_name(subject);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if matches!(shape.key, KeyShape::Rsa2048 | KeyShape::Rsa4096) {
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    }
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, from, until)?;
    Ok(params)
}

fn intermediate_params(
    number: u8,
    below: u8,
    from: Timestamp,
    until: Timestamp,
) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("stagectl rehearsal intermediate {number}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, from, until)?;
    Ok(params)
}

pub(super) fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// Sets the time in which a certificate is good.
pub(super) fn valid(
    params: &mut CertificateParams,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    let convert = |moment: Timestamp| {
        OffsetDateTime::from_unix_timestamp(moment.as_second()).map_err(|_| Error::Time)
    };
    params.not_before = convert(from)?;
    params.not_after = convert(until)?;
    Ok(())
}

/// A moment as certificates know it: in whole seconds.
pub(super) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// The end of the first certificate in a PEM text, when the given private key is its key.
pub(super) fn end_of_pair(certificates_pem: &str, key_pem: &str) -> Result<Timestamp, String> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(certificates_pem.as_bytes())
        .map_err(|error| error.to_string())?;
    let certificate = certificate_of(&pem)?;
    let key = KeyPair::from_pem(key_pem).map_err(|error| error.to_string())?;
    if key.subject_public_key_info() != certificate.public_key().raw {
        return Err("the key is not that of the certificate".to_owned());
    }
    Timestamp::from_second(certificate.validity().not_after.timestamp())
        .map_err(|error| error.to_string())
}

/// Whether the first certificate in a PEM text is good already.
pub(super) fn has_begun(certificates_pem: &str, now: Timestamp) -> bool {
    x509_parser::pem::parse_x509_pem(certificates_pem.as_bytes()).is_ok_and(|(_, pem)| {
        certificate_of(&pem).is_ok_and(|certificate| {
            certificate.validity().not_before.timestamp() <= now.as_second()
        })
    })
}

pub(super) fn certificate_of(
    pem: &Pem,
) -> Result<x509_parser::certificate::X509Certificate<'_>, String> {
    pem.parse_x509().map_err(|error| error.to_string())
}
