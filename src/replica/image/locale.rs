//! A locale, as Debian generates it.

use serde::Serialize;

/// A locale to generate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(in crate::replica) struct Locale {
    pub name: String,
    pub charset: String,
}

impl Locale {
    /// `None` for those that every Debian has: `C`, `POSIX`, `C.UTF-8`.
    #[must_use]
    pub(in crate::replica) fn to_generate(name: &str) -> Option<Self> {
        if matches!(name, "C" | "POSIX" | "C.UTF-8" | "C.utf8") {
            return None;
        }
        let charset = name.split_once('.').map_or("ISO-8859-1", |(_, charset)| charset);
        let charset = charset.split('@').next().unwrap_or(charset);
        let charset = if charset.eq_ignore_ascii_case("utf8") { "UTF-8" } else { charset };
        Some(Locale { name: name.to_owned(), charset: charset.to_owned() })
    }
}
