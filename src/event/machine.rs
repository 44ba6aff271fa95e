//! The machine of a site, as the report tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a site's host is made of, as it was found there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Machine {
    /// Name and point release: `Debian GNU/Linux 12 (bookworm), 12.9`.
    pub system: String,
    /// As the kernel names it: `x86_64`.
    pub architecture: String,
    /// The full version of the system's Python: `3.11.2`.
    pub python: String,
    /// The OpenSSL that this Python uses: `OpenSSL 3.0.15 3 Sep 2024`.
    pub openssl: String,
    /// Such as `glibc 2.36`.
    pub libc: String,
    /// The installed Debian packages, as `name=version`.
    pub packages: Vec<String>,
}
