//! For `network.py`, which sees that nothing leads out of the site's network.

use serde::Serialize;

use crate::replica::added::RESOLVER_MARK;
use crate::replica::plan::Handles;

/// What the site's own host has to find of its network.
#[derive(Debug, Serialize)]
pub struct NetworkJob {
    /// A record that only the site's own resolver has: its name,
    name: &'static str,
    /// and what it says.
    text: String,
    /// Addresses of ways out at which nobody is.
    nobody: [String; 2],
}

/// For `network.py` on the app's host.
#[must_use]
pub fn network_job(handles: &Handles) -> NetworkJob {
    let addresses = &handles.addresses;
    NetworkJob {
        name: RESOLVER_MARK.text,
        text: addresses.resolver(),
        nobody: [addresses.way_out(), addresses.subnet.ipv6().nobody],
    }
}
