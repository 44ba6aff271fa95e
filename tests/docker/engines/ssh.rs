//! An engine behind `ssh`: a stock sshd, the user's own `ssh`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::root_of;
use crate::driver::Outcome;
use crate::faults::engine::{Make, SecondEngine};
use crate::faults::house::House;
use crate::faults::proxy::{Manner, Proxy};

struct Way {
    sshd: SecondEngine,
    port: u16,
    house: House,
}

impl Way {
    /// A sshd that knows a key, and an `ssh` with a configuration of the test's own.
    fn open() -> Self {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let root = root_of("bookworm");
        let sshd = SecondEngine::of(Make::Sshd(port), Some(&root), "{}");
        let keygen = ["-q", "-t", "ed25519", "-N", "", "-f", sshd.path("key").to_str().unwrap()]
            .map(str::to_owned);
        assert!(Command::new("ssh-keygen").args(keygen).status().unwrap().success());
        let public = sshd.path("key.pub").display().to_string();
        let know = format!(
            "useradd -m me; for home in /root /home/me; do mkdir -p -m 700 $home/.ssh; cp {public} $home/.ssh/authorized_keys; done; chown -R me /home/me/.ssh"
        );
        assert!(
            sshd.inside(&["--mount", "--pid"])
                .args(["sh", "-c", &know])
                .status()
                .unwrap()
                .success()
        );
        let folder = sshd.path("bin");
        fs::create_dir(&folder).unwrap();
        let config = sshd.path("config").display().to_string();
        let program = format!("#!/bin/sh\nexec /usr/bin/ssh -F {config} \"$@\"\n");
        fs::write(folder.join("ssh"), program).unwrap();
        fs::set_permissions(folder.join("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        Way { sshd, port, house: House::new("ssh") }
    }

    /// The user's configuration.
    fn configure(&self, more: &str) {
        let (key, known) = (self.sshd.path("key"), self.sshd.path("known"));
        let common = format!(
            "IdentityFile {}\nIdentitiesOnly yes\nUserKnownHostsFile {}\n{more}\n",
            key.display(),
            known.display()
        );
        fs::write(self.sshd.path("config"), common).unwrap();
    }

    fn on_it(&self, mut command: Command, who: &str, socket: &Path) -> Outcome {
        let path =
            format!("{}:{}", self.sshd.path("bin").display(), std::env::var("PATH").unwrap());
        let begin = Instant::now();
        command.env("PATH", path).env("DOCKER_HOST", format!("ssh://{who}{}", socket.display()));
        Outcome::of(command.output().unwrap(), begin)
    }

    fn log_ins(&self) -> usize {
        self.sshd.log().matches("Accepted publickey").count()
    }
}

#[test]
#[ignore = "make engines"]
fn an_engine_behind_ssh_is_reached_by_one_log_in() {
    let way = Way::open();
    let (socket, port) = (way.sshd.path("proxy.sock"), way.port);
    let proxy = Proxy::mannered(Manner { at: Some(socket.clone()), ..Manner::default() });
    let who = format!("root@127.0.0.1:{port}");
    let status = || way.house.project.command(&["status"]);

    // A host that nobody knows.
    way.configure("");
    way.on_it(status(), &who, &socket)
        .exit_code(75)
        .says("Host key verification failed")
        .says(&format!("see that `ssh -p {port} root@127.0.0.1 docker version` works"));
    assert_eq!(way.log_ins(), 0);

    // By the user's rules; then it is known.
    way.configure("StrictHostKeyChecking accept-new");
    way.on_it(status(), &who, &socket).exit_code(0);
    assert_eq!(way.log_ins(), 1);
    way.configure("");
    let (before, mut runs) = (way.log_ins(), 0);
    while proxy.seen().len() < 200 {
        let rehearsal = way.house.command_at("ssh://");
        way.on_it(rehearsal, &who, &socket).exit_code(0).says("nothing left: 0 containers");
        runs += 1;
    }
    // The run's and its guardian's.
    assert_eq!(way.log_ins() - before, runs * 2);
    way.house.is_clean();

    // A jump host, by the user's configuration.
    let behind = format!(
        "Host behind\n HostName 127.0.0.1\n Port {port}\n User root\n ProxyJump root@localhost:{port}\n\
         Host behind localhost\n HostKeyAlias [127.0.0.1]:{port}"
    );
    way.configure(&behind);
    way.on_it(status(), "behind", &socket).exit_code(0);

    // A user who may not use it, and a socket that is not there.
    way.configure("");
    let me = format!("me@127.0.0.1:{port}");
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).unwrap();
    let folder = socket.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    way.on_it(status(), &me, &socket)
        .exit_code(75)
        .says("Docker does not answer on the socket `")
        .says("open failed")
        .says(&format!("`ssh -p {port} me@127.0.0.1 docker version`"));
    way.on_it(status(), &who, Path::new("/nowhere.sock"))
        .exit_code(75)
        .says("Docker does not answer on the socket `/nowhere.sock` there");
}
