//! What the samples of one database come to: the strongest lock, and who waited how long for what.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::event::{LockWait, StepLocks, TableLock};
use crate::replica::{LockWatch, Secrets};

/// Who holds what a step waits for.
const HOLDER: &str = "a transaction that has read each table and is still open";

/// One look at the locks, as the programs in the service's container say it.
#[derive(Debug, Deserialize)]
struct Sample {
    /// Milliseconds since the watch began.
    at: f64,
    strongest: Option<Ranked>,
    waits: Vec<Wait>,
}

#[derive(Debug, Clone, Deserialize)]
struct Ranked {
    mode: String,
    table: String,
    /// The higher, the stronger.
    rank: u32,
}

#[derive(Debug, Deserialize)]
struct Wait {
    /// The same for as long as it is one wait of one statement.
    id: String,
    /// Whether it waits for the open transaction; else for who waits for that, or for the step.
    for_open: Flag,
    mode: String,
    /// Absent where it is not known.
    table: Option<String>,
    statement: String,
}

/// `true`, or 1 as `MariaDB` before 10.5 has it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(u8),
}

impl Flag {
    fn is_set(self) -> bool {
        matches!(self, Flag::Bool(true) | Flag::Number(1))
    }
}

/// What was seen so far of a database.
#[derive(Debug)]
pub(super) struct Seen {
    /// How long a statement may wait for the open transaction.
    limit: Duration,
    is_open: bool,
    strongest: Option<Ranked>,
    /// When each wait that goes on was seen first.
    since: BTreeMap<String, f64>,
    /// When the first one for the open transaction was.
    first: Option<f64>,
    /// Those that went on for it when it had been open for long enough.
    last: Option<Vec<String>>,
    waited: Option<LockWait>,
    others: f64,
    is_due: bool,
    /// The last line that was none of a sample's: why there is no watch.
    pub(super) said: Option<String>,
}

impl Seen {
    pub(super) fn new(limit: Duration) -> Seen {
        Seen {
            limit,
            is_open: false,
            strongest: None,
            since: BTreeMap::new(),
            first: None,
            last: None,
            waited: None,
            others: 0.0,
            is_due: false,
            said: None,
        }
    }

    /// Whether the transaction is open, and the step may begin.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether the transaction has stayed open for long enough: a statement has waited for it as long as it may, or
    /// that time has passed since the first one did, and those that waited then have given up.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Takes the next line of the watch.
    pub(super) fn take(&mut self, line: &str, secrets: &Secrets) {
        let sample = line.find('{').and_then(|at| serde_json::from_str(&line[at..]).ok());
        let Some(sample): Option<Sample> = sample else {
            self.said = Some(secrets.redact_line(line));
            return;
        };
        self.is_open = true;
        if let Some(seen) = sample.strongest
            && self.strongest.as_ref().is_none_or(|known| seen.rank > known.rank)
        {
            self.strongest = Some(seen);
        }
        self.since.retain(|id, _| sample.waits.iter().any(|wait| wait.id == *id));
        for wait in &sample.waits {
            let since = *self.since.entry(wait.id.clone()).or_insert(sample.at);
            let seconds = ((sample.at - since) / 1000.0).max(0.0);
            if wait.for_open.is_set() {
                self.first.get_or_insert(sample.at);
                self.wait_for_open(wait, seconds, secrets);
            } else {
                self.others = self.others.max(seconds);
            }
        }
        let now = sample.waits.into_iter().filter(|wait| wait.for_open.is_set());
        let now: Vec<String> = now.map(|wait| wait.id).collect();
        let limit = self.limit.as_secs_f64();
        if self.first.is_some_and(|first| (sample.at - first) / 1000.0 >= limit) {
            // Who tries again at once never leaves a moment in which nobody waits.
            let last = self.last.get_or_insert_with(|| now.clone());
            self.is_due |= !last.iter().any(|id| now.contains(id));
        }
        self.is_due |= self.is_red();
    }

    fn wait_for_open(&mut self, wait: &Wait, seconds: f64, secrets: &Secrets) {
        if self.waited.as_ref().is_some_and(|known| known.seconds >= seconds) {
            return;
        }
        let table = wait.table.clone().unwrap_or_default();
        let statement = wait.statement.split_whitespace().collect::<Vec<_>>().join(" ");
        self.waited = Some(LockWait {
            lock: TableLock { mode: wait.mode.clone(), table },
            statement: secrets.redact_quoted(&statement),
            held_by: HOLDER.to_owned(),
            seconds,
        });
    }

