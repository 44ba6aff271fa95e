//! The guardian: a small process of our own that tears a run down when the process that owns it is
//! gone, however it went.
//!
//! It is started before the run's first resource, in a session of its own, and holds the read end
//! of a pipe. `done` on the pipe means that nothing is left to do; its end without that means that
//! the owner is gone.

use std::io::Write as _;
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::docker::{Docker, Engine as _};
use crate::event::Events;
use crate::failure::Failure;
use crate::provision::teardown;
use crate::replica::{Ownership, RunId};

/// What the owner says when nothing is left to do.
const DONE: &str = "done";
/// What the guardian says once it watches.
const READY: &str = "ready";

/// How often nothing must be there before the guardian believes it, and how long between looks.
const QUIET_LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// The owner's end of the guardian. Dropped without [`Guardian::dismiss`], the guardian acts.
#[derive(Debug)]
pub struct Guardian {
    pipe: ChildStdin,
}

impl Guardian {
    /// Starts a guardian for the run; returns when it watches.
    ///
    /// # Errors
    /// Infrastructure: this program cannot be started again, or the guardian cannot reach Docker.
    pub async fn start(run: &RunId) -> Result<Guardian, Failure> {
        let refused = |reason: String| {
            Failure::infrastructure("could not start the guardian that cleans up after a crash")
                .cause(reason)
        };
        let program = std::env::current_exe().map_err(|error| refused(error.to_string()))?;
        let mut child = Command::new(program)
            .args(["guardian", run.as_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| refused(error.to_string()))?;
        let (Some(pipe), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::bug("the guardian has no pipe"));
        };
        let stdout = tokio::process::ChildStdout::from_std(stdout)
            .map_err(|error| refused(error.to_string()))?;
        let mut lines = BufReader::new(stdout).lines();
        match lines.next_line().await {
            Ok(Some(line)) if line == READY => Ok(Guardian { pipe }),
            Ok(Some(line)) => Err(refused(line)),
            Ok(None) => Err(refused("it ended at once".to_owned())),
            Err(error) => Err(refused(error.to_string())),
        }
    }

    /// Tells it that everything is torn down, or stays on purpose.
    pub fn dismiss(mut self) {
        // When it is gone already there is nobody to tell.
        let _told = writeln!(self.pipe, "{DONE}");
    }
}

/// The guardian's own life: watches standard input, then tears the run down or not.
///
/// # Errors
/// Infrastructure, when Docker cannot be reached.
pub async fn watch(run: &RunId, say: impl FnOnce(&str)) -> Result<(), Failure> {
    // A session of its own: neither Ctrl-C nor a closed terminal nor a killed process group ends
    // it. It fails where the caller made one already, which is as good.
    let _session = rustix::process::setsid();
    let engine = Docker::connect().await?;
    say(READY);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line == DONE {
            return Ok(());
        }
    }
    let (labels, events) = (Ownership::of_run(run), Events::new(Vec::new()));
    // What the owner had asked for when it went may still come: a request goes on without its
    // client, and nothing tells when it is done.
    let mut quiet = 0;
    while quiet < QUIET_LOOKS {
        let found = engine.inventory(&labels).await?;
        quiet = if found.is_empty() { quiet + 1 } else { 0 };
        teardown(&engine, &labels, &events).await?;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}
