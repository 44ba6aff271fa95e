//! What a certificate says, without its secrets.

use serde::Serialize;

use super::key::{KeyShape, Signature, Validity};
use super::{Form, Link, Signer};

/// What a certificate and its chain look like.
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
    #[serde(flatten)]
    pub form: Form,
    /// What is above the leaf, the nearest first; if empty, that is as usual. The server sends it.
    #[serde(rename = "chain", skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The roots of `tls.authority`; if there are none, the project's own one stands for them.
    #[serde(skip)]
    pub authority: Vec<Link>,
    /// Whether it was copied from a live certificate.
    #[serde(skip)]
    pub is_copy: bool,
    /// What of the live one could not be copied.
    #[serde(skip)]
    pub uncopied: Vec<String>,
}

impl CertificateShape {
    /// Whether clients may find something in its form, or in that of what is above it.
    #[must_use]
    pub fn has_form(&self) -> bool {
        let is_usual = self.form.is_usual() && self.links.is_empty() && self.authority.is_empty();
        self.is_copy || !is_usual
    }

    /// Whether somebody in its chain is a stranger, or says of its issuer what is not true.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let forms = self.links.iter().map(|link| &link.form);
        std::iter::once(&self.form).chain(forms).any(|form| {
            form.signer == Signer::Unknown || form.extensions.are_wrong_about_the_issuer()
        })
    }

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
            form: Form::default(),
            links: Vec::new(),
            authority: Vec::new(),
            is_copy: false,
            uncopied: Vec::new(),
        }
    }
}

/// What the server sends beside the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentChain {
    /// Every intermediate.
    Whole,
    /// None of them: a mistake that browsers forgive, and Python does not.
    LeafOnly,
}

/// Who signs a certificate.
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
