//! What an event adds for those who want to see each image, step, check and test as it ends.

use super::mode::Amount;
use super::text::took;
use crate::event::{Check, Downtime, ImageOrigin, State, StepLocks, Test, TestStatus, Way, What};
use crate::replica::Phase;
use crate::report::{downtime_in_words, label_with_remark, locks_in_words, printable};

/// A deploy step that took longer is always shown.
const LONG: f64 = 1.0;

/// Lines of a phase, in words.
pub(super) fn detail(what: &What, amount: Amount) -> Vec<(Phase, String)> {
    let all = amount >= Amount::Verbose;
    match what {
        What::ImageReady { role, origin, took: time, .. } => {
            let how = match origin {
                ImageOrigin::Cached if all => "found",
                ImageOrigin::Cached => return Vec::new(),
                ImageOrigin::Built => "built",
                ImageOrigin::Pulled => "pulled",
                ImageOrigin::Bootstrapped => "bootstrapped",
                ImageOrigin::Imported => "imported",
            };
            vec![(Phase::Images, format!("{how} {role} {}", took(time.as_secs_f64())))]
        }
        What::StepEnded { name, code, took: time, output, locks } => {
            let seconds = time.as_secs_f64();
            let mut lines = Vec::new();
            if all || *code != 0 || seconds >= LONG {
                let ended =
                    if *code == 0 { String::new() } else { format!(" ended with code {code}") };
                lines.push(format!("step {}{ended} {}", printable(name), took(seconds)));
            }
            if all {
                lines.extend(output.iter().flat_map(|line| below(line)));
            }
            lines.extend(locks.iter().filter_map(|locks| words_of_locks(name, locks, amount)));
            of(Phase::Deploy, lines)
        }
        What::SiteInUse { traffic } => {
            let way = if traffic.state == State::Back { Way::Back } else { Way::Deploy };
            let seen = Downtime::of(way, [traffic.clone()]);
            let seen = seen.filter(|seen| all || seen.seconds() > 0.0);
            let line = |seen: Downtime| format!("in use: {}", downtime_in_words(&seen));
            of(Phase::Deploy, seen.map(line).into_iter().collect())
        }
        What::CheckEnded { check } if all => of(Phase::Diagnosis, words_of_check(check)),
        What::TestEnded { test } if all => of(Phase::Suite, words_of_test(test)),
        _ => Vec::new(),
    }
}

fn of(phase: Phase, lines: Vec<String>) -> Vec<(Phase, String)> {
    lines.into_iter().map(|line| (phase, line)).collect()
}

/// Shown where somebody waited, or where all is.
fn words_of_locks(step: &str, locks: &StepLocks, amount: Amount) -> Option<String> {
    let has_waited = locks.waited.is_some() || locks.others_waited > 0.0;
    let words = locks_in_words(locks);
    let is_shown = (has_waited || amount >= Amount::Verbose) && !words.is_empty();
    is_shown.then(|| format!("locks of step {} in {}: {words}", printable(step), locks.service))
}

fn words_of_check(check: &Check) -> Vec<String> {
    let word = if check.passed { "ok" } else { "failed" };
    let mut lines = vec![format!("{word} {}", printable(&check.name).replace('\n', " "))];
    lines.extend(below(&check.detail));
    lines
}

fn words_of_test(test: &Test) -> Vec<String> {
    let word = match test.status {
        TestStatus::Passed => "ok",
        TestStatus::Failed => "failed",
        TestStatus::Error => "error",
        TestStatus::Skipped => "skipped",
        TestStatus::Flaky => "flaky",
    };
    let label = printable(&label_with_remark(test)).replace('\n', " ");
    let mut lines = vec![format!("{word} {label} {}", took(test.took))];
    lines.extend(below(test.message.as_deref().unwrap_or_default()));
    lines
}

/// The lines of a text that say something, below what they belong to.
fn below(text: &str) -> Vec<String> {
    let text = printable(text);
    let said = text.lines().filter(|line| !line.trim().is_empty());
    said.map(|line| format!("  {line}")).collect()
}
