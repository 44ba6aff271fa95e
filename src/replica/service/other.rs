//! A service that has no key of its own: packages or an image, a command, a condition.

use super::super::spec::FileEntry;
use super::super::template::shell_quote;
use super::part::{Making, Ready, ServicePart, packages, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageSpec};
use crate::replica::paths;
use crate::site::{BaseOrigin, Other, Role};

/// What a program that starts as root and drops to its user needs.
const CAPABILITIES: [&str; 6] =
    ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "NET_BIND_SERVICE"];

pub(super) fn other_part(
    chain: &mut Chain,
    role: &Role,
    other: &Other,
    image: Option<&str>,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = match (&other.packages, image) {
        (Some(debian), _) => {
            let names: Vec<&str> = debian.names.iter().map(String::as_str).collect();
            packages(chain, debian.suite.clone(), &names, &[], making.templates)?
        }
        (None, Some(reference)) => {
            chain.add(ImageSpec::base(BaseOrigin::Image(reference.to_owned())))
        }
        (None, None) => return Err(Failure::bug(format!("{role} has neither packages nor image"))),
    };
    let mut command = String::new();
    for (key, text) in &other.env {
        let value = shell_quote(&making.secrets.reveal(text));
        command.push_str(&format!("export {key}={value}\n"));
    }
    // A command of one program becomes the container's first process.
    let run = making.secrets.reveal(&other.command);
    let is_one = !run.contains([';', '&', '|', '\n', '(', '`']);
    command.push_str(&format!("{}{run}\n", if is_one { "exec " } else { "" }));
    // An image may say that its programs run as somebody else, who has to read it.
    let mode = if other.packages.is_some() { 0o600 } else { 0o644 };
    Ok(ServicePart {
        image,
        command: words(&["/bin/sh", paths::COMMAND_SH]),
        files: vec![
            FileEntry::new(paths::COMMAND_SH, mode, command),
            script_file("command-ready.sh", "service/command-ready.sh"),
        ],
        capabilities: words(&CAPABILITIES),
        ready: Ready {
            argv: words(&["/bin/sh", paths::COMMAND_READY_SH, &other.ready]),
            stdin: None,
        },
    })
}
