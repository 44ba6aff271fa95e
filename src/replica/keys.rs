//! What of a replica is secret or certified.

use super::secret::Secrets;
use crate::tls::{Certificates, Chain};

/// The secrets and certificates of a site's replica, made for each run anew.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub secrets: Secrets,
    /// None where the site speaks no TLS, and where nobody asks yet.
    pub certificates: Option<Certificates>,
    /// Those of [`further_certificates`](super::further_certificates), in their order.
    pub further: Vec<Chain>,
}

impl Keys {
    /// Secrets alone: enough for images, and for a look at what would be done.
    #[must_use]
    pub fn of(secrets: Secrets) -> Self {
        Keys { secrets, ..Keys::default() }
    }

    /// Returns the root that the replica shall trust, if anything in it has a certificate.
    #[must_use]
    pub(super) fn root_pem(&self) -> Option<&str> {
        let own = self.certificates.as_ref().map(|certificates| certificates.root_pem.as_str());
        own.or(self.further.first().map(|chain| chain.root_pem.as_str()))
    }
}
