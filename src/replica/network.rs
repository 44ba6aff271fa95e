//! The site's private network: its addresses and the names that lead to them.

use std::fmt;
use std::net::Ipv4Addr;

use serde::Serialize;

use super::template::{Templates, context};
use crate::failure::Failure;
use crate::site::{HostName, Outside, Role, Site};

/// Networks of stagectl's are cut from 10.231.0.0/16, 32 addresses each: Docker's own pools end
/// after about 30 networks.
const POOL: Ipv4Addr = Ipv4Addr::new(10, 231, 0, 0);
const POOL_SIZE: u32 = 1 << 16;
const SIZE: u32 = 32;
const PREFIX_LENGTH: u8 = 27;

/// A /27 of the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Subnet(u32);

impl Subnet {
    /// The n-th of the pool.
    #[must_use]
    pub fn nth(n: u32) -> Self {
        Subnet(u32::from(POOL) + (n % (POOL_SIZE / SIZE)) * SIZE)
    }

    /// Those that overlap with none of the used ones (CIDR notation), starting anywhere.
    #[must_use]
    pub fn free(used: &[String], start: u32) -> Option<Self> {
        let used: Vec<(u32, u32)> = used.iter().filter_map(|cidr| range(cidr)).collect();
        (0..POOL_SIZE / SIZE).map(|n| Subnet::nth(start.wrapping_add(n))).find(|subnet| {
            used.iter().all(|(first, last)| subnet.0 + SIZE - 1 < *first || subnet.0 > *last)
        })
    }

    /// The subnet that an address of the pool is in.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let offset = address.checked_sub(u32::from(POOL)).filter(|&offset| offset < POOL_SIZE)?;
        Some(Subnet::nth(offset / SIZE))
    }

    /// The n-th address; 1 is the gateway's.
    #[must_use]
    pub fn address(self, n: u32) -> String {
        Ipv4Addr::from(self.0 + n).to_string()
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{PREFIX_LENGTH}", Ipv4Addr::from(self.0))
    }
}

/// First and last address of an IPv4 CIDR.
fn range(cidr: &str) -> Option<(u32, u32)> {
    let (address, length) = cidr.split_once('/')?;
    let (address, length): (Ipv4Addr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let size = 1_u64 << 32_u32.checked_sub(length)?;
    let first = u32::try_from(u64::from(u32::from(address)) / size * size).ok()?;
    Some((first, u32::try_from(u64::from(first) + size - 1).ok()?))
}

/// Who has which address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    pub subnet: Subnet,
    services: Vec<Role>,
    /// Services on the app's host.
    beside: Vec<Role>,
    has_a_proxy_s_host: bool,
}

impl Addresses {
    #[must_use]
    pub fn new(site: &Site, subnet: Subnet) -> Self {
        let beside = site.services.iter().filter(|(_, service)| service.is_on_the_app_s_host());
        Addresses {
            subnet,
            services: site.services.keys().cloned().collect(),
            beside: beside.map(|(role, _)| role.clone()).collect(),
            has_a_proxy_s_host: site.has_a_proxy_s_host(),
        }
    }

    #[must_use]
    pub fn resolver(&self) -> String {
        self.subnet.address(2)
    }

    /// Of the app's host.
    #[must_use]
    pub fn host(&self) -> String {
        self.subnet.address(3)
    }

    /// Of the host that the site's names lead to: the app's, unless the proxy has its own.
    #[must_use]
    pub fn front(&self) -> String {
        if self.has_a_proxy_s_host { self.subnet.address(SIZE - 4) } else { self.host() }
    }

    /// Of the stubs: the last of the subnet, out of the way of services.
    #[must_use]
    pub fn outside(&self) -> String {
        self.subnet.address(SIZE - 2)
    }

    /// Of the way to the hosts that are allowed: beside the stubs.
    #[must_use]
    pub fn gateway(&self) -> String {
        self.subnet.address(SIZE - 3)
    }

    /// # Panics
    /// When the site has no such service.
    #[must_use]
    pub fn service(&self, role: &Role) -> String {
        if self.beside.contains(role) {
            return self.host();
        }
        let index =
            self.services.iter().position(|other| other == role).expect("a service of the site");
        self.subnet.address(4 + u32::try_from(index).expect("few services"))
    }
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a HostName,
    address: String,
    wildcard: bool,
}

/// The resolver's configuration: the site's names and its services', and no others.
///
/// # Errors
/// None of a user's making.
pub(super) fn resolver_config(
    site: &Site,
    addresses: &Addresses,
    templates: &Templates,
) -> Result<String, Failure> {
    let front = addresses.front();
    let own = site
        .names
        .iter()
        .map(|name| (name, false))
        .chain(site.wildcards.iter().map(|name| (name, true)));
    let mut records: Vec<Record<'_>> =
        own.map(|(name, wildcard)| Record { name, address: front.clone(), wildcard }).collect();
    let app = site.has_a_proxy_s_host().then(|| site.app_host_name());
    if let Some(name) = &app {
        records.push(Record { name, address: addresses.host(), wildcard: false });
    }
    for (role, service) in &site.services {
        for name in &service.names {
            records.push(Record { name, address: addresses.service(role), wildcard: false });
        }
    }
    for (name, outside) in &site.outside {
        let address = match outside {
            Outside::Stub(_) => addresses.outside(),
            Outside::Allow => addresses.gateway(),
        };
        records.push(Record { name, address, wildcard: false });
    }
    // Where a search domain is tried behind a name that is the site's, nothing is there, and nobody
    // went outside.
    let domains = &site.host.resolver.search;
    let tried = |record: &Record<'_>| {
        domains.iter().map(|domain| format!("{}.{domain}", record.name)).collect::<Vec<_>>()
    };
    let searched: Vec<String> = records.iter().flat_map(tried).collect();
    templates.render(
        "resolver/dnsmasq.conf.j2",
        context! { site => site.name, address => addresses.resolver(), records, searched },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_subnet_is_passed_over() {
        let used = ["10.231.0.0/26".to_owned(), "172.17.0.0/16".to_owned(), "fe80::/64".to_owned()];
        assert_eq!(Subnet::free(&used, 0).unwrap().to_string(), "10.231.0.64/27");
        assert_eq!(Subnet::free(&["10.0.0.0/8".to_owned()], 7), None);
        assert_eq!(Subnet::free(&[], 2048 + 1).unwrap().to_string(), "10.231.0.32/27");
    }
}
