//! Keys and signatures of certificates, and from when to when they are good.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum KeyShape {
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
}

impl KeyShape {
    #[must_use]
    pub fn is_rsa(self) -> bool {
        matches!(self, KeyShape::Rsa2048 | KeyShape::Rsa3072 | KeyShape::Rsa4096)
    }

    /// Its size, as OpenSSL counts it.
    #[must_use]
    pub fn bits(self) -> u16 {
        match self {
            KeyShape::Rsa2048 => 2048,
            KeyShape::Rsa3072 => 3072,
            KeyShape::Rsa4096 => 4096,
            KeyShape::EcdsaP256 => 256,
            KeyShape::EcdsaP384 => 384,
            KeyShape::EcdsaP521 => 521,
        }
    }

    /// As a description writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            KeyShape::Rsa2048 => "rsa-2048",
            KeyShape::Rsa3072 => "rsa-3072",
            KeyShape::Rsa4096 => "rsa-4096",
            KeyShape::EcdsaP256 => "ecdsa-p256",
            KeyShape::EcdsaP384 => "ecdsa-p384",
            KeyShape::EcdsaP521 => "ecdsa-p521",
        }
    }
}

/// The algorithm of a certificate's signature: that of its issuer's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Signature {
    /// Which OpenSSL has refused for years, but for what a root says of itself.
    #[serde(rename = "rsa-sha1")]
    RsaSha1,
    #[serde(rename = "rsa-sha256")]
    RsaSha256,
    #[serde(rename = "rsa-sha384")]
    RsaSha384,
    #[serde(rename = "rsa-sha512")]
    RsaSha512,
    #[serde(rename = "ecdsa-sha256")]
    EcdsaSha256,
    #[serde(rename = "ecdsa-sha384")]
    EcdsaSha384,
    #[serde(rename = "ecdsa-sha512")]
    EcdsaSha512,
}

impl Signature {
    /// Its object identifier, as in certificates.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Signature::RsaSha1 => "1.2.840.113549.1.1.5",
            Signature::RsaSha256 => "1.2.840.113549.1.1.11",
            Signature::RsaSha384 => "1.2.840.113549.1.1.12",
            Signature::RsaSha512 => "1.2.840.113549.1.1.13",
            Signature::EcdsaSha256 => "1.2.840.10045.4.3.2",
            Signature::EcdsaSha384 => "1.2.840.10045.4.3.3",
            Signature::EcdsaSha512 => "1.2.840.10045.4.3.4",
        }
    }

    /// As a description writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Signature::RsaSha1 => "rsa-sha1",
            Signature::RsaSha256 => "rsa-sha256",
            Signature::RsaSha384 => "rsa-sha384",
            Signature::RsaSha512 => "rsa-sha512",
            Signature::EcdsaSha256 => "ecdsa-sha256",
            Signature::EcdsaSha384 => "ecdsa-sha384",
            Signature::EcdsaSha512 => "ecdsa-sha512",
        }
    }

    #[must_use]
    pub fn is_rsa(self) -> bool {
        self.word().starts_with("rsa-")
    }

    /// The key of those who sign so, if nothing else is said.
    #[must_use]
    pub fn usual_key(self) -> KeyShape {
        match self {
            Signature::EcdsaSha256 => KeyShape::EcdsaP256,
            Signature::EcdsaSha384 => KeyShape::EcdsaP384,
            Signature::EcdsaSha512 => KeyShape::EcdsaP521,
            _ => KeyShape::Rsa2048,
        }
    }

    /// Whether a key of this kind can sign so here.
    #[must_use]
    pub fn fits(self, key: KeyShape) -> bool {
        match self {
            Signature::EcdsaSha256 => matches!(key, KeyShape::EcdsaP256 | KeyShape::EcdsaP521),
            Signature::EcdsaSha384 => matches!(key, KeyShape::EcdsaP384 | KeyShape::EcdsaP521),
            Signature::EcdsaSha512 => key == KeyShape::EcdsaP521,
            _ => key.is_rsa(),
        }
    }

    pub const ALL: [Signature; 7] = [
        Signature::RsaSha1,
        Signature::RsaSha256,
        Signature::RsaSha384,
        Signature::RsaSha512,
        Signature::EcdsaSha256,
        Signature::EcdsaSha384,
        Signature::EcdsaSha512,
    ];
}

/// From when to when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// 90 days, of which at least 30 are left.
    Usual,
    Described {
        from: Option<Moment>,
        until: Option<Moment>,
    },
}

/// An end of a validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// So long after (or before) the rehearsal.
    In(SignedDuration),
    At(Timestamp),
}

impl Moment {
    #[must_use]
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Moment::In(offset) => now.saturating_add(offset).unwrap_or(now),
            Moment::At(moment) => moment,
        }
    }
}

impl Validity {
    pub(super) fn is_usual(&self) -> bool {
        *self == Validity::Usual
    }

    /// Both ends. An end that is not described is 90 days from the other one, and a beginning is
    /// never later than a day ago for that reason alone.
    #[must_use]
    pub fn at(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let (from, until) = match self {
            Validity::Usual => (None, None),
            Validity::Described { from, until } => (from, until),
        };
        let yesterday = now - BACKDATING;
        match (from.map(|moment| moment.at(now)), until.map(|moment| moment.at(now))) {
            (Some(from), Some(until)) => (from, until),
            (Some(from), None) => (from, from + LIFETIME),
            (None, Some(until)) => ((until - LIFETIME).min(yesterday), until),
            (None, None) => (yesterday, now + LIFETIME),
        }
    }
}

/// How long certificates are good, if nothing else is said: as those of the public authorities.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Against clocks that differ.
pub(in crate::site::model::tls) const BACKDATING: SignedDuration = SignedDuration::from_hours(24);
