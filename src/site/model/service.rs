//! What the site leans on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::site::value::{ByteSize, HostName, Text};

/// What the site leans on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    pub kind: ServiceKind,
    /// The names it has on the site's network.
    pub names: Vec<HostName>,
    /// How long its start may take.
    pub startup: Duration,
    pub memory: Option<ByteSize>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    Postgres(Postgres),
    Redis { version: String, password: Option<Text> },
    Memcached { version: String },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Postgres {
    /// The major version, such as `15`.
    pub version: String,
    pub database: String,
    pub user: String,
    pub password: Text,
    pub encoding: String,
    /// Collation and character type of the cluster, such as `C.UTF-8`.
    pub locale: String,
    /// The role that owns the database.
    pub owner: String,
    pub extensions: Vec<String>,
    /// SQL files run once as the superuser, in order (paths on this machine).
    pub init: Vec<PathBuf>,
    /// Settings of `postgresql.conf`.
    pub settings: BTreeMap<String, String>,
}
