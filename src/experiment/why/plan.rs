//! The next rehearsal of an experiment, or its answer: a pure function of what is known so far.

use super::answer::{Answer, Cause, End, Range};
use super::results::{Results, Verdict};
use super::search::{Purpose, Search, Trial};
use super::space::{Hybrid, Space};

/// Causes that are looked for, one after the other.
const MOST_CAUSES: usize = 3;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    Rehearse(Trial),
    Done(Answer),
}

/// The next rehearsal of the search for what makes the red site red.
#[must_use]
pub fn next(space: &Space, results: &Results) -> Next {
    let (answer, missing) = explore(space, results);
    missing.map_or(Next::Done(answer), Next::Rehearse)
}

/// The best answer of what is known so far.
#[must_use]
pub fn best_so_far(space: &Space, results: &Results) -> Answer {
    explore(space, results).0
}

/// The answer as far as the results go, and the rehearsal with which it goes on.
fn explore(space: &Space, results: &Results) -> (Answer, Option<Trial>) {
    let mut answer = Answer::default();
    let mut search = Search { space, results, range: Range::default() };
    let missing = find(&mut search, &mut answer).err();
    let is_open = missing.is_some() || answer.causes.is_empty();
    if is_open && answer.changed.is_none() {
        let known = search.range;
        let is_known = !known.one_of.is_empty() || !known.needed.is_empty();
        answer.range = is_known.then_some(known);
    }
    answer.confidence = confidence(results, &answer.causes);
    (answer, missing)
}

fn find(search: &mut Search<'_>, answer: &mut Answer) -> Result<(), Trial> {
    let whole = search.space.whole();
    search.range.one_of = whole.units().collect();
    for (end, hybrid, wanted) in
        [(End::Green, Hybrid::default(), Verdict::Green), (End::Red, whole.clone(), Verdict::Red)]
    {
        let mut verdict = search.judge(&hybrid, Purpose::End)?;
        if verdict != wanted {
            verdict = search.judge_twice(&hybrid, Purpose::End)?;
        }
        if verdict != wanted {
            answer.changed = Some((end, verdict));
            return Ok(());
        }
    }
    let mut open = vec![whole];
    while let Some(whole) = open.pop() {
        let Some(cause) = search.cause(&whole)? else { return Ok(()) };
        // What stays red without one of them has a cause of its own.
        let red = cause.without.iter().find(|without| without.verdict == Verdict::Red);
        open.extend(red.map(|without| without.hybrid.clone()));
        // What is red with a part of it was not the smallest.
        answer.causes.retain(|before| !cause.alone.is_within(&before.alone));
        answer.causes.push(cause);
        if answer.causes.len() == MOST_CAUSES {
            break;
        }
    }
    Ok(())
}

/// The chance that no proof is an accident, where rehearsals of the same were seen to vary.
fn confidence(results: &Results, causes: &[Cause]) -> f64 {
    let share = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let varies = share(results.contrary()) / share(results.count().max(1));
    let proofs = causes.iter().flat_map(|cause| {
        std::iter::once(&cause.alone).chain(cause.without.iter().map(|without| &without.hybrid))
    });
    let holds = |hybrid: &Hybrid| {
        1.0 - varies.powi(i32::try_from(results.lead(hybrid).max(1)).unwrap_or(i32::MAX))
    };
    proofs.map(holds).product()
}
