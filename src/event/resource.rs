//! What a run has in Docker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many things of a run Docker lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    pub containers: usize,
    pub networks: usize,
    pub volumes: usize,
}

/// A thing in Docker, or of this machine, that belongs to a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    pub kind: ResourceKind,
    pub name: String,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    Container,
    Network,
    Volume,
    Image,
    /// A network interface of this machine that a removed network or container had.
    Interface,
    /// A mount of this machine that a removed container had; its name is its path.
    Mount,
    /// A process of this machine that belonged to a removed container; its name is its number and program.
    Process,
}

impl ResourceKind {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ResourceKind::Container => "container",
            ResourceKind::Network => "network",
            ResourceKind::Volume => "volume",
            ResourceKind::Image => "image",
            ResourceKind::Interface => "interface",
            ResourceKind::Mount => "mount",
            ResourceKind::Process => "process",
        }
    }
}
