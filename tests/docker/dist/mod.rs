//! What is handed out, made as `make dist` makes it, and tried where there is no Rust.

mod fresh;
mod handed_out;
mod image;
mod pre_commit;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::driver::repository;

/// The wheel, the tarball, the package and their checksums, in a folder of this test's own.
struct Made {
    folder: TempDir,
}

impl Made {
    /// Makes all of it; what did not change since another test is not compiled again.
    fn now() -> Made {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let lock = File::create(scratch.join("dist.lock")).unwrap();
        lock.lock().unwrap();
        let folder = tempfile::tempdir_in(scratch).unwrap();
        let mut make = Command::new(repository().join("packaging/make.sh"));
        // Beside other tests, a program that is optimised for release takes half an hour.
        said(make.arg(folder.path()).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"));
        Made { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The file whose name ends so.
    fn file(&self, end: &str) -> PathBuf {
        let names = self.names();
        let mut fitting = names.iter().filter(|name| name.ends_with(end));
        let name = fitting.next().unwrap_or_else(|| panic!("no {end}: {names:?}"));
        assert_eq!(fitting.next(), None, "more than one {end}");
        self.path().join(name)
    }
}

/// What a command prints; it has to end well.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{}\n{text}\n{error}", output.status);
    text
}

/// `stagectl --version`, as this checkout's is.
fn version() -> String {
    let from = said(&mut Command::new(repository().join("packaging/commit.sh")));
    let version = env!("CARGO_PKG_VERSION");
    match from.trim() {
        "" => format!("stagectl {version}\n"),
        from => format!("stagectl {version} ({from})\n"),
    }
}

/// An image of one test, which goes with it.
struct Image(String);

impl Drop for Image {
    fn drop(&mut self) {
        let removed = Command::new("docker").args(["image", "rm", "--force", &self.0]).output();
        assert!(removed.is_ok_and(|removed| removed.status.success()), "{} is left", self.0);
    }
}

/// A shell line in a container with the engine's socket, in a project's folder.
fn in_container(image: &Image, project: &Path, more: &[&str], script: &str) -> Command {
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "--volume", "/var/run/docker.sock:/var/run/docker.sock"]);
    docker.arg("--volume").arg(format!("{}:/work/project", project.display()));
    // As a machine whose company has a certificate of its own has it.
    docker.args([
        "--volume",
        "/etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro",
    ]);
    docker.args(["--workdir", "/work/project"]).args(more);
    docker.args([&image.0, "sh", "-euc", script]);
    docker
}
