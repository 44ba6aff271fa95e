//! The site's private network: its addresses and the names that lead to them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::Serialize;

use super::added::RESOLVER_MARK;
use super::role::{BALANCER, PROXY};
use super::spec::Ipv6Spec;
use super::template::{Templates, context};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::site::{AddressFamily, HostName, NetworkFamilies, Outside, Role, Site};

/// Networks of stagectl's are cut from 10.231.0.0/16, 32 addresses each: Docker's own pools end
/// after about 30 networks.
const POOL: Ipv4Addr = Ipv4Addr::new(10, 231, 0, 0);
const POOL_SIZE: u32 = 1 << 16;
const SIZE: u32 = 32;
const PREFIX_LENGTH: u8 = 27;

/// Each of them has a /64 of its own beside it, below a prefix of stagectl's own (RFC 4193).
const IPV6_PREFIX: [u16; 3] = [0xfd73, 0x7461, 0x6765];
const IPV6_PREFIX_LENGTH: u8 = 64;
/// Above the number of every container.
const NOBODY: u32 = 0xffff;

/// A /27 of the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Subnet(u32);

impl Subnet {
    /// How many there are.
    pub const COUNT: u32 = POOL_SIZE / SIZE;

    /// The n-th of the pool.
    #[must_use]
    pub fn nth(n: u32) -> Self {
        Subnet(u32::from(POOL) + (n % (POOL_SIZE / SIZE)) * SIZE)
    }

    /// One that overlaps with none of the used ones (CIDR notation), starting anywhere.
    #[must_use]
    pub fn free(used: &[String], families: NetworkFamilies, start: u32) -> Option<Self> {
        let used: Vec<IpNet> = used.iter().filter_map(|cidr| cidr.parse().ok()).collect();
        (0..POOL_SIZE / SIZE).map(|n| Subnet::nth(start.wrapping_add(n))).find(|subnet| {
            let own = match families {
                NetworkFamilies::Ipv4 => vec![subnet.ipv4_network()],
                NetworkFamilies::Both => vec![subnet.ipv4_network(), subnet.ipv6_network()],
            };
            let overlap =
                |one: &IpNet, two: &IpNet| one.contains(&two.addr()) || two.contains(&one.addr());
            !own.iter().any(|own| used.iter().any(|other| overlap(own, other)))
        })
    }

    fn ipv4_network(self) -> IpNet {
        IpNet::new_assert(Ipv4Addr::from(self.0).into(), PREFIX_LENGTH)
    }

    fn ipv6_network(self) -> IpNet {
        IpNet::new_assert(self.ipv6_address(0).into(), IPV6_PREFIX_LENGTH)
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

    /// The IPv6 network beside it.
    #[must_use]
    pub fn ipv6(self) -> Ipv6Spec {
        Ipv6Spec {
            subnet: self.ipv6_network().to_string(),
            nobody: self.ipv6_address(NOBODY).to_string(),
        }
    }

    fn ipv6_address(self, n: u32) -> Ipv6Addr {
        let number = (self.0 - u32::from(POOL)) / SIZE;
        let prefix = IPV6_PREFIX.iter().fold(0, |bits, part| bits << 16 | u128::from(*part));
        Ipv6Addr::from((prefix << 16 | u128::from(number)) << 64 | u128::from(n))
    }
}

/// The interface of the engine's host that is to be a network's bridge. It looks as Docker's own do, for those who
/// know those by their names, such as network managers.
#[must_use]
pub fn bridge_of(network: &str) -> String {
    // No interface has a name of more than 15 bytes.
    format!("br-{}", &Digest::of("bridge").with(network).hex()[..12])
}

impl fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ipv4_network().fmt(formatter)
    }
}

/// Who has which address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    pub subnet: Subnet,
    families: NetworkFamilies,
    services: Vec<Role>,
    /// Services on the app's host.
    beside: Vec<Role>,
    /// Services that have another host before them, in their order.
    weathered: Vec<Role>,
    /// Who has the host that the site's names lead to, where that is not the app's.
    front: Option<&'static str>,
}

