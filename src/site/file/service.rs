//! The keys of a service.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{self, AnyScalar};

/// What the site leans on: one of `postgres`, `redis`, `memcached` with its version in quotes, and
/// the keys that go with it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Service")]
pub(in crate::site) struct ServiceFile {
    /// PostgreSQL of this major version.
    #[schemars(example = &"15")]
    pub(in crate::site) postgres: Option<String>,
    /// Redis of this version.
    #[schemars(example = &"7")]
    pub(in crate::site) redis: Option<String>,
    /// Memcached of this version.
    #[schemars(example = &"1.6")]
    pub(in crate::site) memcached: Option<String>,
    /// The names it has on the site's network; the service's own name if left out.
    #[schemars(example = ["db.internal"])]
    pub(in crate::site) names: Option<Vec<String>>,
    /// How long its start may take.
    #[serde(default = "scalar::startup")]
    pub(in crate::site) startup: String,
    /// Its memory, with its unit; no limit if left out.
    #[schemars(example = &"256MiB")]
    pub(in crate::site) memory: Option<String>,
    /// What the app logs in with (postgres: required; redis: none if left out). It may refer to a
    /// secret.
    #[schemars(example = &"${secret.db}")]
    pub(in crate::site) password: Option<String>,
    /// The database (postgres); the name of the site's user if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) database: Option<String>,
    /// The role that the app logs in as (postgres); the name of the site's user if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) user: Option<String>,
    /// The role that owns the database (postgres); `user` if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) owner: Option<String>,
    /// The encoding of the database (postgres); `UTF8` if left out.
    #[schemars(example = &"UTF8")]
    pub(in crate::site) encoding: Option<String>,
    /// Collation and character type of the cluster (postgres); `C.UTF-8` if left out.
    #[schemars(example = &"de_DE.UTF-8")]
    pub(in crate::site) locale: Option<String>,
    /// Extensions created in the database (postgres).
    #[schemars(example = ["pg_trgm"])]
    pub(in crate::site) extensions: Option<Vec<String>>,
    /// SQL files run once, in order, by the superuser (postgres): paths from the description's
    /// folder.
    #[schemars(example = ["sql/grants.sql"])]
    pub(in crate::site) init: Option<Vec<String>>,
    /// Settings of `postgresql.conf` (postgres).
    #[schemars(example = BTreeMap::from([("max_connections", 50)]))]
    pub(in crate::site) settings: Option<BTreeMap<String, AnyScalar>>,
}
