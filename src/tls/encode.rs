//! A certificate's bytes, and its signature: one way for all of them, as they shall be no better than
//! what they stand for.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a reader's methods are not general enough in its lifetimes"
)]

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA512, digest};
use jiff::Timestamp;
use jiff::tz::Offset;
use num_bigint::BigUint;
use rcgen::{
    Error, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA256,
    PKCS_ECDSA_P521_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, PKCS_RSA_SHA384,
    PKCS_RSA_SHA512, PublicKeyData as _, SignatureAlgorithm, SigningKey as _,
};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, TagClass, construct_der};

use super::term::Term;
use crate::site::{
    AuthorityKey, Ends, Extension, ExtensionValue, KeyHash, Reference, Signature, Version,
};

/// A certificate before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) version: Version,
    /// Bytes of the integer.
    pub(super) serial: Vec<u8>,
    /// DER of the name.
    pub(super) subject: Vec<u8>,
    /// DER of the issuer's name, where it is not as that one's subject.
    pub(super) issuer: Option<Vec<u8>>,
    pub(super) term: Term,
    pub(super) long_times: Ends,
    pub(super) extensions: Vec<Extension>,
    /// As the issuer's key signs by itself, if absent or beyond it.
    pub(super) signature: Option<Signature>,
}

/// What certificates say of the one that has issued them.
#[derive(Debug, Clone)]
pub(super) struct Issuing {
    /// DER of its name, and of its own issuer's.
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) key_identifier: Vec<u8>,
    pub(super) serial: Vec<u8>,
}

impl Recipe {
    /// What it is as an issuer, with this key; `issuer` is the subject of its own.
    pub(super) fn issuing(&self, key: &KeyPair, issuer: &[u8]) -> Issuing {
        let own = self.extensions.iter().find_map(|extension| match &extension.value {
            ExtensionValue::SubjectKey(hash) => Some(identifier(key, *hash)),
            _ => None,
        });
        Issuing {
            subject: self.subject.clone(),
            issuer: self.issuer.clone().unwrap_or_else(|| issuer.to_vec()),
            key_identifier: own.unwrap_or_else(|| identifier(key, KeyHash::Sha1)),
            serial: self.serial.clone(),
        }
    }

    /// DER of the certificate for a key, signed by its issuer's.
    pub(super) fn signed(
        &self,
        key: &KeyPair,
        issuing: &Issuing,
        issuers_key: &KeyPair,
    ) -> Result<Vec<u8>, Error> {
        let own = own_signature(issuers_key);
        let signature = self.signature.filter(|wanted| algorithm(*wanted, issuers_key).is_ok());
        let signature = signature.unwrap_or(own);
        let body = self.to_be_signed(key, issuing, signature);
        let value = sign(issuers_key, signature, &body)?;
        Ok(construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_der(&body);
                write_algorithm(writer.next(), signature);
                writer.next().write_bitvec_bytes(&value, value.len() * 8);
            });
        }))
    }

    fn to_be_signed(&self, key: &KeyPair, issuing: &Issuing, signature: Signature) -> Vec<u8> {
        construct_der(|writer| {
            writer.write_sequence(|writer| {
                if self.version != Version::V1 {
                    writer.next().write_tagged(Tag::context(0), |writer| {
                        writer.write_u8(u8::from(self.version) - 1);
                    });
                }
                write_bytes(writer.next(), 2, &self.serial);
                write_algorithm(writer.next(), signature);
                writer.next().write_der(self.issuer.as_deref().unwrap_or(&issuing.subject));
                writer.next().write_sequence(|writer| {
                    write_time(writer.next(), self.term.from, self.long_times.from);
                    write_time(writer.next(), self.term.until, self.long_times.until);
                });
                writer.next().write_der(&self.subject);
                writer.next().write_der(&key.subject_public_key_info());
                if !self.extensions.is_empty() {
                    writer.next().write_tagged(Tag::context(3), |writer| {
                        writer.write_sequence(|writer| {
                            for extension in &self.extensions {
                                let value = value_of(extension, key, issuing);
                                write_extension(writer.next(), extension, &value);
                            }
                        });
                    });
                }
            });
        })
    }
}

