//! Databases and what is loaded into them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::site::value::{Role, Text};

/// A PostgreSQL server.
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
    /// The collation, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The role that owns the database and what the seed makes.
    pub owner: String,
    /// Roles beside user and owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    pub extensions: Vec<String>,
    /// The lines of its `pg_hba.conf`, if they are other ones than Debian's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hba: Vec<String>,
    /// Debian packages beside the server's own, such as those of extensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// SQL files run once as the superuser after the seed, in order (paths on this machine).
    pub init: Vec<PathBuf>,
    /// Further ones of the same server, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub databases: BTreeMap<String, Database>,
    /// Settings of `postgresql.conf`.
    pub settings: BTreeMap<String, String>,
}

/// What stands between an app and a PostgreSQL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pgbouncer {
    pub version: String,
    /// The PostgreSQL among the site's services.
    pub leads_to: Role,
    /// Settings of its section of `pgbouncer.ini`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// A MariaDB server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mariadb {
    pub version: String,
    pub database: String,
    pub user: String,
    pub password: Text,
    /// The character set, such as `utf8mb4`.
    pub encoding: String,
    /// That of the encoding if absent.
    pub collation: Option<String>,
    /// Privileges of the user on the database; all of them if empty.
    pub grants: Vec<String>,
    pub seed: Option<Seed>,
    /// SQL files run once as root after the seed, in order (paths on this machine).
    pub init: Vec<PathBuf>,
    /// Further ones of the same server, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub databases: BTreeMap<String, Database>,
    /// Settings of the server's section of `my.cnf`.
    pub settings: BTreeMap<String, String>,
}

/// A further database of a server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Database {
    pub user: String,
    /// Absent for a user that another database of the server has, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Text>,
    /// PostgreSQL's alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Those of the server if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
    /// MariaDB's alone: privileges of the user; all of them if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init: Vec<PathBuf>,
}

/// Data that is there before the release is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seed {
    /// On this machine.
    pub path: PathBuf,
    pub form: SeedForm,
}

/// What a seed is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeedForm {
    Sql,
    SqlGz,
    /// The custom format of `pg_dump`.
    Dump,
    /// A tar archive, plain or compressed: of `pg_dump`, or of the other forms.
    Archive,
    /// A script that loads it.
    Command,
}
