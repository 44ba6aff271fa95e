//! Starts a server, and hands over what it is asked and what it answers.

use std::collections::HashMap;
use std::sync::Mutex;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::frames::{Answer, Frames, frame};
use super::{Request, lock};
use crate::docker::connection::Docker;
use crate::docker::engine::Result;
use crate::docker::error::DockerError;
use crate::docker::traced::traced;

impl Docker {
    /// Starts a server in a container; `argv` is its command. Whoever waits for an answer of one that fails sees that
    /// there will be none.
    pub(in crate::docker) fn start_forkserver(&self, container: &str, argv: &[String]) {
        let Some(asked) = self.forkservers.add(container, argv) else { return };
        let (engine, container, argv) = (self.clone(), container.to_owned(), argv.to_vec());
        tokio::spawn(async move {
            let serving = serve(&engine, &container, argv, asked);
            traced("forkserver", &container, serving).await.ok();
        });
    }
}

/// Runs a server until nobody asks any more, or it ends.
async fn serve(
    engine: &Docker,
    container: &str,
    argv: Vec<String>,
    mut asked: UnboundedReceiver<Request>,
) -> Result<()> {
    let action = format!("keep an interpreter ready in container `{container}`");
    let failed = || engine.failed(action.clone());
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(argv),
        user: Some("0".to_owned()),
        ..CreateExecOptions::default()
    };
    let client = &engine.client;
    let id = client.create_exec(container, options).await.map_err(failed())?.id;
    let started = client.start_exec(&id, None::<StartExecOptions>).await.map_err(failed())?;
    let StartExecResults::Attached { mut output, mut input } = started else {
        let message = "the engine did not attach to it".to_owned();
        return Err(DockerError::Stream { action, message });
    };
    let waiting = Mutex::new(HashMap::new());
    // Neither waits for the other: a server that cannot say what it has to say reads nothing either.
    let write = async {
        let mut number = 0_u32;
        while let Some(Request { program, stdin, answers }) = asked.recv().await {
            number += 1;
            lock(&waiting).insert(number, answers);
            input.write_all(&frame(number, &program, &stdin)).await?;
            input.flush().await?;
        }
        input.shutdown().await
    };
    let read = async {
        let mut frames = Frames::default();
        while let Some(piece) = output.next().await {
            if let LogOutput::StdOut { message } = piece.map_err(failed())? {
                frames.push(&message, |number, answer| {
                    hand_over(&mut lock(&waiting), number, answer);
                });
            }
        }
        Ok(())
    };
    let (mut write, mut read) = (std::pin::pin!(write), std::pin::pin!(read));
    tokio::select! {
        // It has ended, and nothing that is written is read any more.
        ended = &mut read => ended,
        written = &mut write => match written {
            Ok(()) => read.await,
            Err(error) => Err(DockerError::Stream { action: action.clone(), message: error.to_string() }),
        },
    }
}

/// Gives an answer to whoever waits for it; it is the last one where the program has ended.
fn hand_over(answers: &mut HashMap<u32, UnboundedSender<Answer>>, number: u32, answer: Answer) {
    let is_last = matches!(answer, Answer::Ended(_));
    if let Some(waiting) = answers.get(&number) {
        // Nobody has to wait for it any longer.
        waiting.send(answer).ok();
    }
    if is_last {
        answers.remove(&number);
    }
}
