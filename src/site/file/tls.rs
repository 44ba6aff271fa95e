//! The keys of `tls`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::site::model::{KeyShape, TlsVersion};

/// The site's certificate and TLS versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub(in crate::site) struct TlsFile {
    /// What the certificate says.
    #[serde(default)]
    pub(in crate::site) certificate: CertificateFile,
    /// The versions that the site accepts.
    #[serde(default = "versions")]
    pub(in crate::site) versions: Vec<TlsVersion>,
}

fn versions() -> Vec<TlsVersion> {
    vec![TlsVersion::V1_2, TlsVersion::V1_3]
}

/// What a certificate says. It is made anew under a private root.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Certificate")]
pub(in crate::site) struct CertificateFile {
    /// Its names: exact ones, or wildcards such as `*.site-b.example`. The site's own names if left
    /// out. All names of the site have to be covered.
    #[schemars(example = ["*.site-b.example", "site-b.example"])]
    pub(in crate::site) names: Option<Vec<String>>,
    /// Kind and size of its key.
    pub(in crate::site) key: KeyShape,
    /// How many certificates are between it and the root.
    #[schemars(range(max = 4))]
    pub(in crate::site) intermediates: u8,
}
