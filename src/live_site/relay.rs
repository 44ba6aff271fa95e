//! Connections of the suite's container that are made from elsewhere: from where stagectl runs, by the ways that a person has
//! named, or from another host.

use std::collections::HashMap;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::docker::{DockerError, Engine, Exec, Output, Typed};
use crate::failure::Failure;
use crate::outside_look::{Lookout, PLAIN, SECURE};
use crate::replica::{RelayJob, RelayPlace, paths, write_job};
use crate::site::Site;
use crate::ssh::{not_reached, not_started};

/// Bytes of a kind, a number and a length.
const HEAD: usize = 9;
/// Bytes that are read at once.
const PIECE: usize = 16 << 10;
/// How long `ssh` may take to reach a host.
const PATIENCE: Duration = Duration::from_secs(30);
/// What `ssh` says when the host was reached, and did not reach the site: <https://man.openbsd.org/ssh#W>.
const REFUSED_THERE: &str = "open failed";
/// Frames that wait to be handed over.
const WAITING: usize = 64;

/// From where the connections are made.
#[derive(Debug, Clone)]
pub enum Route {
    /// From the suite's own container, but for those names that have another way from here.
    Here,
    /// From a host, by the system's `ssh`.
    Host(SshHost),
}

/// A host as `ssh` and its configuration know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshHost {
    /// `[user@]host`, which is no option.
    pub destination: String,
    pub port: Option<u16>,
}

/// The names whose connections are made from elsewhere, each with an address of the container's own loopback.
#[must_use]
pub(super) fn relayed(site: &Site, lookout: &Lookout, route: &Route) -> Vec<(String, String)> {
    let mut names: Vec<String> = Vec::new();
    let detoured = lookout.detours().iter().map(|detour| detour.name.clone());
    let own = site.names.iter().map(ToString::to_string);
    let own = own.filter(|_| matches!(route, Route::Host(_)));
    for name in detoured.chain(own) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let address = |number: usize| format!("127.0.71.{}", number % 250 + 1);
    names.into_iter().enumerate().map(|(number, name)| (name, address(number))).collect()
}

/// Where the relay listens: what leads to a name does so with each of its ports.
fn job(names: &[(String, String)], lookout: &Lookout) -> RelayJob {
    let mut places = Vec::new();
    for (name, address) in names {
        let mut ports = vec![SECURE, PLAIN];
        let own = lookout.detours().iter().filter(|detour| detour.name == *name);
        ports.extend(own.map(|detour| detour.port));
        ports.sort_unstable();
        ports.dedup();
        places.extend(ports.into_iter().map(|port| RelayPlace {
            address: address.clone(),
            port,
            place: format!("{name}:{port}"),
        }));
    }
    RelayJob { places }
}

/// Makes the connections of a container until nobody waits for it any more. It ends by itself only when it cannot go on: with
/// what is wrong. `ready` is told when all places are listened on.
pub(super) async fn relay<E: Engine>(
    engine: &E,
    container: &str,
    names: &[(String, String)],
    (lookout, route): (&Lookout, &Route),
    ready: oneshot::Sender<()>,
) -> Failure {
    let (typed, input) = channel(WAITING);
    let mut first = write_job(&job(names, lookout));
    first.push(b'\n');
    if typed.send(Typed::Bytes(first)).await.is_err() {
        return Failure::bug("the relay of the suite's container takes nothing");
    }
    let argv = ["/usr/bin/python3", "-I", "-S", &paths::own("relay.py")].map(str::to_owned);
    let exec = Exec { argv: argv.into(), ..Exec::default() };
    let mut carriers = Carriers {
        way: Rc::new((lookout.clone(), route.clone())),
        typed,
        open: HashMap::new(),
        tasks: JoinSet::new(),
        ready: Some(ready),
        unread: Vec::new(),
        said: Vec::new(),
    };
    let ended = {
        let mut say = |from: Output, bytes: &[u8]| carriers.take(from, bytes);
        engine.attach(container, &exec, None, input, &mut say).await
    };
    ended_early(ended, &carriers.said)
}

fn ended_early(ended: Result<i64, DockerError>, said: &[u8]) -> Failure {
    match ended {
        Ok(code) => {
            let lines = String::from_utf8_lossy(said).lines().map(str::to_owned).collect();
            Failure::bug(format!("the relay of the suite's container ended with code {code}"))
                .evidence("relay.py", lines)
        }
        Err(error) => error.into(),
    }
}

/// What a relay does for its connections.
struct Carriers {
    way: Rc<(Lookout, Route)>,
    typed: Sender<Typed>,
    /// What the container says to each connection that it has.
    open: HashMap<u32, UnboundedSender<Vec<u8>>>,
    tasks: JoinSet<()>,
    ready: Option<oneshot::Sender<()>>,
    unread: Vec<u8>,
    /// On standard error.
    said: Vec<u8>,
}

impl Carriers {
    fn take(&mut self, from: Output, bytes: &[u8]) {
        if from == Output::Stderr {
            self.said.extend_from_slice(bytes);
            return;
        }
        self.unread.extend_from_slice(bytes);
        while let Some((kind, number, payload)) = next_frame(&mut self.unread) {
            self.obey(kind, number, payload);
        }
    }

