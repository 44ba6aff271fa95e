//! `services`.

use std::collections::BTreeMap;

use super::value::{self, Complaint, Judged};
use super::{Resolver, Wanted, amount};
use crate::site::debian::{ServiceProgram, service_suite};
use crate::site::file::ServiceFile;
use crate::site::model::{Postgres, Service, ServiceKind};
use crate::site::problem::KeyPath;
use crate::site::unbuilt::UNBUILT_SERVICES;
use crate::site::value::{HostName, Role};

/// Keys that only some programs have.
const OWN_KEYS: [(&str, &[ServiceProgram]); 9] = [
    ("password", &[ServiceProgram::Postgres, ServiceProgram::Redis]),
    ("database", &[ServiceProgram::Postgres]),
    ("user", &[ServiceProgram::Postgres]),
    ("owner", &[ServiceProgram::Postgres]),
    ("encoding", &[ServiceProgram::Postgres]),
    ("locale", &[ServiceProgram::Postgres]),
    ("extensions", &[ServiceProgram::Postgres]),
    ("init", &[ServiceProgram::Postgres]),
    ("settings", &[ServiceProgram::Postgres]),
];

/// What a replica has anyway.
const OWN_ROLES: [&str; 5] = ["app", "suite", "resolver", "network", "outside"];

