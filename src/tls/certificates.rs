//! All that a site's TLS needs.

use std::fmt;

use super::chain::Chain;

/// The certificates of a site and of its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// In the order of the description; at least one.
    pub server: Vec<Chain>,
    /// What the rehearsal's own clients show.
    pub client: Option<ClientPair>,
    pub root_pem: String,
    /// The roots of its own that its certificates have: those of a private authority, each as PEM.
    pub own_roots: Vec<String>,
}

/// A client's certificate with its key, under a root that vouches for clients alone: a server that
/// knows its own root would send it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientPair {
    pub certificate_pem: String,
    pub root_pem: String,
    /// PKCS#8. A secret.
    pub key_pem: String,
}

impl fmt::Debug for ClientPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientPair").finish_non_exhaustive()
    }
}
