//! RabbitMQ.

use super::super::image::{Chain, ImageKind, ImageSpec};
use super::super::spec::FileEntry;
use super::super::template::context;
use super::{Making, Program, Ready, ServicePart, script_file, words};
use crate::failure::Failure;
use crate::site::{Rabbitmq, ServiceProgram};

pub(super) fn rabbitmq_part(
    chain: &mut Chain,
    rabbitmq: &Rabbitmq,
    image: Option<&str>,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let version = &rabbitmq.version;
    let program = Program::new(ServiceProgram::Rabbitmq, version, image);
    let parent = program.image(chain, &["rabbitmq-server"], &[], making.templates)?;
    let script = making
        .templates
        .render("image/rabbitmq.sh.j2", context! { settings => rabbitmq.settings })?;
    let title = format!("broker of RabbitMQ {version}");
    let spec = ImageSpec::built(ImageKind::Service, title, parent, script).offline();
    // <https://www.rabbitmq.com/docs/definitions>: what is there when the broker opens its port.
    let definitions = serde_json::json!({
        "users": [{
            "name": rabbitmq.user,
            "password": making.secrets.reveal(&rabbitmq.password),
            "tags": [],
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
        image: chain.add(spec),
        command: words(&["/bin/sh", "/opt/stagectl/rabbitmq.sh"]),
        files: vec![
            script_file("rabbitmq.sh", "service/rabbitmq.sh"),
            script_file("rabbitmq-ready.sh", "service/rabbitmq-ready.sh"),
            FileEntry::new("/opt/stagectl/definitions.json", 0o600, definitions.to_string()),
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/bash", "/opt/stagectl/rabbitmq-ready.sh"]),
            stdin: None,
        },
    })
}
