//! What a replica does not have, so that green is not taken for more than it is.

use super::edge::gateway::allowed;
use super::edge::stubs::stubs;
use crate::site::{ServiceTls, Site, Text};

/// What no container can be, or nobody would want it to be.
const ALWAYS: [&str; 4] = ["the live kernel", "systemd", "the hardware", "real load"];

/// What the live site has and its replica does not, or only nearly; each a few words.
#[must_use]
pub fn not_replicated(site: &Site) -> Vec<String> {
    let mut what = ALWAYS.map(str::to_owned).to_vec();
    let databases: Vec<&str> = site
        .services
        .iter()
        .filter(|(_, service)| service.kind.is_database())
        .map(|(role, _)| role.as_str())
        .collect();
    if !databases.is_empty() {
        what.push(format!("the live data of {}", databases.join(" and ")));
    }
    what.extend(sockets(site));
    what.extend(secured(site));
    if site.host.read_only_root {
        what.push("the read-only root of deploy steps (they may write everywhere)".to_owned());
    }
    if site.host.clock.is_some() {
        what.push("the shifted clock of services (theirs is today's)".to_owned());
    }
    if site.has_proxy_host() {
        what.push("the live address of the proxy's host".to_owned());
    }
    if site.proxy.behind.is_some() {
        what.push("the live address of the load balancer".to_owned());
    }
    what.extend(stubs(site).map(|(host, _)| format!("{host} itself (a stub answers)")));
    what.extend(allowed(site).map(|host| format!("a stand-in for {host} (it is the real one)")));
    what
}

/// Schemes of addresses that mean TLS, of services that have none in a replica.
const SECURED: [(&str, &str, &str); 2] =
    [("rediss://", "Redis", "redis"), ("amqps://", "RabbitMQ", "rabbitmq")];

/// TLS of services that variables speak of and that services of a replica do not speak.
fn secured(site: &Site) -> Vec<String> {
    let mut found = Vec::new();
    for (scheme, name, kind) in SECURED {
        let mut of_its_kind = site.services.values().filter(|service| service.kind.key() == kind);
        let is_there = of_its_kind.next().is_some_and(|first| {
            std::iter::once(first).chain(of_its_kind).all(|service| service.tls == ServiceTls::None)
        });
        let speaks = |text: &Text| text.reveal(|_| "").starts_with(scheme);
        let variable = site.env.iter().find(|(_, text)| is_there && speaks(text));
        found.extend(variable.map(|(key, _)| format!("TLS of {name} (`{key}` speaks of it)")));
    }
    found
}

/// Where Debian's packages have their sockets.
const SOCKET_FOLDERS: [(&str, &str); 3] =
    [("PostgreSQL", "/run/postgresql"), ("MariaDB", "/run/mysqld"), ("Redis", "/run/redis")];

/// Sockets of services that variables speak of and the app's host does not have.
fn sockets(site: &Site) -> Vec<String> {
    let there: Vec<String> =
        site.sockets().filter_map(|service| service.kind.socket_folder()).collect();
    let is_there = |folder: &str| there.iter().any(|own| own == folder);
    let mut found = Vec::new();
    for (name, folder) in SOCKET_FOLDERS.into_iter().filter(|(_, folder)| !is_there(folder)) {
        let speaks = |text: &Text| {
            let text = text.reveal(|_| "");
            text.contains(folder) || text.contains(&folder.replace('/', "%2F"))
        };
        let variable = site.env.iter().find(|(_, text)| speaks(text));
        found.extend(
            variable.map(|(key, _)| format!("the unix socket of {name} (`{key}` speaks of it)")),
        );
    }
    found
}
