//! The last lines of what a replica's processes write.

use std::collections::VecDeque;

use super::{Replica, run_briefly};
use crate::docker::{DockerError, Engine, Output};
use crate::replica::{LONGEST_LINE, Secrets, paths};

/// Lines of a log that are shown with a failure.
pub const SHOWN_LINES: usize = 12;
/// Bytes of the end of a file inside a container in which its last lines are sought.
const READ_BYTES: usize = 1 << 20;

/// The end of the log that says most about a process of a host.
pub async fn log_tail<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    role: &str,
) -> Vec<String> {
    log_lines(replica, container, role, SHOWN_LINES).await
}

/// The same, with so many lines.
pub async fn log_lines<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    role: &str,
    count: usize,
) -> Vec<String> {
    let mut files = vec![paths::of_role(paths::LOG, role)];
    match role {
        "apache" => files.insert(0, "/var/log/apache2/error.log".to_owned()),
        "nginx" => files.insert(0, "/var/log/nginx/error.log".to_owned()),
        _ => {}
    }
    for file in files {
        let lines = tail(replica.engine, container, &file, count, &replica.secrets).await;
        if !lines.is_empty() {
            return lines;
        }
    }
    Vec::new()
}

/// The last lines of a file inside a container; empty when it cannot be read, for whatever reason.
pub async fn tail<E: Engine>(
    engine: &E,
    container: &str,
    file: &str,
    count: usize,
    secrets: &Secrets,
) -> Vec<String> {
    read_lines(engine, container, file, count, secrets).await.unwrap_or_default()
}

/// The last lines of a file inside a container; empty when there is none.
///
/// # Errors
/// Docker's: nobody knows whether there is one.
pub async fn read_lines<E: Engine>(
    engine: &E,
    container: &str,
    file: &str,
    count: usize,
    secrets: &Secrets,
) -> Result<Vec<String>, DockerError> {
    // By bytes: the last lines of a log may be of any length.
    let argv = ["tail", "-c", &READ_BYTES.to_string(), file].map(str::to_owned).into();
    let mut end = End { count, ..End::default() };
    let mut take = |from: Output, line: String| {
        if from == Output::Stdout {
            end.push(&line, secrets);
        }
    };
    let code = run_briefly(engine, container, argv, &mut take).await?;
    Ok(if code == 0 { end.into_lines() } else { Vec::new() })
}

/// The last lines of what was read of a file's end.
#[derive(Debug, Default)]
struct End {
    count: usize,
    lines: VecDeque<String>,
    bytes: usize,
    /// The first line that was read is not among them any more.
    has_dropped: bool,
    /// It may have begun before what was read.
    may_be_cut: bool,
}

impl End {
    fn push(&mut self, line: &str, secrets: &Secrets) {
        // The engine hands over no more than that of one line.
        self.may_be_cut |= self.bytes == 0 && line.len() >= LONGEST_LINE;
        self.bytes += line.len() + 1;
        self.may_be_cut |= self.bytes >= READ_BYTES;
        self.lines.push_back(secrets.redact_line(line));
        if self.lines.len() > self.count {
            self.lines.pop_front();
            self.has_dropped = true;
        }
    }

    /// Without a first line that may begin in the middle of a secret.
    fn into_lines(mut self) -> Vec<String> {
        if self.may_be_cut && !self.has_dropped {
            self.lines.pop_front();
        }
        self.lines.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(count: usize, lines: &[&str]) -> Vec<String> {
        let mut end = End { count, ..End::default() };
        for line in lines {
            end.push(line, &Secrets::default());
        }
        end.into_lines()
    }

    #[test]
    fn the_end_of_a_file_is_its_last_whole_lines() {
        let (long, half) = ("x".repeat(LONGEST_LINE), "y".repeat(READ_BYTES / 2));
        assert_eq!(end(2, &["a", "b", "c"]), ["b", "c"]);
        assert_eq!(end(9, &["a", "b", "c"]), ["a", "b", "c"]);
        assert_eq!(end(9, &[&long, "b"]), ["b"]);
        assert_eq!(end(9, &["cret", &half, &half]).len(), 2);
        assert_eq!(end(2, &["cret", &half, &half]).len(), 2);
        assert!(end(0, &["a"]).is_empty());
    }
}
