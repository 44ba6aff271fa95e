//! A Docker engine of a test's own, that may be stopped, killed and starved: in namespaces of its own
//! (network, mounts, processes), with its data on a small disk of its own. All of it ends with the
//! test, however that ends: the first process of its namespace reads from a pipe that is the test's.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Of its disk, while it is not starved.
const SIZE: u64 = 3 << 30;
const CGROUPS: &str = "/sys/fs/cgroup";
/// Makes the disk, and stays until the pipe on its standard input ends. It is the first process of its
/// namespace, so it has to wait for orphans too: a containerd that died with its daemon is one.
const HOLD: &str = "set -e; mount -t tmpfs -o size=$2 none $1; mount -t tmpfs none /run; \
                    ip link set lo up; echo ready; exec 3<&0; cat <&3 & wait";

pub(super) struct SecondEngine {
    folder: tempfile::TempDir,
    /// Its end ends everything.
    pipe: Option<ChildStdin>,
    holder: Child,
    /// The first process of its namespaces.
    first: u32,
    daemon: Option<Child>,
    cgroup: String,
}

impl SecondEngine {
    /// An engine that answers. None for a user who may not make one: only root may.
    pub(super) fn start() -> Option<Self> {
        Self::configured("{}")
    }

    /// One with a configuration of its own.
    pub(super) fn configured(json: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can start a Docker engine of a test's own");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        // Whatever the machine's own engine is told is not for this one.
        fs::write(folder.path().join("daemon.json"), json).unwrap();
        let mut holder = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"])
            .args(["sh", "-c", HOLD, "hold"])
            .arg(&root)
            .arg(SIZE.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = holder.stdin.take();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let first = only_child(holder.id());
        let cgroup = format!("stagectl-test-{}", std::process::id());
        let mut engine = SecondEngine { folder, pipe, holder, first, daemon: None, cgroup };
        assert_eq!(line, "ready\n", "no namespaces for a second engine");
        engine.restart();
        Some(engine)
    }

    /// For `DOCKER_HOST`.
    pub(super) fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("docker.sock").display())
    }

    /// What Docker's own command says of it.
    #[track_caller]
    pub(super) fn docker(&self, arguments: &[&str]) -> String {
        let output = self.try_docker(arguments);
        assert!(output.status.success(), "docker {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn try_docker(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = Command::new("docker");
        command.arg("--host").arg(self.address()).args(arguments).output().unwrap()
    }

    /// Starts the daemon, and returns when it answers.
    pub(super) fn restart(&mut self) {
        assert!(self.daemon.is_none(), "it runs");
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let log = fs::File::options().create(true).append(true).open(path("log")).unwrap();
        let daemon = self
            .inside(&["--net", "--mount", "--pid"])
            .args(["dockerd", "--storage-driver", "overlay2", "--exec-root", "/run/docker"])
            .args(["--data-root", &path("root/docker"), "--pidfile", "/run/docker.pid"])
            .args(["--config-file", &path("daemon.json"), "--host", &self.address()])
            .args(["--log-level", "warn", "--exec-opt", "native.cgroupdriver=cgroupfs"])
            .arg(format!("--cgroup-parent=/{}", self.cgroup))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
        let begin = Instant::now();
        while !self.try_docker(&["version"]).status.success() {
            let ended = self.daemon.as_mut().unwrap().try_wait().unwrap();
            let is_late = begin.elapsed() > Duration::from_mins(1);
            assert!(ended.is_none() && !is_late, "no engine: {}", self.log());
        }
    }

    /// Ends the daemon, and returns when it has ended. Killed, it leaves its containers running.
    pub(super) fn stop(&mut self, signal: Signal) {
        let mut daemon = self.daemon.take().unwrap();
        let pid = i32::try_from(only_child(daemon.id())).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        daemon.wait().unwrap();
    }

    /// Brings images over from the machine's own engine, with all their tags.
    pub(super) fn load(&self, ids: &[&str]) {
        let format = "{{range .RepoTags}}{{println .}}{{end}}";
        let mut inspect = Command::new("docker");
        let inspect = inspect.args(["image", "inspect", "--format", format]).args(ids);
        let tags = String::from_utf8(inspect.output().unwrap().stdout).unwrap();
        let tags: Vec<&str> = tags.split_whitespace().collect();
        assert!(tags.len() >= ids.len(), "{ids:?} have the tags {tags:?}");
        let mut save = Command::new("docker");
        let mut save = save.arg("save").args(tags).stdout(Stdio::piped()).spawn().unwrap();
        let mut load = Command::new("docker");
        load.args(["--host", &self.address(), "load", "--quiet"]).stdout(Stdio::null());
        let loaded = load.stdin(save.stdout.take().unwrap()).status().unwrap();
        assert!(loaded.success() && save.wait().unwrap().success());
    }

    /// Leaves so many bytes free on its disk.
    pub(super) fn starve(&self, free: u64) {
        let disk = rustix::fs::statvfs(self.disk()).unwrap();
        let used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize;
        self.resize(used + free);
        let disk = rustix::fs::statvfs(self.disk()).unwrap();
        assert!(disk.f_bfree * disk.f_frsize <= free, "it freed something itself");
    }

    pub(super) fn feed(&self) {
        self.resize(SIZE);
    }

    fn resize(&self, bytes: u64) {
        let mut mount = self.inside(&["--mount"]);
        mount.arg("mount").arg("-o").arg(format!("remount,size={bytes}"));
        assert!(mount.arg(self.folder.path().join("root")).status().unwrap().success());
    }

    /// The ids of every container, network and volume of stagectl's in there.
    pub(super) fn resources(&self) -> Vec<String> {
        let kinds: [&[&str]; 3] = [&["ps", "--all"], &["network", "ls"], &["volume", "ls"]];
        let list = |kind: &&[&str]| {
            let filter = ["--quiet", "--filter", "label=dev.stagectl.run"];
            self.docker(&[*kind, &filter[..]].concat())
        };
        kinds.iter().map(list).filter(|ids| !ids.is_empty()).collect()
    }

    /// Looks until nothing of stagectl's is in there, for at most so long; how long that took.
    #[track_caller]
    pub(super) fn is_clean(&self, within: Duration) -> Duration {
        let begin = Instant::now();
        loop {
            let left = self.resources();
            if left.is_empty() {
                return begin.elapsed();
            }
            assert!(begin.elapsed() < within, "after {within:?} there is {left:?}");
        }
    }

    /// Where its disk is seen from outside.
    fn disk(&self) -> PathBuf {
        let root = self.folder.path().join("root");
        Path::new(&format!("/proc/{}/root", self.first)).join(root.strip_prefix("/").unwrap())
    }

    /// A command in some of its namespaces.
    pub(super) fn inside(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.first.to_string()).args(namespaces).arg("--");
        command
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The control groups that it made, the innermost first.
    fn control_groups(&self) -> Vec<PathBuf> {
        let hierarchies = fs::read_dir(CGROUPS).unwrap().map(|entry| entry.unwrap().path());
        let own = std::iter::once(PathBuf::from(CGROUPS)).chain(hierarchies);
        let own = own.map(|hierarchy| hierarchy.join(&self.cgroup)).filter(|path| path.is_dir());
        let below = own.flat_map(|path| walkdir::WalkDir::new(path).contents_first(true));
        let folders = below.flatten().filter(|entry| entry.file_type().is_dir());
        folders.map(walkdir::DirEntry::into_path).collect()
    }
}

/// Proves that nothing of it is left.
impl Drop for SecondEngine {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The kernel kills every process of the namespace before its first one is waited for.
        let held = self.holder.wait();
        let daemon = self.daemon.take().map(|mut daemon| daemon.wait());
        for group in self.control_groups() {
            fs::remove_dir(group).ok();
        }
        if std::thread::panicking() {
            eprintln!("the second engine said:\n{}", self.log());
            return;
        }
        held.unwrap();
        daemon.map(Result::unwrap);
        assert_eq!(self.control_groups(), Vec::<PathBuf>::new());
        let folder = self.folder.path().to_str().unwrap();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let of_process = |name: &str| fs::read_to_string(process.path().join(name));
            for text in [of_process("mountinfo"), of_process("cmdline")].iter().flatten() {
                assert!(!text.contains(folder), "{} has to do with it", process.path().display());
            }
        }
    }
}

/// The only child of a process, as soon as it has one.
fn only_child(parent: u32) -> u32 {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let begin = Instant::now();
    loop {
        let children = fs::read_to_string(&path).unwrap();
        if let Some(child) = children.split_whitespace().next() {
            return child.parse().unwrap();
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "{parent} has no child");
    }
}
