//! The way to hosts beyond the site that are allowed: one container, on the site's network and on
//! the engine's own, in which nginx passes on what asks for their names, and nothing else.

use super::stubs::{JOURNAL, SUITE, TELLING_PORT};
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::network::Addresses;
use crate::replica::paths;
use crate::replica::service::{ServicePart, packages, port_ready, script_file, words};
use crate::replica::spec::{FileEntry, folder};
use crate::replica::template::{Templates, context};
use crate::site::{HostName, Outside, Site};

const CONFIG: &str = paths::GATEWAY_CONF;

/// The hosts that the site's replica may really reach.
pub fn allowed(site: &Site) -> impl Iterator<Item = &HostName> {
    let is_allowed = |outside: &Outside| matches!(outside, Outside::Allow);
    site.outside.iter().filter(move |(_, outside)| is_allowed(outside)).map(|(host, _)| host)
}

/// Adds the gateway's image to the chain.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn gateway_image(
    chain: &mut Chain,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let suite = SUITE.parse().expect("a suite");
    packages(chain, suite, &["libnginx-mod-stream", "nginx", "iproute2"], &[], templates)
}

/// What runs in the container. It listens on the site's network alone; nothing leads from it to the
/// engine's networks, of which `taken` are the subnets.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn gateway_part(
    site: &Site,
    addresses: &Addresses,
    taken: &[String],
    image: ImageIndex,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    let hosts: Vec<&HostName> = allowed(site).collect();
    let address = addresses.gateway();
    let ipv6 = addresses.ipv6_of(&address);
    let config = templates.render(
        "outside/gateway.conf.j2",
        context! {
            site => site.name, hosts, address, ipv6, port => TELLING_PORT, journal => JOURNAL,
        },
    )?;
    let mut command = words(&["/bin/sh", paths::GATEWAY_SH, CONFIG]);
    command.extend(taken.iter().filter(|subnet| subnet.contains('.')).cloned());
    Ok(ServicePart {
        image,
        command,
        files: vec![
            folder(paths::LOGS, 0o755),
            FileEntry::new(CONFIG, 0o644, config),
            script_file("gateway.sh", "outside/gateway.sh"),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        // The last two to close the ways home; the script gives them up again.
        capabilities: words(&[
            "NET_BIND_SERVICE",
            "SETUID",
            "SETGID",
            "CHOWN",
            "DAC_OVERRIDE",
            "NET_ADMIN",
            "SETPCAP",
        ]),
        ready: port_ready(TELLING_PORT, "GET /ready HTTP/1.0\r\n", "HTTP/1.1 200"),
    })
}
