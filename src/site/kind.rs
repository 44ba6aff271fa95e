//! The tables of what a site can be made of: kinds of services, and what a base starts from.
//!
//! The merge of a site with the defaults, the check of its keys and their resolution all read them here.

/// A kind of service, and the keys that go with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KindOfService {
    /// The key of a description that says it, or words for a service that has no such key.
    pub(super) key: &'static str,
    /// The keys that it has beside [`OF_EVERY_SERVICE`].
    pub(super) keys: &'static [&'static str],
}

/// Keys that every service has.
#[cfg(test)]
const OF_EVERY_SERVICE: [&str; 4] = ["host", "names", "startup", "memory"];

/// Keys that say how the app finds a service and logs in there. They mean the same with every kind that has
/// them, and so they outlive a change of the kind; every other key is in the words of one kind.
const HOW_TO_FIND_IT: [&str; 5] = ["tls", "weather", "password", "user", "database"];

/// The kinds that have a key of their own.
pub(super) const KINDS: [KindOfService; 7] = [
    KindOfService {
        key: "postgres",
        keys: &[
            "image",
            "packages",
            "password",
            "database",
            "databases",
            "user",
            "owner",
            "roles",
            "encoding",
            "locale",
            "collation",
            "extensions",
            "hba",
            "seed",
            "init",
            "settings",
            "tls",
            "weather",
        ],
    },
    KindOfService {
        key: "mariadb",
        keys: &[
            "image",
            "password",
            "database",
            "databases",
            "user",
            "grants",
            "encoding",
            "collation",
            "seed",
            "init",
            "settings",
            "tls",
            "weather",
        ],
    },
    KindOfService { key: "redis", keys: &["image", "password", "settings", "tls", "weather"] },
    KindOfService { key: "memcached", keys: &["image", "tls", "weather"] },
    KindOfService {
        key: "rabbitmq",
        keys: &["image", "password", "user", "settings", "tls", "virtual_host", "weather"],
    },
    KindOfService { key: "pgbouncer", keys: &["image", "settings", "leads_to", "weather"] },
    KindOfService { key: "smtp", keys: &["password", "user", "tls"] },
];

/// A service that has no key of its own: its packages or image, and a command.
pub(super) const OTHER: KindOfService = KindOfService {
    key: "a service by its packages or image",
    keys: &["image", "packages", "debian", "command", "ready", "port", "env", "weather"],
};

impl KindOfService {
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    /// Whether the key of a service of another kind still holds when it becomes one of this kind.
    pub(super) fn keeps(&self, key: &str) -> bool {
        if is_of_some_service(key) { HOW_TO_FIND_IT.contains(&key) && self.has(key) } else { true }
    }
}

/// Whether only some kinds have the key: one that is the key of a kind, or goes with some of them.
pub(super) fn is_of_some_service(key: &str) -> bool {
    KINDS.iter().any(|kind| kind.key == key) || with_key(key).next().is_some()
}

/// The keys that only some kinds have, each once.
pub(super) fn keys_of_some_services() -> Vec<&'static str> {
    let mut keys: Vec<&str> =
        KINDS.iter().chain([&OTHER]).flat_map(|kind| kind.keys).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The kinds that have a key which not all have.
pub(super) fn with_key(key: &str) -> impl Iterator<Item = &'static KindOfService> {
    KINDS.iter().chain([&OTHER]).filter(move |kind| kind.has(key))
}

/// The kinds that a map of keys says; two of them are a problem.
pub(super) fn kinds_said(is_said: impl Fn(&str) -> bool) -> Vec<&'static KindOfService> {
    KINDS.iter().filter(|kind| is_said(kind.key)).collect()
}

/// What the machine of a site may start from: the key that says it, and the keys that go with it alone.
pub(super) const BASE_ORIGINS: [(&str, &[&str]); 3] =
    [("debian", &["snapshot"]), ("image", &[]), ("rootfs", &[])];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::schema::schema;

    /// A key that is in no table would be kept with every kind, and never be refused.
    #[test]
    fn the_tables_have_every_key_of_a_service_and_of_a_base() {
        let schema = schema();
        let keys = schema["$defs"]["Service"]["properties"].as_object().unwrap().keys();
        for key in keys {
            let is_known = is_of_some_service(key) || OF_EVERY_SERVICE.contains(&key.as_str());
            assert!(is_known, "`{key}` goes with no kind of service");
        }
        for key in keys_of_some_services().into_iter().chain(KINDS.iter().map(|kind| kind.key)) {
            let property = &schema["$defs"]["Service"]["properties"][key];
            assert!(property.is_object(), "a service has no key `{key}`");
        }
        for (key, own) in BASE_ORIGINS {
            for key in own.iter().chain([&key]) {
                assert!(schema["properties"]["base"]["properties"][key].is_object(), "{key}");
            }
        }
    }
}
