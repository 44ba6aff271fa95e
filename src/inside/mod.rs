//! Work inside a running replica: stagectl's own programs there, and what they say.

mod beside;
mod fetch;
mod held;
mod own;
mod program;
mod running;
mod said;
mod tail;
mod whole;

pub use beside::{Beside, run_beside};
pub use fetch::fetch;
pub use held::Held;
pub use own::own_code;
pub use program::{run_inside, run_reporting};
pub use said::{LogPlaces, Said, log_sizes, read_logs_from};
pub use tail::{SHOWN_LINES, log_lines, log_tail, read_lines, tail};
pub use whole::Whole;

use std::time::Duration;

use crate::cancel::Stop;
use crate::docker::{DockerError, Engine, Exec, Output};
use crate::event::Events;
use crate::failure::Failure;
use crate::replica::{FileEntry, Handles, Secrets, clock_variables, owners_command, paths};
use crate::site::Site;

/// How long a look into a container may take; its disk may be as slow as it likes.
const LOOK: Duration = Duration::from_mins(2);
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

/// Keeps an interpreter ready for stagectl's own programs, in a container that they run in.
pub fn warm_up<E: Engine>(replica: &Replica<'_, E>, container: &str) {
    // Where the clock is another one, each of them begins with its own.
    let has_clock = clock_variables(replica.site).next().is_some();
    if replica.handles.has_programs(container) && !has_clock {
        replica.engine.warm_up(container, &command_of("forkserver.py"));
    }
}

/// Ends what is kept ready on the site's hosts: what runs there from now on is the site's alone.
pub fn cool_down<E: Engine>(replica: &Replica<'_, E>) {
    replica.handles.hosts().for_each(|container| replica.engine.cool_down(container));
}

fn command_of(program: &str) -> Vec<String> {
    ["/usr/bin/python3", "-I", "-S", &paths::own(program)].map(str::to_owned).to_vec()
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
