//! What a distribution says of itself: `METADATA`, `PKG-INFO`, or the static part of `pyproject.toml`.
//!
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr as _;

use pep440_rs::Version;
use serde::Deserialize;

use super::headers::headers;
use super::problem::{Problem, escape_name};
use crate::site::normalised;

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
    /// Normalised.
    pub(super) extras: Vec<String>,
}

/// Where the fields are from, which says how far they can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Wheel,
    /// Static only where the metadata is of version 2.2 or later and does not say `Dynamic`.
    Sdist,
}

/// Reads `METADATA` or `PKG-INFO`: headers as in a mail.
///
/// What pip refuses in a wheel is refused: other encodings than UTF-8, and a byte order mark. The
/// `PKG-INFO` of an sdist stops no installer, which asks a build for the metadata.
pub(super) fn parse(file: &str, bytes: &[u8], origin: Origin) -> Result<Metadata, Problem> {
    let broken = |what: String| Problem::Metadata { file: file.to_owned(), what };
    let text = match origin {
        Origin::Wheel => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|_| broken("it is not UTF-8".to_owned()))?,
        Origin::Sdist => String::from_utf8_lossy(bytes),
    };
    let text = match (text.strip_prefix('\u{feff}'), origin) {
        (None, _) => &*text,
        (Some(text), Origin::Sdist) => text,
        (Some(_), Origin::Wheel) => {
            return Err(broken("it begins with a byte order mark".to_owned()));
        }
    };
    let fields = headers(text);
    let first = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let name = first("Name").ok_or_else(|| broken("it has no `Name`".to_owned()))?;
    let version = first("Version").ok_or_else(|| broken("it has no `Version`".to_owned()))?;
    check_name(name).map_err(broken)?;
    check_version(version).map_err(broken)?;
    let all = |name: &'static str| {
        fields
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let is_static = origin == Origin::Wheel
        || (first("Metadata-Version").is_some_and(is_of_two_two)
            && !all("Dynamic").any(|field| field.eq_ignore_ascii_case("Requires-Dist")));
    Ok(Metadata {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        requires_python: first("Requires-Python").map(str::to_owned),
        requires_dist: is_static.then(|| all("Requires-Dist").map(str::to_owned).collect()),
        extras: all("Provides-Extra").filter(|_| is_static).map(normalised).collect(),
    })
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
    if fine { Ok(()) } else { Err(format!("`{}` is not a distribution's name", escape_name(name))) }
}

