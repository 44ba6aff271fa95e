//! What this machine has of an engine's containers and networks: interfaces, mounts, processes. What of that is
//! there after their removal is left behind, whatever the engine lists.
//!
//! An engine elsewhere (in a virtual machine, behind `ssh`, rootless with a network of its own) has no such
//! traces here, so that nothing is found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::labels::Found;
use crate::event::{Resource, ResourceKind};
use crate::replica::bridge_of;

/// Where to look, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// `/`, but in tests.
    root: PathBuf,
    /// Bridges of networks, and the ends of the containers' cables in them.
    interfaces: BTreeSet<String>,
    /// Ids of containers.
    containers: BTreeSet<String>,
}

impl Traces {
    /// Takes note of what this machine has now of these, below `root`. A cable's end can only be told from others
    /// as long as it is in the bridge.
    #[must_use]
    pub fn of(root: &Path, resources: &[Found]) -> Traces {
        let mut traces = Traces {
            root: root.to_owned(),
            interfaces: BTreeSet::new(),
            containers: BTreeSet::new(),
        };
        for Found { resource, id, .. } in resources {
            match resource.kind {
                ResourceKind::Network => {
                    let bridge = bridge_of(&resource.name);
                    let cables = traces.root.join("sys/class/net").join(&bridge).join("brif");
                    traces.interfaces.extend(names_in(&cables));
                    traces.interfaces.insert(bridge);
                }
                ResourceKind::Container => {
                    traces.containers.insert(id.clone());
                }
                _ => {}
            }
        }
        traces
    }

    /// The same and those of another look.
    #[must_use]
    pub fn and(mut self, other: Traces) -> Traces {
        self.interfaces.extend(other.interfaces);
        self.containers.extend(other.containers);
        self
    }

    /// What of it is there now. Reads a few small files for each process of the machine.
    #[must_use]
    pub fn remaining(&self) -> Vec<Resource> {
        let interfaces = self.interfaces.iter().filter(|name| {
            // A link of a name that is taken leads to the device.
            self.root.join("sys/class/net").join(name).exists()
        });
        let of = |kind, name| Resource { kind, name };
        let interfaces = interfaces.map(|name| of(ResourceKind::Interface, name.clone()));
        let mounts = self.mounts().into_iter().map(|name| of(ResourceKind::Mount, name));
        let processes = self.processes().into_iter().map(|name| of(ResourceKind::Process, name));
        interfaces.chain(mounts).chain(processes).collect()
    }

    /// Mount points whose path names a container.
    /// <https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html>
    fn mounts(&self) -> Vec<String> {
        let table = fs::read_to_string(self.root.join("proc/self/mountinfo")).unwrap_or_default();
        let points = table.lines().filter_map(|line| line.split(' ').nth(4));
        points.filter(|point| self.is_named_in(point, '/')).map(str::to_owned).collect()
    }

    /// Processes in a control group of a container, and those that watch over one; each with its number and name.
    /// A process that has ended and waits for its parent's look has no command line.
    fn processes(&self) -> Vec<String> {
        if self.containers.is_empty() {
            return Vec::new();
        }
        let folder = self.root.join("proc");
        let numbers = names_in(&folder).into_iter().filter_map(|name| name.parse::<u32>().ok());
        let found = numbers.filter_map(|number| {
            let read = |file: &str| fs::read(folder.join(number.to_string()).join(file)).ok();
            let command = String::from_utf8_lossy(&read("cmdline")?).into_owned();
            let program = command.split('\0').next().filter(|program| !program.is_empty())?;
            let name = program.rsplit('/').next().unwrap_or(program);
            let watches = name.starts_with("containerd-shim") && self.is_named_in(&command, '\0');
            let group =
                || String::from_utf8_lossy(&read("cgroup").unwrap_or_default()).into_owned();
            let is_inside = || group().lines().any(|line| self.is_named_in(line, '/'));
            (watches || is_inside()).then(|| format!("{number} ({name})"))
        });
        found.collect()
    }

