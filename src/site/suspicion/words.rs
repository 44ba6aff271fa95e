//! Words of a failure, and the keys that they speak of.

use std::sync::LazyLock;

use regex::Regex;

use super::case::{Peers, Points, Signs};
use crate::site::model::Site;

/// For the first key that a word speaks of; each further one has a point less.
const FIRST: usize = 40;
/// The share of words that can mean more than one thing.
const LESS_CERTAIN: f64 = 0.8;
/// For a word that stands in a log alone: it may be of something else.
const LOGGED: f64 = 0.6;

/// Words of a failure, and the keys that they speak of, the most suspicious first: beginnings of keys, all services of
/// a kind (`postgres:`), or the end of a service's key (`*.encoding`).
type Rows = &'static [(&'static str, &'static [&'static str])];

/// Words that hardly mean anything else.
const CERTAIN: Rows = &[
    (
        r"[Hh]ostname mismatch|NameMismatch|certificate is not valid for|doesn't match|Subject Alternative|no alternative certificate",
        &["tls.certificate.names", "tls.certificate", "names", "tls"],
    ),
    (
        r"unable to get (?:local )?issuer|self.signed|unknown CA|certificate chain|unable to verify the first",
        &[
            "tls.certificate.send_intermediates",
            "tls.certificate.intermediates",
            "tls.certificate.chain",
            "tls.certificate",
            "tls",
            "base.debian",
        ],
    ),
    (
        r"certificate has expired|certificate is not yet valid|\b[Ee]xpired|not yet valid|[Ss]ignature has|\btoken\b.*\b(?:iat|nbf|exp)\b",
        &["host.clock", "tls.certificate.valid", "tls"],
    ),
    (
        r"handshake failure|no shared cipher|wrong version number|unsupported protocol|PROTOCOL_VERSION|dh key too small",
        &["tls.versions", "tls.ciphers", "tls.certificate.key", "tls"],
    ),
    (
        r"Missing Authority Key|Missing Subject Key|key usage|Basic Constraints|VERIFY_X509_STRICT",
        &["tls.certificate.form", "base.debian", "python", "tls"],
    ),
    (
        r"cannot open shared object|failed to find lib|library not found|cannot load library|GLIBC_|undefined symbol|command not found",
        &["base.packages", "base.debian", "base", "install.build_packages"],
    ),
    // Left Python with 3.12 and 3.13: <https://peps.python.org/pep-0594/>, <https://peps.python.org/pep-0632/>.
    (
        r"No module named '(?:aifc|asynchat|asyncore|audioop|cgi|cgitb|chunk|crypt|distutils|imghdr|imp|mailcap|msilib|nis|nntplib|ossaudiodev|pipes|smtpd|sndhdr|spwd|sunau|telnetlib|uu|xdrlib|lib2to3)\b",
        &["python", "base.debian", "base"],
    ),
    (
        r"needs Python|[Rr]equires? Python|requires a different Python",
        &["python", "base.debian", "base"],
    ),
    (
        r"trusted hash|Hash-checking|ResolutionImpossible|No matching distribution|no solution found|No solution found|satisfies the requirement|Failed to build|Failed building wheel",
        &["install.requirements", "install", "python", "base.debian", "base.packages"],
    ),
    (
        r"Unicode\w*Error|codec can't|locale\.Error|unsupported locale|surrogates not allowed|strxfrm|decimal point",
        &["wsgi.locale", "base.locale", "host.locales", "env.LANG", "env.LC_", "env.PYTHON"],
    ),
    (
        r"SQL_ASCII|encoding \S+ of|character with byte sequence|\bb'|collat|Incorrect string value",
        &["*.encoding", "*.collation", "postgres:", "mariadb:"],
    ),
    (
        r"must be owner|permission denied for|InsufficientPrivilege|command denied to user",
        &["*.owner", "*.roles", "*.init", "*.user", "postgres:", "mariadb:"],
    ),
    (
        r"password authentication|pg_hba|SCRAM|Access denied for user|no password supplied",
        &["*.hba", "*.password", "postgres:", "mariadb:", "env.DATABASE", "env.DB"],
    ),
    (r"prepared statement|server_reset|pool_mode", &["pgbouncer:", "postgres:"]),
    (
        r"413|[Tt]oo [Ll]arge body|Entity Too Large|client intended to send",
        &["proxy.body", "proxy"],
    ),
    (
        r"Origin checking|CSRF|X-Forwarded|HTTP (?:Error )?30\d|Moved Permanently|redirect",
        &[
            "proxy.headers",
            "proxy.behind",
            "proxy.host",
            "proxy.http",
            "names",
            "proxy.server",
            "wsgi",
        ],
    ),
    (
        r"DisallowedHost|Invalid HTTP_HOST|HSTS|Strict-Transport",
        &["names", "proxy.headers", "proxy"],
    ),
    (
        r"too big header|Request Header|Request-Line|URI Too Long",
        &["proxy.headers", "proxy", "wsgi.options"],
    ),
    (r"\b50[24]\b|upstream", &["proxy.timeout", "wsgi", "proxy"]),
    (r"No space left|Errno 28|ENOSPC", &["host.tmp.size", "host.tmp", "host.shm", "resources"]),
    (r"failed to map segment|noexec", &["host.tmp.exec", "host.tmp", "data"]),
    (r"write\+execute", &["wsgi.systemd", "processes.", "proxy.systemd"]),
    (r"Read-only file system|Errno 30|EROFS", &["host.read_only_root", "wsgi.systemd", "data"]),
    (
        r"Permission denied|Errno 13|Error 13|EACCES",
        &["user.groups", "data", "files", "user", "wsgi.umask", "wsgi.systemd", "host.tmp"],
    ),
    (
        r"Too many open files|Errno 24|resource temporarily|can't start new thread",
        &["host.limits", "host.open_files", "resources.pids", "wsgi.workers"],
    ),
    (
        r"Cannot allocate|memory limit|OOM|\bKilled\b|MemoryError",
        &["resources.memory", "wsgi.workers", "host.limits"],
    ),
    (
        r"[Tt]ime ?zone|ZoneInfo|pytz|tzinfo|tzlocal|utcoffset",
        &["base.timezone", "host.localtime", "base.packages", "env.TZ"],
    ),
    (
        r"Name or service not known|getaddrinfo|gaierror|Temporary failure in name|nodename nor servname",
        &["outside", "host.resolver", "host.hosts", "host.way_out"],
    ),
    (r"subinterpreter|PyO3", &["wsgi.application_group", "wsgi"]),
    (
        // A column of fifteen characters has room for an IPv4 address, and for no other.
        r"::1\b|IPv6|[Aa]ddress family|AF_INET6|(?:[Vv]arying|VARYING|[Vv]archar|VARCHAR)\(15\)",
        &["host.resolver", "services."],
    ),
    (r"docstring|documentation string", &["env.PYTHONOPTIMIZE", "env.PYTHON"]),
    // Words of ours, of the states of an upgrade.
    (
        r"red after the steps of the new one|from the steps of the deploy to its restart",
        &["deploy.strategy", "deploy.steps", "deploy", "live"],
    ),
    (r"red after the way back", &["deploy.rollback", "deploy.steps", "deploy", "live"]),
    (r"visit --check", &["deploy.steps", "deploy", "live", "data"]),
];

