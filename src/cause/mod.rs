//! What went wrong, found in what programs print: exceptions with the frames of the app's own code, and the
//! lines of logs that complain. Pure; texts come without secrets.

mod own;
mod record;
mod traceback;
mod weight;

#[cfg(test)]
mod tests;

pub use own::Own;
pub use weight::is_harmless;

use record::Record;
use traceback::Chain;
use weight::Weight;

/// Lines of one message, and bytes of a line.
const MOST_LINES: usize = 5;
const LONGEST: usize = 600;
/// Causes of one text; further kinds are in the text.
const MOST: usize = 100;

/// Something that a text says went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The exception's own line, or the line of the log, without what servers write before it; further
    /// lines where its message has some that matter.
    pub text: String,
    /// Frames of the app's own code, innermost first: `shop/prices.py:12 in total: return all[key]`.
    pub frames: Vec<String>,
    /// The exception that came of it last, where it is another.
    pub then: Option<String>,
    /// What the program warned of right before an exception: often why it came to it.
    pub warned: Option<String>,
    weight: Weight,
}

impl Cause {
    /// As lines to show: the text, what came of it, where it was.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        lines.extend(self.frames.iter().map(|frame| format!("  at {frame}")));
        lines.extend(self.then.iter().map(|then| format!("  then {then}")));
        lines.extend(self.warned.iter().map(|warning| format!("  before it {warning}")));
        lines
    }

    /// True for an exception, or what its writer calls an error; false for what only sounds like one.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.weight >= Weight::Error
    }
}

/// The causes in a text, the first of each kind, in their order. Where something certain is among them,
/// what only sounds like an error is left out.
#[must_use]
pub fn causes<S: AsRef<str>>(lines: &[S], own: &Own) -> Vec<Cause> {
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
fn warned(mut causes: Vec<Cause>, before: &[Record]) -> Vec<Cause> {
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
    let (text, end) = traceback::message(records, index);
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
pub fn in_words(causes: &[Cause], most: usize) -> Vec<String> {
    let mut texts: Vec<String> =
        causes.iter().take(most).map(|cause| cause.lines().join("\n")).collect();
    let left = causes.len().saturating_sub(most);
    if left > 0 && causes[0].is_certain() {
        let kinds = if left == 1 { "kind of error" } else { "kinds of errors" };
        texts.push(format!("and {left} more {kinds}, in the log"));
    }
    texts
}

/// A line that is not longer than a screen can bear.
fn cut(line: &str) -> String {
    if line.len() <= LONGEST {
        return line.to_owned();
    }
    format!("{} ...", &line[..line.floor_char_boundary(LONGEST)])
}
