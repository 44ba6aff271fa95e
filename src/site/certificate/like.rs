//! The shape of a public certificate, read from its file.

use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName};
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use crate::site::model::{
    CertificateShape, IssuedBy, KeyShape, KeyUsages, Moment, SERVER_AUTH, Signature, Usage,
    Validity,
};

/// Why a file's certificate cannot be copied, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::site) struct Unlike {
    pub(in crate::site) message: String,
    pub(in crate::site) hint: String,
}

fn unlike(message: impl Into<String>, hint: &str) -> Unlike {
    Unlike { message: message.into(), hint: hint.to_owned() }
}

/// The shape of the first certificate in a PEM file, and whether the file tells what is between it
/// and its root: if not, one intermediate, as nearly all public ones have.
pub(in crate::site) fn shape_of(text: &[u8]) -> Result<(CertificateShape, bool), Unlike> {
    if text.windows(11).any(|part| part == b"PRIVATE KEY") {
        let hint = "take the key out: its certificate is public, the key is not";
        return Err(unlike("there is a private key in the file", hint));
    }
    let blocks: Vec<Pem> = Pem::iter_from_buffer(text).filter_map(Result::ok).collect();
    let certificates: Vec<X509Certificate<'_>> =
        blocks.iter().filter_map(|block| block.parse_x509().ok()).collect();
    let fetch = "fetch it: openssl s_client -showcerts -connect www.site-b.example:443 </dev/null";
    let Some(leaf) = certificates.first() else {
        return Err(unlike("there is no PEM certificate in the file", fetch));
    };
    let is_own = |certificate: &X509Certificate<'_>| {
        certificate.subject().as_raw() == certificate.issuer().as_raw()
    };
    if leaf.is_ca() && !is_own(leaf) {
        let hint = "put the certificate of the site first, then what is between it and its root";
        return Err(unlike("the first certificate in the file is that of an authority", hint));
    }
    let above = certificates[1..].iter().filter(|certificate| !is_own(certificate)).count();
    let issuer = if is_own(leaf) { IssuedBy::Itself } else { IssuedBy::Root };
    let tells_chain = certificates.len() > 1 || issuer == IssuedBy::Itself;
    let intermediates = if tells_chain { u8::try_from(above).unwrap_or(u8::MAX) } else { 1 };
    if intermediates > 4 {
        let hint = "leave only what the site sends in the file";
        return Err(unlike(
            format!("there are {intermediates} certificates above the first"),
            hint,
        ));
    }
    let common_name = leaf.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let shape = CertificateShape {
        // Without a common name, the subject is empty.
        common_name: Some(common_name.unwrap_or_default().to_owned()),
        signature: Some(signature(leaf)?),
        issuer,
        valid: Validity::Described {
            from: Some(moment(leaf.validity().not_before)),
            until: Some(moment(leaf.validity().not_after)),
        },
        usage: usage(leaf),
        ..CertificateShape::new(names(leaf), key(leaf)?, intermediates)
    };
    if shape.names.is_empty() && common_name.is_none() {
        return Err(unlike("the certificate is for no name at all", fetch));
    }
    Ok((shape, tells_chain))
}

fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
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

fn key(leaf: &X509Certificate<'_>) -> Result<KeyShape, Unlike> {
    let info = leaf.public_key();
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
            curve => format!("ECDSA on the curve {}", curve.unwrap_or("of its own")),
        },
        _ => info.algorithm.algorithm.to_id_string(),
    };
    let hint = "describe the certificate with `names` and one of the kinds of `key`";
    Err(unlike(format!("its key, {found}, is of a kind that cannot be made"), hint))
}

fn signature(leaf: &X509Certificate<'_>) -> Result<Signature, Unlike> {
    let oid = leaf.signature_algorithm.algorithm.to_id_string();
    Signature::ALL.into_iter().find(|signature| signature.oid() == oid).ok_or_else(|| {
        let hint =
            "describe the certificate with `names`, `key` and one of the kinds of `signature`";
        unlike(format!("its signature ({oid}) is of a kind that cannot be made"), hint)
    })
}

fn usage(leaf: &X509Certificate<'_>) -> Usage {
    let key = leaf.key_usage().ok().flatten().map_or(0, |found| found.value.flags);
    let extended = leaf.extended_key_usage().ok().flatten();
    Usage {
        key: KeyUsages::Bits(key),
        extended: extended.map(|found| oids(found.value)).unwrap_or_default(),
    }
}

fn oids(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "2.5.29.37.0"),
        (usage.server_auth, SERVER_AUTH),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let known = known.into_iter().filter(|(is_there, _)| *is_there).map(|(_, oid)| oid.to_owned());
    known.chain(usage.other.iter().map(x509_parser::der_parser::oid::Oid::to_id_string)).collect()
}

fn moment(time: ASN1Time) -> Moment {
    Moment::At(Timestamp::from_second(time.timestamp()).unwrap_or_default())
}