/// Words that can mean more than one thing.
const LIKELY: Rows = &[
    (r"certificate|CERTIFICATE|SSL|\bTLS|issuer|cipher", &["tls", "names", "host.clock"]),
    (
        r"\.so\b|shared object|No such file or directory: '?/usr|: not found$",
        &["base.packages", "base.debian", "base", "install.build_packages"],
    ),
    (
        r"ModuleNotFoundError|ImportError|No module named|pkg_resources|DistributionNotFound|cannot import name",
        &["install.extras", "install", "python", "base.packages", "base.debian", "base"],
    ),
    (
        r"SyntaxError|AttributeError: module|DeprecationWarning",
        &["python", "base.debian", "install", "base"],
    ),
    (
        r"psycopg|asyncpg|pg8000|value too long for type",
        &["postgres:", "pgbouncer:", "env.DATABASE", "env.DB", "env.PG"],
    ),
    (
        r"pymysql|MySQLdb|mysqlclient|mysql\.connector|mariadb",
        &["mariadb:", "env.DATABASE", "env.DB", "env.MYSQL"],
    ),
    (
        r"sqlalchemy\.exc|django\.db|relation \S+ does not exist|OperationalError|ProgrammingError|IntegrityError|DataError",
        &["postgres:", "mariadb:", "env.DATABASE", "env.DB"],
    ),
    (
        r"redis\.exceptions|rediss?://|:6379\b|WRONGPASS|NOAUTH",
        &["redis:", "valkey:", "env.REDIS", "env.CACHE", "env.BROKER"],
    ),
    (r"pymemcache|pylibmc|:11211\b", &["memcached:", "env.CACHE", "env.MEMCACHE"]),
    (r"\bamqp|pika\.|kombu|:5672\b", &["rabbitmq:", "env.BROKER", "env.AMQP", "env.RABBIT"]),
    (r"smtplib|SMTP|:25\b|:587\b", &["smtp:", "env.MAIL", "env.EMAIL", "env.SMTP"]),
    (
        r"[Tt]imed out|Timeout|not done within its budget|[Dd]eadline|Connection (?:reset|refused|aborted)|closed connection",
        // What says how a service behaves comes before what it is.
        &["*.weather", "smtp:", "*.tls", "outside", "host.resolver", "services.", "resources"],
    ),
    (
        r"KeyError: '[A-Z][A-Z0-9_]+'|environ\b|ImproperlyConfigured|ValidationError|UndefinedValueError|settings? .*(?:not set|missing|required)",
        &["env.", "files", "secrets"],
    ),
    (r"Location|[Rr]edirect", &["proxy", "names", "wsgi"]),
    (r"/tmp/|systemd of \w+", &["wsgi.systemd", "processes.", "proxy.systemd", "host.tmp"]),
    (r"Max retries|for url|Client Error", &["outside", "host.way_out", "host.hosts", "env."]),
    (r"interpreter", &["wsgi.application_group", "wsgi"]),
    (r"clock|time stamp|timestamp", &["host.clock", "base.timezone"]),
    (r"assert", &["env.PYTHONOPTIMIZE"]),
];

