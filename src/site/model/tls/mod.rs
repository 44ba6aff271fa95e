//! The site's certificates, protocol versions, ciphers, and whom it trusts.

mod certificate;
mod cipher;
mod form;
mod form_in_words;
mod key;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use certificate::*;
pub use cipher::*;
pub use form::*;
pub use key::*;

/// The certificates of a site, and what its TLS admits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tls {
    /// The certificate of a client that names none of the site's names, and of all names that no
    /// other one is for.
    pub certificate: CertificateShape,
    /// The one that comes after the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<CertificateShape>,
    /// Whether these two have changed places, for a rehearsal of the next one.
    #[serde(skip)]
    pub has_changed: bool,
    /// Further ones, each for the names that it covers (SNI).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateShape>,
    /// The private authority that has issued them; if absent, the project's own root stands for a
    /// public one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authority: Vec<Link>,
    /// Names of the site, perhaps wildcards, that the live certificates really do not cover.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
    /// Accepted protocol versions, oldest first.
    pub versions: Vec<TlsVersion>,
    /// In the server's order of preference; empty: what its OpenSSL has by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<Cipher>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCertificates>,
    /// Where the site's own programs have the root; absent: in the system's bundle and in every
    /// certifi bundle, and nowhere when the certificate is self-signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<Vec<TrustPlace>>,
}

impl Tls {
    /// Every certificate, the first one before all others.
    pub fn shapes(&self) -> impl Iterator<Item = &CertificateShape> {
        std::iter::once(&self.certificate).chain(&self.certificates)
    }

    /// What of the live certificates could not be copied.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let all = self.shapes().chain(&self.next).flat_map(|shape| &shape.uncopied);
        all.map(|what| format!("copy of the live certificate: {what}"))
    }

    /// The number of the certificate that a client gets who asks for the host: the first that
    /// covers it, or else the first of all.
    #[must_use]
    pub fn serving(&self, host: &str) -> usize {
        self.shapes().position(|shape| shape.covers(host)).unwrap_or_default()
    }
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum TlsVersion {
    #[serde(rename = "TLSv1.2")]
    V1_2,
    #[serde(rename = "TLSv1.3")]
    V1_3,
}

impl TlsVersion {
    /// As OpenSSL, and so nearly everybody, calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TlsVersion::V1_2 => "TLSv1.2",
            TlsVersion::V1_3 => "TLSv1.3",
        }
    }
}

/// Certificates that clients show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientCertificates {
    pub certificate: ClientCertificate,
    /// What the certificate of the rehearsal's own clients says of them.
    pub common_name: String,
}

/// Whether clients have to show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificate {
    /// Who has none is refused.
    Required,
    /// The site asks for one, and serves those who have none, too.
    Optional,
}

/// A place in which the site's own programs look for roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustPlace {
    /// Debian's bundle and folder.
    System,
    /// Every certifi bundle in the release and its dependencies.
    Certifi,
    /// A bundle at an absolute path on the site, in which `*` stands for any part of a name.
    Bundle(String),
}
