//! What a distribution says of itself: `METADATA`, `PKG-INFO`, or the static part of `pyproject.toml`.
//!
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use std::str::FromStr as _;

use pep440_rs::Version;
use serde::Deserialize;

use super::problem::{Problem, shown};

/// Bytes of a name, and of a version: both stand in names of files, in labels and in messages.
const LONGEST: usize = 200;

/// The fields that a rehearsal needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) requires_python: Option<String>,
    /// `None` where only a build would tell.
    pub(super) requires_dist: Option<Vec<String>>,
}

/// Where the fields are from, which says how far they can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Wheel,
    /// Static only where the metadata is of version 2.2 or later and does not say `Dynamic`.
    Sdist,
}

/// Reads `METADATA` or `PKG-INFO`: headers as in a mail, up to the first empty line.
pub(super) fn parse(file: &str, bytes: &[u8], origin: Origin) -> Result<Metadata, Problem> {
    let broken = |what: String| Problem::Metadata { file: file.to_owned(), what };
    let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not UTF-8".to_owned()))?;
    let fields = headers(text);
    let first = |name: &str| {
        fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    };
    let name = first("Name").ok_or_else(|| broken("it has no `Name`".to_owned()))?;
    let version = first("Version").ok_or_else(|| broken("it has no `Version`".to_owned()))?;
    check_name(name).map_err(broken)?;
    check_version(version).map_err(broken)?;
    let all = |name: &'static str| {
        fields
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    };
    let is_static = origin == Origin::Wheel
        || (first("Metadata-Version").is_some_and(is_of_two_two)
            && !all("Dynamic").any(|field| field.eq_ignore_ascii_case("Requires-Dist")));
    Ok(Metadata {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        requires_python: first("Requires-Python").map(str::to_owned),
        requires_dist: is_static.then(|| all("Requires-Dist").map(str::to_owned).collect()),
    })
}

