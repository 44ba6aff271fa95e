//! Which file of a release a site's Python installs.

use std::path::Path;
use std::str::FromStr as _;

use pep440_rs::Version;

use super::page::File;
use crate::failure::Failure;
use crate::release::{WheelName, wheel_name};
use crate::site::{Published, PythonVersion, normalised};

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The versions that there are, in order.
    Version(Vec<String>),
    /// The wheels that there are, for another Python, and no sdist.
    Python(PythonVersion, Vec<String>),
}

/// Returns the file that pip would take: a wheel for this Python alone, then one for every Python, then the sdist.
pub(super) fn choose<'a>(
    files: &'a [File],
    release: &Published,
    python: PythonVersion,
) -> Result<&'a File, Lack> {
    let mut best: Option<(u8, &File)> = None;
    let (mut versions, mut others) = (Vec::new(), Vec::new());
    for file in files {
        let Some((version, rank)) = rank(file, release, python) else { continue };
        if version != release.version {
            versions.push(version);
            continue;
        }
        match rank {
            Some(rank) if best.is_none_or(|(other, _)| rank < other) => best = Some((rank, file)),
            Some(_) => {}
            None => others.push(file.name.clone()),
        }
    }
    versions.sort();
    versions.dedup();
    best.map(|(_, file)| file).ok_or_else(|| {
        if others.is_empty() {
            Lack::Version(versions.iter().map(Version::to_string).collect())
        } else {
            Lack::Python(python, others)
        }
    })
}

/// The version that a file of the project is of, and how much it is wanted, less being more; `None` for what cannot be
/// installed there.
fn rank(file: &File, release: &Published, python: PythonVersion) -> Option<(Version, Option<u8>)> {
    let is_wheel =
        Path::new(&file.name).extension().is_some_and(|end| end.eq_ignore_ascii_case("whl"));
    let (name, version, rank) = if is_wheel {
        let WheelName { name, version, runs, is_pure } = wheel_name(Path::new(&file.name), python)?;
        (name, version, runs.then_some(u8::from(is_pure)))
    } else {
        let (name, version) = file.name.strip_suffix(".tar.gz")?.rsplit_once('-')?;
        (name.to_owned(), version.to_owned(), Some(2))
    };
    let version = Version::from_str(&version).ok()?;
    (normalised(&name) == release.name).then_some((version, rank))
}

impl Lack {
    /// In words, for these indexes.
    pub(super) fn of(&self, release: &Published, indexes: &[String]) -> Failure {
        let indexes = indexes.join(", ");
        match self {
            Lack::Version(versions) if versions.is_empty() => {
                Failure::usage(format!("{} is not at {indexes}", release.name))
                    .hint("mend the name, or name its index: `install.index`, `PIP_INDEX_URL`")
            }
            Lack::Version(versions) => {
                let newest: Vec<&str> = versions.iter().rev().take(5).map(String::as_str).collect();
                Failure::usage(format!("{release} is not at {indexes}"))
                    .hint(format!("there are, the newest first: {}", newest.join(", ")))
            }
            Lack::Python(python, wheels) => {
                let message = format!("nothing of {release} at {indexes} is for Python {python}");
                Failure::usage(message).hint(format!("there are: {}", wheels.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::env::consts::ARCH;

    use super::*;

    fn chosen(names: &[&str]) -> Result<String, Lack> {
        let file =
            |name: &&str| File { name: (*name).to_owned(), url: String::new(), sha256: None };
        let files: Vec<File> = names.iter().map(file).collect();
        let release = "My_Shop==1.1".parse().unwrap();
        choose(&files, &release, "3.11".parse().unwrap()).map(|file| file.name.clone())
    }

    #[test]
    fn the_file_that_pip_would_take_is_taken() {
        let own = format!("my_shop-1.1-cp311-cp311-manylinux_2_17_{ARCH}.whl");
        let (pure, sdist) = ("my_shop-1.1-py3-none-any.whl", "my-shop-1.1.0.tar.gz");
        assert_eq!(chosen(&[sdist, pure, &own]), Ok(own.clone()));
        assert_eq!(chosen(&["my_shop-1.2-py3-none-any.whl", sdist, pure]), Ok(pure.to_owned()));
        let foreign = "my_shop-1.1-cp39-cp39-win32.whl";
        assert_eq!(chosen(&[foreign, sdist, "my-shop-1.1.exe"]), Ok(sdist.to_owned()));
        let other = "3.11".parse().unwrap();
        assert_eq!(chosen(&[foreign]), Err(Lack::Python(other, vec![foreign.to_owned()])));
        let versions = ["my_shop-1.10.tar.gz", "my_shop-1.9.tar.gz", "shop-1.1.tar.gz"];
        assert_eq!(chosen(&versions), Err(Lack::Version(vec!["1.9".into(), "1.10".into()])));
        assert_eq!(chosen(&[]), Err(Lack::Version(Vec::new())));
    }
}
