//! What a hostile description, and the app that it brings, can do to the machine: everything is tried from
//! inside a replica.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use stagectl::docker::Engine as _;
use stagectl::event::ResourceKind;

use crate::driver::{Project, with_docker};
use crate::samples::packed;

const INTRUDER: &str = r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0"]}
user: intruder
data: [/srv/intruder/data]
proxy: {server: none}
wsgi: {server: gunicorn, application: "intruder.wsgi:application", workers: 1}
processes: {worker: {run: "python -m intruder.probes /srv/intruder/data/worker.json stay"}}
deploy: {steps: [{name: tries, run: "python -m intruder.probes /srv/intruder/data/step.json"}]}
secrets: {key: {generate: 24}}
env: {KEY: "${secret.key}", TARGETS: "{}"}
critical: {path: ../critical, run: python3 check.py, budget: 60s, site_env: [TARGETS]}
"#;

/// The JSON parser of the site's Python, which stagectl's own programs use as well: by it, whoever writes
/// the description is root on the app's host, with all that stagectl's programs have there.
const ROOTED: &str = r#"
import _json, os
make_scanner = c_make_scanner = _json.make_scanner
found = "/srv/intruder/data/root.json"
if os.getuid() == 0 and "INTRUDER" not in os.environ and not os.path.exists(found):
    folder = "/srv/intruder/venv/lib/python3.11/site-packages"
    os.system("INTRUDER=1 PYTHONPATH=" + folder + " python3 -S -m intruder.probes " + found + " >&2")
"#;

pub(crate) fn intruders(test: &str) -> Project {
    Project::new(test)
        .folder("tests/apps/intruder/critical", "critical")
        .folder("tests/apps/intruder/intruder", "critical/intruder")
        .defaults(INTRUDER)
}

/// What each of a replica's inhabitants met, by what it is.
pub(crate) fn tried(project: &Project, site: &str) -> BTreeMap<String, Value> {
    let report = project.report();
    let site = report.sites.iter().find(|found| found.name == site).unwrap();
    let message = site.tests.first().and_then(|test| test.message.clone());
    let message = message.unwrap_or_else(|| panic!("{:?}", site.failure));
    serde_json::from_str(&message).unwrap_or_else(|_| panic!("{message}"))
}

/// What an inhabitant with the user's rights meets; nothing that was tried came to anything.
fn met_by_the_user() -> Value {
    json!({
        "setuid program": "runs as the user",
        "setuid(0)": "EPERM",
        "mount tmpfs": "EPERM",
        "mount proc": "EPERM",
        "mount cgroup": "EPERM",
        "umount": "EPERM",
        "unshare user": "EPERM",
        "setns": "EACCES",
        "mknod": "EPERM",
        "ptrace of the first process": "EPERM",
        "bpf": "EPERM",
        "/proc/sys": "EACCES",
        "/proc/sysrq-trigger": "ENOENT",
        "/sys": "EROFS",
        "cgroup": "EROFS",
        "/dev/mem": "ENOENT",
        "/proc/kcore": "ENOENT",
        "block devices": [],
        "docker.sock": [],
        "raw socket": "EPERM",
        "chroot": "EPERM",
    })
}

/// The same for root on a host that has the right to mount: its one other right is to take the right to write
/// away.
fn met_by_root() -> (Value, Value) {
    let mut machine = met_by_the_user();
    // It is root; and what is root's is a part of Docker's read-only mounts.
    let other = [
        ("setuid program", "setuid, runs as root"),
        ("setuid(0)", "-"),
        ("setns", "EPERM"),
        ("/proc/sys", "EROFS"),
    ];
    for (key, value) in other {
        machine[key] = value.into();
    }
    let bound = json!({
        "unshare": "done",
        "make /proc/sys writable": "EPERM",
        "/proc below its masks": "EPERM",
        "shared": "EPERM",
        "fsopen": "EPERM",
        "open_tree": "EPERM",
        "ioctl of the host's file system": "EPERM",
        "all of /proc": "done",
        "its /sys": "EROFS",
        "poisoned memory": "EPERM",
    });
    (machine, bound)
}

