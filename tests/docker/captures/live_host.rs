//! A host that shell scripts set up as an administrator would (`tests/live-hosts`), with a booted systemd and an sshd.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

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

/// A network of Docker's that hosts of one site share, and that goes with this value.
pub(super) struct HostNetwork {
    pub(super) name: String,
}

impl HostNetwork {
    /// Makes it in the first subnet that nobody has.
    pub(super) fn new(test: &str) -> HostNetwork {
        let name = format!("stagectl-test-live-{test}-{}", std::process::id());
        for number in 0..=255 {
            let subnet = format!("10.232.{number}.0/24");
            let made = Command::new("docker")
                .args(["network", "create", "--label", "dev.stagectl.test.live-host=network"])
                .args(["--subnet", &subnet, &name])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&made.stderr).into_owned();
            if made.status.success() {
                return HostNetwork { name };
            }
            assert!(said.contains("overlaps"), "{said}");
        }
        panic!("every subnet of 10.232.0.0/16 has somebody");
    }
}

impl Drop for HostNetwork {
    fn drop(&mut self) {
        let removed = Command::new("docker").args(["network", "rm", &self.name]).output();
        let is_gone = removed.is_ok_and(|output| output.status.success());
        assert!(is_gone || std::thread::panicking(), "the network could not be removed");
    }
}

impl LiveHost {
    /// Makes the host's image where it is not there, and starts it; it is well when this returns.
    pub(super) fn start(name: &str) -> LiveHost {
        LiveHost::made(&[name])
    }

    /// The same on a network that it shares with others.
    pub(super) fn start_on(network: &HostNetwork, name: &str) -> LiveHost {
        LiveHost::made(&["--network", &network.name, name])
    }

    fn made(arguments: &[&str]) -> LiveHost {
        let make = repository().join("tests/live-hosts/make.sh");
        let made = Command::new(make).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(made.status.success(), "{said}\n{}", String::from_utf8_lossy(&made.stderr));
        let pairs = said.lines().filter_map(|line| line.split_once('='));
        LiveHost { facts: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    pub(super) fn fact(&self, key: &str) -> &str {
        self.facts.get(key).map_or("", String::as_str)
    }

    /// Has the `ssh` of a project's commands know the host as `live`.
    pub(super) fn known_to(&self, project: Project) -> Project {
        known_as(project, &[("live", self)])
    }

    /// What `ssh` has to know of it, to call it by a name; `keys` is a file with the keys of hosts.
    fn config(&self, name: &str, keys: &Path) -> String {
        format!(
            "Host {name}\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n  IdentitiesOnly yes\n",
            self.fact("ssh_port"),
            self.fact("user"),
            self.fact("key"),
            keys.display()
        )
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
        self.says(command);
    }

    /// What a command says that is run there as root.
    pub(super) fn says(&self, command: &str) -> String {
        let done = Command::new("docker")
            .args(["exec", self.fact("container"), "sh", "-c", command])
            .output()
            .unwrap();
        assert!(done.status.success(), "{command}\n{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
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
        assert!(!values.is_empty() && values.iter().all(|value| value.len() > 7), "{values:?}");
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

/// Has the `ssh` of a project's commands know hosts by names: a configuration of the test's own, `bin/config`, and nothing of
/// whoever runs it.
pub(super) fn known_as(project: Project, hosts: &[(&str, &LiveHost)]) -> Project {
    let bin = project.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let key = |host: &LiveHost| {
        format!("[127.0.0.1]:{} {}\n", host.fact("ssh_port"), host.fact("host_key"))
    };
    let keys: String = hosts.iter().map(|(_, host)| key(host)).collect();
    let config = hosts.iter().map(|(name, host)| host.config(name, &bin.join("known_hosts")));
    let project = project.file("bin/config", &config.collect::<String>());
    let script =
        format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", bin.join("config").display());
    let project = project.file("bin/known_hosts", &keys).file("bin/ssh", &script);
    fs::set_permissions(bin.join("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    project.variable("PATH", &path)
}

/// What has drifted, as `KEY live`, of the answer of a command.
pub(super) fn drifted(project: &Project, arguments: &[String]) -> Vec<String> {
    let outcome = project.run(arguments);
    let said: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    let findings = said["sites"][0]["findings"].as_array().unwrap().clone();
    let drifted: Vec<String> = findings
        .iter()
        .filter(|finding| finding["standing"] == "drifted")
        .map(|finding| format!("{} {}", finding["key"].as_str().unwrap(), finding["live"]))
        .collect();
    outcome.exit_code(if drifted.is_empty() { 0 } else { 6 });
    drifted
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
