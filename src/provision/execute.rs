//! Executes a plan: each step as soon as what it needs is there, none after the first failure.

use std::cell::RefCell;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::closing::{close, observe};
use super::image::ImageRecord;
use super::image::Images;
use super::phases::PhaseClock;
use super::static_files::bring_static_files;
use super::{Stage, created, deploy};
use crate::docker::Engine;
use crate::event::ResourceKind;
use crate::failure::Failure;
use crate::replica::{Phase, Plan, Planned, Step, StepId};

/// What a provisioned replica is known by.
#[derive(Debug, Default)]
pub struct Provisioned {
    /// The site's processes: role and pid on its host.
    pub processes: Vec<(String, i64)>,
    pub images: Vec<ImageRecord>,
}

/// What the steps of one execution have in common.
#[derive(Debug, Default)]
struct Course {
    /// No step has to wait any longer: one has failed, or a stop is requested.
    halt: CancellationToken,
    /// The engine's host is off the network: containers may be made before that, and start after it.
    closed: CancellationToken,
    result: RefCell<Provisioned>,
}

/// Executes the plan up to the running, answering site.
///
/// Steps already under way when one fails, or when a stop is requested, are finished; waits end at
/// once. Whatever was created is still there afterwards, also after a failure: teardown is the
/// caller's.
///
/// # Errors
/// The first step's failure, or the stop request.
pub async fn provision<E: Engine>(
    stage: &Stage<'_, E>,
    images: &Images,
) -> Result<Provisioned, Failure> {
    execute(stage, images, |_| true).await
}

/// Finds or builds the plan's images and nothing else.
///
/// # Errors
/// As [`provision`].
pub async fn prepare_images<E: Engine>(
    stage: &Stage<'_, E>,
    images: &Images,
) -> Result<Provisioned, Failure> {
    execute(stage, images, |planned| matches!(planned.step, Step::Image(_))).await
}

async fn execute<E: Engine>(
    stage: &Stage<'_, E>,
    images: &Images,
    wanted: impl Fn(&Planned) -> bool,
) -> Result<Provisioned, Failure> {
    let course = Course::default();
    let steps = &stage.plan.steps;
    let mut board = Board::new(steps, wanted);
    let prepared = images.know_all(stage.plan).then_some(Phase::Images);
    let mut clock = PhaseClock::new(stage, prepared);
    let mut running: FuturesUnordered<LocalBoxFuture<'_, (StepId, Result<(), Failure>)>> =
        FuturesUnordered::new();
    let mut failure: Option<Failure> = None;
    loop {
        if failure.is_none() && !stage.stop.is_requested() {
            for id in board.take_ready() {
                clock.begin(steps[id.0].phase);
                let course = &course;
                running.push(Box::pin(async move {
                    (id, perform(stage, images, &steps[id.0].step, course).await)
                }));
            }
        }
        let next = tokio::select! {
            biased;
            () = stage.stop.requested(), if failure.is_none() => {
                course.halt.cancel();
                failure = Some(stage.stop.failure());
                continue;
            }
            next = running.next() => next,
        };
        let Some((id, outcome)) = next else { break };
        board.finish(id);
        match outcome {
            Ok(()) => clock.end(&board),
            Err(error) => {
                course.halt.cancel();
                if failure.is_none() {
                    clock.fail(steps[id.0].phase, &error);
                    failure = Some(error);
                }
            }
        }
    }
    drop(running);
    failure.map_or(Ok(course.result.into_inner()), Err)
}

async fn perform<E: Engine>(
    stage: &Stage<'_, E>,
    images: &Images,
    step: &Step,
    course: &Course,
) -> Result<(), Failure> {
    let Course { halt, closed, result } = course;
    match step {
        Step::Image(index) => {
            let record = images.ensure(stage, *index, halt).await?;
            result.borrow_mut().images.push(record);
        }
        Step::Start { container, image } => {
            let mut spec = container.clone();
            spec.image = images.id_of(stage.plan, *image)?;
            for volume in spec.volumes.values() {
                stage.engine.create_volume(volume, &spec.labels).await?;
                created(stage, ResourceKind::Volume, volume);
            }
            stage.engine.create_container(&spec).await?;
            created(stage, ResourceKind::Container, &spec.name);
            tokio::select! {
                biased;
                () = halt.cancelled() => return Ok(()),
                () = closed.cancelled() => {}
            }
            stage.engine.start(&spec.name).await?;
            if !is_awaited(stage.plan, &spec.name) {
                stage.started.borrow_mut().push(spec.name.clone());
            }
        }
        Step::Close { container, image, must } => {
            let mut spec = container.clone();
            spec.image = images.id_of(stage.plan, *image)?;
            close(stage, &spec, *must, halt, closed).await?;
        }
        Step::Observe { container } => observe(stage, container, halt).await?,
        Step::AwaitReady { role, container, ready, within } => {
            deploy::await_service(stage, role, container, ready, *within, halt).await?;
            stage.started.borrow_mut().push(container.clone());
        }
        Step::Deploy { container, step } => {
            deploy::deploy_step(stage, container, step, halt).await?;
        }
        Step::ServeProxy { container } => {
            bring_static_files(stage, container).await?;
            let processes = deploy::serve_proxy(stage, container, halt).await?;
            result.borrow_mut().processes.extend(processes);
        }
        Step::Serve { container } => {
            let processes = deploy::serve(stage, container, halt).await?;
            result.borrow_mut().processes.splice(0..0, processes);
        }
    }
    Ok(())
}

/// Whether the container's own program may still fail to start.
fn is_awaited(plan: &Plan, name: &str) -> bool {
    plan.steps.iter().any(
        |planned| matches!(&planned.step, Step::AwaitReady { container, .. } if container == name),
    )
}
