//! One execution of a plan: what its steps have in common.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::image::{ImageRecord, Images};
use crate::docker::DockerError;
use crate::event::{Performed, Resource, ResourceKind, What};
use crate::inside::{Held, Replica};
use crate::replica::Plan;
use crate::run::Run;

/// What others see of an execution while it goes on.
#[derive(Debug, Default)]
pub struct Watch {
    /// Notified when all images are there: then the next site's may be made.
    pub images_ready: Notify,
    /// The containers that ran when they were last seen, each from the moment on.
    pub started: RefCell<Vec<String>>,
    /// The steps that ended, each with the time of its end since the run's start.
    pub performed: RefCell<Vec<(Duration, Performed)>>,
}

/// What a provisioned replica is known by.
#[derive(Debug, Default)]
pub struct Provisioned<'r> {
    /// The site's processes: role and pid on its host.
    pub processes: Vec<(String, i64)>,
    pub images: Vec<ImageRecord>,
    /// The critical suite, where it was begun.
    pub suite: Option<Held<'r>>,
}

/// Whether a network was closed to its end; else why not.
pub(super) type Closed = Result<Result<(), Vec<String>>, DockerError>;

/// What keeps the engine's host off a network, between the step that starts it and the one that sees its end.
pub(super) type Closing<'a> = RefCell<Option<LocalBoxFuture<'a, Closed>>>;

/// What the steps of one execution work with.
pub(super) struct Execution<'a, 'r, E> {
    pub(super) run: &'a Run<E>,
    pub(super) replica: &'a Replica<'r, E>,
    pub(super) plan: &'a Plan,
    pub(super) images: &'a Images,
    pub(super) watch: &'a Watch,
    /// No step has to wait any longer: one has failed, or a stop is requested.
    pub(super) halt: CancellationToken,
    pub(super) closing: Closing<'a>,
    pub(super) result: RefCell<Provisioned<'r>>,
}

impl<'a, 'r, E> Execution<'a, 'r, E> {
    pub(super) fn new(
        run: &'a Run<E>,
        replica: &'a Replica<'r, E>,
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
            closing: Closing::default(),
            result: RefCell::default(),
        }
    }
}

/// Reports that something was created.
pub(super) fn created<E>(work: &Execution<'_, '_, E>, kind: ResourceKind, name: &str) {
    let resource = Resource { kind, name: name.to_owned() };
    work.replica.events.emit(What::Created { resource });
}
