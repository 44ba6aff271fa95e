//! The steps of a plan.

use std::time::Duration;

use crate::replica::image::chain::ImageIndex;
use crate::replica::phase::Phase;
use crate::replica::service::Ready;
use crate::replica::spec::ContainerSpec;
use crate::site::DeployStep;

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
