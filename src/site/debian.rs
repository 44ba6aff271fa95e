//! The Debian suites, and the Python of each. The versions of services are in `kind`.

use jiff::civil::date;

use super::problem::nearest;
use super::value::{Date, DebianSuite, PythonVersion};

/// A suite, the minor version of its Python 3, and the day of its release.
struct Suite {
    name: &'static str,
    python: u8,
    released: Date,
}

/// Oldest first. From packages.debian.org and wiki.debian.org/DebianReleases; a suite keeps its versions for
/// life.
const SUITES: [Suite; 4] = [
    Suite { name: "buster", python: 7, released: date(2019, 7, 6) },
    Suite { name: "bullseye", python: 9, released: date(2021, 8, 14) },
    Suite { name: "bookworm", python: 11, released: date(2023, 6, 10) },
    Suite { name: "trixie", python: 13, released: date(2025, 8, 9) },
];

/// The number of the first of [`SUITES`]; the others follow one by one.
const FIRST_NUMBER: usize = 10;

/// The suite that a person means: by its code name, or by its number as in `12`, `12.5` and
/// `Debian GNU/Linux 12 (bookworm)`.
///
/// # Errors
/// What is wrong with the words, with the suites that there are.
pub fn suite_meant(text: &str) -> Result<DebianSuite, String> {
    let words = text.to_lowercase();
    let words = words_of(&words);
    let of = |word: &str| {
        let number = word.split('.').next().and_then(|number| number.parse::<usize>().ok());
        let numbered = number.and_then(|number| SUITES.get(number.checked_sub(FIRST_NUMBER)?));
        numbered.or_else(|| SUITES.iter().find(|suite| suite.name == word))
    };
    let mut meant: Vec<Option<DebianSuite>> =
        words.iter().map(|word| of(word).map(parse_suite)).collect();
    meant.dedup();
    if let [Some(suite)] = &meant[..] {
        return Ok(suite.clone());
    }
    let said = text.trim();
    if let Some(why) = not_debian(said) {
        return Err(why);
    }
    let known = SUITES
        .iter()
        .enumerate()
        .map(|(index, suite)| format!("{} ({})", suite.name, index + FIRST_NUMBER));
    let known: Vec<String> = known.collect();
    let nearest = nearest(said, suite_names()).map(|name| format!("did you mean `{name}`? "));
    Err(format!(
        "`{said}` is no Debian that stagectl knows; {}the ones it knows: {}",
        nearest.unwrap_or_default(),
        known.join(", ")
    ))
}

/// Why it is no Debian, if a person means another distribution: with the nearest Debian.
pub(super) fn not_debian(text: &str) -> Option<String> {
    let own = ubuntu(&words_of(&text.to_lowercase()))?;
    Some(format!(
        "`{text}` is Ubuntu, whose packages and Python are not replicated; the nearest Debian is the one \
         that it was made of, `{own}`"
    ))
}

fn words_of(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || "()/,:".contains(c))
        .filter(|word| !matches!(*word, "" | "debian" | "gnu" | "linux"))
        .collect()
}

/// The Debian that a release of Ubuntu was made of, as its `/etc/debian_version` says; the newest for one
/// that is not known.
fn ubuntu(words: &[&str]) -> Option<&'static str> {
    const RELEASES: [(&str, &str, &str); 4] = [
        ("18.04", "bionic", "buster"),
        ("20.04", "focal", "bullseye"),
        ("22.04", "jammy", "bookworm"),
        ("24.04", "noble", "trixie"),
    ];
    let known = RELEASES.iter().find(|(number, name, _)| {
        words.iter().any(|word| word.starts_with(number) || word == name)
    });
    let newest = || words.contains(&"ubuntu").then_some("trixie");
    known.map(|(_, _, suite)| *suite).or_else(newest)
}

/// The Python 3 of a known suite.
#[must_use]
pub fn suite_python(suite: &DebianSuite) -> Option<PythonVersion> {
    let suite = SUITES.iter().find(|known| known.name == suite.as_str())?;
    Some(PythonVersion { major: 3, minor: suite.python })
}

/// The day on which a known suite was released.
#[must_use]
pub fn suite_released(suite: &DebianSuite) -> Option<Date> {
    Some(SUITES.iter().find(|known| known.name == suite.as_str())?.released)
}

/// The suite whose own Python this is.
#[must_use]
pub fn python_suite(python: PythonVersion) -> Option<DebianSuite> {
    let suite = SUITES.iter().find(|suite| python.major == 3 && suite.python == python.minor);
    suite.map(parse_suite)
}

/// Every known suite, oldest first.
pub fn suite_names() -> impl Iterator<Item = &'static str> + Clone {
    SUITES.iter().map(|suite| suite.name)
}

fn parse_suite(suite: &Suite) -> DebianSuite {
    suite.name.parse().expect("the table has the names of suites")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_meant_by_name_or_number_and_others_are_refused() {
        for text in ["bookworm", "12", "12.5", "Debian 12", "Debian GNU/Linux 12 (bookworm)"] {
            assert_eq!(suite_meant(text).unwrap().as_str(), "bookworm", "{text}");
        }
        for text in ["", "stable", "Ubuntu 22.04", "jammy", "bookwrm", "9", "12 (trixie)", "3.12"] {
            assert!(suite_meant(text).is_err(), "{text}");
        }
        assert_eq!(
            suite_meant("Ubuntu 22.04").unwrap_err(),
            "`Ubuntu 22.04` is Ubuntu, whose packages and Python are not replicated; the nearest Debian is \
             the one that it was made of, `bookworm`"
        );
        assert_eq!(
            suite_meant("bookwrm").unwrap_err(),
            "`bookwrm` is no Debian that stagectl knows; did you mean `bookworm`? the ones it knows: \
             buster (10), bullseye (11), bookworm (12), trixie (13)"
        );
    }

    #[test]
    fn a_suite_and_its_python_find_each_other() {
        for name in suite_names() {
            let suite: DebianSuite = name.parse().unwrap();
            assert_eq!(python_suite(suite_python(&suite).unwrap()), Some(suite));
        }
    }
}
