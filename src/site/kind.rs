//! The tables of what a site can be made of: the kinds of services, and what a base starts from.
//!
//! The merge of a site with the defaults, the schema, the check of keys, their resolution and references all read
//! them here. What a kind is in a replica is in `replica/service`.

use super::value::DebianSuite;

/// A kind of service: what its key in a description brings along.
#[derive(Debug, PartialEq, Eq)]
pub struct KindOfService {
    /// The key of a description that says it; that of [`OTHER`] is none.
    pub key: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What the schema says of the key; of a program its version.
    pub(super) described: Described,
    /// The versions of Debian's own package, each with its suite, oldest first. From packages.debian.org; a suite
    /// keeps its versions for life.
    versions: &'static [(&'static str, &'static str)],
    /// The keys that it has beside those that every service has; a blank between them.
    keys: &'static str,
    /// The port on which it is asked, and what becomes of that with TLS.
    pub(super) port: Option<(u16, TlsPort)>,
    /// The kind whose protocol it speaks: itself, or another one. The diagnosis asks in it.
    pub speaks: &'static str,
}

/// What the schema says of the key of a kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Described {
    /// The key is a version: what the key says, and an example of it.
    Version { text: &'static str, example: &'static str },
    /// The type of a description (`file/service.rs`) has the key.
    Elsewhere,
}

/// How a service speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsPort {
    /// On its port, to who asks for it there.
    OnRequest,
    /// On a port of its own.
    Beside(u16),
    /// On its port, and with everybody.
    Instead,
}

/// The kinds that have a key of their own.
pub(super) static KINDS: [&KindOfService; 8] =
    [&POSTGRES, &MARIADB, &REDIS, &VALKEY, &MEMCACHED, &RABBITMQ, &PGBOUNCER, &SMTP];

pub static POSTGRES: KindOfService = KindOfService {
    key: "postgres",
    title: "PostgreSQL",
    described: Described::Version { text: "PostgreSQL of this major version.", example: "15" },
    versions: &[("11", "buster"), ("13", "bullseye"), ("15", "bookworm"), ("17", "trixie")],
    keys: "image packages password database databases user owner roles encoding locale \
           collation extensions hba seed init settings tls weather",
    port: Some((5432, TlsPort::OnRequest)),
    speaks: "postgres",
};

pub static MARIADB: KindOfService = KindOfService {
    key: "mariadb",
    title: "MariaDB",
    described: Described::Version { text: "MariaDB of this version.", example: "10.11" },
    versions: &[
        ("10.3", "buster"),
        ("10.5", "bullseye"),
        ("10.11", "bookworm"),
        ("11.8", "trixie"),
    ],
    keys: "image password database databases user grants encoding collation seed init settings \
           tls weather",
    port: Some((3306, TlsPort::OnRequest)),
    speaks: "mariadb",
};

pub static REDIS: KindOfService = KindOfService {
    key: "redis",
    title: "Redis",
    described: Described::Version { text: "Redis of this version.", example: "7" },
    versions: &[("5.0", "buster"), ("6.0", "bullseye"), ("7.0", "bookworm"), ("8.0", "trixie")],
    keys: "image password settings tls weather",
    // Its settings say it.
    port: None,
    speaks: "redis",
};

pub static VALKEY: KindOfService = KindOfService {
    key: "valkey",
    title: "Valkey",
    described: Described::Version {
        text: "Valkey of this version: what Redis was until 7.2, with its protocol, its keys and its configuration.",
        example: "8",
    },
    versions: &[("8.1", "trixie")],
    keys: "image password settings tls weather",
    // Its settings say it.
    port: None,
    speaks: "redis",
};

pub static MEMCACHED: KindOfService = KindOfService {
    key: "memcached",
    title: "Memcached",
    described: Described::Version { text: "Memcached of this version.", example: "1.6" },
    versions: &[("1.5", "buster"), ("1.6", "bullseye"), ("1.6", "bookworm"), ("1.6", "trixie")],
    keys: "image tls weather",
    port: Some((11211, TlsPort::Instead)),
    speaks: "memcached",
};

