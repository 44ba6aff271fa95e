//! The steps of a plan.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::replica::image::chain::ImageIndex;
use crate::replica::phase::Phase;
use crate::replica::service::Ready;
use crate::replica::spec::{ContainerSpec, FileEntry};
use crate::site::DeployStep;

/// One thing to do.
#[derive(Debug, Clone)]
pub enum Step {
    /// Find the image, or make it.
    Image(ImageIndex),
    /// Create the container of that image, and put its files in.
    Create {
        container: Box<ContainerSpec>,
        image: ImageIndex,
    },
    /// Start a container that was created.
    Start {
        role: String,
        container: String,
    },
    /// Start the container of that image, which keeps the engine's host off the network, until it says that the
    /// host is off.
    Close {
        container: Box<ContainerSpec>,
        image: ImageIndex,
        /// False where only broadcasts come out, and no answer comes in.
        must: bool,
    },
    /// Let it see that the host stays off while others are on the network, and remove it.
    SeeClosed {
        container: String,
        /// As for [`Step::Close`].
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
    /// Put the host's files as they are described now, and stop the site's processes there.
    Stop {
        host: HostFiles,
        /// Whether the proxy in front of the app's server goes on, and says 502 meanwhile.
        proxy_goes_on: bool,
    },
    /// Make the release the hosts' own, so that another one takes its place in a moment.
    Settle {
        hosts: Vec<String>,
    },
    /// Take the release out of its image, and put it in the place of the one before. Data stays.
    Replace {
        /// Created and never started: only its files are of use.
        source: Box<ContainerSpec>,
        image: ImageIndex,
        hosts: Vec<HostFiles>,
        before: Before,
    },
    /// Put the release that was kept in the place of the one that is there, and keep that; or lead the link to it.
    Exchange {
        hosts: Vec<String>,
    },
    /// Begin pytest in the suite's container: it waits until the site answers.
    HoldSuite {
        container: String,
        /// More arguments for pytest.
        arguments: Vec<String>,
    },
    /// A deploy step of the description.
    Deploy {
        container: String,
        step: DeployStep,
        /// The folder of the release whose programs it runs.
        release: PathBuf,
    },
    /// Start the proxy on its own host, with the static files that are on the app's by now.
    ServeProxy {
        container: String,
        /// Whether it has gone on.
        goes_on: bool,
    },
    /// Start the site's processes and wait until the site answers.
    Serve {
        container: String,
        /// Whether the proxy has gone on.
        proxy_goes_on: bool,
    },
    /// Put the hosts' files as they are with the new release beside the one that runs, and start its processes.
    ServeBeside {
        hosts: Vec<HostFiles>,
    },
    /// Lead the proxy to the processes that were started beside those that run, and end these.
    Switch {
        hosts: Vec<String>,
    },
    /// Wait until the site answers, whose processes run.
    Answer {
        container: String,
    },
}

impl Step {
    /// Whether it only gets something ready that a later phase needs: it makes none longer.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        matches!(self, Step::HoldSuite { .. })
    }
}

/// What becomes of the release before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Gone,
    /// It is kept on its host.
    Kept,
    /// It goes on: the one that comes is beside it, in a folder of its own.
    Runs,
}

/// A host that is up, and its files as they are described now.
#[derive(Debug, Clone)]
pub struct HostFiles {
    pub role: &'static str,
    pub container: String,
    pub files: Vec<FileEntry>,
}

/// What a step has brought a container to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reached {
    /// The container's role, such as `db`.
    pub container: String,
    pub stage: Stage,
}

/// How far a container has come.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    Created,
    Started,
    /// It does what it is there for.
    Ready,
}

impl Stage {
    /// Its name in timelines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stage::Created => "created",
            Stage::Started => "started",
            Stage::Ready => "ready",
        }
    }
}

/// What follows when a site answers: done in this order, whatever comes of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Later {
    /// The built-in checks, on each of the site's hosts.
    Diagnose,
    /// The critical suite, unless nobody could find out what the checks say.
    Test,
    /// Everything of the site in this run is removed.
    TearDown,
}

impl Later {
    /// All of it, in order.
    pub(super) const ALL: [Later; 3] = [Later::Diagnose, Later::Test, Later::TearDown];

    /// Returns the phase, what is done, and why.
    #[must_use]
    pub(super) fn in_words(self) -> (Phase, &'static str, &'static str) {
        match self {
            Later::Diagnose => {
                (Phase::Diagnosis, "diagnose", "names, TLS, health, logs and what is described")
            }
            Later::Test => (Phase::Suite, "critical suite", "whatever the diagnosis says"),
            Later::TearDown => (Phase::Down, "tear down", "whatever happened, with its logs saved"),
        }
    }
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
