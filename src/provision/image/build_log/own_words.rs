//! What installers and apt say themselves, apart from what a package's own build prints among it.
//!
//! A build may print anything: that the licence server of a compiler refused the connection tells nothing of
//! the package index, and another try changes nothing.

/// What is said where something could not be reached.
const NETWORK: [&str; 12] = [
    "Could not resolve",
    "Temporary failure",
    "Failed to fetch",
    "Unable to connect",
    "dns error",
    "error sending request",
    "Connection refused",
    "Connection timed out",
    "Could not connect",
    "Network is unreachable",
    "invalid peer certificate",
    "certificate verify failed",
];

/// How uv begins the lines below an error that tell its causes, today's and earlier ones.
const CAUSES: [&str; 4] = ["cause: ", "Caused by: ", "├─▶ ", "╰─▶ "];
/// How pip begins what it says of an address that it could not have.
const ADDRESSES: [&str; 2] =
    ["ERROR: Could not install packages due to an OSError:", "Could not fetch URL "];

/// The lines without those that a package's own build printed, as far as the installers mark them.
pub(super) fn own_lines(lines: &[String]) -> Vec<&str> {
    let mut own = Vec::new();
    // pip and uv put the output of a build that failed below a heading.
    let (mut is_of_a_build, mut fetches) = (false, false);
    for line in lines {
        let text = line.trim();
        if text.starts_with("× ") {
            fetches = text.contains("pip subprocess to install build dependencies");
        }
        let is_heading = text.starts_with("╰─> [") && text.ends_with(" of output]") && !fetches;
        match text {
            _ if is_heading => is_of_a_build = true,
            "[stdout]" | "[stderr]" => is_of_a_build = true,
            "[end of output]" => is_of_a_build = false,
            _ if line.starts_with("hint: ") => is_of_a_build = false,
            _ => {}
        }
        if !is_of_a_build {
            own.push(line.as_str());
        }
    }
    own
}

/// Whether one of the own lines tells that a mirror, an index or a repository was out of reach.
pub(super) fn is_out_of_reach(own: &[&str]) -> bool {
    // uv ends with its first error; what looks like one before that, as with `uv build`, is the build's.
    let last = own.iter().rposition(|line| line.starts_with("error: "));
    own.iter().enumerate().any(|(number, line)| {
        let text = line.trim_start();
        let is_of_uv = last == Some(number)
            || last.is_none_or(|last| number > last)
                && CAUSES.iter().any(|word| text.starts_with(word));
        let is_own = is_of_uv
            || is_of_apt(line)
            || text.starts_with("fatal: unable to access ")
            || ADDRESSES.iter().any(|word| text.starts_with(word));
        is_own && NETWORK.iter().any(|word| line.contains(word))
    })
}

pub(super) fn is_of_apt(line: &str) -> bool {
    line.starts_with("E: ") || line.starts_with("W: ") || line.starts_with("Err:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_network(text: &str) -> bool {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        is_out_of_reach(&own_lines(&lines))
    }

    #[test]
    fn what_an_installer_says_of_its_index_counts() {
        for text in [
            // uv 0.13
            "error: Failed to fetch: http://index.example/simple/flask/\n  cause: client error (Connect)",
            "error: Failed to build `/stagectl-build/source`\n  \
               cause: Failed to resolve requirements from `build-system.requires`\n  \
               cause: No solution found when resolving: `setuptools`\n  \
               cause: tcp connect error\n  cause: Connection refused (os error 111)",
            "error: Git operation failed\n  cause: process didn't exit successfully: `git fetch`\n  \
             --- stderr\n  fatal: unable to access 'https://git.example/': Could not resolve host: git.example",
            // uv 0.5
            "error: Request failed after 3 retries\n  Caused by: dns error: failed to lookup address",
            "  × Failed to download `flask`\n  ├─▶ Failed to fetch: `https://index.example/flask`\n  \
               ╰─▶ dns error",
            "ERROR: Could not install packages due to an OSError: HTTPConnectionPool(host='i.example', \
             port=80): Max retries exceeded (Caused by NewConnectionError('[Errno 111] Connection refused'))",
            "W: Failed to fetch http://deb.example/x  Could not resolve 'deb.example'",
            "E: Unable to connect to deb.example:80:",
        ] {
            assert!(is_network(text), "{text}");
        }
    }

    #[test]
    fn what_a_package_s_own_build_prints_does_not() {
        for text in [
            // `uv build` passes on what the build prints.
            "Building wheel...\nfetching headers: Connection refused\nerror: Connection refused by the licence server\n\
             error: Failed to build `/stagectl-build/source`\n  cause: The build backend returned an error\n  \
               cause: Call to `backend.build_wheel` failed (exit status: 1)\n\nhint: Build failures",
            "error: Failed to build `bad @ file:///stagectl-build/bad.tar.gz`\n  cause: The build backend returned an error\n\
             \n         [stdout]\n         Could not resolve licence.example\n\n         [stderr]\n         \
             error: Connection refused\n         E: Unable to connect\n\nhint: Build failures usually",
            "  error: subprocess-exited-with-error\n  \n  × Preparing metadata (pyproject.toml) did not run successfully.\n  \
               │ exit code: 1\n  ╰─> [2 lines of output]\n      error: Connection refused by the licence server\n      \
                   [end of output]\nerror: metadata-generation-failed",
            "npm ERR! network Connection refused",
        ] {
            assert!(!is_network(text), "{text}");
        }
    }
}
