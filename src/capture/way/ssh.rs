//! The way by the system's `ssh`: the user's own configuration, keys, agent and jump hosts; nothing is asked.

use tokio::process::Command;

use super::local::{feed, refused_by_sudo};
use super::terms::{Terms, shell};
use crate::failure::Failure;
use crate::ssh::not_reached;

/// Ours, before the user's own: no questions, nothing forwarded, no command of this machine, an end where the network is gone.
const OPTIONS: [&str; 7] = [
    "BatchMode=yes",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "RequestTTY=no",
    "ConnectTimeout=15",
    "ServerAliveInterval=10",
];

/// Runs the script in the login's `sh`.
pub(super) async fn run(
    destination: &str,
    port: Option<u16>,
    script: &str,
    terms: Terms,
) -> Result<Vec<u8>, Failure> {
    let mut command = Command::new("ssh");
    command.args(OPTIONS.iter().flat_map(|option| ["-o", option]));
    if let Some(port) = port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["--", destination, &shell(terms)]);
    let ended = feed(command, script, terms).await?;
    // 255 is ssh's own; any other is the script's.
    if ended.code == Some(255) {
        return Err(not_reached(destination, &ended.error).hint(
            "without ssh: have an administrator run what `stagectl capture --script` prints there, and read it back with `--from-file`",
        ));
    }
    if terms.sudo && ended.out.is_empty() {
        return Err(refused_by_sudo(destination, &ended.error));
    }
    Ok(ended.out)
}
