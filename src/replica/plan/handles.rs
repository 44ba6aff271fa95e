//! Where the containers of a replica are.

use crate::replica::host::layout::proxy_host_role;
use crate::replica::network::{Addresses, Subnet};
use crate::replica::role::{DOOR, GATEWAY, OUTSIDE, PROXY};
use crate::replica::run::{RunId, container_name};
use crate::site::Site;

/// How the parts of a replica are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handles {
    pub addresses: Addresses,
    /// The container of the app, which the proxy shares unless it has one of its own.
    pub host: String,
    /// The proxy's own container, and what runs there.
    proxy: Option<(String, &'static str)>,
    /// The container that the critical suite runs in.
    pub suite: String,
    pub resolver: String,
    /// The container of the stubs, if the site has any.
    pub outside: String,
    /// The container that leads to allowed hosts, if the site has any.
    pub gateway: String,
    /// The container of the way in, if the replica has one.
    pub door: String,
    /// True where the release is a tree, unpacked into the home's `app` folder.
    pub is_tree: bool,
}

impl Handles {
    /// Those of a run's replica of a site.
    #[must_use]
    pub fn new(site: &Site, run: &RunId, subnet: Subnet, is_tree: bool) -> Self {
        let name = |role| container_name(run, &site.name, role);
        Handles {
            addresses: Addresses::new(site, subnet),
            host: name("app"),
            proxy: proxy_host_role(site).map(|role| (name(PROXY), role)),
            suite: name("suite"),
            resolver: name("resolver"),
            outside: name(OUTSIDE),
            gateway: name(GATEWAY),
            door: name(DOOR),
            is_tree,
        }
    }

    /// The containers that the site's own processes run in.
    pub fn hosts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.host).chain(self.proxy())
    }

    /// Whether stagectl's own programs run in a container.
    #[must_use]
    pub fn has_programs(&self, container: &str) -> bool {
        self.hosts().chain([&self.suite]).any(|with| with == container)
    }

    /// The proxy's own container, if it has one.
    #[must_use]
    pub fn proxy(&self) -> Option<&String> {
        self.proxy.as_ref().map(|(container, _)| container)
    }

    /// The container that a process of the site runs in.
    #[must_use]
    pub fn host_of(&self, role: &str) -> &str {
        match &self.proxy {
            Some((container, own)) if *own == role => container,
            _ => &self.host,
        }
    }
}
