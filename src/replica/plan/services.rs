//! The services of a plan, each with what is before it.

use std::collections::BTreeMap;

use super::builder::{Builder, Own};
use crate::failure::Failure;
use crate::replica::host::facts::family_files;
use crate::replica::image::chain::Chain;
use crate::replica::network::beyond;
use crate::replica::plan::step::StepId;
use crate::replica::service::service_part;
use crate::replica::service::{Making, ServicePart};
use crate::replica::service::{weather_image, weather_part, weather_role};
use crate::replica::spec::Attachment;
use crate::site::{HostName, Role, Service, Site};

/// Services get so much memory when the description says nothing.
const SERVICE_MEMORY: u64 = 512 << 20;
const WEATHER_MEMORY: u64 = 128 << 20;

/// What runs for one service.
pub(super) struct ServiceParts {
    itself: ServicePart,
    /// What its names lead to, where that is not the service itself.
    weather: Option<ServicePart>,
}

/// What runs for each service, with its images.
pub(super) fn service_parts<'a>(
    chain: &mut Chain,
    site: &'a Site,
    making: Making<'_>,
) -> Result<Vec<(&'a Role, &'a Service, ServiceParts)>, Failure> {
    let mut services = Vec::new();
    for (role, service) in &site.services {
        let itself = service_part(chain, role, service, making)?;
        let weather = match &service.weather {
            Some(weather) => {
                let image = weather_image(chain, site, making.templates)?;
                Some(weather_part(role, service, weather, image, making))
            }
            None => None,
        };
        services.push((role, service, ServiceParts { itself, weather }));
    }
    Ok(services)
}

impl Builder<'_> {
    /// A service of the site; `beside` says whose host it is on, if not on one of its own.
    pub(super) fn add_service(
        &mut self,
        role: &Role,
        service: &Service,
        parts: ServiceParts,
        beside: Option<(&str, StepId)>,
    ) -> Vec<StepId> {
        let names: &[HostName] = if parts.weather.is_some() { &[] } else { &service.names };
        let own = Own { address: self.addresses.behind(role), aliases: names };
        let memory = service.memory.map_or(SERVICE_MEMORY, |size| size.0);
        let why = format!("the site leans on {role}");
        let mut spec = self.container(role.as_str(), &own);
        spec.files.extend(family_files(self.site));
        if self.site.host.way_out.as_ref() == Some(role) {
            let names = beyond(self.site, &self.addresses);
            spec.lookup.hosts = names.map(|(name, address)| format!("{name}:{address}")).collect();
        }
        if let Some((host, _)) = beside {
            spec.network = Attachment::SharedWith(host.to_owned());
            spec.volumes = self.shared_folders();
        }
        let after: Vec<StepId> = beside.iter().map(|(_, start)| *start).collect();
        let within = service.startup;
        let mut ready = vec![self.add_part(spec, parts.itself, memory, (why, within), &after)];
        if let Some(part) = parts.weather {
            let own = Own { address: self.addresses.service(role), aliases: &service.names };
            let spec = self.container(&weather_role(role), &own);
            let why = format!("what the network to {role} is like");
            ready.push(self.add_part(spec, part, WEATHER_MEMORY, (why, within), &[]));
        }
        ready
    }

    /// Where a service on the app's host has its socket, which is a file of that host.
    pub(super) fn shared_folders(&self) -> BTreeMap<String, String> {
        let site = self.site;
        let ownership = &self.run.ownership;
        let folders = site.sockets().filter_map(|service| service.kind.socket_folder());
        let name = |folder: &str| format!("sockets-{}", folder.rsplit('/').next().unwrap_or(""));
        let named = |folder: String| (folder.clone(), ownership.name(&site.name, &name(&folder)));
        folders.map(named).collect()
    }
}
