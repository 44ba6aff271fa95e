//! A wheel's file name and what must be inside it.
//!
//! <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>

use std::path::Path;
use std::str::FromStr as _;

use pep440_rs::Version;

use super::contents::Contents;
use super::member::Listing;
use super::metadata::{self, Metadata, Origin};
use super::problem::{Problem, escape_name};
use crate::site::{PythonVersion, normalised};

/// The parts of `name-version[-build]-python-abi-platform.whl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) pythons: Vec<String>,
    pub(super) abis: Vec<String>,
    pub(super) platforms: Vec<String>,
}

impl FileName {
    pub(super) fn parse(path: &Path) -> Result<Self, Problem> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.len().checked_sub(4).and_then(|end| name.get(..end)).unwrap_or_default();
        let parts: Vec<&str> = stem.split('-').collect();
        let ([name, version, pythons, abis, platforms]
        | [name, version, _, pythons, abis, platforms]) = parts[..]
        else {
            return Err(Problem::NotAWheel(
                "its name is not that of a wheel (name-version-python-abi-platform.whl)".to_owned(),
            ));
        };
        let set = |tags: &str| tags.split('.').map(str::to_ascii_lowercase).collect();
        Ok(FileName {
            name: name.to_owned(),
            version: version.to_owned(),
            pythons: set(pythons),
            abis: set(abis),
            platforms: set(platforms),
        })
    }

    /// True when some combination of tags runs on this Python of Debian's.
    pub(super) fn runs_on(&self, python: PythonVersion, machine: &str) -> bool {
        self.platforms.iter().any(|platform| is_of_machine(platform, machine))
            && self.pythons.iter().any(|tag| self.abis.iter().any(|abi| loads(tag, abi, python)))
    }

    /// The tags as in the file name, for people.
    pub(super) fn tags(&self) -> String {
        [&self.pythons, &self.abis, &self.platforms].map(|set| set.join(".")).join("-")
    }
}

/// musl, macOS and Windows are somebody else's platforms: sites are Debian.
fn is_of_machine(platform: &str, machine: &str) -> bool {
    let Some(system) = platform.strip_suffix(machine) else { return platform == "any" };
    system == "linux_" || (system.starts_with("manylinux") && system.ends_with('_'))
}

/// The rules of `packaging.tags` for `CPython`.
fn loads(tag: &str, abi: &str, python: PythonVersion) -> bool {
    let PythonVersion { major, minor } = python;
    let own = format!("{major}{minor}");
    let earlier = |digits: &str| {
        let rest = digits.strip_prefix(&major.to_string());
        rest.and_then(|digits| digits.parse::<u8>().ok()).is_some_and(|other| other <= minor)
    };
    if let Some(digits) = tag.strip_prefix("py") {
        return abi == "none" && (digits == major.to_string() || earlier(digits));
    }
    let Some(digits) = tag.strip_prefix("cp") else { return false };
    match abi {
        "none" => digits == own,
        "abi3" => earlier(digits),
        abi => {
            let flags = abi.strip_prefix("cp").and_then(|abi| abi.strip_prefix(&own));
            digits == own && (flags == Some("") || (minor < 8 && flags == Some("m")))
        }
    }
}

/// Checks the inside of a wheel against its file name, and reads its metadata.
pub(super) fn inspect(contents: Contents<'_>, listing: &Listing) -> Result<Metadata, Problem> {
    let file_name = FileName::parse(contents.path)?;
    let info: Vec<&str> =
        listing.roots().into_iter().filter(|root| root.ends_with(".dist-info")).collect();
    let [info] = info[..] else {
        return Err(Problem::NotAWheel(match info.len() {
            0 => "it holds no `.dist-info` folder, so it is not a wheel".to_owned(),
            count => format!("it holds {count} `.dist-info` folders, where a wheel has one"),
        }));
    };
    let part = |name: &str| {
        let full = format!("{info}/{name}");
        contents.read(&full)?.ok_or_else(|| {
            Problem::NotAWheel(format!(
                "it holds no `{}`, so it is not a wheel",
                escape_name(&full)
            ))
        })
    };
    check_format(&part("WHEEL")?)?;
    part("RECORD")?;
    let metadata = metadata::parse("METADATA", &part("METADATA")?, Origin::Wheel)?;
    file_name.check(&metadata)?;
    Ok(metadata)
}

