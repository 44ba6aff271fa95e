//! Certificates that a replica has beside the site's own.

use super::outside::stubs;
use crate::site::{CertificateShape, Service, Site, Stub};

/// What they say: those of the hosts beyond the site, and of the services that speak TLS.
pub fn beside(site: &Site) -> impl Iterator<Item = CertificateShape> {
    let stubs = stubs(site).map(|(host, _)| Stub::certificate(host));
    stubs.chain(site.services.values().filter_map(Service::certificate))
}