pub static RABBITMQ: KindOfService = KindOfService {
    key: "rabbitmq",
    title: "RabbitMQ",
    described: Described::Version { text: "RabbitMQ of this version.", example: "3.10" },
    // That of buster cannot load its definitions by itself (since 3.8).
    versions: &[("3.8", "bullseye"), ("3.10", "bookworm"), ("4.0", "trixie")],
    keys: "image password user settings tls virtual_host weather",
    // AMQP's, by IANA.
    port: Some((5672, TlsPort::Beside(5671))),
    speaks: "rabbitmq",
};

pub static PGBOUNCER: KindOfService = KindOfService {
    key: "pgbouncer",
    title: "PgBouncer",
    described: Described::Version {
        text: "`PgBouncer` of this version, on port 6432, before the PostgreSQL that `leads_to` names: it knows \
               that one's\ndatabase, user and password, and takes them from the app (`auth_type = md5`, as \
               Debian has it).",
        example: "1.18",
    },
    versions: &[("1.9", "buster"), ("1.15", "bullseye"), ("1.18", "bookworm"), ("1.24", "trixie")],
    keys: "image settings leads_to weather",
    port: Some((6432, TlsPort::OnRequest)),
    // What its protocol begins with is PostgreSQL's.
    speaks: "pgbouncer",
};

pub static SMTP: KindOfService = KindOfService {
    key: "smtp",
    title: "mail",
    described: Described::Elsewhere,
    versions: &[],
    keys: "password user tls",
    port: Some((25, TlsPort::OnRequest)),
    speaks: "smtp",
};

/// A service that has no key of its own: its packages or image, and a command.
pub static OTHER: KindOfService = KindOfService {
    key: "other",
    title: "a service by its packages or image",
    described: Described::Elsewhere,
    versions: &[],
    keys: "image packages debian command ready port env weather",
    port: None,
    speaks: "other",
};

/// Keys that say how the app finds a service and logs in there. They mean the same with every kind that has
/// them, and so they outlive a change of the kind; every other key is in the words of one kind.
const HOW_TO_FIND_IT: [&str; 5] = ["tls", "weather", "password", "user", "database"];

/// What the machine of a site may start from: the key that says it, and the keys that go with it alone.
pub(super) const BASE_ORIGINS: [(&str, &[&str]); 3] =
    [("debian", &["snapshot"]), ("image", &[]), ("rootfs", &[])];

impl KindOfService {
    /// What it is called among the keys of a description.
    pub(super) fn name(&self) -> &'static str {
        if *self == OTHER { self.title } else { self.key }
    }

    /// The keys that say it.
    pub(super) fn key_words(&self) -> &'static str {
        if *self == OTHER { "packages, image" } else { self.key }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys().any(|own| own == key)
    }

    /// Whether the key of a service of another kind still holds when it becomes one of this kind.
    pub(super) fn keeps(&self, key: &str) -> bool {
        !is_of_some_service(key) || (HOW_TO_FIND_IT.contains(&key) && self.has(key))
    }

    /// The keys that it has and not every service has.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.split_whitespace()
    }

    /// The versions that some known suite has, with the suite, oldest first.
    pub(super) fn known(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.versions.iter().copied()
    }
}

/// Whether only some kinds have the key: one that is the key of a kind, or goes with some of them.
pub(super) fn is_of_some_service(key: &str) -> bool {
    kind_with_key(key).is_some() || kinds_having(key).next().is_some()
}

/// The kind that a key says.
pub(super) fn kind_with_key(key: &str) -> Option<&'static KindOfService> {
    KINDS.into_iter().find(|kind| kind.key == key)
}

/// Whether this is a kind, as the model of a site writes it.
pub(super) fn is_kind(name: &str) -> bool {
    all().any(|kind| kind.key == name)
}