static PATTERNS: LazyLock<Vec<(f64, Regex, &'static [&'static str])>> = LazyLock::new(|| {
    let compiled = |share: f64, rows: Rows| {
        let row = move |(words, keys): &(&str, &'static [&'static str])| {
            (share, Regex::new(words).expect("a pattern of ours"), *keys)
        };
        rows.iter().map(row)
    };
    compiled(1.0, CERTAIN).chain(compiled(LESS_CERTAIN, LIKELY)).collect()
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

/// How much the words of a failure speak of a key, and which word it is that does most.
pub(super) fn points(key: &str, signs: &Signs<'_>, peers: &Peers<'_>) -> Points {
    let kind = kind_of(key, [peers.failing, peers.nearest]);
    let mut best = Points::default();
    for (certainty, words, keys) in PATTERNS.iter() {
        let Some(position) = keys.iter().position(|start| begins(key, start, kind)) else {
            continue;
        };
        let find = |texts: &[&str]| {
            texts.iter().find_map(|text| words.find(text)).map(|found| found.as_str().to_owned())
        };
        let said = find(&signs.said).map(|word| (1.0, word));
        let Some((share, word)) = said.or_else(|| find(&signs.logged).map(|word| (LOGGED, word)))
        else {
            continue;
        };
        let points =
            certainty * share * f64::from(u32::try_from(FIRST - position).unwrap_or_default());
        if points > best.points {
            let word = word.trim();
            best = Points { points, why: Some(format!("the failure says \u{201c}{word}\u{201d}")) };
        }
    }
    best
}

/// How much the phase that broke speaks of a key: less than any other reason.
pub(super) fn phase_points(key: &str, phase: &str) -> f64 {
    let keys = keys_of_phase(phase);
    let position = keys.iter().position(|start| begins(key, start, None));
    position.map_or(0.0, |position| f64::from(u32::try_from(keys.len() - position).unwrap_or(0)))
}

/// The kind of the service that a key is of; one of the two sites may lack it.
fn kind_of(key: &str, sites: [&Site; 2]) -> Option<&'static str> {
    let role = key.strip_prefix("services.")?.split('.').next()?;
    let mut services = sites.into_iter().flat_map(|site| &site.services);
    services.find(|(name, _)| name.as_str() == role).map(|(_, service)| service.kind.key())
}

/// Whether a key is the one that is meant, or below it; what ends with a dot or underscore is a beginning.
pub(super) fn begins(key: &str, start: &str, kind: Option<&str>) -> bool {
    if let Some(meant) = start.strip_suffix(':') {
        return kind == Some(meant);
    }
    if let Some(end) = start.strip_prefix('*') {
        let of_service = key.strip_prefix("services.").and_then(|rest| rest.find('.'));
        // What is below it is meant, too: `services.cache.weather.latency`.
        return of_service.is_some_and(|at| {
            let member = &key["services.".len() + at..];
            member.ends_with(end) || member.contains(&format!("{end}."))
        });
    }
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