#[test]
fn nobody_in_a_replica_has_a_right_that_the_site_does_not_need() {
    let project = intruders("confined")
        .site("plain", "{names: [plain.example], health: {within: 60s}}")
        .file("environments/rooted.py", ROOTED)
        .site(
            "rooted",
            "{names: [rooted.example], health: {within: 60s}, host: {read_only_root: true},
              files: [{path: /usr/lib/python3.11/json/scanner.py, template: rooted.py, owner: root, mode: '0644'}]}",
        );
    let outcome = project.rehearse(&packed(&project, "intruder"));
    assert_eq!(outcome.code(), Some(1), "{}", outcome.stderr);
    for site in ["plain", "rooted"] {
        let mut found = tried(&project, site);
        let root = found.remove("root");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["app", "step", "suite", "worker"], "{site}");
        for (who, met) in found {
            for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                assert_eq!(met["status"][set], "0000000000000000", "{set} of {who} of {site}");
            }
            assert_eq!(met["status"]["NoNewPrivs"], "1", "{who} of {site}");
            assert_eq!(met["status"]["Seccomp"], "2", "{who} of {site}");
            assert_eq!(met["machine"], met_by_the_user(), "{who} of {site}");
            let secrets = if who == "suite" { "ENOENT" } else { "EACCES" };
            let others = json!({
                "secrets.json": secrets, "stagectl's programs": "EACCES", "variables of others": [],
            });
            assert_eq!(met["others"], others, "{who} of {site}");
        }
        assert_eq!(root.is_some(), site == "rooted");
        if let Some(met) = root {
            let (machine, bound) = met_by_root();
            assert_eq!(
                (&met["machine"], &met["bound mounts"]),
                (&machine, &bound),
                "root of {site}"
            );
        }
    }
}

/// Counts what the engine's host sees of packets to some addresses, on any of its interfaces.
struct Counter(Child);

const COUNT: &str = r#"
import collections, ipaddress, json, socket, sys, threading
wanted = {ipaddress.ip_address(address).packed for address in sys.argv[1:]}
found = collections.Counter()
packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(3))
def count():
    while True:
        packet, (interface, *_) = packets.recvfrom(65535)
        destination = packet[16:20] if packet[:1] and packet[0] >> 4 == 4 else packet[24:40]
        if destination in wanted:
            found[f"{ipaddress.ip_address(destination)} on {interface}"] += 1
threading.Thread(target=count, daemon=True).start()
print("counting", flush=True)
sys.stdin.read()
print(json.dumps(found), flush=True)
"#;

impl Counter {
    fn start(addresses: &[&str]) -> Self {
        let mut counter = Command::new("python3")
            .args(["-c", COUNT])
            .args(addresses)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = counter.stdout.as_mut().unwrap();
        // The line is all that it says until its end.
        BufReader::with_capacity(1, out).read_line(&mut line).unwrap();
        assert_eq!(line, "counting\n");
        Counter(counter)
    }

