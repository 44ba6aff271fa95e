//! The way by the system's `ssh`: the user's own configuration, keys, agent and jump hosts; nothing is asked.

use tokio::process::Command;

use super::local::{feed, refused_by_sudo};
use super::terms::{Terms, shell};
use crate::failure::Failure;

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
        return Err(explain(destination, &ended.error));
    }
    if terms.sudo && ended.out.is_empty() {
        return Err(refused_by_sudo(destination, &ended.error));
    }
    Ok(ended.out)
}

/// Why `ssh` did not get there, in its own words, and the way out.
fn explain(destination: &str, said: &str) -> Failure {
    let plain = |line: &str| line.chars().filter(|c| !c.is_control()).take(300).collect::<String>();
    let lines: Vec<String> =
        said.lines().map(plain).filter(|line| !line.trim().is_empty()).collect();
    let failure = Failure::infrastructure(format!("could not reach {destination} by ssh"));
    let has = |part: &str| said.contains(part);
    let telling = |parts: &[&str]| {
        lines.iter().find(|line| parts.iter().any(|part| line.contains(part))).cloned()
    };
    let (cause, hint) = if has("REMOTE HOST IDENTIFICATION HAS CHANGED")
        || has("host key for") && has("has changed")
    {
        (
            Some("its host key is another one than in known_hosts".to_owned()),
            format!(
                "ask who runs it whether that is meant; then: ssh-keygen -R {}",
                host_of(destination)
            ),
        )
    } else if has("Host key verification failed") {
        (
            telling(&["Host key verification failed"]),
            format!("log in once by hand, and compare its key: ssh {destination}"),
        )
    } else if has("Permission denied") {
        (
            telling(&["Permission denied"]),
            format!(
                "it takes none of the keys here: try `ssh {destination} true`, name another user, or load the key with ssh-add"
            ),
        )
    } else if has("Could not resolve hostname") {
        (
            telling(&["Could not resolve"]),
            "is the name right? A short one stands in ~/.ssh/config".to_owned(),
        )
    } else {
        (lines.last().cloned(), format!("does `ssh {destination} true` work?"))
    };
    failure.cause(cause.unwrap_or_else(|| "ssh said nothing".to_owned())).hint(hint).hint(
        "without ssh: have an administrator run what `stagectl capture --script` prints there, and read it back with `--from-file`",
    )
}

fn host_of(destination: &str) -> &str {
    destination.rsplit_once('@').map_or(destination, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_ssh_has_its_own_way_out() {
        for (said, hint) in [
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
                "ssh-keygen -R web1",
            ),
            ("Host key verification failed.", "log in once by hand"),
            ("deploy@web1: Permission denied (publickey).", "it takes none of the keys here"),
            (
                "ssh: Could not resolve hostname web1: Name or service not known",
                "is the name right?",
            ),
            (
                "ssh: connect to host web1 port 22: Connection refused",
                "does `ssh deploy@web1 true` work?",
            ),
        ] {
            let failure = explain("deploy@web1", said);
            assert!(failure.hints[0].contains(hint), "{failure:?}");
            assert_eq!(failure.causes.len(), 1, "{failure:?}");
        }
    }
}
