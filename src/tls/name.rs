//! Which host names a certificate's names cover.

use std::net::IpAddr;

/// True when one of a certificate's names covers the host, as OpenSSL and so Python see it.
///
/// A wildcard stands for exactly one whole leftmost label, and needs two labels after it
/// ([RFC 6125, 6.4.3](https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3)).
#[must_use]
pub fn covers(certificate_names: &[String], host: &str) -> bool {
    let host = normalised(host);
    certificate_names.iter().any(|name| covers_one(&normalised(name), &host))
}

fn covers_one(name: &str, host: &str) -> bool {
    let Some(parent) = name.strip_prefix("*.") else { return name == host && !name.is_empty() };
    let Some((label, rest)) = host.split_once('.') else { return false };
    !label.is_empty() && rest == parent && parent.contains('.') && host.parse::<IpAddr>().is_err()
}

fn normalised(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The domains that hold all names, without those that are below another one; sorted.
pub(super) fn domains(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = names
        .iter()
        .map(|name| normalised(name.strip_prefix("*.").unwrap_or(name)))
        .filter(|name| !name.is_empty())
        .collect();
    all.sort();
    all.dedup();
    let is_below = |name: &str, other: &str| {
        name.strip_suffix(other).is_some_and(|front| front.ends_with('.'))
    };
    let outermost = all.iter().filter(|name| !all.iter().any(|other| is_below(name, other)));
    outermost.cloned().collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Certificate name, host, covered; `openssl_tests` asks OpenSSL the same.
    pub(crate) const TABLE: [(&str, &str, bool); 13] = [
        ("www.site-b.example", "www.site-b.example", true),
        ("www.site-b.example", "WWW.Site-B.example", true),
        ("www.site-b.example", "site-b.example", false),
        ("*.site-b.example", "www.site-b.example", true),
        ("*.site-b.example", "site-b.example", false),
        ("*.site-b.example", "a.www.site-b.example", false),
        ("*.site-b.example", "www.site-b.example.org", false),
        ("*.site-b.example", "wwwsite-b.example", false),
        ("*.example", "site-b.example", false),
        ("site-b.example", "www.site-b.example", false),
        ("localhost", "localhost", true),
        ("*.0.0.1", "127.0.0.1", false),
        ("127.0.0.1", "127.0.0.1", true),
    ];

    #[test]
    fn a_wildcard_covers_one_label() {
        for (name, host, expected) in TABLE {
            assert_eq!(covers(&[name.to_owned()], host), expected, "{name} for {host}");
        }
        assert!(!covers(&[], "site-b.example"));
        assert!(!covers(&["*.site-b.example".into()], ".site-b.example"));
        assert!(covers(&["a.example".into(), "*.b.example".into()], "x.b.example."));
    }

    #[test]
    fn domains_hold_all_names_once() {
        let names = ["*.b.example", "www.b.example", "A.example", "xb.example", "b.example"];
        let names: Vec<String> = names.map(str::to_owned).into();
        assert_eq!(domains(&names), ["a.example", "b.example", "xb.example"]);
    }
}
