//! A service that is known by an address, which is nobody's in a replica.

use std::net::IpAddr;

use super::Role;

impl Role {
    /// The address of its live host, which is nobody's in a replica.
    pub(super) fn address(&self) -> Option<&str> {
        self.host.as_deref().filter(|host| host.parse::<IpAddr>().is_ok())
    }

    /// A value with the service's name in the place of its live address.
    pub(in crate::capture::describe) fn in_replica(&self, value: &str) -> String {
        match self.address() {
            Some(address) if address.contains(':') => {
                value.replacen(&format!("[{address}]"), &self.name, 1)
            }
            Some(address) => value.replacen(address, &self.name, 1),
            None => value.to_owned(),
        }
    }
}
