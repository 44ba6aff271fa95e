//! Where an experiment ends although it is not at its end: with the best answer so far.

use std::time::Duration;

/// How far an experiment goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// No more rehearsals than these.
    pub most: Option<usize>,
    /// No rehearsal begins after this time.
    pub budget: Option<Duration>,
    /// How many replicas there are at a time.
    pub at_once: usize,
}

impl Limits {
    /// Which limit keeps another rehearsal from beginning, as a person reads it.
    #[must_use]
    pub fn reached(&self, begun: usize, elapsed: Duration) -> Option<&'static str> {
        if self.budget.is_some_and(|budget| elapsed >= budget) {
            Some("its time is over (`--budget`)")
        } else if self.most.is_some_and(|most| begun >= most) {
            Some("as many rehearsals as wanted were done (`--max`)")
        } else {
            None
        }
    }

    /// Takes away what was spent.
    pub(super) fn spend(&mut self, rehearsals: usize, took: Duration) {
        self.most = self.most.map(|most| most.saturating_sub(rehearsals));
        self.budget = self.budget.map(|budget| budget.saturating_sub(took));
    }
}
