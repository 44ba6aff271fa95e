//! The search for causes in a text.

use super::found::{Cause, LONGEST, cut};
use super::own::Own;
use super::record::{self, Record};
use super::traceback::Chain;
use super::weight::Weight;

/// Causes of one text; further kinds are in the text.
const MOST: usize = 100;

/// The causes in a text, the first of each kind, in their order. Where something certain is among them,
/// what only sounds like an error is left out.
#[must_use]
pub(crate) fn causes<S: AsRef<str>>(lines: &[S], own: &Own) -> Vec<Cause> {
    let records = record::records(lines);
    let mut found: Vec<(String, Cause)> = Vec::new();
    let mut index = 0;
    while index < records.len() {
        let (causes, next) = match Chain::at(&records, index) {
            Some(chain) => (warned(chain.causes(own), &records[..index]), chain.end),
            None => line_cause(&records, index),
        };
        for cause in causes {
            let kind = kind(&cause);
            if found.len() < MOST && !found.iter().any(|(known, _)| *known == kind) {
                found.push((kind, cause));
            }
        }
        index = next.max(index + 1);
    }
    let heaviest = found.iter().map(|(_, cause)| cause.weight).max();
    let least = heaviest.map_or(Weight::Complaint, |weight| weight.min(Weight::Error));
    found.into_iter().map(|(_, cause)| cause).filter(|cause| cause.weight >= least).collect()
}

/// The causes of a chain, the first of them with the first of the warnings right before the chain. One
/// line between them may announce the traceback.
pub(in crate::cause) fn warned(mut causes: Vec<Cause>, before: &[Record]) -> Vec<Cause> {
    let is_warning = |record: &&Record| record.level == Some(record::Level::Warning);
    let announced = before.last().is_some_and(|last| !is_warning(&last));
    let before = &before[..before.len() - usize::from(announced)];
    let first = before.iter().rev().take_while(is_warning).last();
    if let (Some(cause), Some(warning)) = (causes.first_mut(), first) {
        cause.warned = Some(cut(&warning.text));
    }
    causes
}

/// What a line outside tracebacks says, and where to go on.
fn line_cause(records: &[Record], index: usize) -> (Vec<Cause>, usize) {
    let record = &records[index];
    // What announces a traceback says less than it.
    if records.get(index + 1).is_some_and(Chain::begins) {
        return (Vec::new(), index + 1);
    }
    let Some(weight) = Weight::of(record) else { return (Vec::new(), index + 1) };
    let (text, end) = super::traceback::message(records, index);
    (vec![Cause { text, frames: Vec::new(), then: None, warned: None, weight }], end)
}

/// What two causes of the same kind share: numbers, addresses and times differ.
fn kind(cause: &Cause) -> String {
    let first = cause.text.lines().next().unwrap_or_default();
    let name = first.split([':', ' ']).next().unwrap_or_default();
    // The same exception at the same place is the same, whatever it says of its data.
    if let Some(frame) = cause.frames.first() {
        return format!("{name} at {frame}");
    }
    let mut kind = String::new();
    for char in record::without_request(first).chars().take(LONGEST) {
        let char = if char.is_ascii_digit() { '0' } else { char };
        if char != '0' || !kind.ends_with('0') {
            kind.push(char);
        }
    }
    kind
}

/// The first causes as lines to show, no more than so many; the rest is counted. Where nothing is certain,
/// the first of what sounds like an error.
#[must_use]
pub(crate) fn in_words(causes: &[Cause], most: usize) -> Vec<String> {
    let mut texts: Vec<String> =
        causes.iter().take(most).map(|cause| cause.lines().join("\n")).collect();
    let left = causes.len().saturating_sub(most);
    if left > 0 && causes[0].is_certain() {
        let kinds = if left == 1 { "kind of error" } else { "kinds of errors" };
        texts.push(format!("and {left} more {kinds}, in the log"));
    }
    texts
}
