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

/// The same in the root of another Debian, `$3`, over which everything is written into a disk at `$4`; of this
/// machine there is the test's folder, `$5`.
const HOLD_ELSEWHERE: &str = "set -e; mount --make-rprivate /; mount -t tmpfs none $4; mkdir $4/up $4/work $4/new; \
    mount -t overlay -o lowerdir=$3,upperdir=$4/up,workdir=$4/work none $4/new; cd $4/new; \
    mount --rbind /dev dev; mount --rbind /sys sys; mount -t proc proc proc; mount -t tmpfs none run; \
    mkdir -p .$5 old run/sshd; mount --bind $5 .$5; pivot_root . old; umount -l old; \
    mount -t tmpfs -o size=$2 none $1; ip link set lo up || :; echo ready; exec 3<&0; cat <&3 & wait";

/// Debian's own script for it, as a user without rights.
const ROOTLESS: &str = "set -e; mkdir -p /dev/net; id me >/dev/null 2>&1 || useradd --uid 1000 --create-home me; \
    mount -t tmpfs none /dev/net; mknod /dev/net/tun c 10 200; chmod 666 /dev/net/tun; \
    mkdir -p /run/me $2/data; chown me /run/me $2/data $1; \
    ln -sf /usr/share/docker.io/contrib/dockerd-rootless.sh /usr/local/bin/; \
    exec setpriv --reuid 1000 --regid 1000 --init-groups \
    env -i HOME=/home/me USER=me XDG_RUNTIME_DIR=/run/me PATH=/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin \
    dockerd-rootless.sh --data-root $2/data --log-level warn --host unix://$1/docker.sock";

/// Fails the test of whoever is not root: what was not looked at is not green.
#[track_caller]
pub(crate) fn needs_root(what: &str) {
    assert!(
        rustix::process::geteuid().is_root(),
        "only root can {what}: run the tests as root, or leave those out that need it: \
         cargo nextest run --profile without-root"
    );
}

/// What is started there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    Docker,
    /// Of a user with the number 1000.
    Rootless,
    Podman,
    /// No engine, but the way to one; on the machine's own network.
    Sshd(u16),
}

pub(crate) struct SecondEngine {
    folder: tempfile::TempDir,
    /// Its end ends everything.
    pipe: Option<ChildStdin>,
    holder: Child,
    /// The first process of its namespaces.
    first: u32,
    daemon: Option<Child>,
    cgroup: String,
    make: Make,
    /// In the root of another Debian.
    is_elsewhere: bool,
}

impl SecondEngine {
    /// An engine that answers.
    pub(crate) fn start() -> Self {
        Self::configured("{}")
    }

    /// One with a configuration of its own.
    pub(crate) fn configured(json: &str) -> Self {
        Self::of(Make::Docker, None, json)
    }

    /// One of that make, with the programs of another Debian whose root is in a folder.
    pub(crate) fn of(make: Make, elsewhere: Option<&Path>, json: &str) -> Self {
        needs_root("start a Docker engine of a test's own");
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        // Whatever the machine's own engine is configured for is not for this one.
        fs::write(folder.path().join("daemon.json"), json).unwrap();
        let over = folder.path().join("over");
        fs::create_dir(&over).unwrap();
        let mut holder = Command::new("unshare");
        if !matches!(make, Make::Sshd(_)) {
            holder.arg("--net");
        }
        let mut holder = holder
            .args(["--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"])
            .args(["sh", "-c", if elsewhere.is_some() { HOLD_ELSEWHERE } else { HOLD }, "hold"])
            .arg(&root)
            .arg(SIZE.to_string())
            .args(elsewhere)
            .args([over.as_path(), folder.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = holder.stdin.take();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let first = only_child(holder.id());
        let cgroup = format!("stagectl-test-{}", std::process::id());
        let is_elsewhere = elsewhere.is_some();
        let daemon = None;
        let mut engine =
            SecondEngine { folder, pipe, holder, first, daemon, cgroup, make, is_elsewhere };
        assert_eq!(line, "ready\n", "no namespaces for a second engine");
        engine.restart();
        engine
    }

    /// For `DOCKER_HOST`.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("docker.sock").display())
    }

    /// What Docker's own command says of it.
    #[track_caller]
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
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
        let log = self.folder.path().join("log");
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let daemon = self
            .start_command()
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
        let begin = Instant::now();
        while !self.answers() {
            let ended = self.daemon.as_mut().unwrap().try_wait().unwrap();
            let is_late = begin.elapsed() > Duration::from_mins(1);
            assert!(ended.is_none() && !is_late, "no engine: {}", self.log());
        }
    }