    /// How many packets there were, by address and interface.
    fn end(self) -> BTreeMap<String, u32> {
        let output = self.0.wait_with_output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// An address that is nobody's (RFC 5737), to try, and one more, to see that packets are counted at all.
const NOBODY: &str = "203.0.113.7";
const COUNTED: &str = "203.0.113.8";
/// A name server of the world.
const WORLD: &str = "9.9.9.9";

/// The addresses of this machine, as it goes out by them.
fn own_address() -> String {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect((COUNTED, 9)).unwrap();
    socket.send(b"counted").unwrap();
    socket.local_addr().unwrap().ip().to_string()
}

/// Every address of a project's containers.
fn addresses_of(project: &Project) -> Vec<String> {
    let containers = project
        .resources()
        .into_iter()
        .filter(|found| found.resource.kind == ResourceKind::Container);
    let mut addresses: Vec<String> = containers
        .flat_map(|found| {
            let name = found.resource.name;
            let raw = with_docker(async |docker| docker.inspect(&name).await.unwrap().raw);
            let networks =
                raw["NetworkSettings"]["Networks"].as_object().cloned().unwrap_or_default();
            let address =
                |network: &Value| network["IPAddress"].as_str().unwrap_or_default().to_owned();
            networks.values().map(address).collect::<Vec<_>>()
        })
        .filter(|address| !address.is_empty())
        .collect();
    addresses.sort();
    addresses
}

#[test]
fn nobody_in_a_replica_reaches_the_host_another_replica_or_the_world() {
    let other =
        intruders("beside").site("beside", "{names: [beside.example], health: {within: 60s}}");
    let release = packed(&other, "intruder");
    let up = ["up", "beside", "--release", release.to_str().unwrap()];
    other.run(&up).exit_code(0);
    let beside = addresses_of(&other);
    assert!(beside.len() >= 4, "resolver, app, and the door on two networks: {beside:?}");

    let world = TcpListener::bind("0.0.0.0:0").unwrap();
    let loopback = TcpListener::bind("127.0.0.1:0").unwrap();
    let (world_port, loopback_port) =
        (world.local_addr().unwrap().port(), loopback.local_addr().unwrap().port());
    let counter = Counter::start(&[NOBODY, WORLD, COUNTED]);
    let host = own_address();
    let mut places = vec![
        json!([NOBODY, 443]),
        json!([WORLD, 53]),
        json!(["169.254.169.254", 80]),
        json!(["172.17.0.1", world_port]),
        json!([host, world_port]),
        json!(["127.0.0.1", loopback_port]),
    ];
    places.extend(beside.iter().map(|address| json!([address, 80])));
    let targets = json!({
        "ports": [world_port, loopback_port],
        "places": places,
        "names": ["stagectl-any.debian.org", "host.docker.internal", "beside.example"],
    });
    let project = intruders("closed").site(
        "closed",
        &format!("{{names: [closed.example], health: {{within: 60s}}, env: {{TARGETS: '{targets}', KEY: '${{secret.key}}'}}}}"),
    );
    let outcome = project.rehearse(&release);
    assert_eq!(outcome.code(), Some(1), "{}", outcome.stderr);
    let found = tried(&project, "closed");
    for who in ["app", "step", "suite", "worker"] {
        let network = found[who]["network"].as_object().unwrap();
        assert!(network.len() > 3 * places.len(), "{network:?}");
        for (place, came_of_it) in network {
            // The kernel's own answer, not a time-out: nothing leads there. On one's own loopback is nobody.
            let expected = match place.split(' ').collect::<Vec<_>>()[..] {
                ["icmp", "127.0.0.1"] => "answered",
                [_, "127.0.0.1", _] => "ECONNREFUSED",
                ["name", ..] => "Temporary failure in name resolution",
                _ => "EHOSTUNREACH",
            };
            assert_eq!(came_of_it, expected, "{who}: {place}");
        }
    }
    let packets = counter.end();
    let (own, others): (Vec<_>, Vec<_>) = packets.keys().partition(|key| key.starts_with(COUNTED));
    assert!(!own.is_empty(), "the counter counts nothing");
    assert_eq!(others, [""; 0]);
    for listener in [world, loopback] {
        listener.set_nonblocking(true).unwrap();
        let came = listener.accept().map(|(_, from)| from);
        assert_eq!(came.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
    let report = project.report();
    let refused: Vec<String> = report.sites[0]
        .refused
        .iter()
        .map(|refused| format!("{} by {}", refused.name, refused.by.join(" ")))
        .collect();
    assert_eq!(
        refused,
        [
            "beside.example by app suite",
            "host.docker.internal by app suite",
            "stagectl-any.debian.org by app suite",
            "addresses beyond its network by app suite",
        ]
    );
    other.run(&["down", "beside"]).exit_code(0);
}
