//! A plan: everything that a site and a release become.

use super::handles::Handles;
use super::step::{Planned, Step, StepId};
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::image::install::Pinned;
use crate::replica::service::LockWatch;
use crate::replica::spec::NetworkSpec;

/// Where a plan's release goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A replica that is made for it, and torn down.
    NewReplica,
    /// In the place of another release, in a replica that is up and stays.
    StandingReplica,
}

/// Everything that a site and a release become.
#[derive(Debug, Clone)]
pub struct Plan {
    pub target: Target,
    pub chain: Chain,
    /// The image with the release installed.
    pub release: ImageIndex,
    /// Which versions of what is installed something says.
    pub pinned: Pinned,
    /// Created before all steps: whoever creates a network has reserved its subnet, and all
    /// addresses are of it.
    pub network: NetworkSpec,
    pub steps: Vec<Planned>,
    /// How many steps the site had before, in the plans of other releases: the numbers of these go on from there.
    pub before: usize,
    pub handles: Handles,
    /// The databases whose locks are watched while the deploy steps run: of an upgrade.
    pub lock_watches: Vec<LockWatch>,
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
