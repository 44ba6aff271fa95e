//! What a site's own certificate says.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use crate::site::names_of_certificate;

/// A certificate as a site sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSeen {
    /// Subject alternative names: host names, wildcards, addresses.
    pub names: Vec<String>,
    pub common_name: Option<String>,
    /// As a description writes it, `ecdsa-p256`, or in words where none can.
    pub key: String,
    /// The issuer by its common name, or by all that is said of it.
    pub issuer: String,
    /// Whether it says that it was issued by itself.
    pub is_self_signed: bool,
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
}

impl CertificateSeen {
    /// Reads one; `None` for what is none.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<CertificateSeen> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(CertificateSeen {
            names: names_of_certificate(&certificate),
            common_name: common_name(certificate.subject()),
            key: key(&certificate),
            issuer: words_of(certificate.issuer()),
            is_self_signed: is_own(&certificate),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }

    /// Whole days from a moment, in seconds since 1970, to its end; negative when that is over.
    #[must_use]
    pub fn days_left(&self, now: i64) -> i64 {
        (self.not_after - now).div_euclid(24 * 60 * 60)
    }
}

/// Who has issued the last certificate of a path that begins with the first of these: `None` where it says that it was
/// issued by itself.
pub(super) fn end_of_path(chain: &[Vec<u8>]) -> Option<String> {
    let read: Vec<X509Certificate<'_>> =
        chain.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect();
    let mut last = read.first()?;
    // No path is longer than what is sent.
    for _ in 0..read.len() {
        let above = read.iter().find(|other| {
            other.subject().as_raw() == last.issuer().as_raw() && !std::ptr::eq(*other, last)
        });
        match above {
            Some(above) if !is_own(last) => last = above,
            _ => break,
        }
    }
    (!is_own(last)).then(|| words_of(last.issuer()))
}

fn is_own(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    Some(name.iter_common_name().next()?.as_str().ok()?.to_owned())
}

fn words_of(name: &X509Name<'_>) -> String {
    common_name(name).unwrap_or_else(|| name.to_string())
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let info = certificate.public_key();
    let curve = info.algorithm.parameters.as_ref().and_then(|found| found.as_oid().ok());
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => format!("rsa-{}", key.key_size()),
        Ok(PublicKey::EC(_)) => match curve.map(|curve| curve.to_id_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => "ecdsa-p256".to_owned(),
            Some("1.3.132.0.34") => "ecdsa-p384".to_owned(),
            Some("1.3.132.0.35") => "ecdsa-p521".to_owned(),
            curve => format!("ECDSA on the curve {}", curve.unwrap_or("of its own")),
        },
        _ => format!("of the kind {}", info.algorithm.algorithm.to_id_string()),
    }
}
