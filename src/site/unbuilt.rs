//! Keys that the format knows but this version does not build: refused by name, with a way out.

use super::problem::KeyPath;

/// Where the key would be, its name, and what to write instead.
const UNBUILT: [(&[&str], &str, &str); 1] = [(
    &["tls", "certificate"],
    "like",
    "describe the certificate with `names`, `key` and `intermediates`",
)];

/// What to do about a key that is not built yet, if it is one.
pub(super) fn way_out(parent: &KeyPath, key: &str) -> Option<&'static str> {
    UNBUILT
        .iter()
        .find(|(pattern, name, _)| *name == key && parent.is(pattern))
        .map(|(_, _, hint)| *hint)
}
