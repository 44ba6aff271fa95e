//! What an output or a log says that went wrong, put into a failure.

use crate::cause::Cause;
use crate::cause::{Own, causes, in_words};
use crate::failure::Failure;

/// Causes that are reported; the log has the rest. Where none is certain, so many that sound like one.
const MOST: usize = 3;
const MOST_UNCERTAIN: usize = 2;

/// The failure with what the lines say before its other causes: they are what it came of.
pub(super) fn with_causes<S: AsRef<str>>(mut failure: Failure, lines: &[S], own: &Own) -> Failure {
    let (new, _) = new_causes(&failure, lines, own);
    failure.causes.splice(0..0, new);
    failure
}

/// The same of a site that answered, and not as described: what only sounds like an error is behind the answer.
pub(super) fn with_causes_of_answer<S: AsRef<str>>(
    mut failure: Failure,
    lines: &[S],
    own: &Own,
) -> Failure {
    let (new, are_certain) = new_causes(&failure, lines, own);
    let at = if are_certain { 0 } else { failure.causes.len() };
    failure.causes.splice(at..at, new);
    failure
}

/// What the failure does not say yet, and whether all of it is certain.
fn new_causes<S: AsRef<str>>(failure: &Failure, lines: &[S], own: &Own) -> (Vec<String>, bool) {
    let found = causes(lines, own);
    let are_certain = found.iter().all(Cause::is_certain);
    let most = if are_certain { MOST } else { MOST_UNCERTAIN };
    let texts = in_words(&found, most).into_iter();
    (texts.filter(|text| !failure.causes.contains(text)).collect(), are_certain)
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

    #[test]
    fn an_answer_says_more_than_what_only_sounds_like_an_error() {
        let answer = "last seen after 9s: HTTP 302 Found";
        let causes = |line: &str| {
            let failure = Failure::new(Kind::NotReady, "not ready").cause(answer);
            with_causes_of_answer(failure, &[line], &Own::default()).causes
        };
        let warning = "cannot find a configuration file";
        assert_eq!(causes(warning), [answer, warning]);
        let error = "CommandError: no such table";
        assert_eq!(causes(error), [error, answer]);
    }
}