impl Resolver<'_> {
    /// Services by name; nothing stands where one cannot be made out.
    pub(super) fn services(
        &mut self,
        files: &BTreeMap<String, ServiceFile>,
        site_user: &str,
    ) -> BTreeMap<Role, Option<Service>> {
        let path = KeyPath::from(["services"]);
        let mut services = BTreeMap::new();
        for (name, file) in files {
            let at = path.key(name);
            if OWN_ROLES.contains(&name.as_str()) {
                let complaint = Complaint::new(format!("`{name}` is a part of every replica"));
                self.complain_of_key(
                    &at,
                    complaint.hint("name the service otherwise, such as `db`"),
                );
                continue;
            }
            match name.parse::<Role>() {
                Ok(role) => {
                    let service = self.service(&at, &role, file, site_user);
                    services.insert(role, service);
                }
                Err(error) => self.complain_of_key(&at, error.into()),
            }
        }
        services
    }

    fn service(
        &mut self,
        path: &KeyPath,
        role: &Role,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Service> {
        let names_path = path.key("names");
        let written = file.names.clone().unwrap_or_else(|| vec![role.to_string()]);
        if written.is_empty() {
            let complaint = Complaint::new("a service has at least one name");
            self.complain(&names_path, complaint.hint("take `names` out to use the service's own"));
        }
        let names = self.take_all(&names_path, &written, value::host);
        let startup = self.take(&path.key("startup"), amount::duration(&file.startup));
        let memory = self.take_some(&path.key("memory"), file.memory.as_deref(), amount::size);
        let kind = self.kind(path, file, site_user);
        Some(Service { kind: kind?, names: names?, startup: startup?, memory: memory? })
    }

    fn kind(&mut self, path: &KeyPath, file: &ServiceFile, site_user: &str) -> Option<ServiceKind> {
        let written = [
            (ServiceProgram::Postgres, &file.postgres),
            (ServiceProgram::Redis, &file.redis),
            (ServiceProgram::Memcached, &file.memcached),
        ];
        let chosen: Vec<_> = written
            .into_iter()
            .filter_map(|(program, version)| Some((program, version.as_deref()?)))
            .collect();
        let (program, version) = match chosen[..] {
            [one] => one,
            [] => {
                let kinds = ServiceProgram::ALL.map(ServiceProgram::key);
                if !kinds.iter().chain(&UNBUILT_SERVICES).any(|kind| self.has_or_had(path, kind)) {
                    let complaint = Complaint::new("it is not said which service this is");
                    let hint = "write one of `postgres`, `redis`, `memcached` with its version";
                    self.complain(path, complaint.hint(hint));
                }
                return None;
            }
            [(one, _), (other, _), ..] => {
                let message = format!("`{}` and `{}` are both there", one.key(), other.key());
                self.complain(path, Complaint::new(message).hint("make two services of it"));
                return None;
            }
        };
        self.foreign_keys(path, program);
        let version = self.take(&path.key(program.key()), known_version(program, version));
        match program {
            ServiceProgram::Postgres => {
                self.postgres(path, version, file, site_user).map(ServiceKind::Postgres)
            }
            ServiceProgram::Redis => {
                let password = file.password.as_ref().map(|_| self.text(&path.key("password")));
                let password = match password {
                    Some(password) => Some(password?),
                    None => None,
                };
                Some(ServiceKind::Redis { version: version?, password })
            }
            ServiceProgram::Memcached => Some(ServiceKind::Memcached { version: version? }),
        }
    }

    fn foreign_keys(&mut self, path: &KeyPath, program: ServiceProgram) {
        for (key, programs) in OWN_KEYS {
            if !programs.contains(&program) && self.tree.find(&path.key(key)).is_some() {
                let owners: Vec<_> = programs.iter().map(|program| program.key()).collect();
                let message = format!(
                    "`{key}` goes with {}, not with {}",
                    owners.join(" and "),
                    program.key()
                );
                self.complain_of_key(&path.key(key), Complaint::new(message).hint("take it out"));
            }
        }
    }

    fn postgres(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Postgres> {
        let mut name = |key: &str, written: &Option<String>, otherwise: &str| match written {
            Some(text) => self.take(&path.key(key), value::word(text)),
            None => Some(otherwise.to_owned()),
        };
        let database = name("database", &file.database, site_user);
        let user = name("user", &file.user, site_user);
        let owner = name("owner", &file.owner, file.user.as_deref().unwrap_or(site_user));
        let encoding = name("encoding", &file.encoding, "UTF8");
        let written = file.locale.as_deref().unwrap_or("C.UTF-8");
        let locale = self.take(&path.key("locale"), value::locale(written));
        if file.password.is_none() && !self.has_or_had(path, "password") {
            let complaint = Complaint::new("the key `password` is missing");
            let hint = "such as `password: \"${secret.db}\"`, with `secrets: {db: {generate: 24}}`";
            self.complain(path, complaint.hint(hint));
        }
        let password = self.text(&path.key("password"));
        let extensions = file.extensions.as_deref().unwrap_or_default();
        let extensions = self.take_all(&path.key("extensions"), extensions, value::word);
        let folders = self.folders;
        let init = file.init.as_deref().unwrap_or_default();
        let init = self.take_all(&path.key("init"), init, |text| folders.find(text, Wanted::File));
        let mut settings = Some(BTreeMap::new());
        for (key, setting) in file.settings.iter().flatten() {
            let at = path.key("settings").key(key);
            let key = self.take(&at, value::word(key));
            let text = self.take(&at, value::line(&setting.0));
            match (key, text, &mut settings) {
                (Some(key), Some(text), Some(settings)) => {
                    settings.insert(key, text);
                }
                (_, _, settings) => *settings = None,
            }
        }
        Some(Postgres {
            version: version?,
            database: database?,
            user: user?,
            password: password?,
            encoding: encoding?,
            locale: locale?,
            owner: owner?,
            extensions: extensions?,
            init: init?,
            settings: settings?,
        })
    }

    /// Every name on the network leads to one place.
    pub(super) fn network_names(
        &mut self,
        site_names: &[HostName],
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        let mut taken: BTreeMap<&HostName, String> =
            site_names.iter().map(|name| (name, "the site itself".to_owned())).collect();
        for (role, service) in services {
            let path = KeyPath::from(["services"]).key(role);
            for (index, name) in service.iter().flat_map(|service| &service.names).enumerate() {
                if let Some(owner) = taken.get(name) {
                    let message = format!("the name `{name}` leads to {owner} already");
                    self.complain(&path.key("names").key(index), Complaint::new(message));
                } else {
                    taken.insert(name, format!("services.{role}"));
                }
            }
        }
    }
}

fn known_version(program: ServiceProgram, version: &str) -> Judged<String> {
    if service_suite(program, version).is_some() {
        return Ok(version.to_owned());
    }
    let known: Vec<_> =
        program.known().map(|(version, suite)| format!("{version} ({suite})")).collect();
    Err(Complaint::new(format!("no known Debian has {} `{version}`", program.title()))
        .hint(format!("the versions there are: {}", known.join(", "))))
}
