//! The files of a site's host, as a run lists them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// By their paths.
pub type HostFiles = BTreeMap<String, HostFile>;

/// A file, folder or link of a site's host, as it was when the site's processes were started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HostFile {
    pub kind: HostFileKind,
    /// The permission bits in octal digits; a link has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// User and group by name, or one word where they are called the same.
    pub owner: String,
    /// Where a link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Bytes; absent where the content is the app's own, or kept secret.
    #[serde(default, deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Of the content, in hex; absent for large files, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Why the content is kept secret: `a secret`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostFileKind {
    #[default]
    File,
    Folder,
    Link,
    /// A socket, a pipe, a device.
    Other,
}

/// A number, or its digits: what comes out of a replica is text, in which secrets are redacted.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Digits(String),
    }
    Ok(match Option::<Written>::deserialize(from)? {
        Some(Written::Number(number)) => Some(number),
        Some(Written::Digits(digits)) => digits.parse().ok(),
        None => None,
    })
}
