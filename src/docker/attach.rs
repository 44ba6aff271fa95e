//! Commands inside that are used as if they ran here: input and output as they are, in a terminal or not.

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::query_parameters::ResizeExecOptionsBuilder;
use futures_util::StreamExt as _;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::connection::Docker;
use super::engine::{Exec, Input, Output, Result, Size, Typed};
use super::error::DockerError;

impl Docker {
    /// Ends with the command: what is typed after that is not read.
    pub(super) async fn attach_inside(
        &self,
        container: &str,
        command: &Exec,
        terminal: Option<Size>,
        typed: Input,
        say: &mut dyn FnMut(Output, &[u8]),
    ) -> Result<i64> {
        let program = command.argv.first().map_or("", String::as_str);
        let action = format!("run `{program}` in container `{container}`");
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(terminal.is_some()),
            cmd: Some(command.argv.clone()),
            user: Some(command.user.clone().unwrap_or_else(|| "0".to_owned())),
            working_dir: command.folder.clone(),
            ..CreateExecOptions::default()
        };
        let id = self.client.create_exec(container, options).await;
        let id = id.map_err(self.failed(action.clone()))?.id;
        let start = StartExecOptions { tty: terminal.is_some(), ..StartExecOptions::default() };
        let started = self.client.start_exec(&id, Some(start)).await;
        let StartExecResults::Attached { mut output, input } =
            started.map_err(self.failed(action.clone()))?
        else {
            let message = "the engine did not attach to it".to_owned();
            return Err(DockerError::Stream { action, message });
        };
        if let Some(size) = terminal {
            self.resize(&id, size).await;
        }
        let mut feed = std::pin::pin!(self.feed(&id, input, typed));
        let mut is_fed = false;
        loop {
            tokio::select! {
                piece = output.next() => match piece {
                    None => break,
                    Some(piece) => match piece.map_err(self.failed(action.clone()))? {
                        LogOutput::StdErr { message } => say(Output::Stderr, &message),
                        other => say(Output::Stdout, &other.into_bytes()),
                    },
                },
                () = &mut feed, if !is_fed => is_fed = true,
            }
        }
        self.exit_code(container, &id, &action).await
    }

    /// Hands over what is typed until there is no more of it. A command need not read it.
    async fn feed(
        &self,
        exec: &str,
        mut input: std::pin::Pin<Box<dyn AsyncWrite + Send>>,
        mut typed: Input,
    ) {
        while let Some(typed) = typed.recv().await {
            match typed {
                Typed::Bytes(bytes) => {
                    if input.write_all(&bytes).await.is_err() || input.flush().await.is_err() {
                        return;
                    }
                }
                Typed::Resized(size) => self.resize(exec, size).await,
            }
        }
        // Fails only where the command is gone already.
        input.shutdown().await.ok();
    }

    /// A command that is over has no size any more, and one that has just begun none yet: neither is
    /// worth a failure.
    async fn resize(&self, exec: &str, size: Size) {
        let options = ResizeExecOptionsBuilder::default()
            .h(i32::from(size.rows))
            .w(i32::from(size.columns))
            .build();
        self.client.resize_exec(exec, options).await.ok();
    }
}
