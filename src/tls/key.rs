//! Keys of the described kinds.

use rcgen::{
    Error, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512,
    PKCS_RSA_SHA256, PKCS_RSA_SHA384, PKCS_RSA_SHA512, RsaKeySize, SignatureAlgorithm,
};

use crate::site::{CertificateShape, IssuedBy, KeyShape, Signature};

/// A new key for a leaf. One that signs itself does so as described, as far as its kind can.
pub(super) fn leaf_key(shape: &CertificateShape) -> Result<KeyPair, Error> {
    let rsa = match shape.signature.filter(|_| shape.issuer == IssuedBy::Itself) {
        Some(Signature::RsaSha384) => &PKCS_RSA_SHA384,
        Some(Signature::RsaSha512) => &PKCS_RSA_SHA512,
        _ => &PKCS_RSA_SHA256,
    };
    key_of(shape.key, rsa)
}

/// A new key of a kind; an RSA one signs so by itself.
pub(super) fn key_of(kind: KeyShape, rsa: &'static SignatureAlgorithm) -> Result<KeyPair, Error> {
    match kind {
        KeyShape::Rsa2048 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_2048),
        KeyShape::Rsa3072 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_3072),
        KeyShape::Rsa4096 => KeyPair::generate_rsa_for(rsa, RsaKeySize::_4096),
        KeyShape::EcdsaP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        KeyShape::EcdsaP384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        KeyShape::EcdsaP521 => KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512),
    }
}

/// A new key for the issuer of a leaf: it makes the signature what it is.
pub(super) fn issuing_key(signature: Option<Signature>) -> Result<KeyPair, Error> {
    match signature.unwrap_or(Signature::EcdsaSha256) {
        Signature::RsaSha1 | Signature::RsaSha256 => {
            KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
        }
        Signature::RsaSha384 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA384, RsaKeySize::_2048),
        Signature::RsaSha512 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA512, RsaKeySize::_2048),
        Signature::EcdsaSha256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        Signature::EcdsaSha384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        Signature::EcdsaSha512 => KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512),
    }
}
