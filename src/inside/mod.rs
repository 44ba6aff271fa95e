//! Work inside a running replica: stagectl's own programs there, and what they say.

mod fetch;
mod own;
mod said;
mod tail;
mod whole;

pub use fetch::fetch;
pub use own::own_code;
pub use said::{LogPlaces, Said, log_sizes, read_logs_from};
pub use tail::{SHOWN_LINES, log_lines, log_tail, read_lines, tail};
pub use whole::Whole;

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::cancel::Stop;
use crate::docker::{DockerError, Engine, Exec, Output};
use crate::event::Events;
use crate::failure::Failure;
use crate::replica::{
    FileEntry, Handles, Secrets, clock_variables, owners_command, paths, write_job,
};
use crate::site::Site;

/// How long a look into a container may take; its disk may be as slow as it likes.
const LOOK: Duration = Duration::from_mins(2);
/// Lines of a command's output that are kept: the last ones say why it ended.
const KEPT_LINES: usize = 400;

/// What begins before its host has said how late it is would believe the real time for ten seconds.
const WHEN_READY: &str = "looks=0; until [ -e /run/stagectl.ready ]; do looks=$((looks + 1)); \
    [ $looks -le 6000 ] || { echo 'stagectl: the host was not ready within a minute: \
    /run/stagectl.ready is not there' >&2; exit 126; }; sleep 0.01; done; exec \"$@\"";

/// A running replica: what work inside it needs.
#[derive(Debug)]
pub struct Replica<'a, E> {
    pub engine: &'a E,
    pub site: &'a Site,
    pub handles: Handles,
    pub secrets: Secrets,
    pub events: Events,
    pub stop: Stop,
}

/// What a command inside said, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InsideOutput {
    pub code: i64,
    /// Standard output and error as they came, secrets redacted.
    pub lines: Vec<String>,
}

/// Runs one of stagectl's programs inside a container, with its job on standard input; `line` gets what
/// it says, secrets redacted.
///
/// # Errors
/// Infrastructure when Docker fails; the stop request.
pub async fn run_inside<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &impl Serialize,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    run(replica, container, program, job, halt, |from, _, text| line(from, text)).await
}

/// The same for a program that reports in lines of JSON: `line` gets them as they are, and redacts the
/// texts in them. In a whole line a secret that is a word of the program's own would be one, too.
///
/// # Errors
/// As [`run_inside`].
pub async fn run_reporting<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &impl Serialize,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    run(replica, container, program, job, halt, |from, raw, _| line(from, raw)).await
}

async fn run<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &impl Serialize,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str, &str),
) -> Result<InsideOutput, Failure> {
    let program = paths::own(program);
    let mut argv = ["/usr/bin/python3", "-I", "-S", &program].map(str::to_owned).to_vec();
    // Our own programs live on the site's day: its certificates are not good on another.
    let clock: Vec<String> =
        clock_variables(replica.site).map(|(key, value)| format!("{key}={value}")).collect();
    if !clock.is_empty() {
        let first = ["/bin/sh", "-c", WHEN_READY, "sh", "/usr/bin/env"].map(str::to_owned);
        argv.splice(0..0, first.into_iter().chain(clock));
    }
    let job = write_job(job);
    let exec = Exec { argv, stdin: Some(job), user: None, folder: None };
    let mut lines = VecDeque::new();
    let mut take = |output: Output, raw: String| {
        let text = replica.secrets.redact_line(&raw);
        line(output, &raw, &text);
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

/// What one of stagectl's own programs inside came to, which has no reason to take longer than this.
///
/// # Errors
/// Its own; infrastructure when it hangs: whatever it waits for, nobody else is to wait for it.
pub fn ended_within<T>(
    limit: Duration,
    program: &str,
    container: &str,
    running: impl Future<Output = Result<T, Failure>>,
) -> impl Future<Output = Result<T, Failure>> {
    let running = tokio::time::timeout(limit, Box::pin(running));
    async move {
        running.await.unwrap_or_else(|_| {
            let message = format!("`{program}` in `{container}` did not end within {limit:?}");
            Err(Failure::infrastructure(message)
                .cause("it is a program of stagectl's own, and hangs")
                .hint("try again; if it hangs again, please report it"))
        })
    }
}

/// Puts files into a container that runs, and gives them to their owners.
///
/// # Errors
/// Infrastructure: Docker's, or an owner that is not there.
pub async fn put_files<E: Engine>(
    engine: &E,
    container: &str,
    files: &[FileEntry],
) -> Result<(), Failure> {
    engine.upload_files(container, files).await?;
    if files.iter().all(|file| file.owner.is_none()) {
        return Ok(());
    }
    let argv = ["/bin/sh", "-c", owners_command()].map(str::to_owned).into();
    let mut lines = Vec::new();
    let code = run_briefly(engine, container, argv, &mut |_, line| lines.push(line)).await?;
    if code == 0 {
        return Ok(());
    }
    let message = format!("could not give the files of `{container}` to their owners");
    Err(Failure::infrastructure(message).evidence("owners.sh", lines))
}

/// Runs a small command inside that only looks, or takes away; its exit code.
///
/// # Errors
/// Docker's; one as well when the command does not end.
pub async fn run_briefly<E: Engine>(
    engine: &E,
    container: &str,
    argv: Vec<String>,
    take: &mut dyn FnMut(Output, String),
) -> Result<i64, DockerError> {
    let own = argv.iter().find(|word| word.starts_with(paths::OWN));
    let action = format!("run `{}` in container `{container}`", own.unwrap_or(&argv[0]));
    let exec = Exec { argv, ..Exec::default() };
    tokio::time::timeout(LOOK, engine.exec(container, &exec, take)).await.unwrap_or_else(|_| {
        Err(DockerError::Stream { action, message: format!("it did not end within {LOOK:?}") })
    })
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
/// Docker itself only reports it of a container's first process.
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
    let read = run_briefly(engine, container, argv, &mut take).await;
    // One of the two files is not there, so the code says nothing.
    read.is_ok() && has_killed
}
