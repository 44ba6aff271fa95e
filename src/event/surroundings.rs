//! Where and how a run was started.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The call, the machine that it was made on, and the engine that the replicas stood on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Surroundings {
    /// The command line as a shell takes it. Secrets in it are replaced: by `[secret NAME]` where the
    /// descriptions know them, by `***` where an address or the name of an option gives them away.
    pub command: String,
    pub host: Computer,
    pub engine: EngineSeen,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Computer {
    pub name: String,
    /// `Debian GNU/Linux 12 (bookworm)`
    pub system: String,
    /// Such as `x86_64`.
    pub architecture: String,
    /// Those that a process may use.
    pub cores: u32,
    /// Bytes; absent where the system does not say.
    pub memory: Option<u64>,
}

/// The Docker engine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EngineSeen {
    pub version: String,
    /// How it stores images: `overlay2`.
    pub storage: String,
    /// Its name of its own host, which may be another one.
    pub host: String,
    pub cores: u32,
    /// Bytes.
    pub memory: u64,
}