fn headers(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

fn is_of_two_two(version: &str) -> bool {
    Version::from_str(version).is_ok_and(|version| version >= Version::new([2, 2]))
}

fn check_name(name: &str) -> Result<(), String> {
    let ends_well = |end: Option<char>| end.is_some_and(|end| end.is_ascii_alphanumeric());
    let fine = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && ends_well(name.chars().next())
        && ends_well(name.chars().next_back());
    let fine = fine && name.len() <= LONGEST;
    if fine { Ok(()) } else { Err(format!("`{}` is not a distribution's name", shown(name))) }
}

fn check_version(version: &str) -> Result<(), String> {
    match Version::from_str(version) {
        Ok(_) if version.len() <= LONGEST => Ok(()),
        _ => Err(format!("`{}` is not a version", shown(version))),
    }
}

#[derive(Deserialize)]
struct Pyproject {
    project: Option<Project>,
    #[serde(rename = "build-system")]
    build_system: Option<toml::Table>,
    #[serde(default)]
    tool: toml::Table,
}

impl Pyproject {
    fn has_setuptools(&self) -> bool {
        self.tool.contains_key("setuptools")
    }

    /// What tools say of a project that is none of a package: `tool.uv.package` (which follows
    /// `[build-system]` if left out), and `tool.poetry.package-mode`.
    fn is_no_package(&self) -> bool {
        let said = |tool: &str, key: &str| self.tool.get(tool)?.get(key)?.as_bool();
        said("uv", "package") == Some(false) || said("poetry", "package-mode") == Some(false)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Project {
    name: String,
    version: Option<String>,
    requires_python: Option<String>,
    dependencies: Option<Vec<String>>,
    #[serde(default)]
    dynamic: Vec<String>,
    scripts: Option<toml::Table>,
}

/// What a `pyproject.toml` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Build {
    /// How to build, and what is known beforehand.
    Described(Option<Metadata>),
    /// What it is and needs, and not how to build it: it is deployed as it lies there.
    Unbuilt(Metadata),
    /// Only the settings of tools: not a build description.
    ToolsOnly,
}

/// Reads the static fields of `[project]`.
pub(super) fn pyproject(bytes: &[u8]) -> Result<Build, Problem> {
    let file = "pyproject.toml";
    let broken = |what: String| Problem::Metadata { file: file.to_owned(), what };
    let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not UTF-8".to_owned()))?;
    let file: Pyproject = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        broken(format!("line {line}: {}", error.message()))
    })?;
    let is_no_package = file.is_no_package();
    let has_build = file.build_system.is_some() || file.has_setuptools();
    let Some(project) = file.project else {
        return Ok(match file.build_system {
            Some(_) if !is_no_package => Build::Described(None),
            _ => Build::ToolsOnly,
        });
    };
    check_name(&project.name).map_err(broken)?;
    if let Some(version) = &project.version {
        check_version(version).map_err(broken)?;
    }
    let is_dynamic = |field: &str| project.dynamic.iter().any(|name| name == field);
    let requires_dist =
        (!is_dynamic("dependencies")).then(|| project.dependencies.clone().unwrap_or_default());
    // Commands are there only after a build, and who configures setuptools uses it.
    let is_built = has_build || project.scripts.is_some();
    let metadata = Metadata {
        requires_dist,
        name: project.name,
        version: project.version,
        requires_python: project.requires_python,
    };
    Ok(if is_no_package || !is_built {
        Build::Unbuilt(metadata)
    } else {
        Build::Described(Some(metadata))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_below_the_headers_says_nothing() {
        let text = "Metadata-Version: 2.1\nname: App\nVersion: 1.2\nSummary: a\n  Version: 9\n\
                    Requires-Dist: flask>=3\nRequires-Dist: redis ; extra == 'x'\n\nName: other\n";
        let metadata = parse("METADATA", text.as_bytes(), Origin::Wheel).unwrap();
        let expected = Metadata {
            name: "App".into(),
            version: Some("1.2".into()),
            requires_python: None,
            requires_dist: Some(vec!["flask>=3".into(), "redis ; extra == 'x'".into()]),
        };
        assert_eq!(metadata, expected);
    }

    #[test]
    fn the_requirements_of_an_sdist_count_only_when_they_are_static() {
        let requires = |version: &str, more: &str| {
            let text = format!(
                "Metadata-Version: {version}\nName: a\nVersion: 1\nRequires-Dist: b\n{more}"
            );
            parse("PKG-INFO", text.as_bytes(), Origin::Sdist).unwrap().requires_dist
        };
        assert_eq!(requires("2.1", ""), None);
        assert_eq!(requires("2.4", "Dynamic: requires-dist\n"), None);
        assert_eq!(requires("2.10", ""), Some(vec!["b".to_owned()]));
    }

    #[test]
    fn metadata_without_a_proper_name_and_version_is_refused() {
        let table = [
            ("Version: 1\n", "it has no `Name`"),
            ("Name: a\n", "it has no `Version`"),
            ("Name: a/../b\nVersion: 1\n", "`a/../b` is not a distribution's name"),
            ("Name: a\nVersion: latest\n", "`latest` is not a version"),
            (
                &format!("Name: {}\nVersion: 1\n", "a".repeat(201)),
                &format!("`{}...` is not a distribution's name", "a".repeat(120)),
            ),
            (
                &format!("Name: a\nVersion: 1.{}\n", "1".repeat(200)),
                &format!("`1.{}...` is not a version", "1".repeat(118)),
            ),
        ];
        for (text, what) in table {
            let problem = parse("METADATA", text.as_bytes(), Origin::Wheel).unwrap_err();
            let expected = format!("its METADATA is not readable as such: {what}");
            assert_eq!(problem.to_string(), expected);
        }
    }

    #[test]
    fn a_pyproject_gives_what_it_says_statically() {
        let text = "[build-system]\n[project]\nname = 'a'\ndynamic = ['version']\n\
                    requires-python = '>=3.9'\ndependencies = ['flask']\n";
        let Build::Described(Some(metadata)) = pyproject(text.as_bytes()).unwrap() else {
            panic!("no metadata")
        };
        assert_eq!(metadata.version, None);
        assert_eq!(metadata.requires_python.as_deref(), Some(">=3.9"));
        assert_eq!(metadata.requires_dist, Some(vec!["flask".to_owned()]));

        let dynamic =
            "[build-system]\n[project]\nname = 'a'\nversion = '1'\ndynamic = ['dependencies']\n";
        let Build::Described(Some(metadata)) = pyproject(dynamic.as_bytes()).unwrap() else {
            panic!("no metadata")
        };
        assert_eq!(metadata.requires_dist, None);
        let build = b"[build-system]\nrequires = ['setuptools']\n";
        assert_eq!(pyproject(build).unwrap(), Build::Described(None));
        let virtual_ones = [
            "[project]\nname = 'a'\n",
            "[build-system]\n[project]\nname = 'a'\n[tool.uv]\npackage = false\n",
            "[build-system]\n[project]\nname = 'a'\n[tool.poetry]\npackage-mode = false\n",
        ];
        for text in virtual_ones {
            let build = pyproject(text.as_bytes()).unwrap();
            assert!(matches!(&build, Build::Unbuilt(of) if of.name == "a"), "{text}: {build:?}");
        }
        let command = b"[project]\nname = 'a'\n[project.scripts]\na = 'a:main'\n";
        assert!(matches!(pyproject(command).unwrap(), Build::Described(Some(_))));
        assert_eq!(pyproject(b"[tool.ruff]\nline-length = 99\n").unwrap(), Build::ToolsOnly);
    }

    #[test]
    fn a_broken_pyproject_says_its_line() {
        let problem = pyproject(b"[project]\nname = 'a'\nversion = 1.2\n").unwrap_err();
        assert_eq!(
            problem.to_string(),
            "its pyproject.toml is not readable as such: line 3: invalid type: floating point \
             `1.2`, expected a string"
        );
    }
}
