//! The keys of a process that its unit of systemd has on the live host.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::AnyScalar;
use crate::site::model::Restart;

/// What the live unit of systemd says of a process (`man 5 systemd.exec`). What is left out is not so.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Systemd")]
pub(in crate::site) struct SystemdFile {
    /// `PrivateTmp=`: it has a `/tmp` and a `/var/tmp` of its own, in which no other process of the site
    /// finds anything, and it finds nothing of theirs. Debian's unit of Apache says so, that of nginx does
    /// not.
    #[schemars(example = true)]
    pub(in crate::site) private_tmp: bool,
    /// `MemoryDenyWriteExecute=`: it gets no memory that is writable and executable, which callbacks of
    /// cffi and compilers at run time ask for.
    #[schemars(example = true)]
    pub(in crate::site) memory_deny_write_execute: bool,
    /// `ProtectHome=`: `true` (`/home`, `/root` and `/run/user` cannot be entered), `read-only` or `tmpfs`
    /// (they are empty).
    #[schemars(example = true)]
    pub(in crate::site) protect_home: Option<AnyScalar>,
    /// `Group=`: the group that it runs in, and that its files belong to; that of the user's login if left
    /// out. The base or its packages have it.
    #[schemars(example = &"www-data")]
    pub(in crate::site) group: Option<String>,
    /// `Restart=`, of `processes`: it is started again when it has ended; five times in ten seconds, then
    /// it has failed.
    pub(in crate::site) restart: Option<Restart>,
}
