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

use crate::docker::{Docker, DockerError, Engine};
use crate::event::Events;
use crate::failure::Failure;
use crate::replica::{Ownership, RunId};
use crate::standing::teardown;

/// What the owner says when nothing is left to do.
const DONE: &str = "done";
/// What the guardian says once it watches.
const READY: &str = "ready";

/// How often nothing must be there before the guardian believes it, and how long between looks.
const QUIET_LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// How often it tries in vain, soon with pauses of five seconds: a quarter of an hour in all.
const TRIES: u32 = 180;

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

    /// Lets it know that everything is torn down, or stays on purpose.
    pub fn dismiss(mut self) {
        // When it is gone already nobody needs to know.
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
    // A way that went with its owner, such as one through a network that is gone, is made anew.
    let engine = Docker::connect().await.unwrap_or(engine);
    Ok(clean_up(&engine, run, BETWEEN_LOOKS).await?)
}

/// Tears the run down until nothing of it has been there for a while.
///
/// What the owner had asked for when it went may still come: a request goes on without its client,
/// and nothing shows when it is done. Docker may be starting anew: it is asked again, and what
/// cannot be removed is tried again, for a quarter of an hour.
///
/// # Errors
/// Docker's last one.
async fn clean_up<E: Engine>(
    engine: &E,
    run: &RunId,
    between_looks: Duration,
) -> Result<(), DockerError> {
    let (labels, events) = (Ownership::of_run(run), Events::new(Vec::new()));
    let (mut quiet, mut pause, mut tries) = (0, between_looks, 0);
    while quiet < QUIET_LOOKS {
        let is_gone = match engine.inventory(&labels).await {
            Ok(found) if found.is_empty() => true,
            Ok(_) => {
                quiet = 0;
                teardown(engine, &labels, &events).await.is_ok_and(|left| left.is_empty())
            }
            Err(error) if tries == TRIES => return Err(error),
            Err(_) => false,
        };
        if is_gone {
            (quiet, pause) = (quiet + 1, between_looks);
        } else if tries == TRIES {
            return Ok(());
        } else {
            (quiet, pause, tries) = (0, (pause * 2).min(between_looks * 10), tries + 1);
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::fake::FakeEngine;
    use crate::replica::{Labels, NetworkSpec};

    const NO_TIME: Duration = Duration::from_micros(1);

    async fn network(engine: &FakeEngine, name: &str, labels: Labels) {
        let spec = NetworkSpec {
            name: name.to_owned(),
            subnet: format!("10.0.{}.0/24", engine.leftovers().len()),
            gateway: None,
            ipv6: None,
            internal: true,
            bridge: None,
            labels,
        };
        engine.create_network(&spec).await.unwrap();
    }

    fn run() -> RunId {
        RunId::named("r1")
    }

    #[tokio::test]
    async fn everything_of_the_run_goes_and_nothing_else() {
        let engine = FakeEngine::new();
        network(&engine, "ours", Ownership::of_run(&run())).await;
        network(&engine, "theirs", Ownership::of_run(&RunId::named("r2"))).await;
        clean_up(&engine, &run(), NO_TIME).await.unwrap();
        let there: Vec<String> = engine.leftovers().into_iter().map(|left| left.name).collect();
        assert_eq!(there, ["theirs"]);
    }

    #[tokio::test]
    async fn what_comes_late_goes_too() {
        let engine = FakeEngine::new();
        network(&engine, "early", Ownership::of_run(&run())).await;
        let late = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            network(&engine, "late", Ownership::of_run(&run())).await;
        };
        let run = run();
        let clean = clean_up(&engine, &run, Duration::from_millis(20));
        let (cleaned, ()) = tokio::join!(clean, late);
        cleaned.unwrap();
        assert_eq!(engine.leftovers(), []);
    }

    #[tokio::test]
    async fn docker_may_be_away_for_a_while() {
        let engine = FakeEngine::new();
        network(&engine, "ours", Ownership::of_run(&run())).await;
        let engine = engine.failing_on("");
        let back = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            engine.mend();
        };
        let run = run();
        let clean = clean_up(&engine, &run, Duration::from_millis(1));
        let (cleaned, ()) = tokio::join!(clean, back);
        cleaned.unwrap();
        assert_eq!(engine.leftovers(), []);
    }

    #[tokio::test]
    async fn it_gives_up_on_what_cannot_be_removed() {
        let engine = FakeEngine::new();
        network(&engine, "stuck", Ownership::of_run(&run())).await;
        let engine = engine.failing_on("remove network `stuck`");
        clean_up(&engine, &run(), Duration::ZERO).await.unwrap();
        assert_eq!(engine.leftovers().len(), 1);
        clean_up(&engine.failing_on(""), &run(), Duration::ZERO).await.unwrap_err();
    }
}
