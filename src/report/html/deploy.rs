//! What the deploy steps of a site came to, and what those of an upgrade locked.

use serde::Serialize;

use super::super::model::{SiteReport, Step};
use super::super::words::{took, took_exactly};
use super::part::{Mark, last_of};
use crate::event::{Outcome, StepLocks};

/// How many rows are shown.
const MOST: usize = 100;

#[derive(Debug, Serialize)]
pub(super) struct StepRow {
    name: String,
    mark: Mark,
    took: String,
    /// Of a step that failed.
    output: Option<String>,
}

/// A step of an upgrade, and a database.
#[derive(Debug, Serialize)]
pub(super) struct LockRow {
    state: &'static str,
    step: String,
    /// `shop of db`
    database: String,
    /// `AccessExclusiveLock on notices`
    lock: String,
    /// How long the step waited for the open transaction, and another session for the step.
    waited: String,
    others: String,
    /// The statement that waited.
    statement: String,
}

pub(super) fn step_rows(site: &SiteReport) -> Vec<StepRow> {
    let row = |step: &Step| {
        let outcome = if step.code == 0 { Outcome::Passed } else { Outcome::Failed };
        let output = (step.code != 0 && !step.output.is_empty()).then(|| last_of(&step.output));
        StepRow { name: step.name.clone(), mark: outcome.into(), took: took(step.seconds), output }
    };
    site.steps.iter().take(MOST).map(row).collect()
}

pub(super) fn lock_rows(site: &SiteReport) -> Vec<LockRow> {
    let steps = site.watched_steps();
    let rows = steps.flat_map(|(state, step)| {
        step.locks.iter().map(move |locks| lock_row(state.name(), &step.name, locks))
    });
    rows.take(MOST).collect()
}

fn lock_row(state: &'static str, step: &str, locks: &StepLocks) -> LockRow {
    let StepLocks { service, database, strongest, waited, others_waited } = locks;
    let time = |seconds: f64| {
        if seconds > 0.0 { took_exactly(seconds) } else { "no".to_owned() }
    };
    let lock = strongest.as_ref().map(|lock| format!("{} on {}", lock.mode, lock.table));
    LockRow {
        state,
        step: step.to_owned(),
        database: format!("{database} of {service}"),
        lock: lock.unwrap_or_else(|| "none seen".to_owned()),
        waited: time(waited.as_ref().map_or(0.0, |waited| waited.seconds)),
        others: time(*others_waited),
        statement: waited.as_ref().map(|waited| waited.statement.clone()).unwrap_or_default(),
    }
}
