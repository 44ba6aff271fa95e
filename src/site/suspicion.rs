//! Which of the keys in which two sites differ is to blame, as far as words tell: a prior, never a proof.

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::Regex;

use super::difference::{Difference, differences};
use super::model::Site;

/// What is known of a failure: the phase that it broke, and what was said of it.
#[derive(Debug, Clone, Default)]
pub struct Signs<'a> {
    /// Such as `ready`; empty where none is known.
    pub phase: &'a str,
    /// Message, causes, tests and logs, in whatever order.
    pub texts: Vec<&'a str>,
}

/// Words of a failure, and the beginnings of keys that they speak of, the most suspicious first.
const WORDS: &[(&str, &[&str])] = &[
    (
        r"certificate|CERTIFICATE|SSL|\bTLS|issuer|hostname mismatch|NameMismatch|self.signed|Subject Alternative|key usage|cipher",
        &["tls", "names", "host.clock"],
    ),
    (
        r"\.so\b|shared object|cannot open shared|libmagic|library not found|failed to find lib|GLIBC|cannot load library|undefined symbol|No such file or directory: '?/usr|command not found|: not found$",
        &["base.packages", "base.debian", "base", "install.build_packages"],
    ),
    (
        r"ModuleNotFoundError|ImportError|No module named|SyntaxError|requires? Python|needs Python|pkg_resources|DistributionNotFound|AttributeError: module|cannot import name",
        &["python", "base.debian", "install", "base.packages", "base"],
    ),
    (
        r"Unicode\w*Error|codec can't|locale\.Error|unsupported locale|surrogates not allowed|strxfrm|decimal point",
        &["wsgi.locale", "base.locale", "host.locales", "env.LANG", "env.LC_", "env.PYTHON"],
    ),
    (
        r"SQL_ASCII|encoding \S+ of|character with byte sequence|b'|collat|Incorrect string value",
        &["services."],
    ),
    (
        r"psycopg|asyncpg|pg8000|pymysql|MySQLdb|mysqlclient|mariadb|sqlalchemy\.exc|django\.db|relation \S+ does not exist|must be owner|permission denied for|OperationalError|ProgrammingError|redis\.exceptions|pymemcache|pylibmc|amqp|pika\.|kombu|smtplib|SMTP|value too long",
        &["services.", "env.DATABASE", "env.DB", "env.REDIS", "env.CACHE", "env.BROKER"],
    ),
    (
        r"KeyError: '[A-Z][A-Z0-9_]+'|environ|ImproperlyConfigured|ValidationError|UndefinedValueError|setting",
        &["env.", "files", "secrets", "required"],
    ),
    (
        r"Origin checking|CSRF|X-Forwarded|redirect|Location|HTTP Error 30\d|DisallowedHost|Invalid HTTP_HOST|too large body|Entity Too Large|client intended|upstream|too big header|Request Header|HSTS|Strict-Transport|\b413\b|\b502\b|\b504\b",
        &["proxy", "names", "wsgi"],
    ),
    (r"No space left|Errno 28|ENOSPC", &["host.tmp", "host.shm", "resources"]),
    (
        r"write\+execute|/tmp/|systemd of \w+",
        &["wsgi.systemd", "processes.", "proxy.systemd", "host.tmp"],
    ),
    (r"Read-only file system|Errno 30|EROFS", &["host.read_only_root", "data"]),
    (
        r"failed to map segment|noexec|Permission denied|Errno 13|EACCES",
        &["host.tmp", "data", "files", "user", "wsgi.umask", "host.read_only_root", "wsgi.systemd"],
    ),
    (
        r"Too many open files|Errno 24|resource temporarily|can't start new thread|Cannot allocate|memory limit|OOM|Killed",
        &["host.limits", "host.open_files", "resources", "wsgi.workers"],
    ),
    (
        r"[Ee]xpired|not yet valid|signature has|clock|\btoken\b.*\b(iat|nbf|exp)\b",
        &["host.clock", "tls"],
    ),
    (
        r"time ?zone|ZoneInfo|pytz|tzinfo|tzlocal|utcoffset",
        &["base.timezone", "host.localtime", "base.packages", "env.TZ"],
    ),
    (
        r"Name or service not known|getaddrinfo|gaierror|Temporary failure in name|resolve|Max retries|for url|Client Error|Server Error",
        &["outside", "host.resolver", "host.hosts", "host.way_out", "env."],
    ),
    (r"subinterpreter|PyO3|interpreter", &["wsgi.application_group", "wsgi"]),
    (
        r"character varying\(|::1|IPv6|fd73:|address family|AF_INET6",
        &["host.resolver", "services."],
    ),
    (r"docstring|documentation string|assert", &["env.PYTHON"]),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static [&'static str])>> = LazyLock::new(|| {
    WORDS
        .iter()
        .map(|(words, keys)| (Regex::new(words).expect("a pattern of ours"), *keys))
        .collect()
});

