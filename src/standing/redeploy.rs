//! A redeploy that has begun in a replica, as its marker says it: whoever comes after one that was cut short has to know.

use crate::docker::{Liveness, Owner};

/// Longer than any redeploy takes, in seconds: one that cannot be seen from here is over by then.
const LONGEST: i64 = 6 * 3600;

/// A redeploy whose end is not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeploy {
    /// Seconds since 1970.
    pub since: i64,
    /// The process that began it, as owners are named.
    pub owner: String,
}

/// How far a redeploy without an end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    AtWork,
    /// Its process has ended, and nobody knows what is in the replica.
    CutShort,
}

impl Redeploy {
    /// What a label says; an unreadable one was written by nobody who is still there.
    pub(super) fn of(label: &str) -> Redeploy {
        let (since, owner) = label.split_once(' ').unwrap_or(("0", label));
        Redeploy { since: since.parse().unwrap_or(0), owner: owner.to_owned() }
    }

    /// The label's value.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.since, self.owner)
    }

    /// Whether it is still at work; `now` in seconds since 1970.
    #[must_use]
    pub fn stage(&self, now: i64) -> Stage {
        match self.owner.parse::<Owner>().map(|owner| owner.liveness()) {
            Ok(Liveness::Alive) => Stage::AtWork,
            Ok(Liveness::Unknown) if now < self.since.saturating_add(LONGEST) => Stage::AtWork,
            _ => Stage::CutShort,
        }
    }
}

/// What is to be done about a replica into which a redeploy was cut short.
#[must_use]
pub fn way_out_of_half(site: &str) -> String {
    format!("`stagectl redeploy {site}` again, or `stagectl down {site}`")
}
