//! What a certificate says, without its secrets.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long certificates are good, if nothing else is said: as those of the public authorities.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Against clocks that differ.
const BACKDATING: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateShape {
    /// Subject alternative names: exact, with a leading `*.`, or addresses. Without any the
    /// certificate has no such extension.
    pub names: Vec<String>,
    /// The common name of its subject; the first of the names if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    pub key: KeyShape,
    /// How its issuer signs; absent: as the root does, or as its own key does where it is
    /// self-signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Certificates between the root and the leaf.
    pub intermediates: u8,
    #[serde(rename = "send_intermediates", skip_serializing_if = "SentChain::is_whole")]
    pub sent: SentChain,
    #[serde(rename = "self_signed", skip_serializing_if = "IssuedBy::is_root")]
    pub issuer: IssuedBy,
    #[serde(skip_serializing_if = "Validity::is_usual")]
    pub valid: Validity,
    #[serde(skip_serializing_if = "Usage::is_usual")]
    pub usage: Usage,
}

impl CertificateShape {
    /// One of the usual kind: issued by the root, sent whole, good for 90 days.
    #[must_use]
    pub fn new(names: Vec<String>, key: KeyShape, intermediates: u8) -> Self {
        CertificateShape {
            names,
            common_name: None,
            key,
            signature: None,
            intermediates,
            sent: SentChain::Whole,
            issuer: IssuedBy::Root,
            valid: Validity::Usual,
            usage: Usage::default(),
        }
    }
}

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
        }
    }
}

/// The algorithm of a certificate's signature: that of its issuer's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Signature {
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
}

impl Signature {
    /// Its object identifier, as in certificates.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Signature::RsaSha256 => "1.2.840.113549.1.1.11",
            Signature::RsaSha384 => "1.2.840.113549.1.1.12",
            Signature::RsaSha512 => "1.2.840.113549.1.1.13",
            Signature::EcdsaSha256 => "1.2.840.10045.4.3.2",
            Signature::EcdsaSha384 => "1.2.840.10045.4.3.3",
        }
    }

    pub const ALL: [Signature; 5] = [
        Signature::RsaSha256,
        Signature::RsaSha384,
        Signature::RsaSha512,
        Signature::EcdsaSha256,
        Signature::EcdsaSha384,
    ];
}

/// What the server sends beside the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentChain {
    /// Every intermediate.
    Whole,
    /// None of them: a mistake that browsers forgive, and Python does not.
    LeafOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuedBy {
    Root,
    /// Self-signed.
    Itself,
}

impl SentChain {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_whole(&self) -> bool {
        *self == SentChain::Whole
    }
}

impl IssuedBy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_root(&self) -> bool {
        *self == IssuedBy::Root
    }
}

/// As a description writes it.
impl Serialize for SentChain {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(self.is_whole())
    }
}

/// As a description writes it.
impl Serialize for IssuedBy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(!self.is_root())
    }
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
    fn is_usual(&self) -> bool {
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

/// What a certificate may be used for, in its extensions; empty: there is no such extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub key: KeyUsages,
    /// Object identifiers of the extended usages.
    pub extended: Vec<String>,
}

/// `keyUsage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUsages {
    /// What fits the kind of key.
    Fitting,
    /// The bits as X.509 counts them: bit 0 is `digitalSignature`.
    Bits(u16),
}

/// `serverAuth`: <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12>
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

impl Usage {
    fn is_usual(&self) -> bool {
        *self == Usage::default()
    }
}

impl Default for Usage {
    fn default() -> Self {
        Usage { key: KeyUsages::Fitting, extended: vec![SERVER_AUTH.to_owned()] }
    }
}
