//! The site's certificate and TLS versions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tls {
    pub certificate: CertificateShape,
    /// Accepted protocol versions, oldest first.
    pub versions: Vec<TlsVersion>,
}

/// What a certificate says, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateShape {
    /// Subject alternative names: exact, or with a leading `*.`; the first is the common name.
    pub names: Vec<String>,
    pub key: KeyShape,
    /// Certificates between the root and the leaf.
    pub intermediates: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum KeyShape {
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    EcdsaP256,
    EcdsaP384,
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