/// A certificate as PEM.
pub(super) fn pem(der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new("CERTIFICATE", der), config)
}

fn write_extension(writer: DERWriter<'_>, extension: &Extension, value: &[u8]) {
    writer.write_sequence(|writer| {
        // It was read as one, or parsed from a description.
        let oid = extension.oid.parse().unwrap_or_else(|_| ObjectIdentifier::from_slice(&[0, 0]));
        writer.next().write_oid(&oid);
        if extension.critical {
            writer.next().write_bool(true);
        }
        writer.next().write_bytes(value);
    });
}

fn value_of(extension: &Extension, key: &KeyPair, issuing: &Issuing) -> Vec<u8> {
    match &extension.value {
        ExtensionValue::Der(der) => der.clone(),
        ExtensionValue::SubjectKey(hash) => {
            construct_der(|writer| writer.write_bytes(&identifier(key, *hash)))
        }
        ExtensionValue::AuthorityKey(value) => authority_key(value, issuing),
    }
}

fn authority_key(value: &AuthorityKey, issuing: &Issuing) -> Vec<u8> {
    let name = construct_der(|writer| {
        writer.write_tagged(Tag::context(4), |writer| writer.write_der(&issuing.issuer));
    });
    let parts = [
        (0, &value.key, &issuing.key_identifier),
        (1, &value.name, &name),
        (2, &value.serial, &issuing.serial),
    ];
    construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (tag, reference, true_one) in parts {
                let bytes = match reference {
                    None => continue,
                    Some(Reference::Issuers) => true_one,
                    Some(Reference::Wrong(bytes)) => bytes,
                };
                let tag = if tag == 1 { constructed(tag) } else { primitive(tag) };
                writer.next().write_der(&[&tag[..], &length(bytes.len()), bytes].concat());
            }
        });
    })
}

fn primitive(tag: u8) -> [u8; 1] {
    [0x80 | tag]
}

fn constructed(tag: u8) -> [u8; 1] {
    [0xa0 | tag]
}

/// A length as DER has it.
fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![short],
        _ => {
            let bytes = length.to_be_bytes();
            let start = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
            let bytes = &bytes[start..];
            let count = u8::try_from(bytes.len()).unwrap_or_default();
            [&[0x80 | count], bytes].concat()
        }
    }
}

/// The identifier of a key.
fn identifier(key: &KeyPair, hash: KeyHash) -> Vec<u8> {
    let bits = key.public_key_raw();
    match hash {
        KeyHash::Sha1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, bits).as_ref().to_vec(),
        KeyHash::Bytes(length) => {
            digest(&SHA512, bits).as_ref().iter().copied().take(length).collect()
        }
    }
}

fn write_bytes(writer: DERWriter<'_>, universal: u64, bytes: &[u8]) {
    let tag = Tag { tag_class: TagClass::Universal, tag_number: universal };
    writer.write_tagged_implicit(tag, |writer| writer.write_bytes(bytes));
}

/// `UTCTime` until 2049, as RFC 5280 wants it, unless the long form is asked for.
fn write_time(writer: DERWriter<'_>, moment: Timestamp, is_long: bool) {
    let time = Offset::UTC.to_datetime(moment);
    let is_short = !is_long && (1950..2050).contains(&time.year());
    let (tag, format) = if is_short { (23, "%y%m%d%H%M%SZ") } else { (24, "%Y%m%d%H%M%SZ") };
    write_bytes(writer, tag, time.strftime(format).to_string().as_bytes());
}

fn write_algorithm(writer: DERWriter<'_>, signature: Signature) {
    writer.write_sequence(|writer| {
        let arcs: Vec<u64> =
            signature.oid().split('.').filter_map(|arc| arc.parse().ok()).collect();
        writer.next().write_oid(&ObjectIdentifier::from_slice(&arcs));
        if signature.is_rsa() {
            writer.next().write_null();
        }
    });
}

