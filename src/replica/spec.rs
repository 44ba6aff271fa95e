//! What shall exist in Docker, as data: containers, networks, image builds, files.

use std::collections::BTreeMap;

use serde::Serialize;

/// Labels by key.
pub type Labels = BTreeMap<String, String>;

/// A container of a replica.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContainerSpec {
    pub name: String,
    pub role: String,
    /// Tag or id of a local image.
    pub image: String,
    pub network: Attachment,
    pub hostname: Option<String>,
    pub command: Vec<String>,
    /// Plain variables; never a secret.
    pub env: BTreeMap<String, String>,
    pub labels: Labels,
    /// Uploaded after creation, before the start.
    #[serde(skip)]
    pub files: Vec<FileEntry>,
    pub limits: Limits,
    /// Kept beside the empty set, such as `NET_BIND_SERVICE`.
    pub capabilities: Vec<String>,
    /// Folder to mount options, such as `/tmp` to `size=64m`.
    pub tmpfs: BTreeMap<String, String>,
    /// Folder to the volume that is there, which others of the replica have, too.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, String>,
    pub sysctls: BTreeMap<String, String>,
    /// Limits of each process, beside those of the engine.
    pub ulimits: Vec<Ulimit>,
    /// How names are looked up, where it is not as usual.
    pub lookup: LookupSpec,
    /// Ports of its own, each published on a free port of the engine's loopback.
    pub published: Vec<u16>,
    pub stop_signal: Option<String>,
}

/// How a container is on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// A namespace of its own on the site's network.
    Own {
        network: String,
        address: String,
        /// Beside the address, where the network has IPv6.
        #[serde(skip_serializing_if = "Option::is_none")]
        ipv6: Option<String>,
        aliases: Vec<String>,
        dns: Vec<String>,
    },
    /// The same, and Docker's default bridge: it alone leads out of a closed network. Names are
    /// looked up where the engine looks them up.
    Gateway {
        network: String,
        address: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        ipv6: Option<String>,
    },
    /// The namespace of another container of the replica, by container name.
    SharedWith(String),
    /// The engine's host's own network, and the right to write its settings: for the program that keeps
    /// that host off the site's network, and nothing else.
    EngineHost,
    /// No network at all.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Limits {
    /// Bytes; swap is not added.
    pub memory: Option<u64>,
    pub milli_cpus: Option<u32>,
    pub pids: Option<u32>,
    /// Bytes of `/dev/shm`.
    pub shm: Option<u64>,
}

/// A limit of each process of a container, by the name that Docker has for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ulimit {
    pub name: String,
    /// `-1` is no limit.
    pub soft: i64,
    pub hard: i64,
}

/// What `resolv.conf` says beside the name server, and `/etc/hosts` beside the host's own name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LookupSpec {
    pub search: Vec<String>,
    pub options: Vec<String>,
    /// Each as `NAME:ADDRESS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

/// A file to put into a container.
#[derive(Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Absolute, inside the container.
    pub path: String,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// `USER:GROUP` as `chown` has it, where it belongs to somebody whom the container knows by name; it
    /// gets it from [`super::OWNERS`] when it starts. `USER:` is with the group of its login.
    pub owner: Option<String>,
    pub content: Content,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    Folder,
    Link(String),
    /// A file of this machine, read when it is uploaded.
    HostFile(std::path::PathBuf),
    /// A folder of this machine with all that is below it (no links out of it).
    HostFolder(std::path::PathBuf),
}

/// Never shows the content: it may be secret.
impl std::fmt::Debug for FileEntry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({:o})", self.path, self.mode)
    }
}

impl FileEntry {
    /// A root-owned file.
    pub fn new(path: impl Into<String>, mode: u32, bytes: impl Into<Vec<u8>>) -> Self {
        FileEntry {
            path: path.into(),
            mode,
            uid: 0,
            gid: 0,
            owner: None,
            content: Content::Bytes(bytes.into()),
        }
    }

    #[must_use]
    pub fn owned_by(mut self, uid: u32, gid: u32) -> Self {
        self.uid = uid;
        self.gid = gid;
        self
    }

    #[must_use]
    pub fn of(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }
}

/// A private network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NetworkSpec {
    pub name: String,
    /// CIDR; chosen among the free ones.
    pub subnet: String,
    pub gateway: Option<String>,
    /// The same for IPv6, if the network has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Ipv6Spec>,
    /// True where nothing outside may be reached.
    pub internal: bool,
    /// The name of its interface on the engine's host, if it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    pub labels: Labels,
}

/// IPv6 of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ipv6Spec {
    /// CIDR.
    pub subnet: String,
    /// An address of the subnet that nobody ever has. Containers get it for their way out: what an
    /// engine does not close by itself ends there.
    pub nobody: String,
}

/// A container in which an image is made; committed when its script ends well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildSpec {
    pub name: String,
    /// Tag or id of the parent.
    pub image: String,
    pub command: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub labels: Labels,
    #[serde(skip)]
    pub files: Vec<FileEntry>,
    /// Whether the build may download.
    pub network: BuildNetwork,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildNetwork {
    /// Docker's default bridge.
    Bridge,
    None,
}

pub(in crate::replica) fn folder(path: &str, mode: u32) -> FileEntry {
    FileEntry { content: Content::Folder, ..FileEntry::new(path, mode, Vec::new()) }
}
