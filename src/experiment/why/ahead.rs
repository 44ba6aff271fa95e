//! What can be rehearsed beside a rehearsal whose result is not there yet: what would come after it, whatever it says.

use std::collections::VecDeque;

use super::plan::{Next, next};
use super::results::{Outcome, Results};
use super::search::{Purpose, Trial};
use super::space::{Hybrid, Space};

/// Ways on that are looked at: some come to the same.
const MOST_WAYS: usize = 16;

/// The next rehearsal beside these, the likeliest to be needed; nothing where one of them has to end first.
#[must_use]
pub(super) fn next_beside(space: &Space, results: &Results, running: &[Hybrid]) -> Option<Trial> {
    let mut ways = VecDeque::from([(results.clone(), running.to_vec())]);
    for _ in 0..MOST_WAYS {
        let (results, mut left) = ways.pop_front()?;
        let Next::Rehearse(trial) = next(space, &results) else { continue };
        let Some(place) = left.iter().position(|hybrid| *hybrid == trial.hybrid) else {
            if running.is_empty() || !needs_image(space, &trial.hybrid) {
                return Some(trial);
            }
            continue;
        };
        left.remove(place);
        for outcome in expected(space, &trial) {
            let mut results = results.clone();
            results.add(trial.hybrid.clone(), outcome);
            ways.push_back((results, left.clone()));
        }
    }
    None
}

/// Whether it has images that neither end has: they are made only for what is needed for certain.
fn needs_image(space: &Space, hybrid: &Hybrid) -> bool {
    let units = space.units().iter().enumerate().filter(|(_, unit)| unit.changes_image);
    let has: Vec<bool> = units.map(|(unit, _)| hybrid.has(unit)).collect();
    has.contains(&true) && has.contains(&false)
}

/// What a rehearsal may come to, the likelier first: ends and proofs are what they are thought to be, and the first half
/// has the most suspicious keys.
fn expected(space: &Space, trial: &Trial) -> [Outcome; 2] {
    let is_red = match trial.purpose {
        Purpose::End => trial.hybrid == space.whole(),
        Purpose::Search | Purpose::Alone => true,
        Purpose::Without => false,
    };
    if is_red { [Outcome::Red, Outcome::Green] } else { [Outcome::Green, Outcome::Red] }
}
