//! A deploy step of an upgrade, beside a transaction that has read each table of the site's databases: what the step
//! locks, and who waits.

mod seen;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio_util::sync::CancellationToken;

use self::seen::Seen;
use super::execution::Execution;
use crate::docker::{Engine, Exec, Output};
use crate::event::{StepLocks, What};
use crate::failure::{Failure, Kind};
use crate::inside::run_briefly;
use crate::replica::LockWatch;
use crate::site::{DeployStep, LOCK_TIMEOUT};

/// How long it may take until a transaction has read each table: it gives up by itself before that.
const OPENING: Duration = Duration::from_secs(30);
/// How long the watch may take to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a step that begins when each database of the plan is watched; what it came to, and what it locked.
///
/// # Errors
/// The step's own; infrastructure when Docker fails.
pub(super) async fn with_lock_watch<E: Engine, T>(
    work: &Execution<'_, '_, E>,
    step: &DeployStep,
    running: impl Future<Output = Result<T, Failure>>,
) -> Result<(T, Vec<StepLocks>), Failure> {
    let limit = step.lock_timeout.unwrap_or(LOCK_TIMEOUT);
    let is_done = CancellationToken::new();
    let sessions: Vec<Session<'_>> = work.plan.lock_watches.iter().map(Session::new).collect();
    let watching = try_join_all(sessions.iter().map(|one| one.watch(work, limit, &is_done)));
    let stepping = async {
        let ready = join_all(sessions.iter().map(|one| one.is_ready.cancelled()));
        tokio::select! {
            _ = ready => {}
            () = work.halt.cancelled() => {}
        }
        let done = running.await;
        is_done.cancel();
        Ok(done)
    };
    let (locks, done) = tokio::try_join!(watching, stepping)?;
    Ok((done?, locks.into_iter().flatten().collect()))
}

/// What a step means that waited for an open transaction as long as it may.
pub(super) fn failure_of_locks<E>(
    work: &Execution<'_, '_, E>,
    step: &DeployStep,
    locks: &[StepLocks],
) -> Option<Failure> {
    let limit = step.lock_timeout.unwrap_or(LOCK_TIMEOUT);
    let is_red = |one: &&StepLocks| {
        one.waited.as_ref().is_some_and(|waited| waited.seconds >= limit.as_secs_f64())
    };
    let red = locks.iter().find(is_red)?;
    let waited = red.waited.as_ref()?;
    let watch = work.plan.lock_watches.iter().find(|watch| watch.role.as_str() == red.service)?;
    let message = format!(
        "deploy step `{}` waited {limit:?} for {} of {}, which an open transaction has read",
        step.name, waited.lock.table, red.service
    );
    let failure = Failure::new(Kind::Deploy, message)
        .cause(format!("`{}` wants {}", waited.statement, waited.lock.mode))
        .cause(format!("held by {}, as of a report or a slow page", waited.held_by))
        .cause("so it is on the live site, and each further request for the table waits behind it")
        .hint(format!(
            "give up soon and try again: `{}` before the statement; or say that no transaction is open for long on the live site: `deploy.lock_watch: false`",
            watch.way_out
        ));
    Some(failure)
}

/// The watch of one database.
struct Session<'a> {
    watch: &'a LockWatch,
    /// The transaction is open, or will never be.
    is_ready: CancellationToken,
}

impl<'a> Session<'a> {
    fn new(watch: &'a LockWatch) -> Session<'a> {
        Session { watch, is_ready: CancellationToken::new() }
    }

    /// Watches until the step is done; what was seen, if anything could be.
    async fn watch<E: Engine>(
        &self,
        work: &Execution<'_, '_, E>,
        limit: Duration,
        is_done: &CancellationToken,
    ) -> Result<Option<StepLocks>, Failure> {
        let engine = &work.run.engine;
        let seen = RefCell::new(Seen::new(limit));
        let (is_due, has_ended) = (CancellationToken::new(), CancellationToken::new());
        let mut take = |_: Output, line: String| {
            let mut seen = seen.borrow_mut();
            seen.take(&line, &work.replica.secrets);
            if seen.is_open() {
                self.is_ready.cancel();
            }
            if seen.is_due() {
                is_due.cancel();
            }
        };
        let exec = Exec { argv: self.watch.begin.clone(), ..Exec::default() };
        let holding = async {
            let code = engine.exec(&self.watch.container, &exec, &mut take).await;
            self.is_ready.cancel();
            has_ended.cancel();
            code.map_err(Failure::from)
        };
        let ending = async {
            let begun = tokio::time::timeout(OPENING, self.is_ready.cancelled());
            let is_over = async {
                if begun.await.is_ok() {
                    is_due.cancelled().await;
                }
                self.is_ready.cancel();
            };
            tokio::select! {
                () = has_ended.cancelled() => {}
                () = is_over => {}
                () = is_done.cancelled() => {}
                () = work.halt.cancelled() => {}
            }
            if has_ended.is_cancelled() {
                return Ok(());
            }
            let argv = self.watch.end.clone();
            run_briefly(engine, &self.watch.container, argv, &mut |_, _| ()).await?;
            let ended = tokio::time::timeout(PATIENCE, has_ended.cancelled()).await;
            ended.map_err(|_| self.hangs())
        };
        tokio::try_join!(holding, ending)?;
        let seen = seen.into_inner();
        if seen.is_open() {
            return Ok(Some(seen.into_locks(self.watch)));
        }
        let why = seen.said.unwrap_or_else(|| "nothing was said".to_owned());
        let LockWatch { role, database, .. } = self.watch;
        let message = format!("the locks in {database} of {role} were not watched: {why}");
        work.replica.events.emit(What::Warning { message });
        Ok(None)
    }

    fn hangs(&self) -> Failure {
        let message = format!("the watch of the locks of {} did not end", self.watch.role);
        Failure::infrastructure(message).hint("leave it out: `deploy.lock_watch: false`")
    }
}
