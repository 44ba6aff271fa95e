//! What the site leans on.

mod database;
mod other;
mod port;
mod weather;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CertificateShape, KeyShape};
use crate::site::kind::{self, KindOfService};
use crate::site::value::{ByteSize, HostName, Text};

pub use database::*;
pub use other::*;
pub use port::*;
pub use weather::*;

/// What the site leans on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    pub kind: ServiceKind,
    /// An image instead of the packages of a Debian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub host: ServiceHost,
    #[serde(skip_serializing_if = "is_default")]
    pub tls: ServiceTls,
    /// The names it has on the site's network.
    pub names: Vec<HostName>,
    /// What the network to it is like, if that is not as in one rack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weather: Option<Weather>,
    /// How long its start may take.
    pub startup: Duration,
    pub memory: Option<ByteSize>,
}

/// A kind of service, with the keys of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    Postgres(Postgres),
    Mariadb(Mariadb),
    Redis(Redis),
    Valkey(Redis),
    Memcached { version: String },
    Rabbitmq(Rabbitmq),
    Pgbouncer(Pgbouncer),
    Smtp(Smtp),
    Other(Other),
}

/// Whose address and loopback a service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceHost {
    /// Those of a host of its own.
    #[default]
    Own,
    /// Those of the app's host.
    App,
}

/// Whether a service speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceTls {
    /// It does not.
    #[default]
    None,
    /// To who asks for it.
    Offered,
    /// With everybody.
    Required,
}

/// A server that speaks the protocol of Redis: Redis itself, or Valkey.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Redis {
    pub version: String,
    pub password: Option<Text>,
    /// Settings of `redis.conf`.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub settings: std::collections::BTreeMap<String, String>,
}

impl Redis {
    /// Its unix socket, if it has one. `/var/run` is a link to `/run`.
    #[must_use]
    pub fn socket(&self) -> Option<&str> {
        let written = self.settings.get("unixsocket")?;
        Some(
            written
                .strip_prefix("/var")
                .filter(|rest| rest.starts_with("/run/"))
                .unwrap_or(written),
        )
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Service {
    /// The certificate that it shows, if it speaks TLS: of all its names.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateShape> {
        let names = || self.names.iter().map(ToString::to_string).collect();
        (self.tls != ServiceTls::None)
            .then(|| CertificateShape::new(names(), KeyShape::EcdsaP256, 0))
    }

    #[must_use]
    pub fn is_on_the_app_s_host(&self) -> bool {
        self.host == ServiceHost::App
    }
}

impl ServiceKind {
    /// Its row in the table of kinds.
    #[must_use]
    pub fn row(&self) -> &'static KindOfService {
        match self {
            ServiceKind::Postgres(_) => &kind::POSTGRES,
            ServiceKind::Mariadb(_) => &kind::MARIADB,
            ServiceKind::Redis(_) => &kind::REDIS,
            ServiceKind::Valkey(_) => &kind::VALKEY,
            ServiceKind::Memcached { .. } => &kind::MEMCACHED,
            ServiceKind::Rabbitmq(_) => &kind::RABBITMQ,
            ServiceKind::Pgbouncer(_) => &kind::PGBOUNCER,
            ServiceKind::Smtp(_) => &kind::SMTP,
            ServiceKind::Other(_) => &kind::OTHER,
        }
    }

    /// The kind's key in a description; `other` for a service that has none.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.row().key
    }

    /// Whether it keeps data in databases.
    #[must_use]
    pub fn is_database(&self) -> bool {
        self.row().has("database")
    }

    /// Redis, or what took over its protocol and its configuration.
    #[must_use]
    pub fn as_redis(&self) -> Option<&Redis> {
        match self {
            ServiceKind::Redis(redis) | ServiceKind::Valkey(redis) => Some(redis),
            _ => None,
        }
    }

    /// The folder of its socket, which its host's programs find there: PostgreSQL's as Debian has it, Redis's as
    /// its settings say.
    #[must_use]
    pub fn socket_folder(&self) -> Option<String> {
        if let ServiceKind::Postgres(_) = self {
            return Some("/run/postgresql".to_owned());
        }
        let (folder, _) = self.as_redis()?.socket()?.rsplit_once('/')?;
        Some(folder.to_owned())
    }

    /// The files of this machine that it is made of.
    pub fn host_paths(&mut self) -> Vec<&mut std::path::PathBuf> {
        match self {
            ServiceKind::Postgres(Postgres { seed, init, databases, .. })
            | ServiceKind::Mariadb(Mariadb { seed, init, databases, .. }) => {
                let further = databases.values_mut().flat_map(|one| {
                    one.seed.iter_mut().map(|seed| &mut seed.path).chain(&mut one.init)
                });
                seed.iter_mut().map(|seed| &mut seed.path).chain(init).chain(further).collect()
            }
            _ => Vec::new(),
        }
    }
}
