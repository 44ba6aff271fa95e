//! `services`.

mod database;
mod databases;
mod kind;
mod other;
mod postgres_access;
mod redis;
mod seed;
mod tls;
mod weather;

use super::known::SiteFacts;
use std::collections::BTreeMap;

use super::value::{self, Complaint};
use super::{Resolver, amount};
use crate::site::file::ServiceFile;
use crate::site::model::{MailBehaviour, Service};
use crate::site::problem::KeyPath;
use crate::site::value::{HostName, Role};

/// What a replica has anyway.
const OWN_ROLES: [&str; 7] =
    ["app", "suite", "resolver", "network", "outside", "gateway", "balancer"];

/// And where the proxy has a host of its own.
const PROXY: &str = "proxy";

impl Resolver<'_> {
    /// Services by name; nothing stands where one cannot be made out.
    pub(super) fn services(
        &mut self,
        files: &BTreeMap<String, ServiceFile>,
        site: SiteFacts<'_>,
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
            if let Some(other) =
                name.strip_suffix("-weather").filter(|other| files.contains_key(*other))
            {
                let complaint = Complaint::new(format!("`{name}` is what is before `{other}`"));
                self.complain_of_key(&at, complaint.hint("name the service otherwise"));
                continue;
            }
            match name.parse::<Role>() {
                Ok(role) => {
                    let service = self.service(&at, &role, file, site);
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
        site: SiteFacts<'_>,
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
        let image = self.take_some(&path.key("image"), file.image.as_deref(), value::line);
        let weather = self.weather(path, file);
        let kind = self.kind(path, file, site);
        if let Some(kind) = &kind {
            self.weather_has_a_port(path, file, kind);
        }
        Some(Service {
            kind: kind?,
            image: image?,
            host: file.host,
            tls: file.tls,
            names: names?,
            weather: weather?,
            startup: startup?,
            memory: memory?,
        })
    }

    /// Every name on the network leads to one place; `app` is what the app's host is called there, if
    /// the proxy has another.
    pub(super) fn network_names(
        &mut self,
        site_names: &[HostName],
        app: Option<&HostName>,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        let mut taken: BTreeMap<&HostName, String> =
            site_names.iter().map(|name| (name, "the site itself".to_owned())).collect();
        if let Some(app) = app {
            if taken.insert(app, "the app's host".to_owned()).is_some() {
                let message = format!("the name `{app}` leads to the proxy's host");
                let complaint = Complaint::new(message).hint("give the app's host another name");
                self.complain(&KeyPath::from(["host", "hostname"]), complaint);
            }
            if services.keys().any(|role| role.as_str() == PROXY) {
                let complaint = Complaint::new("`proxy` is a host of this replica (`proxy.host`)");
                let path = KeyPath::from(["services", PROXY]);
                self.complain_of_key(&path, complaint.hint("name the service otherwise"));
            }
        }
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

    /// Reports services of one host that want the same port or socket.
    pub(super) fn service_ports(&mut self, services: &BTreeMap<Role, Option<Service>>) {
        let mut taken: BTreeMap<u16, &Role> = BTreeMap::new();
        let on_the_app_s =
            services.iter().filter_map(|(role, service)| Some((role, service.as_ref()?)));
        for (role, service) in on_the_app_s.filter(|(_, service)| service.is_on_the_app_s_host()) {
            for port in service.ports().open() {
                if let Some(other) = taken.get(&port) {
                    let path = KeyPath::from(["services"]).key(role).key("host");
                    let message = format!("`{other}` has port {port} of the app's host already");
                    let complaint = Complaint::new(message).hint("give one of them `host: own`");
                    self.complain(&path, complaint);
                } else {
                    taken.insert(port, role);
                }
            }
        }
        let mut sockets: BTreeMap<&str, &Role> = BTreeMap::new();
        for (role, service) in services {
            let on_it = service.as_ref().filter(|service| service.is_on_the_app_s_host());
            let Some(redis) = on_it.and_then(|service| service.kind.as_redis()) else { continue };
            let Some(socket) = redis.socket() else { continue };
            if let Some(other) = sockets.get(socket) {
                let path = KeyPath::from(["services"]).key(role).key("settings").key("unixsocket");
                let message = format!("`{other}` has this socket already");
                self.complain(&path, Complaint::new(message).hint("give each one of its own"));
            } else {
                sockets.insert(socket, role);
            }
        }
    }

    /// Whether mail can be kept apart: only a sink asks for a login, or for TLS.
    fn no_login_without_a_sink(&mut self, path: &KeyPath, behaviour: MailBehaviour) {
        if behaviour == MailBehaviour::Sink {
            return;
        }
        for (key, what) in [("user", "no login"), ("password", "no login"), ("tls", "no TLS")] {
            if self.tree.find(&path.key(key)).is_some() {
                let message = format!("a mail host that says nothing asks for {what}");
                self.complain_of_key(&path.key(key), Complaint::new(message).hint("take it out"));
            }
        }
    }
}
