//! One execution of a plan: what its steps have in common.

use std::cell::RefCell;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::image::{ImageRecord, Images};
use crate::event::{Resource, ResourceKind, What};
use crate::inside::Replica;
use crate::replica::Plan;
use crate::run::Run;

/// What others see of an execution while it goes on.
#[derive(Debug, Default)]
pub struct Watch {
    /// Notified when all images are there: then the next site's may be made.
    pub images_ready: Notify,
    /// The containers that ran when they were last seen, each from the moment on.
    pub started: RefCell<Vec<String>>,
}

/// What a provisioned replica is known by.
#[derive(Debug, Default)]
pub struct Provisioned {
    /// The site's processes: role and pid on its host.
    pub processes: Vec<(String, i64)>,
    pub images: Vec<ImageRecord>,
}

/// What the steps of one execution work with.
#[derive(Debug)]
pub(super) struct Execution<'a, E> {
    pub(super) run: &'a Run<E>,
    pub(super) replica: &'a Replica<'a, E>,
    pub(super) plan: &'a Plan,
    pub(super) images: &'a Images,
    pub(super) watch: &'a Watch,
    /// No step has to wait any longer: one has failed, or a stop is requested.
    pub(super) halt: CancellationToken,
    /// The engine's host is off the network: containers may be made before that, and start after it.
    pub(super) closed: CancellationToken,
    pub(super) result: RefCell<Provisioned>,
}

impl<'a, E> Execution<'a, E> {
    pub(super) fn new(
        run: &'a Run<E>,
        replica: &'a Replica<'a, E>,
        plan: &'a Plan,
        (images, watch): (&'a Images, &'a Watch),
    ) -> Self {
        Execution {
            run,
            replica,
            plan,
            images,
            watch,
            halt: CancellationToken::new(),
            closed: CancellationToken::new(),
            result: RefCell::default(),
        }
    }
}

/// Reports that something was created.
pub(super) fn created<E>(work: &Execution<'_, E>, kind: ResourceKind, name: &str) {
    let resource = Resource { kind, name: name.to_owned() };
    work.replica.events.emit(What::Created { resource });
}
