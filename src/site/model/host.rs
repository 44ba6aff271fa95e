//! The facts of the site's own host.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::value::{ByteSize, HostName, Role};

/// What is absent is as Docker gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Host {
    pub hostname: Option<HostName>,
    pub tmp: Option<Temporary>,
    pub shm: Option<ByteSize>,
    pub open_files: Option<OpenFiles>,
    pub limits: BTreeMap<Limited, Bound>,
    /// True where the app's processes can write to chosen folders only.
    pub read_only_root: bool,
    /// Chosen folders beside those that every app has.
    pub writable: Vec<PathBuf>,
    pub clock: Option<Clock>,
    /// Generated beside those of the base and of the server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
    /// Where `/etc/localtime` leads, if not to the base's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localtime: Option<String>,
    /// Names that `/etc/hosts` has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<HostName, LeadsTo>,
    /// The service through which alone the hosts beyond the site are reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way_out: Option<Role>,
    pub resolver: Lookup,
}

/// Where a name of `/etc/hosts` leads; as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LeadsTo {
    /// An address that every host has for itself.
    Own(IpAddr),
    Service(Role),
}

/// A `/tmp` that is a file system of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Temporary {
    pub size: Option<ByteSize>,
    /// False: mounted `noexec`.
    pub exec: bool,
}

/// How many files a process may have open: at first, and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OpenFiles {
    pub soft: u32,
    pub hard: u32,
}

impl fmt::Display for OpenFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.soft == self.hard {
            return write!(formatter, "{}", self.soft);
        }
        write!(formatter, "{}:{}", self.soft, self.hard)
    }
}

/// What of a process is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    FileSize,
    Stack,
    Data,
    LockedMemory,
    Core,
}

/// How much of it there may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    Bytes(u64),
    Unlimited,
}

/// Another day for the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// So much ahead of the real time; behind, where it is negative.
    Shift(SignedDuration),
    /// The moment at which the replica starts.
    Moment(Timestamp),
}

impl Clock {
    /// What the site takes for the time when this is the real one, at the replica's start.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Clock::Shift(shift) => now.checked_add(shift).unwrap_or(now),
            Clock::Moment(moment) => moment,
        }
    }
}

/// As a description writes it.
impl fmt::Display for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clock::Moment(moment) => write!(formatter, "{moment}"),
            Clock::Shift(shift) => {
                let seconds = shift.as_secs();
                let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
                let (size, unit) = units
                    .into_iter()
                    .find(|(size, _)| seconds % size == 0)
                    .expect("every number is a multiple of 1");
                write!(formatter, "{:+}{unit}", seconds / size)
            }
        }
    }
}

impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How the host looks up names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Lookup {
    /// Families of addresses, the one that is tried first in front. If absent, names have IPv4
    /// addresses alone, and the loopback has both.
    pub families: Option<Vec<AddressFamily>>,
    /// Domains that are tried behind a short name.
    pub search: Vec<HostName>,
    pub ndots: Option<u8>,
    /// In seconds.
    pub timeout: Option<u8>,
    pub attempts: Option<u8>,
}

/// What the site's network has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkFamilies {
    Ipv4,
    Both,
}

impl Lookup {
    /// Returns the families of addresses that the site's network has.
    #[must_use]
    pub fn network(&self) -> NetworkFamilies {
        match &self.families {
            Some(families) if families.contains(&AddressFamily::Ipv6) => NetworkFamilies::Both,
            _ => NetworkFamilies::Ipv4,
        }
    }

    /// The options as `resolv.conf` has them.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        [("ndots", self.ndots), ("timeout", self.timeout), ("attempts", self.attempts)]
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}:{}", value?)))
            .collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddressFamily {
    Ipv4,
    Ipv6,
}
