//! In which order what was built is suspected: what the failure speaks of first.

use super::distributions::KEY;
use crate::site::{Difference, Signs};

/// The places of these, the most suspicious first: the release, distributions that the failure names, those that a
/// log names, those of another major version, and all others.
pub(super) fn by_what_is_said(built: &[Difference], signs: &Signs<'_>) -> Vec<usize> {
    let rank = |place: &usize| {
        let Difference { key, one, two } = &built[*place];
        let Some(name) = key.strip_prefix(KEY) else { return 0 };
        let is_named = |texts: &[&str]| texts.iter().any(|text| names(text, name));
        let major = |version: &Option<String>| {
            let version = version.as_deref().unwrap_or_default();
            version.split('.').next().unwrap_or_default().to_owned()
        };
        if is_named(&signs.said) {
            1
        } else if is_named(&signs.logged) {
            2
        } else if major(one) != major(two) {
            3
        } else {
            4
        }
    };
    let mut places: Vec<usize> = (0..built.len()).collect();
    places.sort_by_key(rank);
    places
}

/// Whether a text has the name of a distribution as a word, or that of the module that it most likely brings.
fn names(text: &str, distribution: &str) -> bool {
    let text = text.to_lowercase();
    let is_of_a_word = |character: char| character.is_alphanumeric() || character == '_';
    [distribution.to_owned(), distribution.replace('-', "_")].iter().any(|name| {
        text.match_indices(name.as_str()).any(|(at, name)| {
            !text[..at].ends_with(is_of_a_word)
                && !text[at + name.len()..].starts_with(is_of_a_word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(key: &str, one: &str, two: &str) -> Difference {
        Difference { key: key.to_owned(), one: Some(one.to_owned()), two: Some(two.to_owned()) }
    }

    #[test]
    fn what_the_failure_speaks_of_comes_before_what_a_log_does_and_what_changed_much() {
        let built = [
            difference("installed.click", "8.1.8", "8.1.3"),
            difference("installed.blinker", "2.0", "1.9"),
            difference("installed.markupsafe", "2.1.1", "2.0.1"),
            difference("installed.typing-extensions", "4.1", "4.0"),
            difference("release", "shop 1.1", "shop 1.0"),
        ];
        let signs = Signs {
            said: vec!["ImportError: cannot import name 'soft_unicode' from 'markupsafe'"],
            logged: vec!["/venv/lib/typing_extensions.py, line 3", "clicks: 3"],
            ..Signs::default()
        };
        assert_eq!(by_what_is_said(&built, &signs), [4, 2, 3, 1, 0]);
    }
}
