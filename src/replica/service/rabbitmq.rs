//! RabbitMQ.

use super::super::image::Chain;
use super::super::spec::FileEntry;
use super::{Making, Program, Ready, ServicePart, script_file, words};
use crate::failure::Failure;
use crate::site::{NetworkFamilies, Rabbitmq, ServiceProgram};

pub(super) fn rabbitmq_part(
    chain: &mut Chain,
    rabbitmq: &Rabbitmq,
    image: Option<&str>,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let program = Program::new(ServiceProgram::Rabbitmq, &rabbitmq.version, image);
    let image = program.image(chain, &["rabbitmq-server"], &[], making.templates)?;
    let all = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => "0.0.0.0",
        // Linux takes connections of both there.
        NetworkFamilies::Both => "::",
    };
    let mut config = format!(
        "listeners.tcp.1 = {all}:5672\nload_definitions = /run/stagectl-definitions.json\n"
    );
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
        command: words(&["/bin/sh", "/opt/stagectl/rabbitmq.sh"]),
        files: vec![
            script_file("rabbitmq.sh", "service/rabbitmq.sh"),
            script_file("rabbitmq-ready.sh", "service/rabbitmq-ready.sh"),
            FileEntry::new("/opt/stagectl/rabbitmq.conf", 0o644, config),
            FileEntry::new("/opt/stagectl/definitions.json", 0o600, definitions.to_string()),
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/bash", "/opt/stagectl/rabbitmq-ready.sh"]),
            stdin: None,
        },
    })
}
