//! What stagectl asks of Docker, as a trait: the real engine and the fake one stand behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::DockerError;
use super::labels::Found;
use super::traces::Traces;
use crate::replica::{BuildSpec, ContainerSpec, FileEntry, Labels, NetworkSpec};

/// What a request to an engine comes to.
pub type Result<T> = std::result::Result<T, DockerError>;

/// What was taken of a path inside a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    pub tar: Vec<u8>,
    /// False where there is more of it than was asked for.
    pub is_whole: bool,
}

/// Docker, or something that behaves like it.
///
/// All of it runs on one thread: futures need not be `Send`.
#[expect(async_fn_in_trait, reason = "one thread; nobody needs Send futures")]
pub trait Engine {
    /// Version and limits of the engine; fails when it cannot be reached.
    async fn info(&self) -> Result<EngineInfo>;

    // images
    /// The id of a local image, or `None`.
    async fn find_image(&self, reference: &str) -> Result<Option<ImageId>>;
    /// Pulls from a registry.
    async fn pull(&self, reference: &str, progress: &mut dyn FnMut(String)) -> Result<ImageId>;
    /// Makes an image of a root file system's tar stream (plain, or compressed as the engine
    /// can read it: gzip, bzip2, xz; zstd from Docker 23 on). The stream must end in an error where
    /// its source failed: Docker takes a tar archive that just stops for a whole one.
    async fn import(&self, tar: TarStream, tag: &str, labels: &Labels) -> Result<ImageId>;
    /// Makes an image of a stopped or running container, with these labels, the command `/bin/sh`,
    /// and nothing of the container's own labels under our prefix (they are emptied).
    async fn commit(&self, container: &str, tag: &str, labels: &Labels) -> Result<ImageId>;
    /// The images that carry all these labels; see [`super::labels::carries`].
    async fn images(&self, filter: &Labels) -> Result<Vec<ImageSummary>>;
    /// "Not there" is success.
    async fn remove_image(&self, reference: &str) -> Result<()>;

    // networks
    /// Subnets of both families that Docker's networks use now.
    async fn used_subnets(&self) -> Result<Vec<String>>;
    /// `Conflict` when the name or the subnet is taken: try the next one.
    async fn create_network(&self, spec: &NetworkSpec) -> Result<()>;
    /// "Not there" is success.
    async fn remove_network(&self, name: &str) -> Result<()>;

    // containers
    /// Creates it and uploads its files; does not start it. When the upload fails, the container
    /// is there: removing it is the caller's.
    async fn create_container(&self, spec: &ContainerSpec) -> Result<ContainerId>;
    /// Creates a container that builds an image: with a way out (the default bridge) or without.
    /// Its variables do not get into the image; it needs `/bin/sh` and `rm` if it has any.
    async fn create_builder(&self, spec: &BuildSpec) -> Result<ContainerId>;
    async fn start(&self, container: &str) -> Result<()>;
    /// Waits until it exits; the exit code. `Conflict` when it was never started.
    async fn wait(&self, container: &str) -> Result<i64>;
    /// Kills and removes it with its anonymous volumes; returns when it is gone. "Not there" is
    /// success.
    async fn remove_container(&self, container: &str) -> Result<()>;
    async fn inspect(&self, container: &str) -> Result<ContainerState>;
    /// Follows standard output and error, line by line, until the container exits.
    async fn follow(&self, container: &str, line: &mut dyn FnMut(String)) -> Result<()>;
    /// The last lines of its standard output and error.
    async fn logs(&self, container: &str, tail: usize) -> Result<Vec<String>>;
    /// Unpacks a tar archive at `/`.
    async fn upload(&self, container: &str, tar: Vec<u8>) -> Result<()>;
    /// Puts files in, as at creation. Listed folders get mode and owner even if they were there.
    async fn upload_files(&self, container: &str, files: &[FileEntry]) -> Result<()>;
    /// A path as tar archive, or the first `most` bytes of that; an error of kind `NotFound` when
    /// it is not there.
    async fn download_within(&self, container: &str, path: &str, most: usize) -> Result<Download>;
    /// The same of whatever size: for what nobody but us can have written.
    async fn download(&self, container: &str, path: &str) -> Result<Vec<u8>> {
        Ok(self.download_within(container, path, usize::MAX).await?.tar)
    }
    /// Runs a command inside, feeds it `stdin`, hands over each line as it comes (cut at 64 KiB).
    /// Cancelling the future does not stop the command. A program that is not there is code 126
    /// or 127 with the engine's words as output; `ContainerEnded` when the container does not run
    /// or ends meanwhile.
    async fn exec(
        &self,
        container: &str,
        command: &Exec,
        line: &mut dyn FnMut(Output, String),
    ) -> Result<i64>;

    /// Keeps a program ready in a running container that makes `exec` faster: of each command that is `argv` but for
    /// its last word, as root. `argv` is that of the program itself, `forkserver.py`. Where it cannot be, or is no
    /// more, commands are run as ever; nothing waits for it.
    fn warm_up(&self, _container: &str, _argv: &[String]) {}
    /// Ends that, as soon as what runs there has ended.
    fn cool_down(&self, _container: &str) {}

