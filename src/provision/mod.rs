//! Making it so: executes a plan on an engine, and takes everything down again.

mod advice;
mod blame;
mod board;
mod closing;
mod deploy;
mod execute;
#[cfg(test)]
pub(crate) mod fixture;
mod image;
mod phases;
mod redeploy;
mod static_files;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::sync::Notify;

use crate::cancel::Stop;
use crate::digest::Digest;
use crate::event::{Events, Resource, ResourceKind, What};
use crate::inside::Replica;
use crate::replica::{Ownership, Plan, Secrets};
use crate::site::Site;

pub use execute::{Provisioned, prepare_images, provision};
pub use image::{ImageRecord, Images};
pub use redeploy::redeploy;

/// What is the same for every build on this machine.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// Where concurrent runs on this machine agree on who builds what.
    pub locks: PathBuf,
    /// Debian's package mirror for bootstraps.
    pub mirror: String,
    /// Debian's snapshot archive, for bases of a certain day.
    pub snapshots: String,
    /// The host's bundle of trusted roots, for builds that download.
    pub roots: Option<Vec<u8>>,
    /// Variables that builds may see: proxies, package indexes.
    pub variables: BTreeMap<String, String>,
}

impl Workshop {
    /// The same on an engine: who builds what there is nobody's business on another.
    #[must_use]
    pub fn on(self, engine: &str) -> Self {
        let folder = &Digest::of("engine").with(engine).hex()[..12];
        Workshop { locks: self.locks.join(folder), ..self }
    }
}

/// A site about to become a replica: everything that its steps need.
#[derive(Debug)]
pub struct Stage<'a, E> {
    pub engine: &'a E,
    pub site: &'a Site,
    pub plan: &'a Plan,
    pub secrets: &'a Secrets,
    pub ownership: &'a Ownership,
    pub workshop: &'a Workshop,
    pub events: &'a Events,
    pub stop: &'a Stop,
    /// Told when all images are there: then the next site's may be made.
    pub images_ready: &'a Notify,
    /// The containers that ran when they were last seen: told as soon as they do.
    pub started: &'a RefCell<Vec<String>>,
}

impl<'a, E> Stage<'a, E> {
    /// The same site, for work inside it.
    #[must_use]
    pub fn replica(&self) -> Replica<'a, E> {
        Replica {
            engine: self.engine,
            site: self.site,
            handles: &self.plan.handles,
            secrets: self.secrets,
            events: self.events,
            stop: self.stop,
        }
    }
}

pub(super) fn created<E>(stage: &Stage<'_, E>, kind: ResourceKind, name: &str) {
    let resource = Resource { kind, name: name.to_owned() };
    stage.events.emit(What::Created { resource });
}

#[cfg(test)]
mod tests;
