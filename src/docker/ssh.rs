//! The way to an engine through `ssh`: one log-in, over which the engine's socket is forwarded once.
//! Host keys, keys, jump hosts are the user's own `ssh` and its configuration; nothing is asked.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::engine::Result;
use super::error::DockerError;

/// Where an engine listens, unless its machine says otherwise.
const SOCKET: &str = "/var/run/docker.sock";
/// Says where the `docker` command of that machine finds its engine, and ends with its standard input, which is ours: also
/// where this process is killed. In quotes that every shell knows.
const THERE: &str = "sh -c 'docker context inspect --format \"{{.Endpoints.docker.Host}}\" 2>/dev/null || echo; exec cat'";
/// Ours, before the user's own: no questions, no other forwardings, an end where the network is gone.
const OPTIONS: [&str; 7] = [
    "BatchMode=yes",
    "ControlMaster=yes",
    "ControlPersist=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ServerAliveInterval=10",
    "ServerAliveCountMax=3",
];
/// The longest path of a folder for sockets: the kernel takes 107 bytes, and `ssh` adds some.
const LONGEST: usize = 70;
const KEPT_LINES: usize = 5;
/// What `ssh` says of a refused channel comes beside it.
const SAID_SOON: Duration = Duration::from_millis(500);

/// `[user@]host[:port][/socket]`, as after `ssh://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    host: String,
    port: Option<u16>,
    socket: Option<String>,
}

impl Destination {
    pub(super) fn parse(address: &str) -> Option<Self> {
        let (place, socket) = match address.split_once('/') {
            Some((place, path)) => (place, Some(path).filter(|path| !path.is_empty())),
            None => (address, None),
        };
        let (user, rest) = match place.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, place),
        };
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port),
            None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if port.is_empty() => None,
            None => return None,
        };
        let is_plain = |text: &str| {
            let odd = |c: char| c.is_whitespace() || c.is_control();
            !text.is_empty() && !text.starts_with('-') && !text.contains(odd)
        };
        // A password in an address is none that `ssh` could use.
        let is_user = |user: &str| is_plain(user) && !user.contains(':');
        if !is_plain(host) || !user.is_none_or(is_user) {
            return None;
        }
        Some(Destination {
            host: user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}")),
            port,
            socket: socket.map(|path| format!("/{path}")),
        })
    }

    /// As arguments of `ssh`, before a command.
    fn arguments(&self) -> Vec<String> {
        let port = self.port.iter().flat_map(|port| ["-p".to_owned(), port.to_string()]);
        port.chain(["--".to_owned(), self.host.clone()]).collect()
    }

    /// As a person writes it.
    fn in_words(&self) -> String {
        let port = self.port.map(|port| format!("-p {port} ")).unwrap_or_default();
        format!("{port}{}", self.host)
    }
}

/// A connection of `ssh`'s, and the socket here that leads to the engine's there. Dropped, it ends.
#[derive(Debug)]
pub(super) struct Tunnel {
    folder: tempfile::TempDir,
    destination: Destination,
    /// Where the engine listens there.
    remote: String,
    address: String,
    said: Arc<Said>,
    /// Killed when it is dropped.
    _ssh: Child,
}

/// What `ssh` has said so far.
#[derive(Debug, Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    new: Notify,
}

