//! The commit in `--version`: `build.rs`, run as cargo would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::root;

/// `build.rs`, compiled once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = folder.join(format!("built-from-{}", std::process::id()));
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition", "2024", "-o"]).arg(&program).arg(root().join("build.rs"));
        assert!(rustc.status().unwrap().success());
        program
    })
}

/// What `--version` would say of a package in a folder.
fn version(folder: &Path, profile: &str, given: Option<&str>) -> String {
    let mut build = Command::new(program());
    build
        .env("CARGO_MANIFEST_DIR", folder)
        .env("CARGO_PKG_VERSION", "0.1.0")
        .env("PROFILE", profile)
        .env("TARGET", "x86_64-unknown-linux-gnu")
        .env_remove("STAGECTL_COMMIT");
    if let Some(given) = given {
        build.env("STAGECTL_COMMIT", given);
    }
    let output = build.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let line =
        said.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=STAGECTL_VERSION="));
    line.unwrap_or_else(|| panic!("no version: {said}")).to_owned()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
    // Shortly before midnight far in the west: another day in UTC.
    git.args(arguments).env("GIT_COMMITTER_DATE", "2026-11-28T23:30:00-0800");
    let output = git.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_version_has_the_commit_and_its_day_and_without_git_the_version_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(version(folder, "release", None), "0.1.0", "there is no git");
    let given = Some("1a2b3c4d5 2026-11-29");
    assert_eq!(version(folder, "release", given), "0.1.0 (1a2b3c4d5 2026-11-29)");
    assert_eq!(version(folder, "debug", given), "0.1.0 (1a2b3c4d5 2026-11-29)");
    assert_eq!(version(folder, "release", Some("")), "0.1.0", "nothing is known");

    git(folder, &["init", "--quiet"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", "first"]);
    let commit = git(folder, &["rev-parse", "--short=9", "HEAD"]);
    assert_eq!(version(folder, "release", None), format!("0.1.0 ({commit} 2026-11-29)"));
    assert_eq!(version(folder, "release", given), "0.1.0 (1a2b3c4d5 2026-11-29)");
    assert_eq!(version(folder, "debug", None), "0.1.0", "a commit compiles nothing anew");

    // A crate that lies in somebody's checkout is not of that commit.
    let inside = folder.join("vendor/stagectl");
    fs::create_dir_all(&inside).unwrap();
    assert_eq!(version(&inside, "release", None), "0.1.0");
}
