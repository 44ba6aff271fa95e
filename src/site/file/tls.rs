//! The keys of `tls`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::site::model::{ClientCertificate, KeyShape, Signature, TlsVersion};

/// The site's certificates, protocol versions and ciphers, and whom it trusts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub(in crate::site) struct TlsFile {
    /// What the certificate says; one for the site's own names if left out.
    pub(in crate::site) certificate: Option<CertificateFile>,
    /// The certificate that comes after this one: without client authentication, of another chain, for
    /// 47 days. Its keys replace those of `certificate`, one by one, and `extensions` adds to the others;
    /// one with a `like` of its own stands alone. `stagectl rehearse --next-certificate` rehearses with it.
    pub(in crate::site) next: Option<CertificateFile>,
    /// Several certificates instead of one, for clients that say which name they want (SNI): each
    /// serves the names of the site that it covers, the first one everything else. Behind nginx or
    /// Apache only.
    #[serde(default)]
    pub(in crate::site) certificates: Vec<CertificateFile>,
    /// The private authority whose root the certificate comes from, such as a company's own. Its root is
    /// trusted where `trust` says, and else by Debian's bundle alone; without this key the certificate is
    /// taken for a public one.
    pub(in crate::site) authority: Option<AuthorityFile>,
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
    /// home or from `/` (`*` stands for any part of a name). `[system, certifi]` if left out, `[system]`
    /// with an `authority`, and `[]` for a self-signed certificate, which these places then have
    /// themselves.
    #[schemars(example = ["system", "certifi", "venv/lib/*/site-packages/shop/roots.pem"])]
    pub(in crate::site) trust: Option<Vec<String>>,
}

fn versions() -> Vec<TlsVersion> {
    vec![TlsVersion::V1_2, TlsVersion::V1_3]
}

/// What a certificate says. It is made anew under a private root.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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
    /// Instead of all that: the live, public certificate (PEM, with all that the site sends beside it),
    /// whose shape is copied with that of each certificate above it: names, kinds of keys, signatures,
    /// validity, version, subject, and every extension as it is, there or not there, critical or not.
    /// What could not be copied is said by `check` and in each run. `version`, `serial`, `subject` and
    /// `extensions` may change the copy.
    #[schemars(example = &"certs/site-b.pem")]
    pub(in crate::site) like: Option<String>,
    /// Instead of `intermediates`: what is between the certificate and the root, where that is not as
    /// usual; the nearest first.
    #[serde(default)]
    pub(in crate::site) chain: Vec<LinkFile>,
    /// Version of X.509: 1 has no extensions. 3 if left out.
    #[schemars(range(min = 1, max = 3), example = &1)]
    pub(in crate::site) version: Option<u8>,
    /// Its serial number: a number, or its bytes behind `0x`. Twenty bytes if left out.
    #[schemars(example = &"0")]
    pub(in crate::site) serial: Option<String>,
    /// Its subject, part by part; `[]` is an empty one. A part may say its type of string: `utf8:`,
    /// `printable:`, `teletex:`, `ia5:`, `bmp:`, `universal:`. The first name alone if left out.
    #[schemars(example = ["C=DE", "O=teletex:Site B", "CN=www.site-b.example"])]
    pub(in crate::site) subject: Option<Vec<String>>,
    /// Extensions that are not as usual, in the words of openssl.cnf: `none` leaves one out, and `DER:`
    /// gives its bytes.
    #[serde(default)]
    #[schemars(example = &json!({"authorityKeyIdentifier": "none", "keyUsage": "critical, digitalSignature"}))]
    pub(in crate::site) extensions: BTreeMap<String, String>,
}

/// A certificate between a site's own and the root.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ChainLink")]
pub(in crate::site) struct LinkFile {
    /// Kind and size of its key; what fits the signature below it if left out.
    pub(in crate::site) key: Option<KeyShape>,
    /// How its issuer signed it; as that one's key does if left out.
    pub(in crate::site) signature: Option<Signature>,
    /// From when to when it is good; longer than the certificate below it if left out.
    pub(in crate::site) valid: Option<ValidFile>,
    /// Version of X.509: 1 has no extensions. 3 if left out.
    #[schemars(range(min = 1, max = 3), example = &1)]
    pub(in crate::site) version: Option<u8>,
    /// Its serial number: a number, or its bytes behind `0x`. Twenty bytes if left out.
    #[schemars(example = &"0x01")]
    pub(in crate::site) serial: Option<String>,
    /// Its subject, part by part, as that of the certificate. A name of its own if left out.
    #[schemars(example = ["O=Site B", "CN=Issuing CA 2"])]
    pub(in crate::site) subject: Option<Vec<String>>,
    /// Extensions that are not as usual, in the words of openssl.cnf: `none` leaves one out, and `DER:`
    /// gives its bytes.
    #[schemars(example = &json!({"basicConstraints": "CA:TRUE", "keyUsage": "none"}))]
    pub(in crate::site) extensions: BTreeMap<String, String>,
}

/// A private authority: its root, as it is or key by key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Authority")]
pub(in crate::site) struct AuthorityFile {
    /// The live root (PEM; several, if the site's programs trust several), whose shape is copied as
    /// `tls.certificate.like` does. The other keys are instead of it.
    #[schemars(example = &"certs/company-root.pem")]
    pub(in crate::site) like: Option<String>,
    /// Kind and size of its key; `ecdsa-p256` if left out.
    pub(in crate::site) key: Option<KeyShape>,
    /// How it signed itself; as its key does if left out.
    pub(in crate::site) signature: Option<Signature>,
    /// From when to when it is good; ten years if left out.
    pub(in crate::site) valid: Option<ValidFile>,
    /// Version of X.509: 1 has no extensions. 3 if left out.
    #[schemars(range(min = 1, max = 3), example = &1)]
    pub(in crate::site) version: Option<u8>,
    /// Its serial number: a number, or its bytes behind `0x`. Twenty bytes if left out.
    #[schemars(example = &"0x00")]
    pub(in crate::site) serial: Option<String>,
    /// Its subject, part by part, as that of the certificate. A name of its own if left out.
    #[schemars(example = ["O=Site B", "CN=Site B Root CA"])]
    pub(in crate::site) subject: Option<Vec<String>>,
    /// Extensions that are not as usual, in the words of openssl.cnf: `none` leaves one out, and `DER:`
    /// gives its bytes.
    #[schemars(example = &json!({"basicConstraints": "CA:TRUE", "keyUsage": "none"}))]
    pub(in crate::site) extensions: BTreeMap<String, String>,
}

/// From when to when a certificate is good; an end that is left out is 90 days from the other one.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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
