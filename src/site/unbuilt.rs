//! Keys that the format knows but this version does not build: refused by name, with a way out.

use super::problem::KeyPath;

/// Where the key would be, its name, and what to write instead.
const UNBUILT: [(&[&str], &str, &str); 5] = [
    (
        &["tls", "certificate"],
        "like",
        "describe the certificate with `names`, `key` and `intermediates`",
    ),
    (&["services", "*"], "mariadb", "the services of this version: postgres, redis, memcached"),
    (&["services", "*"], "rabbitmq", "the services of this version: postgres, redis, memcached"),
    (&["services", "*"], "smtp", "leave the service out; mail that the app sends is refused"),
    (&["services", "*"], "seed", "load the data with `init`, or with a deploy step"),
];

/// The kinds of service among them.
pub(super) const UNBUILT_SERVICES: [&str; 3] = ["mariadb", "rabbitmq", "smtp"];

/// What to do about a key that is not built yet, if it is one.
pub(super) fn way_out(parent: &KeyPath, key: &str) -> Option<&'static str> {
    UNBUILT
        .iter()
        .find(|(pattern, name, _)| *name == key && parent.is(pattern))
        .map(|(_, _, hint)| *hint)
}
