//! Interpreters that are kept ready in containers: a command begins in milliseconds there, and not in
//! those of `docker exec` and of an interpreter's start. What is asked and answered is in `forkserver.py`.

mod frames;
mod start;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use self::frames::Answer;
use super::engine::{Exec, Output};
use super::lines::Lines;

/// The servers of an engine's containers, by the container's name.
#[derive(Debug, Clone, Default)]
pub(super) struct Forkservers(Arc<Mutex<HashMap<String, Forkserver>>>);

/// What a server is asked through.
#[derive(Debug)]
struct Forkserver {
    /// All words of its command but the last, which is a program.
    interpreter: Vec<String>,
    requests: UnboundedSender<Request>,
}

/// A program to be run.
#[derive(Debug)]
struct Request {
    program: String,
    stdin: Vec<u8>,
    answers: UnboundedSender<Answer>,
}

/// How a program ended that a server was asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Forked {
    /// With this code.
    Ended(i64),
    /// It did not begin: there is no server for it, or none any more.
    NotBegun,
    /// It began, and was lost with its server.
    Lost,
}

impl Forkservers {
    /// Adds a server whose command this is; what will be asked of it.
    fn add(&self, container: &str, argv: &[String]) -> Option<UnboundedReceiver<Request>> {
        let (_, interpreter) = argv.split_last()?;
        let (requests, asked) = unbounded_channel();
        let server = Forkserver { interpreter: interpreter.to_vec(), requests };
        self.all().insert(container.to_owned(), server);
        Some(asked)
    }

    /// Lets a server end, when what it runs has ended.
    pub(super) fn stop(&self, container: &str) {
        self.all().remove(container);
    }

    /// Runs a command, if it is the server's but for its last word.
    pub(super) async fn run(
        &self,
        container: &str,
        command: &Exec,
        line: &mut dyn FnMut(Output, String),
    ) -> Forked {
        let Some(mut answers) = self.ask(container, command) else { return Forked::NotBegun };
        if answers.recv().await != Some(Answer::Begun) {
            self.stop(container);
            return Forked::NotBegun;
        }
        let (mut out, mut err) = (Lines::default(), Lines::default());
        let code = loop {
            match answers.recv().await {
                Some(Answer::Said(Output::Stderr, bytes)) => {
                    err.push(&bytes, &mut |text| line(Output::Stderr, text));
                }
                Some(Answer::Said(Output::Stdout, bytes)) => {
                    out.push(&bytes, &mut |text| line(Output::Stdout, text));
                }
                Some(Answer::Begun) => {}
                Some(Answer::Ended(code)) => break Forked::Ended(code),
                None => break Forked::Lost,
            }
        };
        out.finish(&mut |text| line(Output::Stdout, text));
        err.finish(&mut |text| line(Output::Stderr, text));
        code
    }

    fn ask(&self, container: &str, command: &Exec) -> Option<UnboundedReceiver<Answer>> {
        let (program, interpreter) = command.argv.split_last()?;
        if command.user.is_some() || command.folder.is_some() {
            return None;
        }
        let all = self.all();
        let server = all.get(container).filter(|server| server.interpreter == interpreter)?;
        let (answers, answered) = unbounded_channel();
        let stdin = command.stdin.clone().unwrap_or_default();
        server.requests.send(Request { program: program.clone(), stdin, answers }).ok()?;
        Some(answered)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Forkserver>> {
        lock(&self.0)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_commands_of_the_same_interpreter_are_asked_of_a_server() {
        let servers = Forkservers::default();
        let (requests, mut asked) = unbounded_channel();
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let server = Forkserver { interpreter: words("/usr/bin/python3 -I -S"), requests };
        servers.all().insert("host".to_owned(), server);
        let exec = |text: &str| Exec { argv: words(text), ..Exec::default() };
        let program = exec("/usr/bin/python3 -I -S /opt/step.py");
        assert!(servers.ask("other", &program).is_none());
        assert!(servers.ask("host", &exec("/bin/sh -c true")).is_none());
        let other = Exec { user: Some("app".to_owned()), ..program.clone() };
        assert!(servers.ask("host", &other).is_none());
        assert!(servers.ask("host", &program).is_some());
        assert_eq!(asked.recv().await.unwrap().program, "/opt/step.py");
        drop(asked);
        assert_eq!(servers.run("host", &program, &mut |_, _| ()).await, Forked::NotBegun);
    }
}
