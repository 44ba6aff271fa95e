//! Whole engines of other makes and versions, each in a root of another Debian, and the way to one by `ssh`.
//! `make engines` runs them, and writes what was seen into docs/engines.md; `make test` does not.

mod matrix;
mod ssh;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that one of them needs.
const PACKAGES: &str = "podman,docker.io,rootlesskit,slirp4netns,uidmap,openssh-server,openssh-client,iproute2,iptables,procps,ca-certificates,passt,dbus-user-session";

/// The root of a Debian with engines in it; made once, in `STAGECTL_ENGINES` or below `target`.
fn root_of(suite: &str) -> PathBuf {
    let folder = std::env::var_os("STAGECTL_ENGINES").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engines");
    let root = folder.unwrap_or_else(usual).join(suite);
    if root.is_dir() {
        return root;
    }
    std::fs::create_dir_all(root.parent().unwrap()).unwrap();
    let new = root.with_extension("new");
    let client = if suite == "bookworm" { "" } else { ",docker-cli" };
    let include = format!("--include={PACKAGES}{client}");
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=minbase", &include, suite]).arg(&new);
    assert!(make.status().unwrap().success(), "no root of {suite}");
    std::fs::rename(new, &root).unwrap();
    root
}
