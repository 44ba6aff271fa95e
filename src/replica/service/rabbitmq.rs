//! RabbitMQ.

use super::super::spec::FileEntry;
use super::part::{
    CERTIFICATE, KEY, Making, Program, Ready, ServicePart, script_file, tls_ready, words,
};
use crate::failure::Failure;
use crate::replica::image::chain::Chain;
use crate::replica::paths;
use crate::site::{NetworkFamilies, RABBITMQ, Rabbitmq, Service};

pub(super) fn rabbitmq_part(
    chain: &mut Chain,
    rabbitmq: &Rabbitmq,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let program = Program::new(&RABBITMQ, &rabbitmq.version, service.image.as_deref());
    let image = program.image(chain, &["rabbitmq-server"], &[], making.templates)?;
    let all = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => "0.0.0.0",
        // Linux takes connections of both there.
        NetworkFamilies::Both => "::",
    };
    let ports = service.ports();
    let mut config = match ports.plain {
        Some(port) => format!("listeners.tcp.1 = {all}:{port}\n"),
        None => "listeners.tcp = none\n".to_owned(),
    };
    if let Some(port) = ports.secured {
        config.push_str(&format!(
            "listeners.ssl.1 = {all}:{port}\nssl_options.certfile = {CERTIFICATE}\nssl_options.keyfile = {KEY}\n"
        ));
    }
    config.push_str(&format!("load_definitions = {}\n", paths::DEFINITIONS_FOR_THE_BROKER));
    for (key, value) in &rabbitmq.settings {
        config.push_str(&format!("{key} = {value}\n"));
    }
    // <https://www.rabbitmq.com/docs/definitions>: loaded before the broker opens its port.
    let definitions = serde_json::json!({
        "users": [{
            "name": rabbitmq.user,
            "password": making.secrets.reveal(&rabbitmq.password),
            // A list only since 3.9; every version knows the text.
            "tags": "",
        }],
        "vhosts": [{ "name": rabbitmq.virtual_host }],
        "permissions": [{
            "user": rabbitmq.user,
            "vhost": rabbitmq.virtual_host,
            "configure": ".*",
            "write": ".*",
            "read": ".*",
        }],
    });
    Ok(ServicePart {
        image,
        command: words(&["/bin/sh", paths::RABBITMQ_SH]),
        files: vec![
            script_file("rabbitmq.sh", "service/rabbitmq.sh"),
            script_file("rabbitmq-ready.sh", "service/rabbitmq-ready.sh"),
            script_file("tls-ready.sh", "service/tls-ready.sh"),
            FileEntry::new(paths::RABBITMQ_CONF, 0o644, config),
            FileEntry::new(paths::DEFINITIONS_JSON, 0o600, definitions.to_string()),
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: match ports.secured {
            Some(port) => tls_ready(port),
            None => Ready { argv: words(&["/bin/bash", paths::RABBITMQ_READY_SH]), stdin: None },
        },
    })
}
