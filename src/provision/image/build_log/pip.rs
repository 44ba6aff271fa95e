//! What pip says of its own errors: a line that ends with a colon, and below it what it is about.

/// Lines below the first that are told with it.
const MOST_BELOW: usize = 4;

/// The error with what it is about, on one line; `None` for one that says all by itself.
pub(super) fn with_subject(lines: &[String]) -> Option<String> {
    let (first, below) = lines.split_first()?;
    if !first.starts_with("ERROR: ") || !first.trim_end().ends_with(':') {
        return None;
    }
    let below = below.iter().take_while(|line| line.starts_with([' ', '\t'])).take(MOST_BELOW);
    Some(below.fold(first.trim().to_owned(), |text, line| text + " " + line.trim()))
}

/// Why the index could not be reached, and its page, from what pip says before it tries again:
/// `... after connection broken by 'NewConnectionError('<...>: [Errno 111] Connection refused')': /simple/flask/`.
pub(super) fn unreachable(lines: &[&str]) -> Option<String> {
    let said = lines.iter().find_map(|line| line.split_once(" after connection broken by "))?.1;
    let (error, page) = said.rsplit_once(": ").unwrap_or((said, ""));
    let error = error.rsplit_once(">: ").or(error.split_once('(')).map_or(error, |(_, why)| why);
    let why = error.trim_matches(['\'', '"', '(', ')']);
    Some(format!("{why} ({page})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_what_it_is_about() {
        let lines = [
            "ERROR: In --require-hashes mode, all requirements must have their versions pinned with \
             ==. These do not:",
            "    async-timeout>=4.0.3 from https://files.example/a.whl (from redis==5.2.1)",
            "error: done",
        ]
        .map(str::to_owned);
        assert_eq!(
            with_subject(&lines).unwrap(),
            "ERROR: In --require-hashes mode, all requirements must have their versions pinned with \
             ==. These do not: async-timeout>=4.0.3 from https://files.example/a.whl (from \
             redis==5.2.1)"
        );
        assert_eq!(with_subject(&["ERROR: No matching distribution".to_owned()]), None);
    }
}
