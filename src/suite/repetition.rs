//! A red is confirmed before it is believed: what failed is repeated in the same replica. Of flaky
//! Python tests more than half depend on the order they run in (<https://arxiv.org/abs/2101.09077>), so
//! that a repetition is of the failing tests alone, and then of the whole suite in its order.

use super::critical::{Suite, SuiteResult, critical};
use crate::docker::{Engine, Output};
use crate::event::{Rerun, Test, TestStatus, What};
use crate::failure::{Failure, Kind};
use crate::inside::Replica;
use crate::replica::{Phase, Tests};
use crate::site::SuiteSource;

/// Bytes of all ids that one variable of the suite's process can hold.
const MOST_BYTES: usize = 100 << 10;

/// Repeats the tests that failed as often as the description says, and writes down of each how that
/// ended. `line` gets the suite's output as it comes.
///
/// # Errors
/// Infrastructure, a stop. A repetition without a result leaves a red as it is, and says so.
pub async fn repeat<E: Engine>(
    replica: &Replica<'_, E>,
    result: &mut SuiteResult,
    mut line: impl FnMut(Output, &str),
) -> Result<(), Failure> {
    for _ in 0..replica.site.critical.retries {
        let red = red_ones(&result.tests);
        if red.is_empty() {
            break;
        }
        let alone = match ids_of(replica, &result.tests, &red) {
            Some(ids) => {
                doing(replica, &format!("repeating {} alone", count(ids.len())));
                answer(critical(replica, Suite::New(Tests::Only(&ids)), &mut line).await)?
            }
            None => None,
        };
        let mut to_repeat = red.clone();
        if let Some(alone) = &alone {
            take_alone(&mut result.tests, &red, alone);
            to_repeat.retain(|&index| result.tests[index].status == TestStatus::Flaky);
            // What is red alone is red: another run in order cannot make the site green.
            if to_repeat.len() < red.len() {
                continue;
            }
        }
        doing(replica, "repeating the suite in its order");
        match answer(critical(replica, Suite::New(Tests::All(&[])), &mut line).await)? {
            Some(again) => {
                take_in_order(&mut result.tests, &to_repeat, &again, alone.is_some());
                warn_of_others(replica, &result.tests, &red, &again);
            }
            None if alone.is_some() => {}
            None => {
                for &index in &to_repeat {
                    let how = "its repetition came to no result".to_owned();
                    result.tests[index].repetition = Some(how);
                }
                break;
            }
        }
    }
    Ok(())
}

/// The tests of a repetition; nothing where it came to no result.
fn answer(run: Result<SuiteResult, Failure>) -> Result<Option<Vec<Test>>, Failure> {
    match run {
        Ok(result) => Ok(Some(result.tests)),
        Err(failure) if failure.kind == Kind::NoResult => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn doing<E>(replica: &Replica<'_, E>, what: &str) {
    let what = what.to_owned();
    replica.events.emit(What::Doing { phase: Phase::Suite, what, progress: None });
}

fn count(number: usize) -> String {
    if number == 1 { "1 test".to_owned() } else { format!("{number} tests") }
}

fn red_ones(tests: &[Test]) -> Vec<usize> {
    let red = tests.iter().enumerate().filter(|(_, test)| test.fails());
    red.map(|(index, _)| index).collect()
}

/// What pytest knows the tests by; nothing where it does not say so of each.
fn ids_of<E>(replica: &Replica<'_, E>, tests: &[Test], red: &[usize]) -> Option<Vec<String>> {
    let SuiteSource::Pytest { .. } = replica.site.critical.suite else { return None };
    let id = |index: &usize| {
        let test = &tests[*index];
        // A test that fails, and again at its end, is there twice; one of both says its id.
        let mut twins = tests.iter().filter(|other| is_the_same(test, other));
        test.id.clone().or_else(|| twins.find_map(|other| other.id.clone()))
    };
    let mut ids = red.iter().map(id).collect::<Option<Vec<String>>>()?;
    ids.sort();
    ids.dedup();
    (ids.iter().map(|id| id.len() + 8).sum::<usize>() < MOST_BYTES).then_some(ids)
}

fn is_the_same(one: &Test, other: &Test) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one == other,
        _ => (&one.group, &one.name) == (&other.group, &other.name),
    }
}

/// What a run says of a test: what is red in it first. `None` where it is not in that run.
fn found<'a>(test: &Test, again: &'a [Test]) -> Option<&'a Test> {
    let same = || again.iter().filter(|other| is_the_same(test, other));
    same().find(|other| other.is_notable()).or_else(|| same().next())
}

fn rerun_of(test: &Test) -> Rerun {
    Rerun { status: test.status, message: test.message.clone(), details: test.details.clone() }
}

/// Writes down how each of the tests ended without the others.
fn take_alone(tests: &mut [Test], red: &[usize], again: &[Test]) {
    for &index in red {
        let test = &mut tests[index];
        match found(test, again) {
            Some(other) if other.status == TestStatus::Passed => {
                test.status = TestStatus::Flaky;
                test.repetition = Some("green when repeated alone".to_owned());
            }
            other => stays_red(test, other),
        }
    }
}

/// Writes down how each of the tests ended in a second run of all; `alone` says whether they were
/// green alone before.
fn take_in_order(tests: &mut [Test], repeated: &[usize], again: &[Test], alone: bool) {
    for &index in repeated {
        let test = &mut tests[index];
        let other = found(test, again);
        let is_green = other.is_some_and(|other| other.status == TestStatus::Passed);
        let how = match (alone, is_green) {
            (true, true) => "green when repeated, alone and in order",
            (true, false) => {
                "green when repeated alone, red again in order: it depends on the tests before it"
            }
            (false, true) => "green when repeated",
            (false, false) => {
                stays_red(test, other);
                continue;
            }
        };
        if let Some(other) = other.filter(|other| other.is_notable()) {
            test.reruns.push(rerun_of(other));
        }
        test.status = TestStatus::Flaky;
        test.repetition = Some(how.to_owned());
    }
}

fn stays_red(test: &mut Test, other: Option<&Test>) {
    let how = match other.map(|other| other.status) {
        Some(TestStatus::Skipped) => "skipped on repetition",
        Some(_) => "again red on repetition",
        None => "not there on repetition",
    };
    test.repetition = Some(how.to_owned());
    test.reruns.extend(other.filter(|other| other.is_notable()).map(rerun_of));
}

/// A suite that is red the second time where it was green the first one leaves something behind.
fn warn_of_others<E>(replica: &Replica<'_, E>, tests: &[Test], red: &[usize], again: &[Test]) {
    let was_red = |test: &Test| red.iter().any(|&index| is_the_same(&tests[index], test));
    let was_run = |test: &Test| tests.iter().any(|first| is_the_same(first, test));
    let others = again.iter().filter(|test| test.fails() && was_run(test) && !was_red(test));
    let others: Vec<&Test> = others.collect();
    if let Some(first) = others.first() {
        let others = count(others.len());
        let message = format!(
            "{others} that passed failed when the suite was repeated, {} first: what the suite does is \
             still there then",
            first.label()
        );
        replica.events.emit(What::Warning { message });
    }
}
