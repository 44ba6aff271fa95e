//! What single parts of a certificate say.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a reader's methods are not general enough in its lifetimes"
)]

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use crate::site::certificate::extension::SUBJECT_KEY;
use crate::site::model::{ExtensionValue, KeyHash, KeyShape, Moment, Validity};

pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

pub(super) fn subject_key(certificate: &X509Certificate<'_>, der: &[u8]) -> ExtensionValue {
    match yasna::parse_der(der, |one| one.read_bytes()) {
        Ok(bytes) if bytes == sha1(&certificate.public_key().subject_public_key.data) => {
            ExtensionValue::SubjectKey(KeyHash::Sha1)
        }
        Ok(bytes) if (1..=64).contains(&bytes.len()) => {
            ExtensionValue::SubjectKey(KeyHash::Bytes(bytes.len()))
        }
        _ => ExtensionValue::Der(der.to_vec()),
    }
}

/// The subject key identifier that a certificate says.
pub(super) fn key_identifier(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    let all = certificate.extensions();
    let found = all.iter().find(|extension| extension.oid.to_id_string() == SUBJECT_KEY)?;
    yasna::parse_der(found.value, |one| one.read_bytes()).ok()
}

/// Key identifier, general names and serial number of an authority key identifier.
pub(super) fn authority_parts(der: &[u8]) -> Option<[Option<Vec<u8>>; 3]> {
    let members =
        yasna::parse_der(der, |reader| reader.collect_sequence_of(|one| one.read_tagged_der()));
    let mut parts = [None, None, None];
    for member in members.ok()? {
        let tag = member.tag();
        let place = usize::try_from(tag.tag_number).ok()?;
        if tag.tag_class != yasna::TagClass::ContextSpecific || place > 2 {
            return None;
        }
        parts[place] = Some(member.value().to_vec());
    }
    Some(parts)
}

/// The name in general names that are one directory name.
pub(super) fn directory_name(names: &[u8]) -> Option<Vec<u8>> {
    yasna::parse_der(names, |reader| {
        reader.read_tagged(yasna::Tag::context(4), |one| one.read_der())
    })
    .ok()
}

pub(super) fn is_long(time: ASN1Time) -> bool {
    const UTC_TIMES: std::ops::Range<i32> = 1950..2050;
    time.is_generalizedtime() && UTC_TIMES.contains(&time.to_datetime().year())
}

/// The hosts and addresses that a certificate names, in lowercase.
#[must_use]
pub fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let extension = leaf.subject_alternative_name().ok().flatten();
    let all = extension.map(|found| found.value.general_names.as_slice()).unwrap_or_default();
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_lowercase()),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
            .ok()
            .map(|address| address.to_string()),
        _ => None,
    };
    all.iter().filter_map(name).collect()
}

pub(super) fn key(certificate: &X509Certificate<'_>) -> Result<KeyShape, Unlike> {
    let info = certificate.public_key();
    let curve = info.algorithm.parameters.as_ref().and_then(|found| found.as_oid().ok());
    let found = match info.parsed() {
        Ok(PublicKey::RSA(key)) => match key.key_size() {
            2048 => return Ok(KeyShape::Rsa2048),
            3072 => return Ok(KeyShape::Rsa3072),
            4096 => return Ok(KeyShape::Rsa4096),
            bits => format!("RSA with {bits} bits"),
        },
        Ok(PublicKey::EC(_)) => match curve.map(|curve| curve.to_id_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => return Ok(KeyShape::EcdsaP256),
            Some("1.3.132.0.34") => return Ok(KeyShape::EcdsaP384),
            Some("1.3.132.0.35") => return Ok(KeyShape::EcdsaP521),
            curve => format!("ECDSA on the curve {}", curve.unwrap_or("of its own")),
        },
        _ => info.algorithm.algorithm.to_id_string(),
    };
    let hint = "describe the certificate with `names` and one of the kinds of `key`";
    Err(unlike(format!("its key, {found}, is of a kind that cannot be made"), hint))
}

pub(super) fn valid(certificate: &X509Certificate<'_>) -> Validity {
    let validity = certificate.validity();
    let moment = |time: ASN1Time| {
        let latest = Timestamp::MAX.as_second();
        // The year 9999 ends a day too late for some.
        let second = time.timestamp().clamp(Timestamp::MIN.as_second(), latest);
        Some(Moment::At(Timestamp::from_second(second).unwrap_or(Timestamp::MAX)))
    };
    Validity::Described { from: moment(validity.not_before), until: moment(validity.not_after) }
}

/// Why a file's certificate cannot be copied, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::site) struct Unlike {
    pub(in crate::site) message: String,
    pub(in crate::site) hint: String,
}

pub(in crate::site::certificate) fn unlike(message: impl Into<String>, hint: &str) -> Unlike {
    Unlike { message: message.into(), hint: hint.to_owned() }
}
