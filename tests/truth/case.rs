//! One case: what its folder says, and the commands that prove it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use stagectl::event::Outcome;
use stagectl::report::SiteReport;

use crate::driver::{Outcome as Called, Project, endings, files, repository};
use crate::first_lines;

/// `case.yaml`: what should happen in the project of its folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What a wrong answer would mean for a site, in plain words.
    #[expect(dead_code, reason = "for who reads the file")]
    why: String,
    /// Variables that stagectl is called with. Those below `secrets` must stand in nothing that is said
    /// or written.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    /// In this order.
    commands: Vec<Call>,
}

/// One call of stagectl, or of the shell, in the project's folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The arguments of stagectl.
    stagectl: Option<String>,
    /// A command for the shell instead, to get something ready.
    shell: Option<String>,
    #[serde(default)]
    code: i32,
    /// Parts of what the terminal shows.
    #[serde(default)]
    says: Vec<String>,
    /// What the terminal must not show.
    #[serde(default)]
    never: Vec<String>,
    /// How each site of the run's report ended; others are not looked at.
    #[serde(default)]
    sites: BTreeMap<String, Ending>,
    /// Whether the first five lines of each site that is not green are held in `docs/failures.md`.
    #[serde(default)]
    first_lines: bool,
    /// Files of the run's folder, and parts of what they say.
    #[serde(default)]
    evidence: BTreeMap<String, Vec<String>>,
}

/// How one site ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    code: u8,
    /// The phase in which it failed; none for a site that passed.
    phase: Option<String>,
}

fn folder(name: &str) -> PathBuf {
    repository().join("tests/truth").join(name)
}

impl Case {
    fn read(name: &str) -> Self {
        let path = folder(name).join("case.yaml");
        let text = fs::read_to_string(&path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// Calls each command of a case, and holds what comes of it against what the case says.
pub(crate) fn play(name: &str) {
    let case = Case::read(name);
    let mut project = Project::new(name).folder(&format!("tests/truth/{name}"), "");
    let defaults = folder(name).join("environments/defaults.yaml");
    if defaults.exists() {
        project = project.defaults(&fs::read_to_string(defaults).unwrap());
    }
    for (key, value) in case.variables.iter().chain(&case.secrets) {
        project = project.variable(key, value);
    }
    for call in &case.commands {
        let called = make(&project, call);
        hold(&project, call, &called);
        if call.first_lines {
            first_lines::record(&format!("truth, {name}"), &called.stderr, &project.report());
        }
        assert_kept(&project, &case.secrets, &called);
    }
}

fn make(project: &Project, call: &Call) -> Called {
    match (&call.stagectl, &call.shell) {
        (Some(arguments), None) => {
            let arguments: Vec<&str> = arguments.split_whitespace().collect();
            project.run(&arguments)
        }
        (None, Some(command)) => {
            let mut shell = Command::new("sh");
            shell.args(["-euc", command]).current_dir(project.path("."));
            shell.env("STAGECTL", env!("CARGO_BIN_EXE_stagectl"));
            Called::of(shell.output().unwrap(), std::time::Instant::now())
        }
        _ => panic!("a command is one of `stagectl` and `shell`: {call:?}"),
    }
}

/// Fails unless the call came to what the case says.
fn hold(project: &Project, call: &Call, called: &Called) {
    let said = format!("{}{}", called.stdout, called.stderr);
    assert_eq!(called.code(), Some(call.code), "{call:?}\n{said}");
    for part in &call.says {
        assert!(said.contains(part), "it does not say {part:?}:\n{said}");
    }
    for part in &call.never {
        assert!(!said.contains(part), "it says {part:?}:\n{said}");
    }
    if !call.sites.is_empty() {
        let report = project.report();
        for (name, expected) in &call.sites {
            let site = report.sites.iter().find(|site| site.name == *name);
            let site = site.unwrap_or_else(|| panic!("{name} is not in the report\n{said}"));
            let ended = (site.code, failed_phase(site));
            let wanted = (Some(expected.code), expected.phase.clone());
            assert_eq!(ended, wanted, "{name}\n{}\n{said}", endings(&report));
        }
    }
    for (path, parts) in &call.evidence {
        let path = project.run_folder().join(path);
        let bytes = fs::read(&path).unwrap_or_else(|error| {
            panic!("{}: {error}; there are {:#?}", path.display(), files(&project.run_folder()))
        });
        let text = String::from_utf8_lossy(&bytes);
        for part in parts {
            assert!(text.contains(part), "{} does not say {part:?}:\n{text}", path.display());
        }
    }
}

fn failed_phase(site: &SiteReport) -> Option<String> {
    let bad = site.phases.iter().find(|phase| phase.outcome != Outcome::Passed);
    bad.map(|phase| phase.name.name().to_owned())
}

/// Fails if what was said, or a file that was written, holds a secret.
fn assert_kept(project: &Project, secrets: &BTreeMap<String, String>, called: &Called) {
    let mut texts = vec![("the terminal".to_owned(), format!("{called:?}"))];
    for file in files(&project.path(".")).into_iter().filter(|file| is_written(file)) {
        let bytes = fs::read(&file).unwrap();
        texts.push((file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (key, value) in secrets {
        let found = texts.iter().filter(|(_, text)| text.contains(value));
        let found: Vec<&str> = found.map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, [""; 0], "the value of {key} is in there");
    }
}

/// Whether stagectl has written the file.
fn is_written(file: &std::path::Path) -> bool {
    file.components().any(|part| part.as_os_str() == ".stagectl")
}
