//! The way in to a replica that stays up: one container, on the site's network and on the engine's own,
//! that passes on what comes to its ports, which are published on the loopback of the engine's machine.
//! The replica itself reaches nobody by it.

use super::image::ImageIndex;
use super::network::Addresses;
use super::outside::TELLING_PORT;
use super::service::{ServicePart, port_ready, script_file, words};
use super::spec::FileEntry;
use super::template::{Templates, context};
use crate::failure::Failure;
use crate::site::{PlainHttp, ProxyServer, Site};

/// The container's role.
pub const DOOR: &str = "door";
const CONFIG: &str = "/opt/stagectl/door.conf";

/// The site's ports that the world knows; the first is the one of its URL.
#[must_use]
pub fn public_ports(site: &Site) -> Vec<u16> {
    let is_plain =
        site.proxy.server != ProxyServer::None && site.proxy.plain_http != PlainHttp::Closed;
    match (&site.tls, is_plain) {
        (Some(_), true) => vec![443, 80],
        (Some(_), false) => vec![443],
        (None, _) => vec![80],
    }
}

/// What runs in the container.
///
/// # Errors
/// None of a user's making.
pub(super) fn door_part(
    site: &Site,
    addresses: &Addresses,
    image: ImageIndex,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    let ports = public_ports(site);
    let config = templates.render(
        "door/nginx.conf.j2",
        context! { site => site.name, host => addresses.front(), ports, telling => TELLING_PORT },
    )?;
    Ok(ServicePart {
        image,
        command: words(&["/usr/sbin/nginx", "-c", CONFIG]),
        files: vec![
            FileEntry::new(CONFIG, 0o644, config),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        capabilities: words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"]),
        ready: port_ready(TELLING_PORT, "", "ready"),
    })
}