    fn answers(&self) -> bool {
        match self.make {
            Make::Sshd(port) => std::net::TcpStream::connect(("127.0.0.1", port)).is_ok(),
            _ => self.try_docker(&["version"]).status.success(),
        }
    }

    fn start_command(&self) -> Command {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let namespaces: &[&str] = match self.make {
            Make::Sshd(_) => &["--mount", "--pid"],
            _ => &["--net", "--mount", "--pid"],
        };
        let mut command = self.inside(namespaces);
        if self.is_elsewhere {
            // Its root is another one than that of the test.
            command.args(["env", "-C", "/"]);
        }
        match self.make {
            Make::Docker => command
                .args(["dockerd", "--storage-driver", "overlay2", "--exec-root", "/run/docker"])
                .args(["--data-root", &path("root/docker"), "--pidfile", "/run/docker.pid"])
                .args(["--config-file", &path("daemon.json"), "--host", &self.address()])
                .args(["--log-level", "warn", "--exec-opt", "native.cgroupdriver=cgroupfs"])
                .arg(format!("--cgroup-parent=/{}", self.cgroup)),
            Make::Rootless => command
                .args(["sh", "-c", ROOTLESS, "rootless"])
                .args([self.folder.path(), &self.folder.path().join("root")]),
            Make::Podman => command
                .args(["podman", "--root", &path("root/podman"), "--runroot", "/run/podman"])
                // Its usual crun takes no machine with both versions of control groups.
                .args(["--runtime", "runc", "--cgroup-manager", "cgroupfs"])
                .args(["system", "service", "--time", "0"])
                .arg(self.address()),
            Make::Sshd(port) => command
                .args(["/usr/sbin/sshd", "-D", "-e", "-o", "ListenAddress=127.0.0.1", "-p"])
                .arg(port.to_string()),
        };
        command
    }

    /// Ends the daemon, and returns when it has ended. Killed, it leaves its containers running.
    pub(super) fn stop(&mut self, signal: Signal) {
        let mut daemon = self.daemon.take().unwrap();
        let pid = i32::try_from(only_child(daemon.id())).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        daemon.wait().unwrap();
    }

    /// Brings images over from the machine's own engine, with all their tags.
    pub(crate) fn load(&self, ids: &[&str]) {
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
    pub(crate) fn resources(&self) -> Vec<String> {
        let kinds: [&[&str]; 3] = [&["ps", "--all"], &["network", "ls"], &["volume", "ls"]];
        let list = |kind: &&[&str]| {
            let filter = ["--quiet", "--filter", "label=dev.stagectl.run"];
            self.docker(&[*kind, &filter[..]].concat())
        };
        kinds.iter().map(list).filter(|ids| !ids.is_empty()).collect()
    }

    /// Looks until nothing of stagectl's is in there, for at most so long; how long that took.
    #[track_caller]
    pub(crate) fn is_clean(&self, within: Duration) -> Duration {
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
    pub(crate) fn inside(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.first.to_string()).args(namespaces).arg("--");
        command
    }

    /// A file of the test's folder, which has the same path in there.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What its daemon has said.
    pub(crate) fn log(&self) -> String {
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
