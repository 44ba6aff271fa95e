//! The places of a replica by the names that people give them: roles of containers, and of processes.

use super::Session;
use crate::docker::Engine;
use crate::event::ResourceKind;
use crate::failure::Failure;
use crate::replica::{PROXY, label, process_roles};
use crate::site::{Site, nearest};

/// The container that a role stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub role: String,
    pub container: String,
    pub kind: PlaceKind,
}

/// Whose variables, user and folder somebody has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// The site's own, as the app has them.
    Host,
    /// Those of the tests.
    Suite,
    /// The container's.
    Service,
}

impl<E: Engine> Session<'_, E> {
    /// Role and container of each container.
    pub(super) fn containers(&self) -> Vec<(String, String)> {
        let containers = self.standing.resources.iter().filter_map(|found| {
            let role = found.labels.get(label::ROLE)?;
            let is_container = found.resource.kind == ResourceKind::Container;
            is_container.then(|| (role.clone(), found.resource.name.clone()))
        });
        containers.collect()
    }

    /// The place that is meant; the app's host when nothing is said.
    ///
    /// # Errors
    /// Usage: there is no such role.
    pub fn place(&self, role: Option<&str>) -> Result<Place, Failure> {
        let role = role.unwrap_or("app");
        let containers = self.containers();
        let container = containers.iter().find(|(known, _)| known == role);
        let container = container.map(|(_, container)| container.clone()).or_else(|| {
            let known = self.facts.processes.iter().any(|process| process == role);
            let host = if self.facts.elsewhere.as_deref() == Some(role) { PROXY } else { "app" };
            known.then(|| self.container(host))
        });
        let Some(container) = container else { return Err(self.unknown(role, &containers)) };
        let is = |role: &str| container == self.container(role);
        let kind = if is("app") || is(PROXY) {
            PlaceKind::Host
        } else if is("suite") {
            PlaceKind::Suite
        } else {
            PlaceKind::Service
        };
        Ok(Place { role: role.to_owned(), container, kind })
    }

    fn unknown(&self, role: &str, containers: &[(String, String)]) -> Failure {
        let mut known: Vec<&str> = containers.iter().map(|(role, _)| role.as_str()).collect();
        known.extend(self.facts.processes.iter().map(String::as_str));
        known.sort_unstable();
        known.dedup();
        // The app first: it is meant most often.
        known.sort_by_key(|role| (*role != "app", *role == PROXY));
        let message = format!("{} has no role `{role}`", self.site);
        let failure = Failure::usage(message).cause(format!("its roles: {}", known.join(", ")));
        match nearest(role, known.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure,
        }
    }
}

/// The roles that a description gives a replica: what a person may look into. The replica may have more, such as
/// its resolver.
#[must_use]
pub fn described_roles(site: &Site) -> Vec<String> {
    let services = site.services.keys().map(ToString::to_string);
    let first = ["app".to_owned()].into_iter();
    first.chain(process_roles(site)).chain(services).chain(["suite".to_owned()]).collect()
}
