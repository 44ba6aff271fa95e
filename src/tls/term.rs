//! From when to when a certificate is good.

use jiff::Timestamp;
use rcgen::{KeyPair, PublicKeyData as _};
use x509_parser::pem::Pem;

use crate::site::Validity;

/// The last line of a certificate in PEM.
pub(super) const END: &str = "-----END CERTIFICATE-----\n";

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
