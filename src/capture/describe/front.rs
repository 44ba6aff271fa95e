//! What is known of a site's proxy, whichever it is.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is known of the site's proxy.
#[derive(Debug, Clone, Default)]
pub(super) struct Front {
    /// `nginx`, `apache` or `none`.
    pub(super) server: &'static str,
    /// The names of the site, the first of which is its address.
    pub(super) names: Vec<String>,
    /// The live configuration, where keys do not say it all: its text, and why.
    pub(super) config: Option<(String, String)>,
    /// The files that it is read from.
    pub(super) files: Vec<String>,
    /// Where it looks for the app.
    pub(super) upstream: Option<String>,
    /// All the places that it looks for it, as its configuration has them.
    pub(super) places: Vec<String>,
    /// Keys below `proxy`.
    pub(super) keys: Vec<(&'static str, Value)>,
    pub(super) is_secure: bool,
    /// Versions of TLS that it names.
    pub(super) versions: Vec<String>,
    /// Files of its certificates.
    pub(super) certificates: Vec<String>,
    /// Files that its configuration includes, to be brought along.
    pub(super) includes: Vec<String>,
    /// Modules of Apache.
    pub(super) modules: Vec<String>,
    /// Folders that it serves itself.
    pub(super) folders: BTreeMap<String, String>,
}

/// A folder that the proxy serves, as a description has it: below the app's home from there, or absolute.
pub(super) fn served(folder: &str, user: Option<&str>) -> (bool, String) {
    let folder = folder.trim_end_matches('/');
    let home = user.map(|user| format!("/srv/{user}/"));
    match home.as_deref().and_then(|home| folder.strip_prefix(home)) {
        Some(below) => (true, below.to_owned()),
        None => (false, folder.to_owned()),
    }
}

/// The names that a proxy means by one: `.board.example` is two, and capitals are none.
pub(super) fn as_names(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let all = match name.strip_prefix('.') {
        Some(bare) => vec![bare.to_owned(), format!("*.{bare}")],
        None => vec![name],
    };
    all.into_iter().filter(|name| is_name(name)).collect()
}

/// Whether it may be a name of the world.
pub(super) fn is_name(name: &str) -> bool {
    let labels: Vec<&str> = name.trim_start_matches("*.").split('.').collect();
    labels.len() > 1
        && name.parse::<std::net::IpAddr>().is_err()
        && labels.iter().all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
}
