//! What an output or a log says that went wrong, put into a failure.

use crate::cause::Cause;
use crate::cause::{Own, causes, in_words};
use crate::failure::Failure;

/// Causes that are reported; the log has the rest. Where none is certain, so many that sound like one.
const MOST: usize = 3;
const MOST_UNCERTAIN: usize = 2;

/// The failure with what the lines say before its other causes: they are what it came of.
pub(super) fn with_causes<S: AsRef<str>>(mut failure: Failure, lines: &[S], own: &Own) -> Failure {
    let found = causes(lines, own);
    let most = if found.iter().all(Cause::is_certain) { MOST } else { MOST_UNCERTAIN };
    let texts = in_words(&found, most).into_iter();
    let new: Vec<String> = texts.filter(|text| !failure.causes.contains(text)).collect();
    failure.causes.splice(0..0, new);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn what_the_lines_say_comes_before_what_was_seen() {
        let failure = Failure::new(Kind::Deploy, "it failed").cause("it ran x");
        let lines = ["Reading", "CommandError: no such table"];
        let failure = with_causes(failure, &lines, &Own::default());
        assert_eq!(failure.causes, ["CommandError: no such table", "it ran x"]);
    }
}
