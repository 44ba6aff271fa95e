//! Keys of the described kinds, and what certificates say that they are for.

use rcgen::{
    Error, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PKCS_RSA_SHA384, PKCS_RSA_SHA512, RsaKeySize,
};

use crate::site::{CertificateShape, IssuedBy, KeyShape, KeyUsages, Signature, Usage};

/// A new key for a leaf. One that signs itself does so as described, as far as its kind can.
pub(super) fn leaf_key(shape: &CertificateShape) -> Result<KeyPair, Error> {
    let rsa = match shape.signature.filter(|_| shape.issuer == IssuedBy::Itself) {
        Some(Signature::RsaSha384) => &PKCS_RSA_SHA384,
        Some(Signature::RsaSha512) => &PKCS_RSA_SHA512,
        _ => &PKCS_RSA_SHA256,
    };
    match shape.key {
        KeyShape::Rsa2048 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_2048),
        KeyShape::Rsa3072 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_3072),
        KeyShape::Rsa4096 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_4096),
        KeyShape::EcdsaP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        KeyShape::EcdsaP384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
    }
}

/// A new key for the issuer of a leaf: it makes the signature what it is.
pub(super) fn issuing_key(signature: Option<Signature>) -> Result<KeyPair, Error> {
    match signature.unwrap_or(Signature::EcdsaSha256) {
        Signature::RsaSha256 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
        Signature::RsaSha384 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA384, RsaKeySize::_2048),
        Signature::RsaSha512 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA512, RsaKeySize::_2048),
        Signature::EcdsaSha256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        Signature::EcdsaSha384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
    }
}

/// The bits of `keyUsage`, in their order:
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3>
const BITS: [KeyUsagePurpose; 9] = [
    KeyUsagePurpose::DigitalSignature,
    KeyUsagePurpose::ContentCommitment,
    KeyUsagePurpose::KeyEncipherment,
    KeyUsagePurpose::DataEncipherment,
    KeyUsagePurpose::KeyAgreement,
    KeyUsagePurpose::KeyCertSign,
    KeyUsagePurpose::CrlSign,
    KeyUsagePurpose::EncipherOnly,
    KeyUsagePurpose::DecipherOnly,
];

pub(super) fn key_usages(shape: &CertificateShape) -> Vec<KeyUsagePurpose> {
    match shape.usage.key {
        KeyUsages::Fitting if shape.key.is_rsa() => {
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment]
        }
        KeyUsages::Fitting => vec![KeyUsagePurpose::DigitalSignature],
        KeyUsages::Bits(bits) => BITS
            .into_iter()
            .enumerate()
            .filter(|(number, _)| bits & (1 << number) != 0)
            .map(|(_, purpose)| purpose)
            .collect(),
    }
}

pub(super) fn extended_usages(usage: &Usage) -> Vec<ExtendedKeyUsagePurpose> {
    let purpose = |oid: &String| {
        ExtendedKeyUsagePurpose::Other(oid.split('.').filter_map(|arc| arc.parse().ok()).collect())
    };
    usage.extended.iter().map(purpose).collect()
}