fn check_version(version: &str) -> Result<(), String> {
    match Version::from_str(version) {
        Ok(_) if version.len() <= LONGEST => Ok(()),
        _ => Err(format!("`{}` is not a version", escape_name(version))),
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
        let read_flag = |tool: &str, key: &str| self.tool.get(tool)?.get(key)?.as_bool();
        read_flag("uv", "package") == Some(false)
            || read_flag("poetry", "package-mode") == Some(false)
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
    optional_dependencies: BTreeMap<String, Vec<String>>,
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
    let is_static = !is_dynamic("dependencies") && !is_dynamic("optional-dependencies");
    let requires_dist = is_static.then(|| {
        let optional = project.optional_dependencies.iter().flat_map(|(extra, dependencies)| {
            dependencies.iter().map(move |dependency| of_extra(dependency, extra))
        });
        project.dependencies.clone().unwrap_or_default().into_iter().chain(optional).collect()
    });
    let extras = project.optional_dependencies.keys().map(|extra| normalised(extra)).collect();
    // Commands are there only after a build, and who configures setuptools uses it.
    let is_built = has_build || project.scripts.is_some();
    let metadata = Metadata {
        requires_dist,
        extras,
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

/// A requirement as metadata says it of an extra.
fn of_extra(requirement: &str, extra: &str) -> String {
    let extra = normalised(extra);
    match requirement.split_once(';') {
        Some((requirement, marker)) => {
            format!("{} ; ({}) and extra == '{extra}'", requirement.trim_end(), marker.trim())
        }
        None => format!("{requirement} ; extra == '{extra}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_below_the_headers_says_nothing() {
        let text = "Metadata-Version: 2.1\nname: App\nVersion: 1.2\nSummary: a\n  Version: 9\n\
                    Requires-Dist: flask>=3\nRequires-Dist: redis ; extra == 'x'\nProvides-Extra: X_y\n\nName: other\n";
        let metadata = parse("METADATA", text.as_bytes(), Origin::Wheel).unwrap();
        let expected = Metadata {
            name: "App".into(),
            version: Some("1.2".into()),
            requires_python: None,
            requires_dist: Some(vec!["flask>=3".into(), "redis ; extra == 'x'".into()]),
            extras: vec!["x-y".into()],
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

    #[derive(Deserialize)]
    struct Collected {
        file: String,
        origin: String,
        content: String,
        expected: serde_json::Value,
    }

    /// The corpus and its expected values are made by `tests/metadata/collect.py`, which says how
    /// to make one of other distributions, too.
    #[test]
    fn what_python_reads_in_real_distributions_is_read() {
        let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/metadata/corpus.json");
        let path = std::env::var("STAGECTL_METADATA").unwrap_or_else(|_| usual.to_owned());
        let corpus: Vec<Collected> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert!(corpus.len() > 20, "{}", corpus.len());
        for Collected { file, origin, content, expected } in corpus {
            let origin = if origin == "wheel" { Origin::Wheel } else { Origin::Sdist };
            let read = parse(&file, content.as_bytes(), origin).unwrap();
            let requires: Vec<String> = read
                .requires_dist
                .iter()
                .flatten()
                .map(|requirement| requirement.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            let is_static = origin == Origin::Wheel || {
                let dynamic = expected["dynamic"].as_array().unwrap();
                let version = expected["metadata_version"].as_str().unwrap();
                !["1.0", "1.1", "1.2", "2.0", "2.1"].contains(&version)
                    && !dynamic
                        .iter()
                        .any(|field| field.as_str().unwrap().eq_ignore_ascii_case("Requires-Dist"))
            };
            assert_eq!(read.requires_dist.is_some(), is_static, "{file}");
            let expected_requires =
                if is_static { &expected["requires_dist"] } else { &serde_json::json!([]) };
            assert_eq!(serde_json::json!(requires), *expected_requires, "{file}");
            assert_eq!(read.name, expected["name"], "{file}");
            assert_eq!(serde_json::json!(read.version), expected["version"], "{file}");
            let python = &expected["requires_python"];
            assert_eq!(serde_json::json!(read.requires_python), *python, "{file}");
        }
    }

    #[test]
    fn what_no_installer_reads_in_a_wheel_is_refused_and_in_an_sdist_passed_over() {
        let table: [(&[u8], &str); 2] = [
            (b"\xef\xbb\xbfName: a\nVersion: 1\n", "it begins with a byte order mark"),
            (b"Name: a\nVersion: 1\nAuthor: J\xf6rg\n", "it is not UTF-8"),
        ];
        for (bytes, what) in table {
            let problem = parse("METADATA", bytes, Origin::Wheel).unwrap_err();
            assert_eq!(
                problem.to_string(),
                format!("its METADATA is not readable as such: {what}")
            );
            assert_eq!(parse("PKG-INFO", bytes, Origin::Sdist).unwrap().name, "a");
        }
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
                    requires-python = '>=3.9'\ndependencies = ['flask']\n\
                    [project.optional-dependencies]\nPDF = ['x', 'y; os_name == \"a\"']\n";
        let Build::Described(Some(metadata)) = pyproject(text.as_bytes()).unwrap() else {
            panic!("no metadata")
        };
        assert_eq!(metadata.version, None);
        assert_eq!(metadata.requires_python.as_deref(), Some(">=3.9"));
        let requires = ["flask", "x ; extra == 'pdf'", "y ; (os_name == \"a\") and extra == 'pdf'"];
        assert_eq!(metadata.requires_dist, Some(requires.map(str::to_owned).into()));
        assert_eq!(metadata.extras, ["pdf"]);

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
