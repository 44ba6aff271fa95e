//! The load balancer before the site: one container to which the site's names lead, in which nginx ends TLS and
//! passes every request on to the site's own host, over plain HTTP.

use super::stubs::TELLING_PORT;
use crate::failure::Failure;
use crate::replica::host::proxy::proxy_files;
use crate::replica::host::tls::server_tls_files;
use crate::replica::image::chain::ImageIndex;
use crate::replica::network::Addresses;
use crate::replica::paths;
use crate::replica::service::{ServicePart, port_ready, script_file, words};
use crate::replica::spec::FileEntry;
use crate::replica::template::{Templates, context};
use crate::site::Site;
use crate::tls::Certificates;

const CONFIG: &str = paths::BALANCER_CONF;
const SITE_CONFIG: &str = paths::BALANCER_SITE_CONF;

/// What runs in the container; nothing where the site has none.
///
/// # Errors
/// Usage: a template that cannot be rendered.
pub(in crate::replica) fn balancer_part(
    site: &Site,
    addresses: &Addresses,
    certificates: Option<&Certificates>,
    image: ImageIndex,
    templates: &Templates,
) -> Result<Option<ServicePart>, Failure> {
    let Some(balanced) = site.as_balanced(&addresses.host()) else { return Ok(None) };
    let config = templates.render(
        "proxy/balancer.conf.j2",
        context! { site => site.name, telling => TELLING_PORT, site_config => SITE_CONFIG },
    )?;
    let made = proxy_files(&balanced, false, templates)?.into_iter();
    let made = made.map(|file| FileEntry { path: SITE_CONFIG.to_owned(), ..file });
    let own = [
        FileEntry::new(CONFIG, 0o644, config),
        script_file("port-ready.sh", "service/port-ready.sh"),
    ];
    let tls = certificates.iter().flat_map(|all| server_tls_files(&balanced, all));
    Ok(Some(ServicePart {
        image,
        command: words(&["/usr/sbin/nginx", "-c", CONFIG]),
        files: made.chain(own).chain(tls).collect(),
        capabilities: words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"]),
        ready: port_ready(TELLING_PORT, "GET /ready HTTP/1.0\r\n", "HTTP/1.1 200"),
    }))
}
