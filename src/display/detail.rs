//! What an event adds for those who want to see each image, step, check and test as it ends.

use super::mode::Amount;
use super::text::took;
use crate::event::{Check, ImageOrigin, Test, TestStatus, What};
use crate::replica::Phase;
use crate::report::{label_with_remark, printable};

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
        What::StepEnded { name, code, took: time, output } => {
            let seconds = time.as_secs_f64();
            if !all && *code == 0 && seconds < LONG {
                return Vec::new();
            }
            let ended = if *code == 0 { String::new() } else { format!(" ended with code {code}") };
            let mut lines = vec![format!("step {}{ended} {}", printable(name), took(seconds))];
            if all {
                lines.extend(output.iter().flat_map(|line| below(line)));
            }
            of(Phase::Deploy, lines)
        }
        What::CheckEnded { check } if all => of(Phase::Diagnosis, words_of_check(check)),
        What::TestEnded { test } if all => of(Phase::Suite, words_of_test(test)),
        _ => Vec::new(),
    }
}

fn of(phase: Phase, lines: Vec<String>) -> Vec<(Phase, String)> {
    lines.into_iter().map(|line| (phase, line)).collect()
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
