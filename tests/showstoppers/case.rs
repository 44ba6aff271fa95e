//! One show-stopper: what its folder says, and the rehearsal that proves it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use stagectl::event::{Outcome, State};
use stagectl::report::SiteReport;

use crate::document;
use crate::driver::{Project, endings, repository};
use crate::first_lines;
use crate::samples::{WHEEL, wheel};

/// `case.yaml`: what is expected of the red site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The part of an environment that is to blame.
    pub(crate) part: String,
    pub(crate) title: String,
    /// What the release requires, as its metadata says it.
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default = "any_python")]
    python: String,
    /// The key in which the two descriptions differ.
    pub(crate) differs: String,
    /// The state of the upgrade in which the red site fails, all of those before it being green.
    pub(crate) state: Option<State>,
    /// The phase in which the red site fails.
    pub(crate) phase: String,
    pub(crate) code: u8,
    /// A part of what the terminal shows.
    pub(crate) message: String,
    pub(crate) why: String,
}

fn any_python() -> String {
    ">=3.7".to_owned()
}

impl Case {
    pub(crate) fn read(name: &str) -> Self {
        let path = folder(name).join("case.yaml");
        let text = fs::read_to_string(&path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn folder(name: &str) -> PathBuf {
    repository().join("tests/showstoppers").join(name)
}

/// Rehearses the release on both sites: green passes, and red fails as the case says, for the
/// reason that the case says.
pub(crate) fn rehearse(name: &str) {
    let case = Case::read(name);
    assert_differ_in_one_key(name, &case);
    let project = Project::new(name)
        .folder(&format!("tests/showstoppers/{name}"), "")
        .defaults(&read_defaults(name));
    let release = pack(&project, &case, ("release", "1.0"));
    if project.path("live").is_dir() {
        pack(&project, &case, ("live", "0.9"));
    }

    let told = project.rehearse(&release).exit_code(case.code.into());
    let report = project.report();
    let [green, red] = ["green", "red"].map(|name| {
        report.sites.iter().find(|site| site.name == name).expect("the site was rehearsed")
    });
    let ended = endings(&report);
    assert_eq!((green.code, red.code), (Some(0), Some(case.code)), "{ended}\n{}", told.stderr);
    assert_eq!(failed_phase(red), case.phase, "{ended}\n{}", told.stderr);
    assert_eq!(failed_state(red), case.state, "{ended}\n{}", told.stderr);
    let differs = red.differs.as_ref().expect("a red site is compared with a green one");
    assert!(
        differs.passed == "green" && differs.keys.iter().any(|key| is_below(key, &case.differs)),
        "the report points at {differs:?}"
    );
    first_lines::record(&format!("gallery, {name}"), &told.stderr, &report);
    let told = told.says(&case.message).says("red differs from it in ");
    project.assert_secrets_are_kept(&told);
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    document::record(name, &case, red.seconds);
}

fn failed_phase(site: &SiteReport) -> String {
    let bad = site.phases.iter().find(|phase| phase.outcome != Outcome::Passed);
    bad.map_or_else(String::new, |phase| phase.name.name().to_owned())
}

/// The state of its upgrade that is red, where it has one; a site's turn ends with it.
fn failed_state(site: &SiteReport) -> Option<State> {
    let (last, before) = site.states.split_last()?;
    assert!(before.iter().all(|state| state.outcome == Some(Outcome::Passed)), "{before:?}");
    assert_eq!(last.outcome, Some(Outcome::Failed), "{last:?}");
    Some(last.name)
}

/// A release: a wheel of the files in a folder. That of `live` is what a site's `live.release` may name.
pub(crate) fn pack(project: &Project, case: &Case, (folder, version): (&str, &str)) -> PathBuf {
    let requires: Vec<String> =
        case.requires.iter().map(|line| format!("Requires-Dist: {line}\n")).collect();
    let metadata = format!(
        "Metadata-Version: 2.1\nName: showstopper\nVersion: {version}\nRequires-Python: {}\n{}",
        case.python,
        requires.concat()
    );
    let info = &format!("showstopper-{version}.dist-info");
    let mut members =
        vec![(format!("{info}/METADATA"), metadata), (format!("{info}/WHEEL"), WHEEL.to_owned())];
    let source = project.path(folder);
    for file in crate::driver::files(&source) {
        let name = file.strip_prefix(&source).unwrap().display().to_string();
        members.push((name, fs::read_to_string(&file).unwrap()));
    }
    members.sort();
    let record: Vec<String> = members.iter().map(|(name, _)| format!("{name},,\n")).collect();
    members.push((format!("{info}/RECORD"), record.concat()));
    wheel(&project.path(&format!("showstopper-{version}-py3-none-any.whl")), &members)
}

/// What the sites of a case share, as it is written.
pub(crate) fn read_defaults(name: &str) -> String {
    fs::read_to_string(folder(name).join("environments/defaults.yaml")).unwrap()
}

/// The two files are the same but for what is at the key, or below it.
fn assert_differ_in_one_key(name: &str, case: &Case) {
    let leaves = |site: &str| {
        let path = folder(name).join(format!("environments/{site}.yaml"));
        let text = fs::read_to_string(path).unwrap();
        let mut leaves = std::collections::BTreeMap::new();
        collect(&serde_yaml::from_str(&text).unwrap(), "", &mut leaves);
        leaves.remove("summary");
        leaves
    };
    let (green, red) = (leaves("green"), leaves("red"));
    let different: Vec<&String> =
        green.keys().chain(red.keys()).filter(|key| green.get(*key) != red.get(*key)).collect();
    assert!(
        !different.is_empty() && different.iter().all(|key| is_within(key, &case.differs)),
        "the sites differ in {different:?}, and the case says {}",
        case.differs
    );
}

/// Whether one key path is the other, or below it, or the map that holds it (written as `{}`).
fn is_within(path: &str, key: &str) -> bool {
    is_below(path, key) || key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether one key path is the other, or below it.
pub(crate) fn is_below(path: &str, key: &str) -> bool {
    path == key || path.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))
}

fn collect(
    value: &serde_json::Value,
    path: &str,
    leaves: &mut std::collections::BTreeMap<String, serde_json::Value>,
) {
    match value.as_object() {
        Some(map) if !map.is_empty() => {
            for (key, value) in map {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(value, &inner, leaves);
            }
        }
        _ => {
            leaves.insert(path.to_owned(), value.clone());
        }
    }
}

/// The folder of a case, as the documents link to it.
pub(crate) fn link(name: &str) -> String {
    let path = Path::new("../tests/showstoppers").join(name);
    path.display().to_string()
}
