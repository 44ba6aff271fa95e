//! The form of a certificate: what X.509 has beside names, key and validity.

use serde::Serialize as DeriveSerialize;
use serde::ser::{Serialize, Serializer};

use super::{KeyShape, Signature, Validity};

/// What a description says of a certificate's form, or what was copied from a live one.
#[derive(Debug, Clone, PartialEq, Eq, Default, DeriveSerialize)]
pub struct Form {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Twenty bytes of our own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// DER of the subject, empty ones too; a common name alone if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Name>,
    /// DER of the issuer, where it is not written as the issuer's own subject is.
    #[serde(skip)]
    pub issuer: Option<Name>,
    #[serde(skip_serializing_if = "Extensions::is_usual")]
    pub extensions: Extensions,
    /// Which ends of the validity are a `GeneralizedTime` although a `UTCTime` could say them.
    #[serde(skip_serializing_if = "Ends::are_usual")]
    pub long_times: Ends,
    /// Which key: certificates of the same original key have the same one. One of its own if absent.
    #[serde(skip)]
    pub key_of: Option<String>,
    #[serde(skip)]
    pub signer: Signer,
}

impl Form {
    /// True where the certificate is made as stagectl makes them by itself.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Form::default()
    }
}

/// Version of X.509.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveSerialize)]
#[serde(into = "u8")]
pub enum Version {
    /// Without extensions.
    V1,
    V2,
    V3,
}

impl From<Version> for u8 {
    fn from(version: Version) -> u8 {
        match version {
            Version::V1 => 1,
            Version::V2 => 2,
            Version::V3 => 3,
        }
    }
}

impl TryFrom<u8> for Version {
    type Error = u8;

    fn try_from(number: u8) -> Result<Self, u8> {
        match number {
            1 => Ok(Version::V1),
            2 => Ok(Version::V2),
            3 => Ok(Version::V3),
            other => Err(other),
        }
    }
}

/// A serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serial {
    /// The bytes of the integer as DER has them: zero and negative ones, too.
    Exactly(Vec<u8>),
    /// As long as a live one, and with its first byte; the rest is our own, as no two certificates
    /// of an issuer may share a number.
    Like { first: u8, length: usize },
}

impl Serialize for Serial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&match self {
            Serial::Exactly(bytes) => format!("0x{}", hex(bytes)),
            Serial::Like { first, length } => {
                format!("0x{first:02x} and {} bytes more", length - 1)
            }
        })
    }
}

/// DER of a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub Vec<u8>);

/// Both ends of a validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, DeriveSerialize)]
pub struct Ends {
    pub from: bool,
    pub until: bool,
}

impl Ends {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn are_usual(&self) -> bool {
        *self == Ends::default()
    }
}

/// The extensions of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extensions {
    /// The usual ones of its place in the chain, with these changes.
    Usual(Vec<Change>),
    /// These, in this order, and no others.
    Exactly(Vec<Extension>),
}

impl Default for Extensions {
    fn default() -> Self {
        Extensions::Usual(Vec::new())
    }
}

impl Extensions {
    fn is_usual(&self) -> bool {
        *self == Extensions::default()
    }

    /// Whether the authority key identifier says something that is not true.
    pub(super) fn are_wrong_about_the_issuer(&self) -> bool {
        let is_wrong = |extension: &Extension| match &extension.value {
            ExtensionValue::AuthorityKey(AuthorityKey { key, name, serial }) => {
                [key, name, serial].iter().any(|part| matches!(part, Some(Reference::Wrong(_))))
            }
            _ => false,
        };
        match self {
            Extensions::Exactly(all) => all.iter().any(is_wrong),
            Extensions::Usual(changes) => {
                changes.iter().filter_map(|change| change.wanted.as_ref()).any(is_wrong)
            }
        }
    }

    /// With the changes made: what is named is replaced where it stood, or added at the end.
    pub(in crate::site) fn changed(&mut self, changes: Vec<Change>) {
        match self {
            Extensions::Usual(own) => {
                own.retain(|change| changes.iter().all(|other| other.oid != change.oid));
                own.extend(changes);
            }
            Extensions::Exactly(all) => apply(all, &changes),
        }
    }
}

/// Makes changes in a list of extensions.
pub fn apply(all: &mut Vec<Extension>, changes: &[Change]) {
    for change in changes {
        let place = all.iter().position(|extension| extension.oid == change.oid);
        match (place, &change.wanted) {
            (Some(place), Some(wanted)) => all[place] = wanted.clone(),
            (Some(place), None) => {
                all.remove(place);
            }
            (None, Some(wanted)) => all.push(wanted.clone()),
            (None, None) => {}
        }
    }
}

/// An extension that is another one than usual, or is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub oid: String,
    pub wanted: Option<Extension>,
}

/// An X.509 extension of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// In dotted numbers.
    pub oid: String,
    pub critical: bool,
    pub value: ExtensionValue,
}

/// What an extension holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionValue {
    /// As it is.
    Der(Vec<u8>),
    /// The subject key identifier of our own key.
    SubjectKey(KeyHash),
    AuthorityKey(AuthorityKey),
}

/// How a key becomes its identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHash {
    /// Of the key's bits: <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.2>, method 1.
    Sha1,
    /// Some other way, so many bytes long.
    Bytes(usize),
}

/// What an authority key identifier says of the issuer; each of it may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorityKey {
    pub key: Option<Reference>,
    /// The issuer's own issuer; else DER of the general names.
    pub name: Option<Reference>,
    pub serial: Option<Reference>,
}

/// What a certificate says of its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// What is true.
    Issuers,
    /// What is not: it stays so.
    Wrong(Vec<u8>),
}

/// A certificate above the leaf.
#[derive(Debug, Clone, PartialEq, Eq, DeriveSerialize)]
pub struct Link {
    /// Its kind of key.
    pub key: KeyShape,
    /// How its issuer signed it; as that one's key does, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    #[serde(skip_serializing_if = "Validity::is_usual")]
    pub valid: Validity,
    #[serde(flatten)]
    pub form: Form,
}

/// Who signs a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signer {
    /// The next one above, at last the project's own root.
    #[default]
    Next,
    Itself,
    /// The certificate of this number: the leaf is 0, then those above it, then the roots of
    /// `tls.authority`.
    Number(usize),
    /// The first root of `tls.authority`, or the project's own.
    Root,
    /// Somebody whom nobody here trusts.
    Unknown,
}

/// Bytes in lowercase hex.
pub(in crate::site) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}
