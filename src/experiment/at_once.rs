//! Several rehearsals at a time: as many as the machine bears, each begun as soon as another one has ended.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// What is left alone beside all replicas, in bytes.
const RESERVE: u64 = 512 << 20;

/// Whoever says what is rehearsed next, and hears what that came to.
pub trait Planner {
    type Trial: Clone;
    type Result;

    /// What can begin now, beside what is running; nothing where that has to come to an end first, or where nothing
    /// is left.
    fn next(&mut self, running: &[Self::Trial]) -> Option<Self::Trial>;

    /// What a trial came to.
    fn take(&mut self, trial: Self::Trial, result: Self::Result);
}

/// Rehearses what a planner asks for, so many at once, until it asks for nothing any more. What was begun is always
/// brought to its end, its teardown included.
pub async fn at_once<P: Planner, F: Future<Output = P::Result>>(
    planner: &mut P,
    most: usize,
    rehearse: impl Fn(P::Trial) -> F,
) {
    let mut work = FuturesUnordered::new();
    let mut running: Vec<(usize, P::Trial)> = Vec::new();
    let mut count = 0;
    loop {
        while work.len() < most.max(1) {
            let trials: Vec<P::Trial> = running.iter().map(|(_, trial)| trial.clone()).collect();
            let Some(trial) = planner.next(&trials) else { break };
            let (number, future) = (count, rehearse(trial.clone()));
            running.push((number, trial));
            work.push(async move { (number, future.await) });
            count += 1;
        }
        let Some((number, result)) = work.next().await else { return };
        if let Some(place) = running.iter().position(|(other, _)| *other == number) {
            let (_, trial) = running.remove(place);
            planner.take(trial, result);
        }
    }
}

/// How many replicas a machine bears at once: one for each processor, as long as their memory is free.
#[must_use]
pub fn most_at_once(cores: u32, free: u64, of_replica: u64) -> usize {
    let room = free.saturating_sub(RESERVE) / of_replica.max(1);
    usize::try_from(room.min(u64::from(cores))).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Asks for numbers up to an end; each half of one that is even once that is known.
    struct Halves {
        left: Vec<u32>,
        seen: Vec<u32>,
        most: usize,
    }

    impl Planner for Halves {
        type Trial = u32;
        type Result = bool;

        fn next(&mut self, running: &[u32]) -> Option<u32> {
            self.most = self.most.max(running.len());
            self.left.pop()
        }

        fn take(&mut self, trial: u32, is_even: bool) {
            self.seen.push(trial);
            if is_even && trial > 0 {
                self.left.push(trial / 2);
            }
        }
    }

    #[tokio::test]
    async fn as_many_as_wanted_go_on_at_once_and_what_follows_from_one_comes_too() {
        for most in [1, 2, 5] {
            let mut planner = Halves { left: vec![8, 3, 5], seen: Vec::new(), most: 0 };
            let (now, peak) = (Cell::new(0), Cell::new(0));
            at_once(&mut planner, most, |trial| {
                let (now, peak) = (&now, &peak);
                async move {
                    now.set(now.get() + 1);
                    peak.set(peak.get().max(now.get()));
                    tokio::task::yield_now().await;
                    now.set(now.get() - 1);
                    trial % 2 == 0
                }
            })
            .await;
            planner.seen.sort_unstable();
            assert_eq!(planner.seen, [1, 2, 3, 4, 5, 8]);
            assert!(peak.get() <= most && planner.most < most, "{most}");
            assert!(most == 1 || peak.get() > 1);
        }
    }

    #[test]
    fn there_is_always_one_and_never_more_than_processors_or_memory() {
        const GIB: u64 = 1 << 30;
        assert_eq!(most_at_once(2, 16 * GIB, GIB), 2);
        assert_eq!(most_at_once(8, 3 * GIB + RESERVE, GIB), 3);
        assert_eq!(most_at_once(8, GIB, GIB), 1);
        assert_eq!(most_at_once(0, 0, 0), 1);
    }
}
