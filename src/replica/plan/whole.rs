//! A plan, and what it is made of.

use super::handles::Handles;
use super::step::{Planned, Step, StepId};
use crate::release::Release;
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::image::install::Pinned;
use crate::replica::image::site::SiteImages;
use crate::replica::network::Subnet;
use crate::replica::run::Ownership;
use crate::replica::secret::Secrets;
use crate::replica::spec::NetworkSpec;
use crate::replica::template::Templates;
use crate::site::Site;
use crate::tls;

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

/// What a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients<'a> {
    pub site: &'a Site,
    pub release: &'a Release,
    pub secrets: &'a Secrets,
    pub certificates: Option<&'a tls::Certificates>,
    /// The certificates beside the site's own, as [`beside`](crate::replica::beside) wants them.
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
    pub(in crate::replica) fn root_pem(&self) -> Option<&str> {
        let own = self.certificates.map(|certificates| certificates.root_pem.as_str());
        own.or(self.beside.first().map(|chain| chain.root_pem.as_str()))
    }
}

impl Plan {
    fn number(&self, wanted: impl Fn(&Step) -> bool) -> Option<StepId> {
        self.steps.iter().position(|planned| wanted(&planned.step)).map(StepId)
    }

    /// The step that makes an image.
    #[must_use]
    pub fn image_step(&self, index: ImageIndex) -> Option<StepId> {
        self.number(|step| matches!(step, Step::Image(other) if *other == index))
    }
}
