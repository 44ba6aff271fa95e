//! Why the system's `ssh` did not get to a host, and the way out. Who runs it is elsewhere.

use std::io;

use crate::failure::Failure;

/// `ssh` did not get there: in its own words.
#[must_use]
pub fn not_reached(destination: &str, said: &str) -> Failure {
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
    failure.cause(cause.unwrap_or_else(|| "ssh said nothing".to_owned())).hint(hint)
}

/// `ssh` itself could not be started.
#[must_use]
pub fn not_started(error: &io::Error) -> Failure {
    let failure = Failure::infrastructure("could not start `ssh`").because(error);
    if error.kind() == io::ErrorKind::NotFound {
        return failure.hint("install it: apt-get install openssh-client");
    }
    failure
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
            let failure = not_reached("deploy@web1", said);
            assert!(failure.hints[0].contains(hint), "{failure:?}");
            assert_eq!(failure.causes.len(), 1, "{failure:?}");
        }
    }
}
