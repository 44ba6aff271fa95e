//! A person's terminal, or a program's pipes, at a command inside a replica.

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::cancel::Stop;
use crate::display::{
    RawMode, Stream, is_used_by_a_person, print_bytes, terminal_name, terminal_size,
};
use crate::docker::{Docker, Engine as _, Output, Size, Typed};
use crate::failure::{Failure, Kind};
use crate::session::{Place, Rights, Session, enter, interrupt};

/// The code of a command that wrote to a reader who had gone, as shells have it: 128 and the number of SIGPIPE.
const NOBODY_READS: u8 = 128 + 13;

/// Runs the command, or a shell, and is its terminal; the code that it ended with. Where its reader goes away
/// (`| head -1`), the command ends as it would here.
///
/// # Errors
/// Infrastructure; the stop request, which ends the command, too.
pub(super) async fn attend(
    session: &Session<'_, Docker>,
    place: &Place,
    command: Option<&[String]>,
    rights: Rights,
    stop: &Stop,
) -> Result<u8, Failure> {
    let term = is_used_by_a_person().then(terminal_name);
    let entered = enter(session, place, command, rights, term.as_deref()).await?;
    let raw = if term.is_some() { RawMode::start() } else { None };
    let size = raw.as_ref().map(|_| size());
    let (typing, typed) = mpsc::channel(8);
    let (refused, mut refusals) = mpsc::channel::<io::Error>(1);
    let mut pass_on = |from: Output, bytes: &[u8]| {
        let stream = match from {
            Output::Stdout => Stream::Stdout,
            Output::Stderr => Stream::Stderr,
        };
        if let Err(error) = print_bytes(stream, bytes) {
            // One is enough: the first.
            refused.try_send(error).ok();
        }
    };
    let attached =
        session.engine.attach(&entered.container, &entered.exec, size, typed, &mut pass_on);
    let code = tokio::select! {
        code = session.used(attached) => match refusals.try_recv() {
            Ok(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(unwritten(&error)),
            _ => code?,
        },
        failed = type_in(typing) => return Err(failed),
        Some(error) = refusals.recv() => {
            interrupt(session.engine, &entered, "PIPE").await?;
            return match error.kind() {
                io::ErrorKind::BrokenPipe => Ok(NOBODY_READS),
                _ => Err(unwritten(&error)),
            };
        }
        () = stop.requested() => {
            drop(raw);
            let stopped = stop.failure();
            let signal = if stopped.kind == Kind::Interrupted { "INT" } else { "TERM" };
            interrupt(session.engine, &entered, signal).await?;
            return Err(stopped);
        }
    };
    drop(raw);
    // As a shell has it: the low byte.
    Ok(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::infrastructure("could not write what the command says").because(error)
}

fn size() -> Size {
    let (columns, rows) = terminal_size();
    Size { columns, rows }
}

/// Passes on what is typed, and each new size of the terminal. Returns only when it cannot begin.
async fn type_in(typing: mpsc::Sender<Typed>) -> Failure {
    let mut resized = match signal(SignalKind::window_change()) {
        Ok(resized) => resized,
        Err(error) => {
            return Failure::infrastructure("could not watch the terminal").because(&error);
        }
    };
    let mut typing = Some(typing);
    let mut input = tokio::io::stdin();
    let mut bytes = vec![0; 8 << 10];
    loop {
        let Some(sender) = &typing else { return std::future::pending().await };
        let next = tokio::select! {
            read = input.read(&mut bytes) => match read {
                Ok(read) if read > 0 => Typed::Bytes(bytes[..read].to_vec()),
                // Its end is the end of the command's standard input.
                _ => {
                    typing = None;
                    continue;
                }
            },
            _ = resized.recv() => Typed::Resized(size()),
        };
        if sender.send(next).await.is_err() {
            typing = None;
        }
    }
}
