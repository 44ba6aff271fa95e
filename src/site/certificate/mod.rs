//! Which host names a certificate covers, and what a public one is shaped like.

mod extension;
mod like;
mod subject;

use std::net::IpAddr;

use super::model::{CertificateShape, Extensions, Tls};
use super::value::HostName;

pub use extension::{
    alternative_names_der, basic_constraints_der, client_usage_der, constraints_der, key_usage_der,
    server_usage_der,
};
pub(super) use extension::{change_of, extension_name, extension_names, extension_text};
pub use like::names_of_certificate;
pub(super) use like::{roots_of, shape_of};
pub use subject::common_name_der;
pub(super) use subject::{subject_der, subject_texts};

impl CertificateShape {
    /// True where one of its names stands for the host, as OpenSSL has it: the common name counts
    /// only where no other host name is there.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let mut hosts = self.names.iter().filter(|name| name.parse::<IpAddr>().is_err()).peekable();
        if hosts.peek().is_none() {
            return self.common_name.as_deref().is_some_and(|name| name_covers(name, host));
        }
        hosts.any(|name| name_covers(name, host))
    }

    /// Reads names and common name from what its form says.
    pub(super) fn read_names(&mut self) {
        if let Some(subject) = &self.form.subject {
            self.common_name = Some(subject::common_name_of(&subject.0));
        }
        let wanted = match &self.form.extensions {
            Extensions::Exactly(all) => {
                Some(all.iter().find(|extension| extension.oid == extension::SUBJECT_ALT_NAME))
            }
            Extensions::Usual(changes) => changes
                .iter()
                .find(|change| change.oid == extension::SUBJECT_ALT_NAME)
                .map(|change| change.wanted.as_ref()),
        };
        let Some(wanted) = wanted else { return };
        let text = wanted.map(extension_text).unwrap_or_default();
        let name = |part: &str| {
            let name = part.strip_prefix("DNS:").or_else(|| part.strip_prefix("IP:"))?;
            Some(name.to_lowercase())
        };
        let first = self.names.first().cloned();
        self.names = text.split(", ").filter_map(name).collect();
        if self.form.subject.is_none() {
            self.common_name = self.common_name.take().or(first);
        }
    }

    /// All names that it carries, for those who have to vouch for them.
    pub fn said_names(&self) -> impl Iterator<Item = &str> {
        let common_name = self.common_name.as_deref().filter(|name| is_taken_for_host(name));
        self.names.iter().map(String::as_str).chain(common_name)
    }
}

impl Tls {
    /// All names that its certificates carry, and that the next one will.
    pub fn said_names(&self) -> impl Iterator<Item = &str> {
        self.shapes().chain(&self.next).flat_map(CertificateShape::said_names)
    }
}

/// Whether OpenSSL holds the constraints of a root against a common name.
fn is_taken_for_host(common_name: &str) -> bool {
    let host = common_name.strip_prefix("*.").unwrap_or(common_name);
    common_name.contains('.') && host.parse::<HostName>().is_ok()
}
/// A wildcard stands for exactly one label: neither for none nor for two.
fn name_covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(host),
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_exactly_one_label() {
        let table = [
            ("shop.example", "shop.example", true),
            ("Shop.example", "shop.example", true),
            ("shop.example", "www.shop.example", false),
            ("*.shop.example", "www.shop.example", true),
            ("*.shop.example", "shop.example", false),
            ("*.shop.example", "a.b.shop.example", false),
        ];
        for (name, host, expected) in table {
            assert_eq!(name_covers(name, host), expected, "{name} for {host}");
        }
    }
}