/// Where a phase breaks says something, too, where words say nothing.
fn keys_of_phase(phase: &str) -> &'static [&'static str] {
    match phase {
        "check" => &["python", "base.debian", "tls", "env."],
        "images" => &["base", "install", "python"],
        "up" => &["services."],
        "deploy" => &["deploy", "services.", "env."],
        "ready" => &["wsgi", "env.", "python", "base"],
        _ => &[],
    }
}

/// The differences of a failing site and one that passed, the most suspicious first: those that the words of
/// the failure speak of; then those in which the failing site stands alone among `others`; then those that
/// its phase speaks of. What is equally suspicious stays in its order.
#[must_use]
pub fn by_suspicion<'a>(
    mut found: Vec<Difference>,
    signs: &Signs<'_>,
    failing: &Site,
    others: impl Iterator<Item = &'a Site>,
) -> Vec<Difference> {
    // In a key in which it differs from all of them it stands alone.
    let mut alone: Option<Vec<String>> = None;
    for other in others.filter(|other| other.name != failing.name) {
        let keys: Vec<String> =
            differences(failing, other).into_iter().map(|difference| difference.key).collect();
        alone = Some(match alone {
            None => keys,
            Some(known) => known.into_iter().filter(|key| keys.contains(key)).collect(),
        });
    }
    let alone = alone.unwrap_or_default();
    found.sort_by_key(|difference| {
        let key = difference.key.as_str();
        Reverse((
            words_on(key, signs),
            alone.iter().any(|own| own == key),
            phase_on(key, signs.phase),
        ))
    });
    found
}

/// How much the words of a failure speak of a key; nothing is zero.
fn words_on(key: &str, signs: &Signs<'_>) -> usize {
    // A variable that is named is meant.
    let named = key
        .strip_prefix("env.")
        .is_some_and(|name| name.len() > 3 && signs.texts.iter().any(|text| text.contains(name)));
    if named {
        return 100;
    }
    let speaking =
        PATTERNS.iter().filter(|(words, _)| signs.texts.iter().any(|text| words.is_match(text)));
    let weights = speaking.filter_map(|(_, keys)| keys.iter().position(|start| begins(key, start)));
    weights.map(|position| 50 - position).max().unwrap_or_default()
}

fn phase_on(key: &str, phase: &str) -> usize {
    let keys = keys_of_phase(phase);
    keys.iter().position(|start| begins(key, start)).map_or(0, |position| keys.len() - position)
}

/// Whether a key is the one that is meant, or below it; what ends with a dot or underscore is a beginning.
fn begins(key: &str, start: &str) -> bool {
    match key.strip_prefix(start) {
        Some(rest) => {
            rest.is_empty()
                || rest.starts_with('.')
                || start.ends_with(['.', '_'])
                // `env.PYTHON` is for all that Python reads.
                || start.starts_with("env.")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(keys: &[&str], phase: &str, text: &str) -> Vec<String> {
        let signs = Signs { phase, texts: vec![text] };
        let mut keys: Vec<&str> = keys.to_vec();
        keys.sort_by_key(|key| Reverse((words_on(key, &signs), phase_on(key, phase))));
        keys.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn words_of_a_failure_point_to_keys() {
        let keys = [
            "base.debian",
            "base.locale",
            "base.packages",
            "env.SHOP_CURRENCY",
            "env.THEME",
            "host.clock",
            "host.tmp.size",
            "proxy.body",
            "python",
            "services.db.owner",
            "tls.certificate.names",
            "wsgi.locale",
        ];
        let table = [
            (
                "NameMismatch: www.shop.example is none of ['*.shop.example']",
                "tls.certificate.names",
            ),
            (
                "ssl.SSLCertVerificationError: unable to get local issuer certificate",
                "tls.certificate.names",
            ),
            ("ImportError: libpq.so.5: cannot open shared object file", "base.packages"),
            ("ImportError: failed to find libmagic", "base.packages"),
            ("ModuleNotFoundError: No module named 'cgi'", "python"),
            ("UnicodeEncodeError: 'ascii' codec can't encode character", "wsgi.locale"),
            (
                "psycopg2.errors.InsufficientPrivilege: must be owner of table notices",
                "services.db.owner",
            ),
            ("KeyError: 'SHOP_CURRENCY'", "env.SHOP_CURRENCY"),
            ("client intended to send too large body: 2000000 bytes", "proxy.body"),
            ("OSError: [Errno 28] No space left on device", "host.tmp.size"),
            ("ExpiredSignatureError: Signature has expired", "host.clock"),
        ];
        for (text, key) in table {
            assert_eq!(rank(&keys, "suite", text)[0], key, "{text}");
        }
    }

    #[test]
    fn a_phase_points_to_keys_where_words_say_nothing() {
        assert_eq!(
            rank(&["base.debian", "names", "services.db.postgres"], "up", "?")[0],
            "services.db.postgres"
        );
        assert_eq!(rank(&["base.debian", "names"], "suite", "?"), ["base.debian", "names"]);
    }

    #[test]
    fn a_key_is_meant_with_what_is_below_it_alone() {
        assert!(
            begins("tls.versions", "tls")
                && begins("tls", "tls")
                && begins("services.db.owner", "services.")
        );
        assert!(!begins("base.packages_more", "base.packages") && !begins("names", "name"));
    }
}
