//! What is known of a host: the answer of the script, read into types. Nothing of it is trusted as a path of this machine.

mod given;
mod packages;
mod process;
mod python;
mod service;
mod system;
mod unit;
mod variable;

use std::collections::BTreeMap;

use super::answer::Answer;
pub(super) use given::Given;
pub(super) use packages::{Packages, Source};
pub(super) use process::{Process, Running};
pub(super) use python::PythonEnvironment;
pub(super) use service::Asked;
pub(super) use system::System;
pub(super) use unit::{Kind as UnitKind, Unit, words};
pub(super) use variable::{Shown, Variable};

/// One host, as it was read.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// Whether it was read while it runs; an archive of its files has no processes, mounts and limits.
    pub is_running: bool,
    /// How whoever reads it calls it, where that is a name or an address.
    pub called: Option<String>,
    pub system: System,
    pub packages: Packages,
    /// What runs, whoever owns it.
    pub running: Vec<Running>,
    /// Processes that may serve the app, or work for it.
    pub processes: Vec<Process>,
    /// The administrator's units, and programs and vassals that other supervisors start.
    pub units: Vec<Unit>,
    /// Units that are active now; empty where nobody could say.
    pub active: Vec<String>,
    pub environments: Vec<PythonEnvironment>,
    /// Configuration files by their paths there, each as it may be shown.
    pub files: BTreeMap<String, Vec<String>>,
    /// Variables that files set, by the files' paths.
    pub assignments: BTreeMap<String, Vec<Variable>>,
    /// `GUNICORN_CMD_ARGS` that files set, by the files' paths.
    pub arguments: BTreeMap<String, Given>,
    /// Certificates in PEM, by the files' paths.
    pub certificates: BTreeMap<String, String>,
    /// Modules, configurations and sites of Apache that are enabled.
    pub apache: Vec<String>,
    pub services: Vec<Asked>,
    pub places: BTreeMap<String, Place>,
    /// Files in `/etc` that differ from what a package put there, or are of none.
    pub changes: Vec<Change>,
    /// Lines of cron.
    pub scheduled: Vec<String>,
    /// Limits of the machine's first process: soft and hard ones by name.
    pub first_limits: BTreeMap<String, (String, String)>,
    /// Ports that something listens on.
    pub ports: Vec<u16>,
    /// What could not be read, and why.
    pub unreadable: Vec<String>,
}

/// A file or folder of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub is_folder: bool,
    pub owner: String,
    pub group: String,
    /// Octal, as `750`.
    pub mode: String,
}

/// A file in `/etc` that is not as a package has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    /// False where it is of no package.
    pub is_of_package: bool,
    /// Its lines with harmless values; `HIDDEN` stands for others.
    pub lines: Vec<String>,
}

impl Host {
    /// Reads an answer.
    #[must_use]
    pub fn of(answer: &Answer) -> Host {
        let mut host = Host {
            is_running: answer.has("processes"),
            system: System::of(answer),
            packages: Packages::of(answer),
            running: process::running(answer),
            processes: process::of(answer),
            units: unit::of(answer),
            active: answer.lines("running").to_vec(),
            environments: python::of(answer),
            services: service::of(answer),
            apache: answer.lines("enabled").to_vec(),
            scheduled: answer.lines("scheduled").to_vec(),
            ports: process::ports(answer),
            first_limits: process::limits(answer.lines("first")),
            ..Host::default()
        };
        for part in answer.parts("file") {
            if part.code == 0 {
                host.files.insert(part.of.clone(), part.lines.clone());
            } else {
                let why = part.lines.last().map(|line| format!(" ({line})")).unwrap_or_default();
                host.unreadable.push(format!("{}{why}", part.of));
            }
        }
        for part in answer.parts("assignments").iter().filter(|part| part.code == 0) {
            host.assignments.insert(part.of.clone(), variable::of(&part.lines));
        }
        for part in answer.parts("arguments").iter().filter(|part| part.of.starts_with('/')) {
            host.arguments.insert(part.of.clone(), Given::of(answer, &part.of));
        }
        for part in answer.parts("certificate") {
            host.certificates.insert(part.of.clone(), part.lines.join("\n"));
        }
        host.places = places(answer);
        host.changes = changes(answer);
        host.unreadable.extend(answer.parts("unreadable").iter().map(|part| part.of.clone()));
        host.unreadable.extend(
            answer.ended_early().map(|what| format!("{what} (it took too long, or said too much)")),
        );
        host
    }

    /// What the host is called, for a person.
    #[must_use]
    pub fn called(&self) -> &str {
        match self.system.hostname.as_str() {
            "" => "the host",
            name => name,
        }
    }

    /// The lines of a configuration file, where it could be read.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[String]> {
        self.files.get(path).map(Vec::as_slice)
    }
}

fn places(answer: &Answer) -> BTreeMap<String, Place> {
    let lines =
        answer.parts("place").iter().flat_map(|part| &part.lines).chain(answer.lines("places"));
    let read = lines.filter_map(|line| {
        let mut words = line.splitn(6, '|');
        let kind = words.next()?;
        let (owner, group, mode) = (words.next()?, words.next()?, words.next()?);
        let path = words.nth(1)?;
        let place = Place {
            is_folder: kind == "directory",
            owner: owner.to_owned(),
            group: group.to_owned(),
            mode: mode.to_owned(),
        };
        Some((path.to_owned(), place))
    });
    read.collect()
}

fn changes(answer: &Answer) -> Vec<Change> {
    let lines = answer.lines("changes").iter();
    let read = lines.filter_map(|line| {
        let (kind, path) = line.split_once(' ')?;
        let lines = answer.of("settings", path).map(<[String]>::to_vec).unwrap_or_default();
        Some(Change { path: path.to_owned(), is_of_package: kind == "changed", lines })
    });
    read.collect()
}