/// How a key signs by itself.
pub(super) fn own_signature(key: &KeyPair) -> Signature {
    let own = key.algorithm();
    if own == &PKCS_ECDSA_P256_SHA256 {
        Signature::EcdsaSha256
    } else if own == &PKCS_ECDSA_P384_SHA384 {
        Signature::EcdsaSha384
    } else if [&PKCS_ECDSA_P521_SHA256, &PKCS_ECDSA_P521_SHA384, &PKCS_ECDSA_P521_SHA512]
        .contains(&own)
    {
        Signature::EcdsaSha512
    } else if own == &PKCS_RSA_SHA384 {
        Signature::RsaSha384
    } else if own == &PKCS_RSA_SHA512 {
        Signature::RsaSha512
    } else {
        Signature::RsaSha256
    }
}

/// How rcgen calls it; SHA-1 is not among what it can.
fn algorithm(
    signature: Signature,
    key: &KeyPair,
) -> Result<Option<&'static SignatureAlgorithm>, Error> {
    let own = own_signature(key);
    let is_largest = own == Signature::EcdsaSha512;
    Ok(Some(match signature {
        Signature::RsaSha1 if own.is_rsa() => return Ok(None),
        Signature::RsaSha256 if own.is_rsa() => &PKCS_RSA_SHA256,
        Signature::RsaSha384 if own.is_rsa() => &PKCS_RSA_SHA384,
        Signature::RsaSha512 if own.is_rsa() => &PKCS_RSA_SHA512,
        Signature::EcdsaSha256 if is_largest => &PKCS_ECDSA_P521_SHA256,
        Signature::EcdsaSha384 if is_largest => &PKCS_ECDSA_P521_SHA384,
        Signature::EcdsaSha512 if is_largest => &PKCS_ECDSA_P521_SHA512,
        Signature::EcdsaSha256 if own == signature => &PKCS_ECDSA_P256_SHA256,
        Signature::EcdsaSha384 if own == signature => &PKCS_ECDSA_P384_SHA384,
        _ => return Err(Error::UnsupportedSignatureAlgorithm),
    }))
}

fn sign(key: &KeyPair, signature: Signature, message: &[u8]) -> Result<Vec<u8>, Error> {
    match algorithm(signature, key)? {
        Some(algorithm) => {
            KeyPair::from_pkcs8_pem_and_sign_algo(&key.serialize_pem(), algorithm)?.sign(message)
        }
        None => sign_with_sha1(key, message).ok_or(Error::UnsupportedSignatureAlgorithm),
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-1, which no library does any more: <https://www.rfc-editor.org/rfc/rfc8017#section-8.2.1>.
/// It takes as long as the key makes it take: these keys protect nothing but a rehearsal.
fn sign_with_sha1(key: &KeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let (modulus, exponent) = rsa_numbers(key.serialized_der())?;
    let length = modulus.len();
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
    let info: &[u8] =
        &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
    let filler = length.checked_sub(3 + info.len() + hash.as_ref().len())?;
    let padded = [&[0, 1][..], &vec![0xff; filler], &[0], info, hash.as_ref()].concat();
    let [modulus, exponent, padded] =
        [&modulus, &exponent, &padded].map(|bytes| BigUint::from_bytes_be(bytes));
    let value = padded.modpow(&exponent, &modulus).to_bytes_be();
    Some([vec![0; length.checked_sub(value.len())?], value].concat())
}

/// Modulus and private exponent of a PKCS#8 key.
fn rsa_numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let inner = yasna::parse_der(der, |reader| {
        reader.read_sequence(|reader| {
            reader.next().read_u8()?;
            reader.next().read_der()?;
            reader.next().read_bytes()
        })
    });
    yasna::parse_der(&inner.ok()?, |reader| {
        let members = reader.collect_sequence_of(|one| one.read_bigint_bytes())?;
        let number = |place: usize| {
            let (bytes, _) = members.get(place)?;
            let start = bytes.iter().position(|byte| *byte != 0)?;
            Some(bytes[start..].to_vec())
        };
        Ok(number(1).zip(number(3)))
    })
    .ok()?
}
