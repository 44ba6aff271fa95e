//! Work inside a running replica: stagectl's own programs there, and what they say.

use std::collections::VecDeque;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::cancel::Stop;
use crate::docker::{DockerError, Engine, Exec, Output};
use crate::event::Events;
use crate::failure::Failure;
use crate::replica::{Handles, Secrets, clock_variables};
use crate::site::Site;

/// Lines of a log that are shown with a failure.
const SHOWN_LINES: usize = 12;
/// Lines of a command's output that are kept: the last ones tell why it ended.
const KEPT_LINES: usize = 400;
/// Bytes of the end of a file inside a container in which its last lines are sought.
const READ_BYTES: usize = 1 << 20;
/// Bytes of a line that an engine hands over.
const LONGEST_LINE: usize = 64 * 1024;

/// A running replica: what work inside it needs.
#[derive(Debug)]
pub struct Replica<'a, E> {
    pub engine: &'a E,
    pub site: &'a Site,
    pub handles: &'a Handles,
    pub secrets: &'a Secrets,
    pub events: &'a Events,
    pub stop: &'a Stop,
}

/// What a command inside said, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InsideOutput {
    pub code: i64,
    /// Standard output and error as they came, secrets redacted.
    pub lines: Vec<String>,
}

/// Runs one of stagectl's programs inside a container, with its job on standard input.
///
/// # Errors
/// Infrastructure when Docker fails; the stop request.
pub async fn run_inside<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &Value,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    let program = format!("/opt/stagectl/{program}");
    let mut argv = ["/usr/bin/python3", "-I", "-S", &program].map(str::to_owned).to_vec();
    // Our own programs live on the site's day: its certificates are not good on another.
    let clock: Vec<String> =
        clock_variables(replica.site).map(|(key, value)| format!("{key}={value}")).collect();
    if !clock.is_empty() {
        argv.splice(0..0, ["/usr/bin/env".to_owned()].into_iter().chain(clock));
    }
    let exec = Exec { argv, stdin: Some(job.to_string().into_bytes()), user: None, folder: None };
    let mut lines = VecDeque::new();
    let mut take = |output: Output, text: String| {
        let text = replica.secrets.redact(&text);
        line(output, &text);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    };
    let code = tokio::select! {
        code = replica.engine.exec(container, &exec, &mut take) => code,
        () = halt.cancelled() => return Err(replica.stop.failure()),
    };
    match code {
        Ok(code) => Ok(InsideOutput { code, lines: lines.into() }),
        Err(error @ DockerError::ContainerEnded { .. }) => {
            Err(with_memory(replica, container, error.into()).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// Says so when the memory limit was hit: then that is the cause, whatever else was seen.
pub async fn with_memory<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    failure: Failure,
) -> Failure {
    if !is_out_of_memory(replica.engine, container).await {
        return failure;
    }
    let hint = if container == replica.handles.suite {
        "find out which test needs so much memory"
    } else {
        "raise `resources.memory`, if the live site has more"
    };
    failure
        .cause(format!("the memory limit was hit: the kernel killed a process in `{container}`"))
        .hint(hint)
}

/// Where the kernel counts what it killed for want of memory: the first and the second version of
/// control groups (<https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files>).
const KILL_COUNTS: [&str; 2] =
    ["/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"];

/// Whether the kernel killed something in the container for want of memory; no, if nobody knows.
/// Docker itself only tells it of a container's first process.
pub async fn is_out_of_memory<E: Engine>(engine: &E, container: &str) -> bool {
    let Ok(state) = engine.inspect(container).await else { return false };
    if state.out_of_memory || !state.running {
        return state.out_of_memory;
    }
    let argv = ["cat"].into_iter().chain(KILL_COUNTS).map(str::to_owned).collect();
    let mut has_killed = false;
    let mut take = |from: Output, line: String| {
        let count = line.strip_prefix("oom_kill ").and_then(|count| count.trim().parse().ok());
        has_killed |= from == Output::Stdout && count.is_some_and(|count: u64| count > 0);
    };
    let read = engine.exec(container, &Exec { argv, ..Exec::default() }, &mut take).await;
    // One of the two files is not there, so the code says nothing.
    read.is_ok() && has_killed
}

/// The end of the log that tells most about a process of a host.
pub async fn log_tail<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    role: &str,
) -> Vec<String> {
    let mut files = vec![format!("/var/log/stagectl/{role}.log")];
    match role {
        "apache" => files.insert(0, "/var/log/apache2/error.log".to_owned()),
        "nginx" => files.insert(0, "/var/log/nginx/error.log".to_owned()),
        _ => {}
    }
    for file in files {
        let lines = tail(replica.engine, container, &file, SHOWN_LINES, replica.secrets).await;
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
    let exec = Exec {
        argv: ["tail", "-c", &READ_BYTES.to_string(), file].map(str::to_owned).into(),
        ..Exec::default()
    };
    let mut end = End { count, ..End::default() };
    let mut take = |from: Output, line: String| {
        if from == Output::Stdout {
            end.push(&line, secrets);
        }
    };
    let code = engine.exec(container, &exec, &mut take).await?;
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
        self.lines.push_back(secrets.redact(line));
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
