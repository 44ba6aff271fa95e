//! Which service it is: its program, and the keys that go with it.

use super::super::Resolver;
use super::super::value::{Complaint, Judged};
use crate::site::file::ServiceFile;
use crate::site::kind::{
    Described, KINDS, KindOfService, OTHER, keys_of_some_services, kinds_having, kinds_with_key,
    service_suite,
};
use crate::site::model::ServiceKind;
use crate::site::problem::KeyPath;
use crate::site::resolve::known::SiteFacts;

impl Resolver<'_> {
    pub(super) fn kind(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        site: SiteFacts<'_>,
    ) -> Option<ServiceKind> {
        let kind = self.choose_kind(path)?;
        self.foreign_keys(path, kind);
        let at = path.key(kind.key);
        let version = match kind.described {
            Described::Version { .. } => {
                let written = self.tree.text_at(&at).unwrap_or_default();
                let version = known_version(kind, written, file.image.is_some());
                self.take(&at, version)
            }
            Described::Elsewhere => None,
        };
        let kind = match kind.key {
            "postgres" => ServiceKind::Postgres(self.postgres(path, version, file, site.user)?),
            "mariadb" => ServiceKind::Mariadb(self.mariadb(path, version, file, site.user)?),
            "redis" => ServiceKind::Redis(self.redis(path, version, file)?),
            "valkey" => ServiceKind::Valkey(self.redis(path, version, file)?),
            "memcached" => ServiceKind::Memcached { version: version? },
            "rabbitmq" => ServiceKind::Rabbitmq(self.rabbitmq(path, version, file, site.user)?),
            "pgbouncer" => ServiceKind::Pgbouncer(self.pgbouncer(path, version, file)?),
            "smtp" => ServiceKind::Smtp(self.smtp(path, file, site.user)?),
            _ => ServiceKind::Other(self.other(path, file, site)?),
        };
        self.tls_of_a_service(path, file, &kind);
        Some(kind)
    }

    /// The one kind that is written; nothing and a problem if there is none, or are two.
    fn choose_kind(&mut self, path: &KeyPath) -> Option<&'static KindOfService> {
        let chosen = kinds_with_key(|key| self.tree.find(&path.key(key)).is_some());
        match chosen[..] {
            [one] => Some(one),
            [] if ["packages", "command"].iter().any(|key| self.has_or_had(path, key))
                || self.tree.find(&path.key("image")).is_some() =>
            {
                Some(&OTHER)
            }
            [] => {
                if !KINDS.iter().any(|kind| self.has_or_had(path, kind.key)) {
                    let complaint = Complaint::new("it is not said which service this is");
                    let kinds = KINDS.map(|kind| format!("`{}`", kind.key)).join(", ");
                    let hint =
                        format!("write one of {kinds}, or `packages` or `image` with a `command`");
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
            [one, other, ..] => {
                let message = format!("`{}` and `{}` are both there", one.key, other.key);
                let complaint = Complaint::new(message).hint("make two services of it");
                self.complain_where(path, &[one.key, other.key], complaint);
                None
            }
        }
    }

    fn foreign_keys(&mut self, path: &KeyPath, kind: &KindOfService) {
        let there = |key: &&str| !kind.has(key) && self.tree.find(&path.key(*key)).is_some();
        let foreign: Vec<&str> = keys_of_some_services().into_iter().filter(there).collect();
        for key in foreign {
            let kinds: Vec<&str> = kinds_having(key).map(KindOfService::name).collect();
            let message =
                format!("`{key}` goes with {}, not with {}", join_words(&kinds), kind.name());
            self.complain_of_key(&path.key(key), Complaint::new(message).hint("take it out"));
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
fn join_words(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// With an image of the site's own, any version; otherwise one that some Debian has.
fn known_version(program: &KindOfService, version: &str, has_image: bool) -> Judged<String> {
    let is_version = version.starts_with(|c: char| c.is_ascii_digit())
        && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if has_image && is_version || service_suite(program, version).is_some() {
        return Ok(version.to_owned());
    }
    let known: Vec<_> =
        program.known().map(|(version, suite)| format!("{version} ({suite})")).collect();
    Err(Complaint::new(format!("no known Debian has {} `{version}`", program.title)).hint(format!(
        "the versions there are: {}; any other one comes from an `image`",
        known.join(", ")
    )))
}
