//! How the locks in a site's databases are watched while a step of an upgrade runs.

use super::part::words;
use crate::replica::paths;
use crate::replica::run::{RunId, container_name};
use crate::site::{Role, ServiceKind, Site};

/// A database that is watched from inside its service's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockWatch {
    pub role: Role,
    pub container: String,
    pub database: String,
    /// Keeps a transaction open that has read each table, and says in lines of JSON who locks and waits.
    pub begin: Vec<String>,
    /// Has that transaction ended, and the watch with it.
    pub end: Vec<String>,
    /// What gives a statement less time to wait.
    pub way_out: &'static str,
}

/// One for each database of PostgreSQL and MariaDB in the replica of a run, if the site has them watched.
#[must_use]
pub fn lock_watches(site: &Site, run: &RunId) -> Vec<LockWatch> {
    if !site.lock_watch {
        return Vec::new();
    }
    let mut watches = Vec::new();
    for (role, service) in &site.services {
        let (script, way_out, own, further) = match &service.kind {
            ServiceKind::Postgres(postgres) => {
                let way_out = "SET lock_timeout = '2s'";
                (paths::POSTGRES_LOCKS_SH, way_out, &postgres.database, &postgres.databases)
            }
            ServiceKind::Mariadb(mariadb) => {
                let way_out = "SET lock_wait_timeout = 2";
                (paths::MARIADB_LOCKS_SH, way_out, &mariadb.database, &mariadb.databases)
            }
            _ => continue,
        };
        for (number, database) in std::iter::once(own).chain(further.keys()).enumerate() {
            let number = number.to_string();
            watches.push(LockWatch {
                role: role.clone(),
                container: container_name(run, &site.name, role.as_str()),
                database: database.clone(),
                begin: words(&["/bin/sh", script, "watch", &number, database]),
                end: words(&["/bin/sh", script, "end", &number]),
                way_out,
            });
        }
    }
    watches
}
