//! What is known of a site while the rest of it is resolved.

use std::collections::BTreeMap;

use crate::site::model::Service;
use crate::site::problem::{KeyPath, Place};
use crate::site::value::{HostName, Role};

/// Who has names inside the replica already.
pub(super) struct Insiders<'a> {
    pub(super) names: &'a [HostName],
    /// Domains all of whose subdomains are the site's.
    pub(super) wildcards: &'a [HostName],
    pub(super) services: &'a BTreeMap<Role, Option<Service>>,
}

impl Insiders<'_> {
    /// Who has the name, in words.
    pub(super) fn owner(&self, host: &HostName) -> Option<String> {
        if self.names.contains(host) {
            return Some("the site itself".to_owned());
        }
        let below = |domain: &&HostName| {
            let front = host.as_str().strip_suffix(domain.as_str());
            front.is_some_and(|front| front.ends_with('.'))
        };
        if let Some(domain) = self.wildcards.iter().find(below) {
            return Some(format!("the site itself, which has `*.{domain}`"));
        }
        let service = self.services.iter().find(|(_, service)| {
            service.as_ref().is_some_and(|service| service.names.contains(host))
        });
        service.map(|(role, _)| format!("services.{role}"))
    }
}

/// A text that is the description's and stands in another file: a variable, or a line of a file.
pub(super) struct Elsewhere {
    pub(super) path: KeyPath,
    pub(super) place: Place,
    pub(super) text: String,
}

/// What is known of a site before its services are judged.
#[derive(Clone, Copy)]
pub(super) struct SiteFacts<'a> {
    pub(super) user: &'a str,
    /// The Debian suite of its base, if it names one.
    pub(super) suite: Option<&'a str>,
}
