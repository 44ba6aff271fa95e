//! A host that shell scripts set up as an administrator would (`tests/live-hosts`), with a booted systemd and an sshd.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::driver::{Project, repository};

/// Folders that a host writes to by itself: logs of who logs in, databases, what is only there while it runs.
const ITS_OWN: [&str; 9] = [
    "/var/log",
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/redis",
    "/var/lib/systemd",
    "/var/backups",
    "/run",
    "/tmp",
    "/var/tmp",
];

/// A host that runs, and goes with this value.
pub(super) struct LiveHost {
    facts: BTreeMap<String, String>,
}

impl LiveHost {
    /// Makes the host's image where it is not there, and starts it; it is well when this returns.
    pub(super) fn start(name: &str) -> LiveHost {
        let made =
            Command::new(repository().join("tests/live-hosts/make.sh")).arg(name).output().unwrap();
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(made.status.success(), "{said}\n{}", String::from_utf8_lossy(&made.stderr));
        let pairs = said.lines().filter_map(|line| line.split_once('='));
        LiveHost { facts: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    pub(super) fn fact(&self, key: &str) -> &str {
        self.facts.get(key).map_or("", String::as_str)
    }

    /// Has the `ssh` of a project's commands know the host as `live`: a configuration of the test's own, and nothing of whoever
    /// runs it.
    pub(super) fn known_to(&self, project: Project) -> Project {
        let bin = project.path("bin");
        fs::create_dir_all(&bin).unwrap();
        let known = format!("[127.0.0.1]:{} {}\n", self.fact("ssh_port"), self.fact("host_key"));
        let project = project.file("bin/known_hosts", &known);
        let config = format!(
            "Host live\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n  IdentitiesOnly yes\n",
            self.fact("ssh_port"),
            self.fact("user"),
            self.fact("key"),
            bin.join("known_hosts").display()
        );
        let project = project.file("bin/config", &config);
        let script =
            format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", bin.join("config").display());
        let project = project.file("bin/ssh", &script);
        fs::set_permissions(bin.join("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        project.variable("PATH", &path)
    }

    /// Arguments that have the names of the site lead to the host.
    pub(super) fn detours(&self) -> Vec<String> {
        let mut words = Vec::new();
        for name in self.fact("names").split(' ') {
            for (port, fact) in [(443, "https_port"), (80, "http_port")] {
                if !self.fact(fact).is_empty() {
                    words.extend([
                        "--resolve".to_owned(),
                        format!("{name}:{port}=127.0.0.1:{}", self.fact(fact)),
                    ]);
                }
            }
        }
        if !self.fact("root").is_empty() {
            words.extend(["--ca".to_owned(), self.fact("root").to_owned()]);
        }
        words
    }

    /// Runs a command there as root.
    pub(super) fn run(&self, command: &str) {
        let done = Command::new("docker")
            .args(["exec", self.fact("container"), "sh", "-c", command])
            .output()
            .unwrap();
        assert!(done.status.success(), "{command}\n{}", String::from_utf8_lossy(&done.stderr));
    }

    /// What was changed of its file system since it was started, but for what it writes by itself.
    pub(super) fn written(&self) -> BTreeSet<String> {
        let said = Command::new("docker").args(["diff", self.fact("container")]).output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let is_its_own = |path: &str| {
            ITS_OWN.iter().any(|folder| path == *folder || path.starts_with(&format!("{folder}/")))
        };
        let changed = text.lines().filter_map(|line| Some(line.split_once(' ')?.1.to_owned()));
        changed
            .filter(|path| {
                !is_its_own(path)
                    && !ITS_OWN.iter().any(|folder| folder.starts_with(&format!("{path}/")))
            })
            .collect()
    }

    /// The values that must not leave it.
    pub(super) fn secrets(&self) -> Vec<String> {
        let text = fs::read_to_string(self.fact("secrets")).unwrap();
        let values: Vec<String> =
            text.lines().filter_map(|line| Some(line.split_once('\t')?.1.to_owned())).collect();
        assert!(values.len() > 5 && values.iter().all(|value| value.len() > 7), "{values:?}");
        values
    }

    pub(super) fn release(&self) -> PathBuf {
        PathBuf::from(self.fact("release"))
    }

    /// The planted changes: the keys of which one has to be named, and the command.
    pub(super) fn changes(name: &str) -> Vec<(String, String)> {
        let text = fs::read_to_string(repository().join("tests/live-hosts/changes.txt")).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let read = lines.filter_map(|line| {
            let mut parts = line.splitn(3, '|').map(str::trim);
            let (host, keys, command) = (parts.next()?, parts.next()?, parts.next()?);
            (host == name).then(|| (keys.to_owned(), command.to_owned()))
        });
        read.collect()
    }
}

impl Drop for LiveHost {
    fn drop(&mut self) {
        let down = Command::new(repository().join("tests/live-hosts/down.sh"))
            .arg(self.fact("container"))
            .output();
        let is_gone = down.is_ok_and(|output| output.status.success());
        assert!(is_gone || std::thread::panicking(), "the host could not be removed");
    }
}

/// Every file below a folder that holds one of these values.
pub(super) fn files_with(folder: &Path, values: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
    {
        let text =
            String::from_utf8_lossy(&fs::read(entry.path()).unwrap_or_default()).into_owned();
        if values.iter().any(|value| text.contains(value)) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
