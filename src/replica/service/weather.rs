//! The network between the app and a service: a forwarder that has the service's names.
//!
//! It stands on its own host. What is lost, its sockets lose: some kernels let nobody have such a filter who has
//! no rights on the network, so that the forwarder, and nobody else, has them on its own.

use super::super::spec::FileEntry;
use super::super::template::Templates;
use super::part::{Making, Ready, ServicePart, packages, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::paths;
use crate::site::{BaseOrigin, NetworkFamilies, Role, Service, Share, Site, Weather};

/// The forwarder says in this file that it is ready.
const READY: &str = paths::WEATHER_READY;

/// The role of the container between the app and a service.
#[must_use]
pub(in crate::replica) fn weather_role(role: &Role) -> String {
    format!("{role}-weather")
}

/// The image of all forwarders of a site: Python of its own Debian, which is there anyway.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn weather_image(
    chain: &mut Chain,
    site: &Site,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let suite = match &site.base.origin {
        BaseOrigin::Debian(suite) => suite.clone(),
        _ => "bookworm".parse().expect("a suite"),
    };
    packages(chain, suite, &["python3"], &[], templates)
}

/// What runs there.
pub(in crate::replica) fn weather_part(
    role: &Role,
    service: &Service,
    weather: &Weather,
    image: ImageIndex,
    making: Making<'_>,
) -> ServicePart {
    let config = serde_json::json!({
        "address": making.addresses.behind(role),
        "ports": service.ports().open().collect::<Vec<u16>>(),
        "ipv6": making.site.host.resolver.network() == NetworkFamilies::Both,
        "latency": weather.latency.unwrap_or_default().as_secs_f64(),
        "jitter": weather.jitter.unwrap_or_default().as_secs_f64(),
        "loss": weather.loss.map_or(0.0, Share::fraction),
        "rate": weather.rate,
        "cut_after": weather.cut_after,
        "black_hole": weather.black_hole,
        "ready": READY,
    });
    ServicePart {
        image,
        command: words(&["/usr/bin/python3", "-I", paths::WEATHER_PY]),
        files: vec![
            script_file("weather.py", "service/weather.py"),
            script_file("command-ready.sh", "service/command-ready.sh"),
            FileEntry::new(paths::WEATHER_JSON, 0o644, config.to_string()),
        ],
        capabilities: words(if weather.loss.is_some() || weather.black_hole {
            &["NET_BIND_SERVICE", "NET_ADMIN"]
        } else {
            &["NET_BIND_SERVICE"]
        }),
        ready: Ready {
            argv: words(&["/bin/sh", paths::COMMAND_READY_SH, &format!("test -e {READY}")]),
            stdin: None,
        },
    }
}