impl Said {
    fn add(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.remove(0);
        }
        lines.push(line);
        self.new.notify_one();
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tunnel {
    /// Logs in and forwards the socket; `address` is how messages name the engine.
    pub(super) async fn open(
        destination: Destination,
        address: &str,
        patience: Duration,
    ) -> Result<Tunnel> {
        let failed = |said: Vec<String>| DockerError::Ssh {
            address: address.to_owned(),
            to: destination.in_words(),
            said,
        };
        let broken = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                failed(vec!["there is no `ssh` on this machine".to_owned()])
            }
            _ => failed(vec![error.to_string()]),
        };
        let folder = folder().map_err(broken)?;
        let mut ssh = Command::new("ssh");
        ssh.arg("-S").arg(folder.path().join("ssh")).args(["-T", "-a", "-x"]);
        ssh.arg("-o").arg(format!("ConnectTimeout={}", patience.as_secs()));
        ssh.args(OPTIONS.iter().flat_map(|option| ["-o", option]));
        ssh.args(destination.arguments()).arg(THERE);
        // Ctrl-C is for stagectl, which needs the way to tear down.
        ssh.process_group(0).kill_on_drop(true);
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut ssh = ssh.spawn().map_err(broken)?;
        let said = Arc::new(Said::default());
        let listening = tokio::spawn(listen(ssh.stderr.take(), said.clone()));
        let mut output = BufReader::new(ssh.stdout.take().expect("it is piped")).lines();
        let there = match timeout(patience, output.next_line()).await {
            Ok(Ok(Some(line))) => line,
            Ok(_) => {
                // It has ended: so has what it says.
                let _heard = timeout(SAID_SOON, listening).await;
                return Err(failed(said.lines()));
            }
            Err(_) => {
                said.add(format!("no answer within {} s", patience.as_secs()));
                return Err(failed(said.lines()));
            }
        };
        let remote = destination.socket.clone().or_else(|| socket_of(&there));
        let remote = remote.unwrap_or_else(|| SOCKET.to_owned());
        let address = address.to_owned();
        let tunnel = Tunnel { folder, destination, remote, address, said, _ssh: ssh };
        match tunnel.forward().output().await {
            Ok(output) if output.status.success() => Ok(tunnel),
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr);
                text.lines().for_each(|line| tunnel.said.add(line.to_owned()));
                Err(tunnel.failure())
            }
            Err(error) => {
                tunnel.said.add(error.to_string());
                Err(tunnel.failure())
            }
        }
    }

    /// The command that forwards the socket over the connection that is there.
    fn forward(&self) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.arg("-S").arg(self.folder.path().join("ssh")).args(["-O", "forward"]);
        ssh.arg("-L").arg(format!("{}:{}", self.socket().display(), self.remote));
        ssh.args(self.destination.arguments()).stdin(Stdio::null()).kill_on_drop(true);
        ssh
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// Where the engine is reached.
    pub(super) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn failure(&self) -> DockerError {
        DockerError::Ssh {
            address: self.address.clone(),
            to: self.destination.in_words(),
            said: self.said.lines(),
        }
    }

    /// What an answer that did not come means: `ssh` knows why it could not go on to the socket.
    pub(super) async fn explain(&self, error: DockerError) -> DockerError {
        let is_lost = matches!(error, DockerError::Unreachable { source: Some(_), .. });
        if !is_lost {
            return error;
        }
        if self.said.lines().is_empty() {
            let _said = timeout(SAID_SOON, self.said.new.notified()).await;
        }
        self.said.add(format!("Docker does not answer on the socket `{}` there", self.remote));
        self.failure()
    }
}

async fn listen(stderr: Option<tokio::process::ChildStderr>, said: Arc<Said>) {
    let Some(stderr) = stderr else { return };
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        said.add(line.trim_end().to_owned());
    }
}

/// A folder of ours alone whose path is short enough for sockets.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let places =
        [std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from), Some(std::env::temp_dir())];
    let short = |path: &PathBuf| path.as_os_str().len() < LONGEST && path.is_dir();
    let place = places.into_iter().flatten().find(short);
    let place = place.as_deref().unwrap_or(Path::new("/tmp"));
    tempfile::Builder::new().prefix("stagectl-").tempdir_in(place)
}

/// The socket that a `docker` command's context names.
fn socket_of(url: &str) -> Option<String> {
    url.trim().strip_prefix("unix://").filter(|path| path.starts_with('/')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_the_docker_command_reads_it() {
        let table = [
            ("box", Some("-- box")),
            ("me@box:2222", Some("-p 2222 -- me@box")),
            ("me@[fe80::1]:22/run/user/7/docker.sock", Some("-p 22 -- me@fe80::1")),
            ("me@box/", Some("-- me@box")),
            ("", None),
            ("-oProxyCommand=x", None),
            ("-oProxyCommand=x@box", None),
            ("me:secret@box", None),
            ("box:port", None),
            ("a b", None),
        ];
        for (address, expected) in table {
            let found = Destination::parse(address).map(|found| found.arguments().join(" "));
            assert_eq!(found.as_deref(), expected, "{address}");
        }
        let socket = |address| Destination::parse(address).unwrap().socket;
        assert_eq!(socket("me@box/run/d.sock"), Some("/run/d.sock".to_owned()));
        assert_eq!(socket("me@box/"), None);
    }

    #[test]
    fn the_machine_s_own_context_says_where_the_socket_is() {
        assert_eq!(
            socket_of("unix:///run/user/7/docker.sock"),
            Some("/run/user/7/docker.sock".to_owned())
        );
        for other in ["", "tcp://127.0.0.1:2375", "ssh://me@elsewhere", "unix://"] {
            assert_eq!(socket_of(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn where_ssh_does_not_lead_its_own_words_are_the_cause() {
        let destination = Destination::parse("me@127.0.0.1:1").unwrap();
        let address = "ssh://me@127.0.0.1:1";
        let error = Tunnel::open(destination, address, Duration::from_secs(5)).await.unwrap_err();
        let DockerError::Ssh { to, said, .. } = error else { panic!("{error:?}") };
        assert_eq!(to, "-p 1 me@127.0.0.1");
        let known = ["Connection refused", "there is no `ssh`"];
        assert!(known.iter().any(|text| said.concat().contains(text)), "{said:?}");
    }
}