    /// Whether a statement has waited for as long as it may.
    pub(super) fn is_red(&self) -> bool {
        let limit = self.limit.as_secs_f64();
        self.waited.as_ref().is_some_and(|waited| waited.seconds >= limit)
    }

    /// What it all came to.
    pub(super) fn into_locks(self, watch: &LockWatch) -> StepLocks {
        // What waits for somebody who has only read takes a table for itself: there is nothing stronger.
        let waited = self.waited.as_ref().map(|waited| waited.lock.clone());
        let strongest = self.strongest.map(|Ranked { mode, table, .. }| TableLock { mode, table });
        StepLocks {
            service: watch.role.to_string(),
            database: watch.database.clone(),
            strongest: waited.or(strongest),
            waited: self.waited,
            others_waited: self.others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = r#"{"at": 0, "strongest": null, "waits": []}"#;

    fn seen(lines: &[String]) -> Seen {
        let mut seen = Seen::new(Duration::from_secs(5));
        for line in lines {
            seen.take(line, &Secrets::default());
        }
        seen
    }

    /// A sample at a second in which these statements wait: for the open transaction, or for another one.
    fn sample(at: u32, waits: &[(&str, bool)]) -> String {
        let waits: Vec<_> = waits
            .iter()
            .map(|(id, for_open)| {
                serde_json::json!({"id": id, "for_open": for_open, "mode": "AccessExclusiveLock",
                    "table": "notices", "statement": "ALTER TABLE notices\n  ADD note text"})
            })
            .collect();
        let sample = serde_json::json!({"at": at * 1000, "strongest": null, "waits": waits});
        format!("INFO:  {sample}")
    }

    #[test]
    fn a_statement_that_waits_as_long_as_it_may_is_red_and_who_queues_behind_it_is_another_one() {
        let mut seen = seen(&[OPEN.to_owned(), sample(10, &[("a", true)])]);
        assert!(seen.is_open() && !seen.is_due() && !seen.is_red());
        seen.take(&sample(12, &[("a", true), ("b", false)]), &Secrets::default());
        seen.take(&sample(15, &[("a", true), ("b", false)]), &Secrets::default());
        assert!(seen.is_due() && seen.is_red());
        assert!((seen.others - 3.0).abs() < 0.01, "{seen:?}");
        let waited = seen.waited.unwrap();
        assert_eq!(waited.statement, "ALTER TABLE notices ADD note text");
        assert_eq!(waited.lock.table, "notices");
    }

    #[test]
    fn one_that_gives_up_and_tries_again_is_let_through_when_it_does_so() {
        let lines = [sample(1, &[("a", true)]), sample(4, &[]), sample(5, &[("b", true)])];
        let mut seen = seen(&lines);
        // It has been open for long enough, and is waited for.
        seen.take(&sample(7, &[("b", true)]), &Secrets::default());
        assert!(!seen.is_due());
        seen.take(&sample(8, &[("c", true)]), &Secrets::default());
        assert!(seen.is_due() && !seen.is_red(), "{seen:?}");
    }

    #[test]
    fn a_step_that_waits_for_another_one_is_not_red() {
        let seen = seen(&[sample(1, &[("a", false)]), sample(60, &[("a", false)])]);
        assert!(!seen.is_due() && !seen.is_red());
    }

    #[test]
    fn the_strongest_lock_stays_and_what_is_no_sample_is_why_there_is_no_watch() {
        let lock = |mode: &str, rank: u32| {
            serde_json::json!({"at": 1, "waits": [],
                "strongest": {"mode": mode, "table": "notices", "rank": rank}})
            .to_string()
        };
        let seen = seen(&[
            lock("RowExclusiveLock", 3),
            lock("ShareLock", 5),
            lock("AccessShareLock", 1),
            "psql: error: the server is gone".to_owned(),
        ]);
        assert_eq!(seen.strongest.unwrap().mode, "ShareLock");
        assert_eq!(seen.said.as_deref(), Some("psql: error: the server is gone"));
    }
}
