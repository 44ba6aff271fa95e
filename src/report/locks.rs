//! What deploy steps locked, in words.

use super::model::{SiteReport, Step};
use super::tail::printable;
use super::words::took_exactly;
use crate::event::{State, StepLocks};

/// What a step locked in a database, and who waited: `AccessExclusiveLock on notices; it waited 5.0s for an open
/// transaction`. Nothing where no lock was seen.
#[must_use]
pub fn locks_in_words(locks: &StepLocks) -> String {
    let strongest = locks.strongest.iter().map(|lock| {
        let table = if lock.table.is_empty() { "a table" } else { &lock.table };
        format!("{} on {}", lock.mode, printable(table))
    });
    let waited = locks.waited.iter().map(|waited| {
        format!("it waited {} for an open transaction", took_exactly(waited.seconds))
    });
    let others = (locks.others_waited > 0.0)
        .then(|| format!("another session waited {}", took_exactly(locks.others_waited)));
    let words: Vec<String> = strongest.chain(waited).chain(others).collect();
    words.join("; ")
}

impl SiteReport {
    /// The steps of its upgrade whose locks were watched, each with the state that it led to.
    pub fn watched_steps(&self) -> impl Iterator<Item = (State, &Step)> {
        let earlier = self.earlier_states().iter();
        let earlier = earlier.flat_map(|state| state.steps.iter().map(|step| (state.name, step)));
        let last = self.states.last().map(|state| state.name);
        let own = last.into_iter().flat_map(|name| self.steps.iter().map(move |step| (name, step)));
        earlier.chain(own).filter(|(_, step)| !step.locks.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{LockWait, TableLock};

    #[test]
    fn locks_are_said_with_who_waited() {
        let lock = TableLock { mode: "AccessExclusiveLock".into(), table: "notices".into() };
        let mut locks = StepLocks {
            service: "db".into(),
            database: "shop".into(),
            strongest: None,
            waited: None,
            others_waited: 0.0,
        };
        assert_eq!(locks_in_words(&locks), "");
        locks.strongest = Some(lock.clone());
        assert_eq!(locks_in_words(&locks), "AccessExclusiveLock on notices");
        let (statement, held_by) = ("ALTER TABLE notices".to_owned(), "somebody".to_owned());
        locks.waited = Some(LockWait { lock, statement, held_by, seconds: 5.0 });
        locks.others_waited = 3.25;
        let words = locks_in_words(&locks);
        assert!(words.contains("; it waited 5"), "{words}");
        assert!(words.contains("for an open transaction; another session waited 3"), "{words}");
    }
}
