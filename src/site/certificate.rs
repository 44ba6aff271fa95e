//! Which host names a certificate covers.

use super::model::CertificateShape;

impl CertificateShape {
    /// True where one of its names stands for the host, as RFC 6125 has it.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        self.names.iter().any(|name| name_covers(name, host))
    }
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