    fn obey(&mut self, kind: u8, number: u32, payload: Vec<u8>) {
        match kind {
            b'L' => {
                if let Some(ready) = self.ready.take() {
                    ready.send(()).ok();
                }
            }
            b'O' => {
                let place = String::from_utf8_lossy(&payload).into_owned();
                let (say, said) = unbounded_channel();
                self.open.insert(number, say);
                let (lookout, route) = (*self.way).clone();
                self.tasks.spawn(carry(lookout, route, place, (number, said, self.typed.clone())));
            }
            b'D' => {
                let is_last = payload.is_empty();
                if let Some(say) = self.open.get(&number) {
                    // A connection that is gone says so itself.
                    say.send(payload).ok();
                }
                if is_last {
                    self.open.remove(&number);
                }
            }
            _ => {}
        }
    }
}

/// Takes the first frame, once it is whole: kind, number and what follows.
fn next_frame(unread: &mut Vec<u8>) -> Option<(u8, u32, Vec<u8>)> {
    let head = unread.get(..HEAD)?;
    let number = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let (kind, connection, length) = (head[0], number(1)?, usize::try_from(number(5)?).ok()?);
    if unread.len() < HEAD + length {
        return None;
    }
    let payload = unread[HEAD..HEAD + length].to_vec();
    unread.drain(..HEAD + length);
    Some((kind, connection, payload))
}

fn frame(kind: u8, number: u32, payload: &[u8]) -> Typed {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = vec![kind];
    bytes.extend(number.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(payload);
    Typed::Bytes(bytes)
}

/// Makes one connection, and carries what both ends say until both have said all.
async fn carry(
    lookout: Lookout,
    route: Route,
    place: String,
    (number, said, typed): (u32, UnboundedReceiver<Vec<u8>>, Sender<Typed>),
) {
    let (name, port) = place.rsplit_once(':').unwrap_or((&place, ""));
    let port = port.parse().unwrap_or(SECURE);
    match route {
        Route::Here => match lookout.connect(name, port).await {
            Ok(stream) => {
                let (read, write) = stream.into_split();
                pump(read, write, (number, said, &typed)).await;
            }
            Err(_) => _ = typed.send(frame(b'R', number, &[])).await,
        },
        Route::Host(host) => match through(&host, name, port) {
            Some((mut child, read, write)) => {
                pump(read, write, (number, said, &typed)).await;
                child.wait().await.ok();
            }
            None => _ = typed.send(frame(b'R', number, &[])).await,
        },
    }
}

/// Looks whether the host can be asked for a connection to a port of a name: a site that is away is none of its faults.
///
/// # Errors
/// Infrastructure: no `ssh`, or the host is not reached by it.
pub(super) async fn try_host(host: &SshHost, name: &str, port: u16) -> Result<(), Failure> {
    let mut command = ssh(host, name, port);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output
        .map_err(|_| not_reached(&host.destination, &format!("no answer within {PATIENCE:?}")))?
        .map_err(|error| not_started(&error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || said.contains(REFUSED_THERE) {
        return Ok(());
    }
    Err(not_reached(&host.destination, &said))
}

fn ssh(host: &SshHost, name: &str, port: u16) -> Command {
    let mut command = Command::new("ssh");
    command.args(["-o", "BatchMode=yes"]);
    if let Some(port) = host.port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["-W", &format!("{name}:{port}"), "--", &host.destination]);
    command
}

/// A connection that the host makes. What `ssh` says of it goes to nobody: that the way is good was seen before.
fn through(
    host: &SshHost,
    name: &str,
    port: u16,
) -> Option<(Child, tokio::process::ChildStdout, tokio::process::ChildStdin)> {
    let mut command = ssh(host, name, port);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().ok()?;
    let (read, write) = (child.stdout.take()?, child.stdin.take()?);
    Some((child, read, write))
}

async fn pump(
    mut read: impl AsyncRead + Unpin,
    mut write: impl AsyncWrite + Unpin,
    (number, mut said, typed): (u32, UnboundedReceiver<Vec<u8>>, &Sender<Typed>),
) {
    let outward = async {
        while let Some(bytes) = said.recv().await {
            if bytes.is_empty() || write.write_all(&bytes).await.is_err() {
                break;
            }
            write.flush().await.ok();
        }
        write.shutdown().await.ok();
        drop(write);
    };
    let inward = async {
        let mut piece = vec![0; PIECE];
        loop {
            let length = read.read(&mut piece).await.unwrap_or_default();
            if typed.send(frame(b'D', number, &piece[..length])).await.is_err() || length == 0 {
                break;
            }
        }
    };
    tokio::join!(outward, inward);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_whole_however_they_come() {
        let mut all = Vec::new();
        for (kind, number, payload) in [(b'O', 1, &b"a:443"[..]), (b'D', 1, b"x"), (b'D', 1, b"")] {
            let Typed::Bytes(bytes) = frame(kind, number, payload) else { panic!("bytes") };
            all.extend(bytes);
        }
        for piece in [1, 3, 9, 100] {
            let (mut unread, mut found) = (Vec::new(), Vec::new());
            for part in all.chunks(piece) {
                unread.extend_from_slice(part);
                while let Some((kind, number, payload)) = next_frame(&mut unread) {
                    found.push(format!("{} {number} {}", kind as char, payload.len()));
                }
            }
            assert_eq!(found.join(", "), "O 1 5, D 1 1, D 1 0", "{piece}");
            assert!(unread.is_empty());
        }
    }
}
