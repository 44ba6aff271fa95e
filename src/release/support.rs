//! Whether a site can run a release at all, known in milliseconds.

use std::env::consts::ARCH;
use std::path::Path;
use std::str::FromStr as _;

use pep440_rs::{Version, VersionSpecifiers};

use super::wheel::FileName;
use super::{Form, Release};
use crate::failure::{Failure, Kind};
use crate::site::{PythonVersion, SiteName};

/// Patch releases of a Python stay well below this.
const LAST_PATCH: u64 = 40;

impl Release {
    /// Checks the release against a site's Python, on a machine like this one.
    ///
    /// # Errors
    /// [`Kind::Deploy`], when `Requires-Python` or the tags of a wheel rule it out.
    pub fn supports(&self, python: &PythonVersion) -> Result<(), Failure> {
        self.check_support(*python, "the site", ARCH)
    }

    /// As [`Release::supports`], with the site's name in the text.
    ///
    /// # Errors
    /// As [`Release::supports`].
    pub fn supports_site(&self, site: &SiteName, python: &PythonVersion) -> Result<(), Failure> {
        self.check_support(*python, site.as_str(), ARCH)
    }

    fn check_support(
        &self,
        python: PythonVersion,
        site: &str,
        machine: &str,
    ) -> Result<(), Failure> {
        if let Some(needed) = &self.requires_python
            && !admits(needed, python)
        {
            let text = format!("{self} needs Python {needed}; {site} has {python}");
            return Err(Failure::new(Kind::Deploy, text)
                .hint("rehearse a release that supports this Python, or correct `python:`"));
        }
        if self.form != Form::Wheel {
            return Ok(());
        }
        let file_name = FileName::parse(&self.path).map_err(|problem| problem.of(&self.path))?;
        if file_name.runs_on(python, machine) {
            return Ok(());
        }
        let tags = file_name.tags();
        let text =
            format!("{self} is a wheel for {tags}; {site} has CPython {python} on Linux {machine}");
        Err(Failure::new(Kind::Deploy, text)
            .hint(format!("build the wheel with Python {python}, or give the sdist")))
    }
}

/// What a wheel's file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelName {
    /// As it is written there.
    pub name: String,
    pub version: String,
    /// Whether it runs on the Python that was asked for, on a machine like this one.
    pub runs: bool,
    /// Whether it is for every platform.
    pub is_pure: bool,
}

/// Reads the name of a wheel for this Python; `None` where it is none.
#[must_use]
pub fn wheel_name(file: &Path, python: PythonVersion) -> Option<WheelName> {
    let parts = FileName::parse(file).ok()?;
    let runs = parts.runs_on(python, ARCH);
    let is_pure = parts.platforms.iter().any(|platform| platform == "any");
    Some(WheelName { name: parts.name, version: parts.version, runs, is_pure })
}

/// True when some patch release of this Python fits: which one the base has is not known here.
/// A requirement that is not well formed admits all, as it does for pip.
fn admits(needed: &str, python: PythonVersion) -> bool {
    let Ok(needed) = VersionSpecifiers::from_str(needed) else { return true };
    (0..=LAST_PATCH).any(|patch| {
        needed.contains(&Version::new([u64::from(python.major), u64::from(python.minor), patch]))
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn release(file: &str, requires_python: &str) -> Release {
        Release {
            path: PathBuf::from(file),
            form: Form::Wheel,
            digest: "0".repeat(64),
            name: "noticeboard".into(),
            version: Some("1.2".into()),
            requires_python: Some(requires_python.to_owned()).filter(|text| !text.is_empty()),
            requires_dist: None,
            extras: Vec::new(),
            history: None,
            left_out: Vec::new(),
        }
    }

    #[test]
    fn requirements_are_read_as_pip_reads_them() {
        let table = [
            (">=3.9", "3.9", true),
            (">=3.10", "3.9", false),
            (">=3.9.2", "3.9", true),
            ("!=3.9.0,>=3.9", "3.9", true),
            ("<3.13", "3.13", false),
            ("~=3.9", "3.13", true),
            ("==3.11.*", "3.11", true),
            ("==3.11.*", "3.13", false),
            (">=2.7, !=3.0.*, !=3.1.*, <4", "3.11", true),
            ("three", "3.11", true),
        ];
        for (needed, python, expected) in table {
            assert_eq!(admits(needed, python.parse().unwrap()), expected, "{needed} on {python}");
        }
    }

    #[test]
    fn the_wrong_python_is_said_in_one_line() {
        let site = "site-b".parse().unwrap();
        let python = "3.9".parse().unwrap();
        let text =
            |file, needed| release(file, needed).supports_site(&site, &python).unwrap_err().message;
        assert_eq!(
            text("noticeboard-1.2-py3-none-any.whl", ">=3.10"),
            "noticeboard 1.2 needs Python >=3.10; site-b has 3.9"
        );
        assert_eq!(
            text("noticeboard-1.2-cp312-cp312-win32.whl", ""),
            format!(
                "noticeboard 1.2 is a wheel for cp312-cp312-win32; site-b has CPython 3.9 on Linux {ARCH}"
            )
        );
        let fine = release("noticeboard-1.2-py3-none-any.whl", ">=3.8");
        assert_eq!(fine.supports(&python), Ok(()));
    }
}
