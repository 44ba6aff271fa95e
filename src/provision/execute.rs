//! Executes a plan: each step as soon as what it needs is there, none after the first failure.

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;

use super::board::Board;
use super::closing::{close, observe, see_closed};
use super::deploy;
use super::execution::{Execution, Provisioned, Watch, created};
use super::image::{Images, ensure};
use super::performed::report_performed;
use super::phases::PhaseClock;
use super::redeploy::{exchange, replace, settle_release, stop_processes};
use super::static_files::bring_static_files;
use super::switch::{serve_beside, switch};
use crate::docker::Engine;
use crate::event::ResourceKind;
use crate::failure::Failure;
use crate::inside::{Held, Replica, warm_up};
use crate::replica::{Phase, Plan, Planned, Step, StepId, held_suite_job};
use crate::run::Run;

/// Executes the plan up to the running, answering site.
///
/// Steps already under way when one fails, or when a stop is requested, are finished; waits end at
/// once. Whatever was created is still there afterwards, also after a failure: teardown is the
/// caller's.
///
/// # Errors
/// The first step's failure, or the stop request.
pub async fn provision<'r, E: Engine>(
    run: &Run<E>,
    replica: &Replica<'r, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
) -> Result<Provisioned<'r>, Failure> {
    execute(Execution::new(run, replica, plan, shared), |_| true, Stopping::AtOnce).await
}

/// Puts the release of a [`Plan::redeploy`], whose images are there, in the place of the one before. The replica's
/// handles are those of the replica that is up; all else is of a run of its own. A step that has begun when a stop
/// is requested goes on until it is done or fails by itself, as half a release is none.
///
/// # Errors
/// As for a first deploy; nothing is undone then.
pub async fn redeploy<E: Engine>(
    run: &Run<E>,
    replica: &Replica<'_, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
) -> Result<(), Failure> {
    deploy_over(run, replica, plan, shared, Stopping::BetweenSteps).await.map(drop)
}

/// Does the same in a replica that goes away afterwards: waits end at once when a stop is requested. What is known of
/// the site that runs then.
///
/// # Errors
/// As for a first deploy.
pub async fn upgrade<'r, E: Engine>(
    run: &Run<E>,
    replica: &Replica<'r, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
) -> Result<Provisioned<'r>, Failure> {
    deploy_over(run, replica, plan, shared, Stopping::AtOnce).await
}

/// Executes a plan whose images are there.
async fn deploy_over<'r, E: Engine>(
    run: &Run<E>,
    replica: &Replica<'r, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
    stopping: Stopping,
) -> Result<Provisioned<'r>, Failure> {
    let work = Execution::new(run, replica, plan, shared);
    execute(work, |planned| !matches!(planned.step, Step::Image(_)), stopping).await
}

/// When an execution stops that is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopping {
    /// Waits end at once.
    AtOnce,
    /// What has begun is done first.
    BetweenSteps,
}

/// Finds or builds the plan's images and nothing else.
///
/// # Errors
/// As [`provision`].
pub async fn prepare_images<'r, E: Engine>(
    run: &Run<E>,
    replica: &Replica<'r, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
) -> Result<Provisioned<'r>, Failure> {
    let work = Execution::new(run, replica, plan, shared);
    execute(work, |planned| matches!(planned.step, Step::Image(_)), Stopping::AtOnce).await
}

async fn execute<'r, E: Engine>(
    work: Execution<'_, 'r, E>,
    wanted: impl Fn(&Planned) -> bool,
    stopping: Stopping,
) -> Result<Provisioned<'r>, Failure> {
    let steps = &work.plan.steps;
    let mut board = Board::new(steps, wanted);
    let prepared = work.images.know_all(work.plan).then_some(Phase::Images);
    let mut clock = PhaseClock::new(&work.replica.events, &work.watch.images_ready, prepared);
    let mut running: FuturesUnordered<LocalBoxFuture<'_, (StepId, Result<(), Failure>)>> =
        FuturesUnordered::new();
    let mut failure: Option<Failure> = None;
    let mut suite: Option<Held<'r>> = None;
    loop {
        if failure.is_none() && !work.replica.stop.is_requested() {
            for id in board.take_ready() {
                if !steps[id.0].step.is_ahead() {
                    clock.begin(steps[id.0].phase);
                }
                if let Step::HoldSuite { container, arguments } = &steps[id.0].step {
                    suite = Some(hold_suite(work.replica, container, arguments));
                }
                let work = &work;
                let performed = report_performed(work, id, perform(work, &steps[id.0].step));
                running.push(Box::pin(async move { (id, performed.await) }));
            }
        }
        let next = tokio::select! {
            biased;
            () = work.replica.stop.requested(), if failure.is_none() && stopping == Stopping::AtOnce => {
                work.halt.cancel();
                failure = Some(work.replica.stop.failure());
                continue;
            }
            next = running.next() => next,
            () = attend(&mut suite) => continue,
        };
        let Some((id, outcome)) = next else { break };
        board.finish(id);
        match outcome {
            Ok(()) => clock.end(&board),
            Err(error) => {
                work.halt.cancel();
                if failure.is_none() {
                    clock.fail(steps[id.0].phase, &error);
                    failure = Some(error);
                }
            }
        }
    }
    drop(running);
    if failure.is_none() && board.is_waiting() {
        failure = Some(work.replica.stop.failure());
    }
    match failure {
        Some(failure) => {
            if let Some(suite) = suite.filter(|_| !work.replica.stop.is_requested()) {
                suite.give_up(work.replica).await;
            }
            Err(failure)
        }
        None => Ok(Provisioned { suite, ..work.result.into_inner() }),
    }
}

