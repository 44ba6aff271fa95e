//! Queues, mail, and services of the site's own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::value::{DebianSuite, Text};

/// A RabbitMQ server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rabbitmq {
    pub version: String,
    pub user: String,
    pub password: Text,
    pub virtual_host: String,
    /// Settings of `rabbitmq.conf`.
    pub settings: BTreeMap<String, String>,
}

/// A mail host that delivers nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Smtp {
    pub behaviour: MailBehaviour,
    /// Who may send; everybody if absent.
    pub login: Option<Login>,
}

/// A user and its password.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Login {
    pub user: String,
    pub password: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailBehaviour {
    /// Takes every mail and keeps it for the suite.
    Sink,
    /// Takes connections and never says a word.
    Silent,
    /// Refuses connections.
    Closed,
}

/// A service that has no key of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Other {
    /// Debian packages, unless an image is named.
    pub packages: Option<DebianPackages>,
    /// A shell command that runs it in the foreground.
    pub command: Text,
    /// A shell command that succeeds when it is ready.
    pub ready: String,
    /// Where the app finds it.
    pub port: Option<u16>,
    pub env: BTreeMap<String, Text>,
}

/// Packages of a Debian release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DebianPackages {
    pub suite: DebianSuite,
    pub names: Vec<String>,
}