impl FileName {
    fn check(&self, metadata: &Metadata) -> Result<(), Problem> {
        let inside = metadata.version.as_deref().unwrap_or_default();
        let agree = match (Version::from_str(&self.version), Version::from_str(inside)) {
            (Ok(outside), Ok(inside)) => outside == inside,
            _ => false,
        };
        if agree && normalised(&self.name) == normalised(&metadata.name) {
            return Ok(());
        }
        Err(Problem::NotAWheel(format!(
            "its file name says {} {}, its metadata says {} {inside}",
            escape_name(&self.name),
            escape_name(&self.version),
            metadata.name
        )))
    }
}

/// Only the first format exists; a later one may be installed in another way.
fn check_format(bytes: &[u8]) -> Result<(), Problem> {
    let text = String::from_utf8_lossy(bytes);
    let version = text.lines().find_map(|line| line.strip_prefix("Wheel-Version:")).map(str::trim);
    match version {
        Some(version) if version.split('.').next() == Some("1") => Ok(()),
        Some(version) => {
            Err(Problem::NotAWheel(format!("it is of the unknown format {}", escape_name(version))))
        }
        None => Err(Problem::NotAWheel("its WHEEL file does not say `Wheel-Version`".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(tags: &str, python: &str, machine: &str) -> bool {
        let path = format!("app-1-{tags}.whl");
        FileName::parse(Path::new(&path)).unwrap().runs_on(python.parse().unwrap(), machine)
    }

    #[test]
    fn tags_decide_as_pip_does() {
        let table = [
            ("py3-none-any", "3.11", true),
            ("py2.py3-none-any", "3.9", true),
            ("py2-none-any", "3.11", false),
            ("py311-none-any", "3.11", true),
            ("py39-none-any", "3.11", true),
            ("py312-none-any", "3.11", false),
            ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "3.11", true),
            ("cp312-cp312-manylinux_2_17_x86_64", "3.11", false),
            ("cp310-cp310-linux_x86_64", "3.11", false),
            ("cp39-abi3-manylinux2014_x86_64", "3.11", true),
            ("cp312-abi3-manylinux2014_x86_64", "3.11", false),
            ("cp311-none-any", "3.11", true),
            ("cp310-none-any", "3.11", false),
            ("cp313-cp313t-linux_x86_64", "3.13", false),
            ("cp37-cp37m-linux_x86_64", "3.7", true),
            ("pp39-pypy39_pp73-linux_x86_64", "3.9", false),
            ("cp311-cp311-musllinux_1_2_x86_64", "3.11", false),
            ("cp311-cp311-macosx_11_0_x86_64", "3.11", false),
            ("cp311-cp311-win_amd64", "3.11", false),
            ("cp311-cp311-manylinux_2_17_aarch64", "3.11", false),
        ];
        for (tags, python, expected) in table {
            assert_eq!(runs(tags, python, "x86_64"), expected, "{tags} on {python}");
        }
        assert!(runs("cp311-cp311-manylinux_2_17_aarch64", "3.11", "aarch64"));
    }

    #[test]
    fn a_file_name_has_five_or_six_parts() {
        let parsed = FileName::parse(Path::new("d/App-1.2-3-py3-none-any.whl")).unwrap();
        assert_eq!((parsed.name.as_str(), parsed.version.as_str()), ("App", "1.2"));
        assert_eq!(parsed.tags(), "py3-none-any");
        for name in ["app.whl", "app-1.whl", "a-1-2-3-4-5-6.whl", ".whl"] {
            assert!(FileName::parse(Path::new(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn names_are_compared_normalised() {
        assert_eq!(normalised("My.App__x-Y"), "my-app-x-y");
    }
}