impl Addresses {
    #[must_use]
    pub fn new(site: &Site, subnet: Subnet) -> Self {
        let beside = site.services.iter().filter(|(_, service)| service.is_on_the_app_s_host());
        let weathered = site.services.iter().filter(|(_, service)| service.weather.is_some());
        Addresses {
            subnet,
            families: site.host.resolver.network(),
            services: site.services.keys().cloned().collect(),
            beside: beside.map(|(role, _)| role.clone()).collect(),
            weathered: weathered.map(|(role, _)| role.clone()).collect(),
            front: match site.proxy.behind {
                Some(_) => Some(BALANCER),
                None => site.has_proxy_host().then_some(PROXY),
            },
        }
    }

    /// The IPv6 address of who has this address of the subnet, if the network has IPv6.
    #[must_use]
    pub fn ipv6_of(&self, address: &str) -> Option<String> {
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let n = address.checked_sub(self.subnet.0)?;
        match self.families {
            NetworkFamilies::Ipv4 => None,
            NetworkFamilies::Both => Some(self.subnet.ipv6_address(n).to_string()),
        }
    }

    #[must_use]
    pub fn resolver(&self) -> String {
        self.subnet.address(2)
    }

    /// Where the suite's questions come from: it has the resolver's place on the network.
    #[must_use]
    pub fn of_the_suite(&self) -> Vec<String> {
        let own = self.resolver();
        let ipv6 = self.ipv6_of(&own);
        std::iter::once(own).chain(ipv6).collect()
    }

    /// Of the app's host.
    #[must_use]
    pub fn host(&self) -> String {
        self.subnet.address(3)
    }

    /// Of the host that the site's names lead to: the app's, unless the proxy or a load balancer has its own.
    #[must_use]
    pub fn front(&self) -> String {
        if self.front.is_some() { self.subnet.address(SIZE - 4) } else { self.host() }
    }

    /// Of the stubs: the last of the subnet, out of the way of services.
    #[must_use]
    pub fn outside(&self) -> String {
        self.subnet.address(SIZE - 2)
    }

    /// Where the network would have its gateway. Nobody is there.
    #[must_use]
    pub fn way_out(&self) -> String {
        self.subnet.address(1)
    }

    /// Of the way in to a replica that stays up.
    #[must_use]
    pub fn door(&self) -> String {
        self.subnet.address(SIZE - 5)
    }

    /// Who has an address of the network. What is nobody's is the suite's, which has none of its own.
    #[must_use]
    pub fn owner(&self, address: &str) -> String {
        if address == self.host() {
            return "app".to_owned();
        }
        if let Some(front) = self.front.filter(|_| address == self.front()) {
            return front.to_owned();
        }
        let has_it = |role: &&Role| self.service(role) == address || self.behind(role) == address;
        let service = self.services.iter().find(has_it);
        service.map_or_else(|| "suite".to_owned(), ToString::to_string)
    }

    /// Of the way to the hosts that are allowed: beside the stubs.
    #[must_use]
    pub fn gateway(&self) -> String {
        self.subnet.address(SIZE - 3)
    }

    /// Of the service itself, which its names do not lead to where it has a weather.
    ///
    /// # Panics
    /// When the site has no such service.
    #[must_use]
    pub fn behind(&self, role: &Role) -> String {
        match self.weathered.iter().position(|other| other == role) {
            Some(index) => {
                self.subnet.address(SIZE - 6 - u32::try_from(index).expect("few services"))
            }
            None => self.service(role),
        }
    }

    /// Where the names of a service lead.
    ///
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
struct Record {
    name: HostName,
    address: String,
    ipv6: Option<String>,
    wildcard: bool,
}

/// Every name that the replica's resolver is to know, with its address, and whether it stands for all
/// names below it.
fn known<'a>(
    site: &'a Site,
    addresses: &'a Addresses,
) -> impl Iterator<Item = (HostName, String, bool)> + 'a {
    let own = site.names.iter().map(|name| (name.clone(), addresses.front(), false));
    let wild = site.wildcards.iter().map(|name| (name.clone(), addresses.front(), true));
    let app = site.has_proxy_host().then(|| (site.app_host_name(), addresses.host(), false));
    let services = site.services.iter().flat_map(|(role, service)| {
        service.names.iter().map(|name| (name.clone(), addresses.service(role), false))
    });
    let is_open = site.host.way_out.is_none();
    let outside = beyond(site, addresses).filter(move |_| is_open);
    let outside = outside.map(|(name, address)| (name.clone(), address, false));
    own.chain(wild).chain(app).chain(services).chain(outside)
}

