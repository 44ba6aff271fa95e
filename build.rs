//! Tells the program from which commit it is built.
//!
//! A build for release asks git; one for tests does not, as each commit would compile everything anew. Where
//! there is no git (a crate, an sdist, the container of `packaging/build.sh`) it is what `STAGECTL_COMMIT` says,
//! `1a2b3c4d5 2026-11-29`, or nothing. The date is the commit's, so that the same source makes the same program.

use std::path::Path;
use std::process::Command;

const GIVEN: &str = "STAGECTL_COMMIT";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={GIVEN}");
    let given = std::env::var(GIVEN).ok();
    let is_for_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let from = match given {
        Some(from) => Some(from),
        None if is_for_release => asked(),
        None => None,
    };
    let from = from.unwrap_or_default();
    let (commit, date) = from.trim().split_once(' ').unwrap_or_default();
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let text = if commit.is_empty() { version } else { format!("{version} ({commit} {date})") };
    println!("cargo::rustc-env=STAGECTL_VERSION={text}");
    println!("cargo::rustc-env=STAGECTL_BUILT_COMMIT={commit}");
    println!("cargo::rustc-env=STAGECTL_BUILT_DATE={date}");
    println!("cargo::rustc-env=STAGECTL_BUILT_FOR={}", std::env::var("TARGET").unwrap_or_default());
}

/// What git says of this folder, if it is the root of a checkout and not only inside of one.
fn asked() -> Option<String> {
    let root = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    let top = git(&root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&root).canonicalize().ok()? {
        return None;
    }
    // Written with every commit and every checkout.
    let log = git(&root, &["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    let format = ["log", "-1", "--abbrev=9", "--date=format-local:%Y-%m-%d", "--format=%h %cd"];
    git(&root, &format)
}

fn git(root: &str, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["-C", root]).args(arguments).env("TZ", "UTC");
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
