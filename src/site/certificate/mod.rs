//! Which host names a certificate covers, and what a public one is shaped like.

mod like;

use std::net::IpAddr;

use super::model::{CertificateShape, Tls};
use super::value::HostName;

pub(super) use like::shape_of;

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

    /// All names that it carries, for those who have to vouch for them.
    pub fn said_names(&self) -> impl Iterator<Item = &str> {
        let common_name = self.common_name.as_deref().filter(|name| is_taken_for_host(name));
        self.names.iter().map(String::as_str).chain(common_name)
    }
}

impl Tls {
    /// All names that its certificates carry.
    pub fn said_names(&self) -> impl Iterator<Item = &str> {
        self.shapes().flat_map(CertificateShape::said_names)
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