/// The critical suite, to be begun while other steps go on.
fn hold_suite<'r, E: Engine>(
    replica: &Replica<'r, E>,
    container: &str,
    arguments: &[String],
) -> Held<'r> {
    let Replica { site, secrets, handles, .. } = replica;
    Held::new(replica, container, &held_suite_job(site, secrets, handles, arguments))
}

/// Lets a suite get ready; never ends when there is none, or nothing left to do.
async fn attend(suite: &mut Option<Held<'_>>) {
    match suite {
        Some(suite) if !suite.is_ready() => suite.attend().await,
        _ => std::future::pending().await,
    }
}

async fn perform<E: Engine>(work: &Execution<'_, '_, E>, step: &Step) -> Result<(), Failure> {
    let Execution { plan, images, result, watch, .. } = work;
    let engine = &work.run.engine;
    match step {
        Step::Image(index) => {
            let record = ensure(work, *index).await?;
            result.borrow_mut().images.push(record);
        }
        Step::Create { container, image } => {
            let mut spec = container.clone();
            spec.image = images.id_of(plan, *image)?;
            for volume in spec.volumes.values() {
                engine.create_volume(volume, &spec.labels).await?;
                created(work, ResourceKind::Volume, volume);
            }
            engine.create_container(&spec).await?;
            created(work, ResourceKind::Container, &spec.name);
        }
        Step::Start { container, .. } => {
            engine.start(container).await?;
            warm_up(work.replica, container);
            if !is_awaited(plan, container) {
                watch.started.borrow_mut().push(container.clone());
            }
        }
        Step::Close { container, image, must } => {
            let mut spec = container.clone();
            spec.image = images.id_of(plan, *image)?;
            close(work, &spec, *must).await?;
        }
        Step::SeeClosed { container, must } => see_closed(work, container, *must).await?,
        Step::Observe { container } => observe(work, container).await?,
        Step::AwaitReady { role, container, ready, within } => {
            deploy::await_service(work, role, container, ready, *within).await?;
            watch.started.borrow_mut().push(container.clone());
        }
        // It is begun, and nobody waits for it here.
        Step::HoldSuite { .. } => {}
        Step::Stop { host, proxy_goes_on } => stop_processes(work, host, *proxy_goes_on).await?,
        Step::Settle { hosts } => settle_release(work, hosts).await?,
        Step::Replace { source, image, hosts, before } => {
            let mut source = source.clone();
            source.image = images.id_of(plan, *image)?;
            replace(work, &source, hosts, *before).await?;
        }
        Step::Exchange { hosts } => exchange(work, hosts).await?,
        Step::Deploy { container, step, release } => {
            deploy::deploy_step(work, container, (step, release)).await?;
        }
        Step::ServeProxy { container, goes_on } => {
            bring_static_files(work, container).await?;
            let processes = deploy::serve_proxy(work, container, *goes_on).await?;
            result.borrow_mut().processes.extend(processes);
        }
        Step::ServeBeside { hosts } => serve_beside(work, hosts).await?,
        Step::Switch { hosts } => {
            let processes = switch(work, hosts).await?;
            result.borrow_mut().processes = processes;
        }
        Step::Answer { container } => deploy::await_answer(work, container).await?,
        Step::Serve { container, proxy_goes_on } => {
            let processes = deploy::serve(work, container, *proxy_goes_on).await?;
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
