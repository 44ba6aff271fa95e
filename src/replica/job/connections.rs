//! For `connections.py` on the site's host: to whom the site's user is connected.

use serde::Serialize;

use crate::site::Site;

/// Whose connections are written down.
#[derive(Debug, Serialize)]
pub struct ConnectionsJob {
    user: String,
}

impl ConnectionsJob {
    /// For `connections.py`.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        ConnectionsJob { user: site.user.to_string() }
    }
}
