//! The keys of `tls`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::site::model::{ClientCertificate, KeyShape, Signature, TlsVersion};

/// The site's certificates, protocol versions and ciphers, and whom it trusts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub(in crate::site) struct TlsFile {
    /// What the certificate says; one for the site's own names if left out.
    pub(in crate::site) certificate: Option<CertificateFile>,
    /// Several certificates instead of one, for clients that say which name they want (SNI): each
    /// serves the names of the site that it covers, the first one everything else. Behind nginx or
    /// Apache only.
    #[serde(default)]
    pub(in crate::site) certificates: Vec<CertificateFile>,
    /// Names of the site that its live certificate really does not cover: clients that check are
    /// refused there, as on the live site. All others have to be covered.
    #[serde(default)]
    #[schemars(example = ["site-b.example"])]
    pub(in crate::site) uncovered: Vec<String>,
    /// The versions that the site accepts. A WSGI server without a proxy accepts both.
    #[serde(default = "versions")]
    pub(in crate::site) versions: Vec<TlsVersion>,
    /// The ciphers that the site accepts, in OpenSSL's names and the server's order; what its
    /// OpenSSL has by default if left out. A version of which none is named keeps its default.
    #[serde(default)]
    #[schemars(example = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"])]
    pub(in crate::site) ciphers: Vec<String>,
    /// Certificates that clients show. The critical suite has one: its files are named by
    /// `STAGECTL_CLIENT_CERTIFICATE` and `STAGECTL_CLIENT_KEY`.
    pub(in crate::site) client: Option<ClientFile>,
    /// Where the site's own programs have the root of its certificate: `system` (Debian's bundle),
    /// `certifi` (every such bundle in the release), and paths of other bundles, from the app's
    /// home or from `/` (`*` stands for any part of a name). `[system, certifi]` if left out, and
    /// `[]` for a self-signed certificate, which these places then have themselves.
    #[schemars(example = ["system", "certifi", "venv/lib/*/site-packages/shop/roots.pem"])]
    pub(in crate::site) trust: Option<Vec<String>>,
}

fn versions() -> Vec<TlsVersion> {
    vec![TlsVersion::V1_2, TlsVersion::V1_3]
}

/// What a certificate says. It is made anew under a private root.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Certificate")]
pub(in crate::site) struct CertificateFile {
    /// Its names: exact ones, wildcards such as `*.site-b.example`, or addresses. The site's own
    /// names if left out. All names of the site have to be covered, see `uncovered`.
    #[schemars(example = ["*.site-b.example", "site-b.example"])]
    pub(in crate::site) names: Option<Vec<String>>,
    /// Instead of `names`: a certificate of the old kind, with a common name alone and no subject
    /// alternative names. OpenSSL and `ssl` take it, browsers and urllib3 2 do not.
    #[schemars(example = &"www.site-b.example")]
    pub(in crate::site) common_name: Option<String>,
    /// Kind and size of its key; `rsa-2048` if left out.
    pub(in crate::site) key: Option<KeyShape>,
    /// How its issuer signed it; `ecdsa-sha256` if left out. Any other one needs an intermediate,
    /// which then has such a key.
    pub(in crate::site) signature: Option<Signature>,
    /// How many certificates are between it and the root; 0 if left out.
    #[schemars(range(max = 4), example = &1)]
    pub(in crate::site) intermediates: Option<u8>,
    /// `false` for a server that leaves the intermediates out: browsers forgive it, Python does
    /// not. `true` if left out.
    #[schemars(example = &false)]
    pub(in crate::site) send_intermediates: Option<bool>,
    /// From when to when it is good: days of the calendar, or times from now such as `-3d`. 90
    /// days, from yesterday, if left out.
    pub(in crate::site) valid: Option<ValidFile>,
    /// Instead of `valid`: how long it is still good, of its 90 days.
    #[schemars(example = &"5d")]
    pub(in crate::site) expires_in: Option<String>,
    /// `true` for one that no authority has signed. Nobody trusts it, but for the places in `trust`.
    #[schemars(example = &true)]
    pub(in crate::site) self_signed: Option<bool>,
    /// Instead of all that: the live, public certificate (PEM, with its intermediates if they are
    /// at hand), whose shape is copied: names, key, signature, length of the chain, validity, usages.
    #[schemars(example = &"certs/site-b.pem")]
    pub(in crate::site) like: Option<String>,
}

/// From when to when a certificate is good; an end that is left out is 90 days from the other one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Valid")]
pub(in crate::site) struct ValidFile {
    /// Good from this day on. In the future: not yet valid.
    #[schemars(example = &"2d")]
    pub(in crate::site) from: Option<String>,
    /// Good until this day. In the past: expired.
    #[schemars(example = &"-3d")]
    pub(in crate::site) until: Option<String>,
}

/// Certificates that clients show, under a private root of their own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ClientCertificates")]
pub(in crate::site) struct ClientFile {
    /// Whether a client has to have one.
    #[serde(default = "required")]
    pub(in crate::site) certificate: ClientCertificate,
    /// The common name of the one that the critical suite and the checks have.
    #[serde(default = "rehearsal_client")]
    pub(in crate::site) common_name: String,
}

fn required() -> ClientCertificate {
    ClientCertificate::Required
}

fn rehearsal_client() -> String {
    "rehearsal".to_owned()
}
