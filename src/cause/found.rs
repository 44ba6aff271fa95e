//! One cause, as it was found.

use super::weight::Weight;

/// Lines of one message, and bytes of a line.
pub(super) const MOST_LINES: usize = 5;

pub(in crate::cause) const LONGEST: usize = 600;

/// Something that a text says went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The exception's own line, or the line of the log, without what servers write before it; further
    /// lines where its message has some that matter.
    pub text: String,
    /// Frames of the app's own code, innermost first: `shop/prices.py:12 in total: return all[key]`.
    pub frames: Vec<String>,
    /// The exception that came of it last, where it is another.
    pub then: Option<String>,
    /// What the program warned of right before an exception: often why it came to it.
    pub warned: Option<String>,
    pub(super) weight: Weight,
}

impl Cause {
    /// As lines to show: the text, what came of it, where it was.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        lines.extend(self.frames.iter().map(|frame| format!("  at {frame}")));
        lines.extend(self.then.iter().map(|then| format!("  then {then}")));
        lines.extend(self.warned.iter().map(|warning| format!("  before it {warning}")));
        lines
    }

    /// True for an exception, or what its writer calls an error; false for what only sounds like one.
    #[must_use]
    pub(crate) fn is_certain(&self) -> bool {
        self.weight >= Weight::Error
    }
}

/// A line that is not longer than a screen can bear.
pub(in crate::cause) fn cut(line: &str) -> String {
    if line.len() <= LONGEST {
        return line.to_owned();
    }
    format!("{} ...", &line[..line.floor_char_boundary(LONGEST)])
}
