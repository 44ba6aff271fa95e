//! The critical subset: the tests that notice most of what can be different, per second, in the time that there is.
//!
//! Budgeted maximum coverage by ratio, or the one best test where that is more: Khuller, Moss and Naor, "The budgeted
//! maximum coverage problem" (1999). In this order a fault is found early: the measure is `APFDc` of Elbaum, Malishevsky
//! and Rothermel, "Incorporating varying test costs and fault severities into test case prioritization" (2001).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::site::Picked;

/// A test of a suite, and what it was seen to notice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Noticing {
    /// As pytest knows it.
    pub id: String,
    pub seconds: f64,
    /// The mutants that it was red with, by their numbers.
    pub kills: BTreeSet<usize>,
}

/// The tests that are run within a time, in their order, and those that are not. Without a time, and where all take
/// less, all are run.
#[must_use]
pub fn pick(tests: &[Noticing], within: Option<Duration>) -> Picked {
    let budget = within.map_or(f64::INFINITY, |within| within.as_secs_f64());
    let mut order = by_ratio(tests, budget);
    let killed = |chosen: &[usize]| {
        chosen.iter().flat_map(|test| &tests[*test].kills).collect::<BTreeSet<_>>().len()
    };
    let fits = |test: &usize| tests[*test].seconds <= budget;
    let best = (0..tests.len()).filter(fits).max_by_key(|test| tests[*test].kills.len());
    if let Some(best) = best
        && tests[best].kills.len() > killed(&order)
    {
        let left = budget - tests[best].seconds;
        let others = by_ratio(tests, left).into_iter().filter(|test| *test != best);
        order = std::iter::once(best).chain(others).collect();
    }
    let id = |test: usize| tests[test].id.clone();
    Picked {
        left_out: (0..tests.len()).filter(|test| !order.contains(test)).map(id).collect(),
        order: order.into_iter().map(id).collect(),
    }
}

/// The tests that fit, each time the one that notices most of what those before it do not, per second. When nothing
/// more is noticed it begins anew with those that are left: what two tests notice is noticed for certain. Those that
/// notice nothing come last, the fastest first.
fn by_ratio(tests: &[Noticing], budget: f64) -> Vec<usize> {
    let mut left: Vec<usize> = (0..tests.len()).collect();
    let (mut order, mut spent, mut seen) = (Vec::new(), 0.0, BTreeSet::new());
    while !left.is_empty() {
        left.retain(|test| spent + tests[*test].seconds <= budget);
        let more = |test: usize| tests[test].kills.difference(&seen).count();
        let ratio = |test: usize| {
            f64::from(u32::try_from(more(test)).unwrap_or(u32::MAX))
                / tests[test].seconds.max(0.001)
        };
        let of_equals = |one: usize, two: usize| {
            let faster = tests[one].seconds.total_cmp(&tests[two].seconds);
            ratio(two).total_cmp(&ratio(one)).then(faster).then(one.cmp(&two))
        };
        let Some(next) = left.iter().copied().min_by(|one, two| of_equals(*one, *two)) else {
            break;
        };
        if more(next) == 0
            && !seen.is_empty()
            && left.iter().any(|test| !tests[*test].kills.is_empty())
        {
            seen.clear();
            continue;
        }
        seen.extend(tests[next].kills.iter().copied());
        spent += tests[next].seconds;
        left.retain(|test| *test != next);
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn test(id: &str, seconds: f64, kills: &[usize]) -> Noticing {
        Noticing { id: id.to_owned(), seconds, kills: kills.iter().copied().collect() }
    }

    fn pick_within(tests: &[Noticing], seconds: Option<u64>) -> String {
        let Picked { order, left_out } = pick(tests, seconds.map(Duration::from_secs));
        format!("{} | {}", order.join(" "), left_out.join(" "))
    }

    #[test]
    fn what_notices_most_in_a_second_comes_first() {
        let tests = [
            test("slow", 9.0, &[1, 2, 3, 4]),
            test("blind", 0.5, &[]),
            test("fast", 1.0, &[1, 2]),
            test("same", 1.5, &[1, 2]),
            test("other", 1.0, &[5]),
        ];
        assert_eq!(pick_within(&tests, None), "fast other slow same blind | ");
        assert_eq!(pick_within(&tests, Some(11)), "fast other slow | blind same");
        assert_eq!(pick_within(&tests, Some(4)), "fast other same blind | slow");
        assert_eq!(pick_within(&tests, Some(0)), " | slow blind fast same other");
    }

    #[test]
    fn one_slow_test_that_notices_more_than_all_fast_ones_is_taken() {
        let tests = [test("fast", 1.0, &[1, 2]), test("slow", 10.0, &[1, 2, 3, 4, 5, 6])];
        assert_eq!(pick_within(&tests, Some(10)), "slow | fast");
        assert_eq!(pick_within(&tests, Some(11)), "fast slow | ");
    }

    proptest! {
        #[test]
        fn each_test_is_somewhere_once_and_the_time_is_kept(
            tests in prop::collection::vec((0..50_u32, prop::collection::btree_set(0..12_usize, 0..5)), 0..15),
            within in prop::option::of(0..20_u64),
        ) {
            let tests: Vec<Noticing> = tests.into_iter().enumerate().map(|(number, (tenths, kills))| Noticing {
                id: number.to_string(), seconds: f64::from(tenths) / 10.0, kills,
            }).collect();
            let picked = pick(&tests, within.map(Duration::from_secs));
            let mut all: Vec<&String> = picked.order.iter().chain(&picked.left_out).collect();
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), tests.len());
            prop_assert_eq!(picked.order.len() + picked.left_out.len(), tests.len());
            let spent: f64 = tests.iter().filter(|test| picked.order.contains(&test.id)).map(|test| test.seconds).sum();
            prop_assert!(within.is_none_or(|within| spent <= Duration::from_secs(within).as_secs_f64() + 1e-9));
            if within.is_none() {
                prop_assert!(picked.left_out.is_empty());
            }
        }
    }
}
