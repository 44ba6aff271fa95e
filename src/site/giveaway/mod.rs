//! What a text has that belongs to a live installation: keys that their makers mark as such, private keys, and
//! logins in addresses. What it means where it stands is decided elsewhere.

mod command;

use std::sync::LazyLock;

use regex::Regex;

pub(super) use command::hands_over;

/// Credentials that show by their form what they are: a pattern, and words for it. None of them shows more than
/// the pattern's beginning does.
///
/// Sources: <https://docs.stripe.com/keys>, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>,
/// <https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>,
/// <https://docs.gitlab.com/security/tokens/>, <https://api.slack.com/authentication/token-types>.
const CREDENTIALS: &[(&str, &str)] = &[
    (r"\b[sr]k_live_[0-9A-Za-z]{8,}", "a live key of Stripe (`sk_live_...`)"),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", "an access key of AWS (`AKIA...`)"),
    (r"\bgh[pousr]_[0-9A-Za-z]{36,}", "a token of GitHub (`ghp_...`)"),
    (r"\bgithub_pat_[0-9A-Za-z_]{40,}", "a token of GitHub (`github_pat_...`)"),
    (r"\bglpat-[0-9A-Za-z_-]{20,}", "a token of GitLab (`glpat-...`)"),
    (r"\bxox[abeprs]-[0-9A-Za-z-]{10,}", "a token of Slack (`xoxb-...`)"),
    (r"\bAIza[0-9A-Za-z_-]{35}", "a key of Google (`AIza...`)"),
    (r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}", "a key of SendGrid (`SG....`)"),
    (r"\bpypi-AgEI[0-9A-Za-z_-]{30,}", "a token of PyPI (`pypi-...`)"),
    (r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----", "a private key"),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compiled = |(pattern, words): &(&str, &'static str)| {
        (Regex::new(pattern).expect("a pattern of ours"), *words)
    };
    CREDENTIALS.iter().map(compiled).collect()
});

/// What AWS and others write in their documents in the place of a key.
const EXAMPLE: &str = "EXAMPLE";

/// The first credential in a text: its words, and the line that it is in, from zero.
pub(super) fn credential(text: &str) -> Option<(&'static str, usize)> {
    let mut found = PATTERNS.iter().filter_map(|(pattern, words)| {
        let mut hits = pattern.find_iter(text);
        let hit = hits.find(|hit| !hit.as_str().ends_with(EXAMPLE))?;
        Some((*words, hit.start()))
    });
    let (words, at) = found.next()?;
    Some((words, text[..at].matches('\n').count()))
}

/// A login in an address: `scheme://user:password@host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    /// In small letters, without a port; of an address with several hosts each has a login.
    pub(super) host: String,
    /// False where a reference or a variable stands in the place of the password.
    pub(super) is_written: bool,
}

/// Every login of a text whose host can be read.
pub(super) fn logins(text: &str) -> Vec<Login> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#"'<>:@]*:([^\s/?#"'<>]+)@([^\s/?#"'<>@]+)"#)
            .expect("a pattern of ours")
    });
    let mut logins = Vec::new();
    for found in ADDRESS.captures_iter(text) {
        let is_written = !found[1].contains(['$', '{', '%', '*']) || is_percented(&found[1]);
        for host in found[2].split(',') {
            let host = without_port(host).to_lowercase();
            if !host.is_empty() && !host.contains(['$', '{', '%', '(']) {
                logins.push(Login { host, is_written });
            }
        }
    }
    logins
}

/// Percent signs that stand for letters, and nothing to be filled in: a password as it is written in an address.
fn is_percented(text: &str) -> bool {
    let is_code = |after: &str| {
        after.as_bytes().iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2
    };
    !text.contains(['$', '{', '*']) && text.split('%').skip(1).all(is_code)
}

fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_tells_itself_and_its_example_does_not() {
        let long = "a1B2c3D4".repeat(6);
        let found = [
            (format!("key=sk_live_{long}"), "a live key of Stripe (`sk_live_...`)"),
            ("rk_live_0123456789".to_owned(), "a live key of Stripe (`sk_live_...`)"),
            ("AKIAIOSFODNN7REALKEY".to_owned(), "an access key of AWS (`AKIA...`)"),
            (format!("ghp_{long}"), "a token of GitHub (`ghp_...`)"),
            (format!("glpat-{long}"), "a token of GitLab (`glpat-...`)"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII".to_owned(), "a private key"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----".to_owned(), "a private key"),
        ];
        for (text, words) in found {
            assert_eq!(credential(&text), Some((words, 0)), "{text}");
        }
        assert_eq!(credential("a\nb\nAKIAIOSFODNN7REALKEY").map(|(_, line)| line), Some(2));
        for text in [
            "sk_test_0123456789abcdef",
            "${secret.stripe}",
            "AKIAIOSFODNN7EXAMPLE",
            "task_live_0123456789",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
            "sk_live_...",
        ] {
            assert_eq!(credential(text), None, "{text}");
        }
    }

    #[test]
    fn a_login_is_read_with_its_host() {
        let login = |host: &str, is_written| Login { host: host.to_owned(), is_written };
        let table = [
            ("postgresql://shop:word@db.internal:5432/shop", vec![login("db.internal", true)]),
            ("redis://:word@Cache/0", vec![login("cache", true)]),
            ("x postgresql://a:${secret.db}@db/x y", vec![login("db", false)]),
            ("https://a:p@ss@h.example", vec![login("h.example", true)]),
            ("https://a:p%40ss@h.example", vec![login("h.example", true)]),
            ("https://a:%(word)s@h.example", vec![login("h.example", false)]),
            ("amqp://a:b@[fd73::1]:5672//", vec![login("fd73::1", true)]),
            ("postgresql://a:b@one,two:5433/x", vec![login("one", true), login("two", true)]),
            // Without a password, or with a host that is not known here.
            ("https://token@h.example/", vec![]),
            ("https://h.example:8000/@me", vec![]),
            ("postgresql://a:b@/x?host=/run/postgresql", vec![]),
            ("postgresql://a:b@${HOST}/x", vec![]),
        ];
        for (text, expected) in table {
            assert_eq!(logins(text), expected, "{text}");
        }
    }
}
