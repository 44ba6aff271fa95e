//! Things of other people in Docker, whose names and labels resemble ours: nobody may touch them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::stage::root_file_system;

/// A container, a network, a volume and an image, made with Docker's own command.
pub(crate) struct Bystanders {
    name: String,
    before: Vec<String>,
}

const KINDS: [&str; 4] = ["container", "network", "volume", "image"];

impl Bystanders {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("stagectl-{test}-bystander-{}", std::process::id());
        let mut made = Bystanders { name, before: Vec::new() };
        let name = made.name.clone();
        // Most of our labels, but not all; and a run that nobody knows.
        let labels =
            ["project=shop", "run=20200101-000000-0000", "site=shop", "role=app", "kind=base"]
                .map(|label| format!("--label=dev.stagectl.{label}"));
        let change = "LABEL dev.stagectl.role=base dev.stagectl.run=20200101-000000-0000";
        let mut import = Command::new("docker")
            .args(["import", "--change", change, "-", &name])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        import.stdin.take().unwrap().write_all(&root_file_system()).unwrap();
        assert!(import.wait().unwrap().success());
        let with_labels = |words: &[&str]| {
            let mut arguments: Vec<&str> = words.to_vec();
            arguments.extend(labels.iter().map(String::as_str));
            docker(&[&arguments[..], &[&name]].concat());
        };
        with_labels(&["network", "create", "--internal"]);
        with_labels(&["volume", "create"]);
        let mut run: Vec<&str> = vec!["run", "--detach", "--name", &name, "--network", &name];
        run.extend(labels.iter().map(String::as_str));
        let mount = format!("{name}:/kept");
        run.extend(["--volume", &mount, &name, "/bin/sleep", "86400"]);
        docker(&run);
        made.before = made.now();
        made
    }

    /// Fails unless all of them are what and how they were.
    #[track_caller]
    pub(crate) fn are_untouched(&self) {
        assert_eq!(self.now(), self.before);
    }

    fn now(&self) -> Vec<String> {
        let of = |kind: &&str| docker(&[kind, "inspect", &self.name]);
        KINDS.iter().map(of).collect()
    }
}

impl Drop for Bystanders {
    fn drop(&mut self) {
        for (kind, words) in [
            ("container", &["rm", "--force", "--volumes"][..]),
            ("network", &["rm"]),
            ("volume", &["rm"]),
            ("image", &["rm"]),
        ] {
            let removed = Command::new("docker").arg(kind).args(words).arg(&self.name).output();
            let removed = removed.unwrap();
            assert!(removed.status.success() || std::thread::panicking(), "{kind} {removed:?}");
        }
    }
}

/// What Docker's own command says.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
