//! Commands run inside a container that runs.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;

use super::connection::Docker;
use super::engine::{Exec, Output, Result};
use super::error::DockerError;
use super::forkserver::Forked;
use super::lines::Lines;

/// After the end of its output a command is over at once, as a rule.
const FIRST_PACE: Duration = Duration::from_millis(2);
const SLOW_PACE: Duration = Duration::from_millis(50);

/// Codes of a command that was killed, or could not be started: alone, or with its container.
const LOOKS_LIKE_THE_END: [i64; 2] = [126, KILLED];
const KILLED: i64 = 137;

impl Docker {
    /// Standard input is written while output is read, so neither can block the other. A command
    /// may end without reading all of its input: that is no error.
    pub(super) async fn run_inside(
        &self,
        container: &str,
        command: &Exec,
        line: &mut dyn FnMut(Output, String),
    ) -> Result<i64> {
        let program = command.argv.first().map_or("", String::as_str);
        let action = format!("run `{program}` in container `{container}`");
        let code = match self.forkservers.run(container, command, line).await {
            Forked::NotBegun => None,
            Forked::Ended(code) => Some(code),
            Forked::Lost => Some(KILLED),
        };
        if let Some(code) = code {
            return self.own_code(container, code, &action).await;
        }
        let options = CreateExecOptions {
            attach_stdin: Some(command.stdin.is_some()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.argv.clone()),
            user: Some(command.user.clone().unwrap_or_else(|| "0".to_owned())),
            working_dir: command.folder.clone(),
            ..CreateExecOptions::default()
        };
        let id = self.client.create_exec(container, options).await;
        let id = id.map_err(self.failed(action.clone()))?.id;
        let started = self.client.start_exec(&id, None::<StartExecOptions>).await;
        let StartExecResults::Attached { mut output, mut input } =
            started.map_err(self.failed(action.clone()))?
        else {
            let message = "the engine did not attach to it".to_owned();
            return Err(DockerError::Stream { action, message });
        };
        let feed = async {
            if let Some(bytes) = &command.stdin
                && input.write_all(bytes).await.is_ok()
            {
                // Fails only where the command is gone already.
                input.shutdown().await.ok();
            }
            std::future::pending::<Infallible>().await
        };
        let read = async {
            let (mut out, mut err) = (Lines::default(), Lines::default());
            while let Some(piece) = output.next().await {
                match piece.map_err(self.failed(action.clone()))? {
                    LogOutput::StdErr { message } => {
                        err.push(&message, &mut |text| line(Output::Stderr, text));
                    }
                    other => {
                        out.push(&other.into_bytes(), &mut |text| line(Output::Stdout, text));
                    }
                }
            }
            out.finish(&mut |text| line(Output::Stdout, text));
            err.finish(&mut |text| line(Output::Stderr, text));
            Ok(())
        };
        tokio::select! {
            biased;
            result = read => result?,
            never = feed => match never {},
        }
        self.exit_code(container, &id, &action).await
    }

    /// The code of a command whose output has ended; it may still run with its output closed.
    pub(super) async fn exit_code(&self, container: &str, exec: &str, action: &str) -> Result<i64> {
        let since = Instant::now();
        let lost = |message: &str| DockerError::Stream {
            action: action.to_owned(),
            message: message.to_owned(),
        };
        loop {
            let found = match self.client.inspect_exec(exec).await.map_err(self.failed(action)) {
                Err(DockerError::NotFound { .. }) => {
                    return Err(DockerError::ContainerEnded { action: action.to_owned() });
                }
                found => found?,
            };
            match (found.running, found.exit_code) {
                (Some(false), Some(code)) => return self.own_code(container, code, action).await,
                (Some(false), None) => return Err(lost("the engine does not know its exit code")),
                _ => {}
            }
            if since.elapsed() < SLOW_PACE {
                tokio::time::sleep(FIRST_PACE).await;
                continue;
            }
            if !self.container_state(container).await?.running {
                return Err(DockerError::ContainerEnded { action: action.to_owned() });
            }
            tokio::time::sleep(SLOW_PACE).await;
        }
    }

    /// The code of a command that has ended, unless it is its container that has.
    async fn own_code(&self, container: &str, code: i64, action: &str) -> Result<i64> {
        if LOOKS_LIKE_THE_END.contains(&code) && self.ends_now(container).await? {
            return Err(DockerError::ContainerEnded { action: action.to_owned() });
        }
        Ok(code)
    }

    /// Whether the container has ended. The engine hears of it some time after the commands inside
    /// were killed with it.
    async fn ends_now(&self, container: &str) -> Result<bool> {
        for _ in 0..4 {
            match self.container_state(container).await {
                Ok(state) if state.running => tokio::time::sleep(SLOW_PACE).await,
                Ok(_) | Err(DockerError::NotFound { .. }) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
