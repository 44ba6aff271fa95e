//! A `--release` whose pattern the shell made several files of.

use clap::Error;
use clap::error::ErrorKind;

/// Returns the error that says so, where the command line was refused and names several releases; else the
/// one that it was refused with.
pub(super) fn name_releases(error: Error, arguments: &[String]) -> Error {
    let is_of_words =
        matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::ValueValidation);
    let given = given(arguments);
    if !is_of_words || given.len() < 2 {
        return error;
    }
    let count = given.len();
    let list: Vec<String> = given.iter().map(|path| format!("\n  {path}")).collect();
    let text = format!(
        "one release is rehearsed at a time, and `--release` was given {count}:{}\n\n\
         hint: name one of them; a pattern such as `dist/*.whl` becomes all that it matches\n",
        list.concat()
    );
    Error::raw(ErrorKind::TooManyValues, text)
}

/// What stands behind `--release`, as far as it looks like releases.
fn given(arguments: &[String]) -> Vec<&String> {
    let Some(at) = arguments.iter().position(|it| it == "--release" || it == "-r") else {
        return Vec::new();
    };
    let is_one = |path: &&String| {
        [".whl", ".tar.gz", ".zip"].iter().any(|end| path.to_lowercase().ends_with(end))
    };
    arguments[at + 1..].iter().take_while(is_one).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::Cli;
    use super::*;

    fn said(words: &str) -> String {
        let arguments: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let error = Cli::try_parse_from(&arguments).unwrap_err();
        name_releases(error, &arguments).to_string()
    }

    #[test]
    fn several_releases_are_named_and_another_mistake_stays_itself() {
        let text = "error: one release is rehearsed at a time, and `--release` was given 2:\n  dist/a-1.whl\n  \
            dist/a-2.whl\n\nhint: name one of them; a pattern such as `dist/*.whl` becomes all that it matches\n";
        for before in ["rehearse --release", "rehearse site-a -r", "redeploy site-a --release"] {
            assert_eq!(
                said(&format!("stagectl {before} dist/a-1.whl dist/a-2.whl")),
                text,
                "{before}"
            );
        }
        let other = said("stagectl rehearse --release dist/a-1.whl --kep");
        assert!(other.contains("unexpected argument '--kep'"), "{other}");
    }
}