/// The keys that only some kinds have, each once.
pub(super) fn keys_of_some_services() -> Vec<&'static str> {
    let mut keys: Vec<&str> = all().flat_map(KindOfService::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The kinds that have a key which not all have.
pub(super) fn kinds_having(key: &str) -> impl Iterator<Item = &'static KindOfService> {
    all().filter(move |kind| kind.has(key))
}

fn all() -> impl Iterator<Item = &'static KindOfService> {
    KINDS.into_iter().chain([&OTHER])
}

/// The kinds that a map of keys says; two of them are a problem.
pub(super) fn kinds_with_key(is_said: impl Fn(&str) -> bool) -> Vec<&'static KindOfService> {
    KINDS.into_iter().filter(|kind| is_said(kind.key)).collect()
}

/// The suites whose own package of the program is of this version, oldest first. `7` stands for
/// any 7.x.
pub fn service_suites<'a>(
    program: &KindOfService,
    version: &'a str,
) -> impl Iterator<Item = DebianSuite> + use<'a> {
    let versions = program.known().filter(move |(known, _)| is_of(known, version));
    versions.filter_map(|(_, suite)| suite.parse().ok())
}

/// The newest of [`service_suites`].
#[must_use]
pub fn service_suite(program: &KindOfService, version: &str) -> Option<DebianSuite> {
    service_suites(program, version).last()
}

/// The version of a service that a known suite has.
#[must_use]
pub fn suite_service(suite: &DebianSuite, program: &KindOfService) -> Option<&'static str> {
    let (version, _) = program.known().find(|(_, known)| *known == suite.as_str())?;
    Some(version)
}

fn is_of(full: &str, wanted: &str) -> bool {
    full.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        && !wanted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::debian::suite_names;
    use crate::site::schema::schema;

    /// Keys that every service has.
    const OF_EVERY_SERVICE: [&str; 4] = ["host", "names", "startup", "memory"];

    /// A key that is in no table would be kept with every kind, and never be refused.
    #[test]
    fn the_tables_have_every_key_of_a_service_and_of_a_base() {
        let schema = schema();
        let service = schema["$defs"]["Service"]["properties"].as_object().unwrap();
        for key in service.keys() {
            let is_known = is_of_some_service(key) || OF_EVERY_SERVICE.contains(&key.as_str());
            assert!(is_known, "`{key}` goes with no kind of service");
        }
        for key in all().flat_map(KindOfService::keys).chain(KINDS.map(|kind| kind.key)) {
            assert!(service.contains_key(key), "a service has no key `{key}`");
        }
        for (key, own) in BASE_ORIGINS {
            for key in own.iter().chain([&key]) {
                assert!(schema["properties"]["base"]["properties"][key].is_object(), "{key}");
            }
        }
    }

    #[test]
    fn every_version_is_of_a_suite_that_stagectl_knows() {
        for kind in KINDS {
            let suites: Vec<&str> = kind.known().map(|(_, suite)| suite).collect();
            let known: Vec<&str> = suite_names().filter(|name| suites.contains(name)).collect();
            assert_eq!(suites, known, "{}: oldest first", kind.key);
        }
    }

    #[test]
    fn each_version_is_found_in_its_suite() {
        let table = [
            (&POSTGRES, "11", Some("buster")),
            (&POSTGRES, "15", Some("bookworm")),
            (&POSTGRES, "1", None),
            (&POSTGRES, "14", None),
            (&REDIS, "7", Some("bookworm")),
            (&REDIS, "7.0", Some("bookworm")),
            (&REDIS, "7.2", None),
            (&REDIS, "", None),
            (&MEMCACHED, "1.6", Some("trixie")),
            (&MEMCACHED, "1", Some("trixie")),
            (&MARIADB, "10", Some("bookworm")),
            (&MARIADB, "10.1", None),
        ];
        for (program, version, expected) in table {
            let suite = service_suite(program, version);
            assert_eq!(suite.as_ref().map(DebianSuite::as_str), expected, "{program:?} {version}");
        }
        assert_eq!(service_suites(&MEMCACHED, "1.6").count(), 3);
    }
}