    /// Runs a command inside with its input and output as they are, byte by byte: in a terminal of a
    /// size, or with standard output and error apart. Its exit code; `ContainerEnded` as for `exec`.
    /// Cancelling the future does not stop the command.
    async fn attach(
        &self,
        container: &str,
        command: &Exec,
        terminal: Option<Size>,
        typed: Input,
        say: &mut dyn FnMut(Output, &[u8]),
    ) -> Result<i64>;
    /// The container's own output, each line with its time: what is there, and what comes until the
    /// container ends if it is followed.
    async fn log(
        &self,
        container: &str,
        wanted: LogRange,
        line: &mut dyn FnMut(LogLine),
    ) -> Result<()>;
    /// What a running container uses now.
    async fn usage(&self, container: &str) -> Result<Usage>;
    /// Copies a path of one container, with all that is below it, into a folder of another. Modes,
    /// owners and links stay.
    async fn copy(&self, from: InContainer<'_>, to: InContainer<'_>) -> Result<()>;

    // what is there
    /// Every container, network, volume that carries all these labels; an empty value asks for any
    /// value.
    async fn inventory(&self, filter: &Labels) -> Result<Vec<Found>>;
    /// What this machine has of these now, to be looked for after their removal.
    fn traces(&self, of: &[Found]) -> Traces;
    /// One that is there already stays as it is.
    async fn create_volume(&self, name: &str, labels: &Labels) -> Result<()>;
    /// "Not there" is success.
    async fn remove_volume(&self, name: &str) -> Result<()>;
}

/// What a container uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes of memory, without what the kernel can take back.
    pub memory: u64,
    /// Processes and threads; absent where nobody counts them, or where there is no limit.
    pub processes: Option<Count>,
}

/// How many of something there are, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub now: u64,
    pub most: u64,
}

impl Count {
    /// Whether one more program can hardly be started: Docker's own starter has a few threads.
    #[must_use]
    pub fn is_used_up(self) -> bool {
        self.now + STARTER >= self.most
    }
}

/// Processes and threads that it takes to start a command in a container, about.
const STARTER: u64 = 8;

/// A tar archive as it arrives.
pub type TarStream =
    std::pin::Pin<Box<dyn futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send>>;

/// What the engine said of itself when it was connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    pub version: String,
    pub api: String,
    /// How it stores images: `overlay2`.
    pub storage: String,
    pub memory: u64,
    pub cpus: u32,
    /// True where the engine can enforce memory and pid limits.
    pub limits: bool,
    /// The engine's own, wherever it is reached from.
    pub id: String,
    /// The engine's name of its host.
    pub host: String,
    /// Where it runs, as an argument of `ssh`, if that is not this machine: what it publishes is there.
    pub elsewhere: Option<String>,
}

/// As the engine has it: `sha256:` and 64 hex digits.
pub type ImageId = String;
/// As the engine has it: 64 hex digits.
pub type ContainerId = String;

/// A local image, as a list of them has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSummary {
    pub id: ImageId,
    pub tags: Vec<String>,
    pub size: u64,
    /// Seconds since 1970.
    pub created: i64,
    /// The image that it stands on, where the engine says so.
    pub parent: Option<ImageId>,
    pub labels: Labels,
}

/// A container, as it was when it was inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerState {
    pub id: ContainerId,
    pub running: bool,
    pub exit_code: i64,
    pub out_of_memory: bool,
    pub pid: i64,
    pub address: Option<String>,
    /// Its own ports, and the engine's that they are published on; while it runs.
    pub ports: BTreeMap<u16, u16>,
    /// The engine's whole answer, for the evidence; its `Env` holds nothing secret as we never
    /// put any there.
    pub raw: serde_json::Value,
}

/// A command to run inside a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exec {
    pub argv: Vec<String>,
    /// Fed to its standard input, which is then closed.
    pub stdin: Option<Vec<u8>>,
    /// `None` is root.
    pub user: Option<String>,
    pub folder: Option<String>,
}

/// Which of a command's two outputs something came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    Stdout,
    Stderr,
}

/// What goes into a command that is used as if it ran here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    Bytes(Vec<u8>),
    /// The terminal has another size now.
    Resized(Size),
}

/// Where typed things come from; the command's standard input ends with it.
pub type Input = tokio::sync::mpsc::Receiver<Typed>;

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

/// A line of a container's own output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub at: jiff::Timestamp,
    pub text: String,
}

/// Which part of a log is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRange {
    /// Nothing before this.
    pub since: Option<jiff::Timestamp>,
    pub end: LogEnd,
}

/// Where a log that is read ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    /// What is there, and of that the last so many lines.
    Now(usize),
    /// What comes as well.
    Never,
}

/// A path inside a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InContainer<'a> {
    pub container: &'a str,
    pub path: &'a str,
}

/// How long a request may take before it counts as lost; streams are not concerned.
pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);
