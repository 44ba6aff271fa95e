//! The way in to a replica that stays up: one container, on the site's network and on the engine's own,
//! that passes on what comes to its ports, which are published on the loopback of the engine's machine.
//! The replica itself reaches nobody by it.
//!
//! The site's own ports are passed on as they are: who knows the live name and trusts the root sees the
//! site as the world does. One more port is for a browser that knows neither: plain HTTP, which the door
//! asks the site for under its live name, by TLS where the site has it.

use super::stubs::TELLING_PORT;
use crate::failure::Failure;
use crate::replica::host::tls::{CLIENT_CERTIFICATE, CLIENT_KEY, client_files};
use crate::replica::image::chain::ImageIndex;
use crate::replica::network::Addresses;
use crate::replica::paths;
use crate::replica::service::{ServicePart, port_ready, script_file, words};
use crate::replica::spec::FileEntry;
use crate::replica::template::{Templates, context};
use crate::site::{PlainHttp, ProxyServer, Site};
use crate::tls::Certificates;

const CONFIG: &str = paths::DOOR_CONF;
/// The door's own port for browsers.
pub const CLICK_PORT: u16 = 8000;

/// The site's ports that the world knows; the first is the one of its URL.
#[must_use]
pub fn public_ports(site: &Site) -> Vec<u16> {
    let has_a_proxy = site.proxy.server != ProxyServer::None || site.proxy.behind.is_some();
    let is_plain = has_a_proxy && site.proxy.plain_http != Some(PlainHttp::Closed);
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
pub(in crate::replica) fn door_part(
    site: &Site,
    addresses: &Addresses,
    certificates: Option<&Certificates>,
    image: ImageIndex,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    let ports = public_ports(site);
    // Sites that ask their clients for certificates get the one that the suite has, too.
    let client = certificates.and_then(|all| all.client.as_ref());
    let config = templates.render(
        "door/nginx.conf.j2",
        context! {
            site => site.name, host => addresses.front(), ports, telling => TELLING_PORT,
            click => CLICK_PORT, name => site.names[0], names => site.names,
            scheme => if site.tls.is_some() { "https" } else { "http" }, prefix => site.proxy.prefix,
            certificate => client.map(|_| CLIENT_CERTIFICATE), key => client.map(|_| CLIENT_KEY),
        },
    )?;
    Ok(ServicePart {
        image,
        command: words(&["/usr/sbin/nginx", "-c", CONFIG]),
        files: [
            FileEntry::new(CONFIG, 0o644, config),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ]
        .into_iter()
        .chain(client.into_iter().flat_map(|client| client_files(client, None)))
        .collect(),
        capabilities: words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"]),
        ready: port_ready(TELLING_PORT, "", "ready"),
    })
}
