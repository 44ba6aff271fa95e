//! A project with one small site, of which every rehearsal makes an image of its own, too.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use stagectl::docker::Engine as _;
use stagectl::replica::{Labels, label};

use super::proxy::Proxy;
use crate::driver::{Outcome, Presence, Project, with_docker};
use crate::samples::{WHEEL, tiny_sites, wheel, wheel_metadata};

/// What the promise says of a killed run.
pub(super) const SOON: Duration = Duration::from_secs(10);
/// A critical suite that asks the app on and on; the first question without an answer is a failed
/// test.
pub(super) const ASKS_ON_AND_ON: &str = r#"
import os, time, urllib.request
end = time.monotonic() + 25
try:
    while time.monotonic() < end:
        urllib.request.urlopen(os.environ["STAGECTL_URL"] + "here", timeout=5).read()
    case = '<testcase classname="check" name="asks"/>'
except Exception as error:
    case = '<testcase classname="check" name="asks"><failure message="no answer"/></testcase>'
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f'<testsuites><testsuite name="check">{case}</testsuite></testsuites>')
raise SystemExit("failure" in case)
"#;

/// Its one site. A machine that has much else to do is no reason for a red one.
pub(crate) const SITE: &str = "{names: [s.example], health: {path: /healthz, within: 60s}}";

pub(crate) struct House {
    pub(crate) project: Project,
    releases: Cell<u32>,
    /// Bytes that a release has beside its program, once it is installed.
    pub(super) weight: Cell<usize>,
}

impl House {
    /// Makes the images that all its rehearsals share.
    pub(crate) fn new(test: &str) -> Self {
        let project = tiny_sites(test).site("shop", SITE);
        let house = House { project, releases: Cell::new(0), weight: Cell::new(0) };
        house.project.rehearse(&house.release()).exit_code(0);
        house
    }

    /// The tiny app, other than any before.
    fn release(&self) -> PathBuf {
        let number = self.releases.replace(self.releases.get() + 1);
        let app = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/apps/tiny/tiny/wsgi.py");
        let members = [
            ("tiny/__init__.py", format!("number = \"{number} of {}\"\n", self.project.name)),
            ("tiny/weight.txt", "x".repeat(self.weight.get())),
            ("tiny/wsgi.py", fs::read_to_string(app).unwrap()),
            ("tiny-1.0.dist-info/METADATA", wheel_metadata("tiny", "1.0", ">=3.9")),
            ("tiny-1.0.dist-info/WHEEL", WHEEL.to_owned()),
            ("tiny-1.0.dist-info/RECORD", String::new()),
        ];
        let members = members.map(|(name, text)| (name.to_owned(), text));
        let folder = self.project.path(&format!("dist-{number}"));
        fs::create_dir_all(&folder).unwrap();
        wheel(&folder.join("tiny-1.0-py3-none-any.whl"), &members)
    }

    /// A rehearsal of a new release.
    pub(super) fn command(&self) -> Command {
        self.project.command(&[
            "rehearse".into(),
            "--release".into(),
            self.release().into_os_string(),
        ])
    }

    /// A rehearsal whose Docker is behind the proxy.
    pub(super) fn rehearse(&self, proxy: &Proxy) -> Outcome {
        self.rehearse_at(&proxy.address())
    }

    /// A rehearsal on another engine than the machine's own.
    pub(crate) fn rehearse_at(&self, address: &str) -> Outcome {
        let begin = Instant::now();
        Outcome::of(self.command_at(address).output().unwrap(), begin)
    }

    pub(crate) fn command_at(&self, address: &str) -> Command {
        let mut command = self.command();
        command.env("DOCKER_HOST", address);
        command
    }

    /// Proves that nothing of the project stands, at once or when its guardian is done; how long that
    /// took.
    pub(crate) fn is_clean(&self) -> Duration {
        self.project.await_resources(Presence::None, SOON)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let ours = Labels::from([
            (label::PROJECT.to_owned(), self.project.name.clone()),
            (label::KIND.to_owned(), "release".to_owned()),
        ]);
        with_docker(async |docker| {
            for image in docker.images(&ours).await.unwrap() {
                let removed = docker.remove_image(&image.id).await;
                assert!(removed.is_ok() || std::thread::panicking(), "{removed:?}");
            }
        });
    }
}