    /// Whether a part of the text is a container's id: as it is, or as systemd's driver names it, `docker-ID.scope`.
    fn is_named_in(&self, text: &str, separator: char) -> bool {
        text.split(separator).any(|part| {
            let id = part.strip_suffix(".scope").and_then(|part| part.rsplit('-').next());
            self.containers.contains(id.unwrap_or(part))
        })
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b0001";
    const OTHER: &str = "4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b4f3c0d5e8a1b0002";

    fn found(kind: ResourceKind, name: &str, id: &str) -> Found {
        let resource = Resource { kind, name: name.to_owned() };
        Found { resource, id: id.to_owned(), labels: [].into(), running: true, created: 0 }
    }

    /// A machine with a bridge and its cable, mounts and processes, some of them somebody else's.
    fn machine() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let net = "sys/class/net";
        write(&format!("{net}/{}/brif/veth1234567/state", bridge_of("n")), "3\n");
        write(&format!("{net}/{}/brif/veth7654321/state", bridge_of("other")), "3\n");
        for name in ["veth1234567", "veth7654321", "eth0"] {
            write(&format!("{net}/{name}/mtu"), "1500\n");
        }
        let mount = |id: &str| {
            let point = format!("/var/lib/docker/containers/{id}/mounts/shm");
            format!("36 35 0:31 / {point} rw shared:1 - tmpfs shm rw\n")
        };
        let mounts = format!("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n{}{}", mount(ID), mount(OTHER));
        write("proc/self/mountinfo", &mounts);
        let process = |number: u32, command: &str, group: &str| {
            write(&format!("proc/{number}/cmdline"), command);
            write(&format!("proc/{number}/cgroup"), &format!("0::{group}\n"));
        };
        process(10, "/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0-id\0", "/system.slice");
        process(11, &format!("/usr/bin/containerd-shim-runc-v2\0-id\0{ID}\0"), "/system.slice");
        process(12, "/usr/sbin/nginx\0-g\0", &format!("/docker/{ID}"));
        process(13, "redis-server\0", &format!("/system.slice/docker-{ID}.scope"));
        process(14, "redis-server\0", &format!("/docker/{OTHER}"));
        process(15, &format!("docker\0logs\0-f\0{ID}\0"), "/user.slice");
        process(16, "", &format!("/docker/{ID}"));
        root
    }

    #[test]
    fn what_is_there_of_a_container_and_its_network_is_found_and_nothing_of_others() {
        let root = machine();
        let resources =
            [found(ResourceKind::Container, "c", ID), found(ResourceKind::Network, "n", "n1")];
        let traces = Traces::of(root.path(), &resources);
        // The bridge goes; the end of a cable stays.
        fs::remove_dir_all(root.path().join("sys/class/net").join(bridge_of("n"))).unwrap();
        let mut names: Vec<String> = traces
            .remaining()
            .into_iter()
            .map(|resource| format!("{} {}", resource.kind.name(), resource.name))
            .collect();
        names.sort();
        let mount = format!("mount /var/lib/docker/containers/{ID}/mounts/shm");
        let processes = ["11 (containerd-shim-runc-v2)", "12 (nginx)", "13 (redis-server)"]
            .map(|process| format!("process {process}"));
        let [watcher, nginx, redis] = processes;
        assert_eq!(names, ["interface veth1234567".to_owned(), mount, watcher, nginx, redis]);
    }

    #[test]
    fn a_machine_that_has_nothing_of_them_or_cannot_be_read_has_nothing_left() {
        let root = machine();
        let others =
            [found(ResourceKind::Container, "c", "5"), found(ResourceKind::Volume, "v", "v")];
        assert_eq!(Traces::of(root.path(), &others).remaining(), []);
        let resources = [found(ResourceKind::Container, "c", ID)];
        assert_eq!(Traces::of(Path::new("/nowhere"), &resources).remaining(), []);
    }
}
