//! Which service it is: its program, and the keys that go with it.

use super::super::Resolver;
use super::super::value::{Complaint, Judged};
use super::SiteFacts;
use crate::site::debian::{ServiceProgram, service_suite};
use crate::site::file::ServiceFile;
use crate::site::model::ServiceKind;
use crate::site::problem::KeyPath;

/// The key that says which service it is.
const KINDS: [&str; 7] =
    ["postgres", "mariadb", "redis", "memcached", "rabbitmq", "pgbouncer", "smtp"];
/// Stands for a service by its packages or image.
const OTHER: &str = "a service by its packages or image";

/// Keys that only some services have.
const OWN_KEYS: [(&str, &[&str]); 26] = [
    ("image", &["postgres", "mariadb", "redis", "memcached", "rabbitmq", "pgbouncer", OTHER]),
    ("packages", &["postgres", OTHER]),
    ("debian", &[OTHER]),
    ("command", &[OTHER]),
    ("ready", &[OTHER]),
    ("port", &[OTHER]),
    ("env", &[OTHER]),
    ("password", &["postgres", "mariadb", "redis", "rabbitmq", "smtp"]),
    ("database", &["postgres", "mariadb"]),
    ("databases", &["postgres", "mariadb"]),
    ("user", &["postgres", "mariadb", "rabbitmq", "smtp"]),
    ("owner", &["postgres"]),
    ("roles", &["postgres"]),
    ("grants", &["mariadb"]),
    ("encoding", &["postgres", "mariadb"]),
    ("locale", &["postgres"]),
    ("collation", &["postgres", "mariadb"]),
    ("extensions", &["postgres"]),
    ("hba", &["postgres"]),
    ("seed", &["postgres", "mariadb"]),
    ("init", &["postgres", "mariadb"]),
    ("settings", &["postgres", "mariadb", "redis", "rabbitmq", "pgbouncer"]),
    ("tls", &["postgres", "mariadb", "redis", "memcached", "rabbitmq", "smtp"]),
    ("virtual_host", &["rabbitmq"]),
    ("leads_to", &["pgbouncer"]),
    ("weather", &["postgres", "mariadb", "redis", "memcached", "rabbitmq", "pgbouncer", OTHER]),
];

impl Resolver<'_> {
    pub(super) fn kind(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        site: SiteFacts<'_>,
    ) -> Option<ServiceKind> {
        let kind = self.chosen(path)?;
        self.foreign_keys(path, kind);
        let version = |program, written: &Option<String>| {
            let written = written.as_deref().unwrap_or_default();
            known_version(program, written, file.image.is_some())
        };
        let kind = match kind {
            "postgres" => {
                let version = version(ServiceProgram::Postgres, &file.postgres);
                let version = self.take(&path.key(kind), version);
                ServiceKind::Postgres(self.postgres(path, version, file, site.user)?)
            }
            "mariadb" => {
                let version = version(ServiceProgram::Mariadb, &file.mariadb);
                let version = self.take(&path.key(kind), version);
                ServiceKind::Mariadb(self.mariadb(path, version, file, site.user)?)
            }
            "redis" => {
                let version = version(ServiceProgram::Redis, &file.redis);
                let version = self.take(&path.key(kind), version);
                ServiceKind::Redis(self.redis(path, version, file)?)
            }
            "memcached" => {
                let version = version(ServiceProgram::Memcached, &file.memcached);
                ServiceKind::Memcached { version: self.take(&path.key(kind), version)? }
            }
            "rabbitmq" => {
                let version = version(ServiceProgram::Rabbitmq, &file.rabbitmq);
                let version = self.take(&path.key(kind), version);
                ServiceKind::Rabbitmq(self.rabbitmq(path, version, file, site.user)?)
            }
            "pgbouncer" => {
                let version = version(ServiceProgram::Pgbouncer, &file.pgbouncer);
                let version = self.take(&path.key(kind), version);
                ServiceKind::Pgbouncer(self.pgbouncer(path, version, file)?)
            }
            "smtp" => ServiceKind::Smtp(self.smtp(path, file, site.user)?),
            _ => ServiceKind::Other(self.other(path, file, site)?),
        };
        self.tls_of_a_service(path, file, &kind);
        Some(kind)
    }

    /// The one kind that is written; nothing and a problem if there is none, or are two.
    fn chosen(&mut self, path: &KeyPath) -> Option<&'static str> {
        let there = |kind: &&&str| self.tree.find(&path.key(**kind)).is_some();
        let chosen: Vec<&'static str> = KINDS.iter().filter(there).copied().collect();
        match chosen[..] {
            [one] => Some(one),
            [] if ["packages", "command"].iter().any(|key| self.has_or_had(path, key))
                || self.tree.find(&path.key("image")).is_some() =>
            {
                Some(OTHER)
            }
            [] => {
                if !KINDS.iter().any(|kind| self.has_or_had(path, kind)) {
                    let complaint = Complaint::new("it is not said which service this is");
                    let kinds = KINDS.map(|kind| format!("`{kind}`")).join(", ");
                    let hint =
                        format!("write one of {kinds}, or `packages` or `image` with a `command`");
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
            [one, other, ..] => {
                let message = format!("`{one}` and `{other}` are both there");
                self.complain(path, Complaint::new(message).hint("make two services of it"));
                None
            }
        }
    }

    fn foreign_keys(&mut self, path: &KeyPath, kind: &str) {
        for (key, kinds) in OWN_KEYS {
            if !kinds.contains(&kind) && self.tree.find(&path.key(key)).is_some() {
                let message = format!("`{key}` goes with {}, not with {kind}", listed(kinds));
                self.complain_of_key(&path.key(key), Complaint::new(message).hint("take it out"));
            }
        }
    }

    /// Reports a key that this service cannot do without.
    pub(super) fn required_of_service(&mut self, path: &KeyPath, key: &str, hint: &str) {
        if self.tree.find(&path.key(key)).is_none() && !self.has_or_had(path, key) {
            let complaint = Complaint::new(format!("the key `{key}` is missing"));
            self.complain(path, complaint.hint(hint));
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// With an image of the site's own, any version; otherwise one that some Debian has.
fn known_version(program: ServiceProgram, version: &str, has_image: bool) -> Judged<String> {
    let is_version = version.starts_with(|c: char| c.is_ascii_digit())
        && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if has_image && is_version || service_suite(program, version).is_some() {
        return Ok(version.to_owned());
    }
    let known: Vec<_> =
        program.known().map(|(version, suite)| format!("{version} ({suite})")).collect();
    Err(Complaint::new(format!("no known Debian has {} `{version}`", program.title())).hint(
        format!(
            "the versions there are: {}; any other one comes from an `image`",
            known.join(", ")
        ),
    ))
}
