//! Who gets into a PostgreSQL: the lines of its `pg_hba.conf`, and the poolers before it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::super::Resolver;
use super::super::value::{self, Complaint, Judged};
use crate::site::file::ServiceFile;
use crate::site::hba::{APP_ADDRESS, HbaRule};
use crate::site::model::{Pgbouncer, Postgres, Service, ServiceKind};
use crate::site::problem::KeyPath;
use crate::site::value::Role;

/// Stands for any address of a replica.
const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 231, 0, 3);

impl Resolver<'_> {
    pub(super) fn pgbouncer(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
    ) -> Option<Pgbouncer> {
        let hint = "the service that it stands before, such as `leads_to: db`";
        self.required_of_service(path, "leads_to", hint);
        let leads_to = self.take_some(&path.key("leads_to"), file.leads_to.as_deref(), |text| {
            text.parse::<Role>().map_err(Complaint::from)
        });
        let settings = self.settings(path, file.settings.as_ref());
        Some(Pgbouncer { version: version?, leads_to: leads_to??, settings: settings? })
    }

    /// What can only be seen with all services at hand.
    pub(in crate::site::resolve) fn access_to_databases(
        &mut self,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        for (role, service) in services {
            let path = KeyPath::from(["services"]).key(role);
            match service.as_ref().map(|service| &service.kind) {
                Some(ServiceKind::Pgbouncer(pooler)) => {
                    self.leads_to_a_database(&path, pooler, services);
                }
                Some(ServiceKind::Postgres(postgres)) => {
                    let is_beside = service.as_ref().is_some_and(Service::is_on_the_app_s_host);
                    self.somebody_gets_in(&path, postgres, is_beside, services);
                }
                _ => {}
            }
        }
    }

    fn leads_to_a_database(
        &mut self,
        path: &KeyPath,
        pooler: &Pgbouncer,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        let complaint = match services.get(&pooler.leads_to) {
            // Its own problems are reported already.
            Some(None | Some(Service { kind: ServiceKind::Postgres(_), .. })) => return,
            Some(Some(_)) => format!("`{}` is no PostgreSQL", pooler.leads_to),
            None => format!("there is no service `{}`", pooler.leads_to),
        };
        let hint = "name the PostgreSQL that it stands before";
        self.complain(&path.key("leads_to"), Complaint::new(complaint).hint(hint));
    }

    /// Reports lines that let the app in from an address that no replica has: a red that is not the app's.
    fn somebody_gets_in(
        &mut self,
        path: &KeyPath,
        postgres: &Postgres,
        is_beside: bool,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        let mut elsewhere = None;
        for (index, line) in postgres.hba.iter().enumerate() {
            let Ok(rule) = HbaRule::parse(line) else { return };
            if !rule.is_about(&postgres.database, &postgres.user) {
                continue;
            }
            let is_called = |address: &str| {
                address == APP_ADDRESS || services.keys().any(|role| role.as_str() == address)
            };
            match rule.address.as_deref() {
                // By the socket.
                None if is_beside => return,
                None => {}
                Some(address) if is_called(address) => return,
                Some(address) if rule.is_from_elsewhere(INSIDE) => {
                    elsewhere.get_or_insert((index, address.to_owned()));
                }
                Some(address) if address.starts_with("127.") || address == "::1/128" => {}
                Some(_) => return,
            }
        }
        if let Some((index, address)) = elsewhere {
            let message = format!(
                "`{address}` is nobody's address in a replica, and no other line lets `{}` in",
                postgres.user
            );
            let hint = format!(
                "write `{APP_ADDRESS}` for the address of the app's host, or the name of a service for that of its host"
            );
            self.complain(&path.key("hba").key(index), Complaint::new(message).hint(hint));
        }
    }
}

/// A line of `pg_hba.conf`.
pub(super) fn hba_line(text: &str) -> Judged<String> {
    let line = value::line(text)?;
    match HbaRule::parse(&line) {
        Ok(_) => Ok(line),
        Err(message) => Err(Complaint::new(message)
            .hint("write it as the live file has it: host all all 127.0.0.1/32 scram-sha-256")),
    }
}
