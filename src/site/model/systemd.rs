//! What a process has from its unit of systemd.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::value::OwnerName;

/// What is absent is not so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Systemd {
    /// A `/tmp` and a `/var/tmp` of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private_tmp: bool,
    /// No memory that is writable and executable.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub memory_deny_write_execute: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protect_home: Option<ProtectHome>,
    /// Instead of the group of the user's login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<OwnerName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
}

impl Systemd {
    /// Returns true where the description has no key of it.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        *self == Systemd::default()
    }

    /// Whether the process sees other folders than its host has.
    #[must_use]
    pub fn has_own_folders(&self) -> bool {
        self.private_tmp || self.protect_home.is_some()
    }
}

/// What the process has instead of `/home`, `/root` and `/run/user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectHome {
    /// Folders that nobody can enter; `true` in a unit.
    #[serde(rename = "true")]
    Inaccessible,
    /// The same folders, not to be written to.
    ReadOnly,
    /// Empty folders.
    Tmpfs,
}

/// When a process is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Whatever it ended with.
    Always,
    /// After a code that is not 0, or a signal that is no request to end.
    OnFailure,
}

/// How a file of variables is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum EnvSyntax {
    /// As most tools do.
    #[default]
    Common,
    /// As systemd reads `EnvironmentFile=`.
    Systemd,
}
