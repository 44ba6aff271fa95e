//! The plan of a replica: every step as data, with its cause and what must come before. Printing
//! it is the dry run; executing it makes no decisions.

mod builder;
mod describe;

use std::time::Duration;

use builder::Builder;

use super::edge::door::DOOR;
use super::edge::gateway::GATEWAY;
use super::edge::stubs::OUTSIDE;
use super::host::layout::role_of_the_proxy_s_host;
use super::image::chain::{Chain, ImageIndex};
use super::image::install::Pinned;
use super::image::site::SiteImages;
use super::network::{Addresses, Subnet};
use super::phase::Phase;
use super::run::{Ownership, RunId, container_name};
use super::secret::Secrets;
use super::service::Ready;
use super::spec::{ContainerSpec, NetworkSpec};
use super::template::Templates;
use crate::failure::Failure;
use crate::release::Release;
use crate::site::{DeployStep, Site};
use crate::tls;

/// The role of the proxy's own host, if it has one.
pub const PROXY: &str = "proxy";

/// One thing to do.
#[derive(Debug, Clone)]
pub enum Step {
    /// Find the image, or make it.
    Image(ImageIndex),
    /// Create the container of that image, put its files in, start it once the network is closed.
    Start {
        container: Box<ContainerSpec>,
        image: ImageIndex,
    },
    /// Create the container of that image, let it keep the engine's host off the network and see that it
    /// is off while others are on it, remove it.
    Close {
        container: Box<ContainerSpec>,
        image: ImageIndex,
        /// False where only broadcasts come out, and no answer comes in.
        must: bool,
    },
    /// See from the site's own host that no way leads out of the network, and whom it asks for names.
    Observe {
        container: String,
    },
    AwaitReady {
        role: String,
        container: String,
        ready: Ready,
        within: Duration,
    },
    /// A deploy step of the description.
    Deploy {
        container: String,
        step: DeployStep,
    },
    /// Start the proxy on its own host, with the static files that are on the app's by now.
    ServeProxy {
        container: String,
    },
    /// Start the site's processes and wait until the site answers.
    Serve {
        container: String,
    },
}

/// The place of a step in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub usize);

/// A step with its cause.
#[derive(Debug, Clone)]
pub struct Planned {
    pub step: Step,
    /// What must have succeeded before.
    pub after: Vec<StepId>,
    pub phase: Phase,
    pub why: String,
}

/// Everything that a site and a release become.
#[derive(Debug, Clone)]
pub struct Plan {
    pub chain: Chain,
    pub images: SiteImages,
    /// Which versions of what is installed something says.
    pub pinned: Pinned,
    /// Created before all steps: whoever creates a network has reserved its subnet, and all
    /// addresses are of it.
    pub network: NetworkSpec,
    pub steps: Vec<Planned>,
    pub handles: Handles,
}

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
            proxy: role_of_the_proxy_s_host(site).map(|role| (name(PROXY), role)),
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

/// What a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients<'a> {
    pub site: &'a Site,
    pub release: &'a Release,
    pub secrets: &'a Secrets,
    pub certificates: Option<&'a tls::Certificates>,
    /// The certificates beside the site's own, as [`beside`](super::beside) wants them.
    pub beside: &'a [tls::Chain],
    pub ownership: &'a Ownership,
    pub subnet: Subnet,
    /// Those of the engine's other networks: the engine's host has an address in each.
    pub taken: &'a [String],
    pub templates: &'a Templates,
    /// Whether the replica has a way in from the engine's machine.
    pub has_door: bool,
}

impl Ingredients<'_> {
    /// The root that the replica shall trust, if anything in it has a certificate.
    #[must_use]
    pub(super) fn root_pem(&self) -> Option<&str> {
        let own = self.certificates.map(|certificates| certificates.root_pem.as_str());
        own.or(self.beside.first().map(|chain| chain.root_pem.as_str()))
    }
}

impl Plan {
    /// Decides everything.
    ///
    /// # Errors
    /// Usage or deploy, for what cannot be read or rendered.
    pub fn new(ingredients: Ingredients<'_>) -> Result<Plan, Failure> {
        Builder::new(ingredients).finish()
    }

    fn number(&self, wanted: impl Fn(&Step) -> bool) -> Option<StepId> {
        self.steps.iter().position(|planned| wanted(&planned.step)).map(StepId)
    }

    /// The step that makes an image.
    #[must_use]
    pub fn image_step(&self, index: ImageIndex) -> Option<StepId> {
        self.number(|step| matches!(step, Step::Image(other) if *other == index))
    }
}
