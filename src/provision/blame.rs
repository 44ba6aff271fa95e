//! What an output or a log says that went wrong, put into a failure.

use std::sync::LazyLock;

use regex::Regex;

use crate::cause::{Cause, Own, causes, in_words};
use crate::failure::Failure;

/// Causes that are told; the log has the rest. Where none is certain, so many that sound like one.
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

/// The folder of a log that a proxy cannot open, for want of that folder.
pub(super) fn missing_folder(lines: &[String]) -> Option<String> {
    static MISSING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"Cannot access directory '([^']+)' for error log|\(2\)No such file or directory: AH00091: [^:]*: could not open error log file (\S+)\.$|open\(\) "([^"]+\.log)" failed \(2: No such file"#,
        )
        .expect("a pattern of ours")
    });
    let found = lines.iter().find_map(|line| MISSING.captures(line))?;
    let folder = found.get(1).map(|folder| folder.as_str());
    let file = found.get(2).or(found.get(3)).and_then(|file| file.as_str().rsplit_once('/'));
    let folder = folder.or(file.map(|(folder, _)| folder))?.trim_end_matches('/');
    folder.starts_with('/').then(|| folder.to_owned())
}

/// A file that the proxy's configuration includes, and that is not there.
pub(super) fn missing_file(lines: &[String]) -> Option<String> {
    static MISSING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"open\(\) "([^"]+)" failed \(2: No such file|Could not open configuration file (\S+): No such file"#,
        )
        .expect("a pattern of ours")
    });
    let found = lines.iter().find_map(|line| MISSING.captures(line))?;
    let path = found.get(1).or(found.get(2))?.as_str();
    // What is written, and not read, is a matter of its folder.
    let is_log = std::path::Path::new(path).extension().is_some_and(|kind| kind == "log");
    (path.starts_with('/') && !is_log).then(|| path.to_owned())
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
    fn the_folder_of_a_log_that_is_not_there_is_found() {
        let found = |line: &str| missing_folder(&[line.to_owned()]);
        assert_eq!(
            found(
                "AH02291: Cannot access directory '/var/log/shop/' for error log of vhost defined at x:1"
            ),
            Some("/var/log/shop".to_owned())
        );
        assert_eq!(
            found(
                r#"nginx: [emerg] open() "/var/log/shop/error.log" failed (2: No such file or directory)"#
            ),
            Some("/var/log/shop".to_owned())
        );
        assert_eq!(found("Syntax error on line 3"), None);
    }

    #[test]
    fn the_file_that_a_configuration_includes_is_found() {
        let found = |line: &str| missing_file(&[line.to_owned()]);
        assert_eq!(
            found(
                r#"nginx: [emerg] open() "/etc/nginx/snippets/a.conf" failed (2: No such file or directory) in /etc/nginx/sites-enabled/shop.conf:3"#
            ),
            Some("/etc/nginx/snippets/a.conf".to_owned())
        );
        assert_eq!(
            found(
                "apache2: Syntax error on line 2 of /etc/apache2/sites-enabled/shop.conf: Could not open configuration file /etc/apache2/a.inc: No such file or directory"
            ),
            Some("/etc/apache2/a.inc".to_owned())
        );
        let log = r#"open() "/var/log/shop/error.log" failed (2: No such file or directory)"#;
        assert_eq!(found(log), None);
    }
}