/// The hosts beyond the site, and where in the replica they are.
pub(super) fn beyond<'a>(
    site: &'a Site,
    addresses: &'a Addresses,
) -> impl Iterator<Item = (&'a HostName, String)> {
    site.outside.iter().map(|(name, outside)| match outside {
        Outside::Stub(_) => (name, addresses.outside()),
        Outside::Allow => (name, addresses.gateway()),
    })
}

/// The addresses of every name, in the order in which the site's host is to try them; nothing where
/// the network has one family.
#[must_use]
pub(super) fn ordered(site: &Site, addresses: &Addresses) -> BTreeMap<String, Vec<String>> {
    let families = site.host.resolver.families.as_deref().unwrap_or_default();
    let of_name = |(name, address, _): (HostName, String, bool)| {
        let ipv6 = addresses.ipv6_of(&address)?;
        let in_order = families.iter().map(|family| match family {
            AddressFamily::Ipv4 => address.clone(),
            AddressFamily::Ipv6 => ipv6.clone(),
        });
        Some((name.to_string(), in_order.collect()))
    };
    known(site, addresses).filter(|(_, _, wildcard)| !wildcard).filter_map(of_name).collect()
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
    let records: Vec<Record> = known(site, addresses)
        .map(|(name, address, wildcard)| {
            let ipv6 = addresses.ipv6_of(&address);
            Record { name, address, ipv6, wildcard }
        })
        .collect();
    // Where a search domain is tried behind a name that is the site's, nothing is there, and nobody
    // went outside.
    let domains = &site.host.resolver.search;
    let tried = |record: &Record| {
        domains.iter().map(|domain| format!("{}.{domain}", record.name)).collect::<Vec<_>>()
    };
    let searched: Vec<String> = records.iter().flat_map(tried).collect();
    templates.render(
        "resolver/dnsmasq.conf.j2",
        context! {
            site => site.name, mark => RESOLVER_MARK.text, address => addresses.resolver(), records, searched,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_subnet_is_passed_over() {
        use NetworkFamilies::{Both, Ipv4};
        let table: [(&[&str], NetworkFamilies, u32, Option<&str>); 8] = [
            (&["10.231.0.0/26", "172.17.0.0/16", "fe80::/64"], Ipv4, 0, Some("10.231.0.64/27")),
            (&["10.0.0.0/8"], Ipv4, 7, None),
            (&[], Ipv4, 2048 + 1, Some("10.231.0.32/27")),
            (&["fd73:7461:6765::/64"], Ipv4, 0, Some("10.231.0.0/27")),
            (&["fd73:7461:6765::/64"], Both, 0, Some("10.231.0.32/27")),
            (&["fd73:7461:6765::/63", "10.231.0.64/27"], Both, 0, Some("10.231.0.96/27")),
            (&["fd73:7461:6765:2::7/128"], Both, 2, Some("10.231.0.96/27")),
            (&["fd00::/8"], Both, 0, None),
        ];
        for (used, families, start, expected) in table {
            let used: Vec<String> = used.iter().map(|&cidr| cidr.to_owned()).collect();
            let free = Subnet::free(&used, families, start).map(|subnet| subnet.to_string());
            assert_eq!(free.as_deref(), expected, "{used:?} {families:?}");
        }
    }

    #[test]
    fn every_subnet_has_an_ipv6_network_of_its_own() {
        let table = [
            (0, "10.231.0.0/27", "fd73:7461:6765::/64", "fd73:7461:6765::ffff"),
            (31, "10.231.3.224/27", "fd73:7461:6765:1f::/64", "fd73:7461:6765:1f::ffff"),
            (2047, "10.231.255.224/27", "fd73:7461:6765:7ff::/64", "fd73:7461:6765:7ff::ffff"),
        ];
        for (n, ipv4, ipv6, nobody) in table {
            let subnet = Subnet::nth(n);
            let expected = Ipv6Spec { subnet: ipv6.to_owned(), nobody: nobody.to_owned() };
            assert_eq!((subnet.to_string(), subnet.ipv6()), (ipv4.to_owned(), expected));
        }
    }
}
