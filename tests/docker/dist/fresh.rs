//! A fresh Debian without Rust: from the wheel to a green rehearsal of the sample, by the commands of
//! `docs/install.md`.

use std::process::{Command, Stdio};

use super::{Image, Made, in_container, said, version};
use crate::driver::repository;
use crate::samples::{noticeboard, sample_sites};

/// The commands of the page's block for a fresh Debian.
fn documented() -> Vec<String> {
    let page = std::fs::read_to_string(repository().join("docs/install.md")).unwrap();
    let (_, rest) = page.split_once("\n## A fresh Debian\n").unwrap();
    let block = rest.split("```").nth(1).unwrap();
    block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// Debian 12 with what the page's first command installs, and nothing else.
fn debian(name: &str, packages: &str) -> Image {
    let archive = tempfile::NamedTempFile::new().unwrap();
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=minbase", "--format=tar", &format!("--include={packages}")]);
    said(make.arg("bookworm").arg(archive.path()).stdin(Stdio::null()));
    said(Command::new("docker").arg("import").arg(archive.path()).arg(name));
    Image(name.to_owned())
}

#[test]
fn a_fresh_debian_without_rust_gets_from_the_wheel_to_a_green_sample() {
    let made = Made::now();
    let commands = documented();
    let packages = commands[0].strip_prefix("sudo apt-get install -y ").unwrap().replace(' ', ",");
    let project = sample_sites("fresh");
    let image = debian(&format!("stagectl-test:{}", project.name), &packages);
    let release = noticeboard("1.1", "wheel");
    std::fs::create_dir_all(project.path("dist")).unwrap();
    for file in [made.file(".whl"), release] {
        std::fs::copy(&file, project.path("dist").join(file.file_name().unwrap())).unwrap();
    }
    let script = format!(
        "! command -v cargo; {}; ~/stagectl-venv/bin/stagectl --version >version.txt",
        commands[1..].join(" >>said.txt 2>&1; ")
    );
    said(&mut in_container(&image, &project.path("."), &["--env", "HOME=/root"], &script));
    let read = |file: &str| std::fs::read_to_string(project.path(file)).unwrap();
    assert_eq!(read("version.txt"), version());
    assert!(read("said.txt").contains("a rehearsal can work here"), "{}", read("said.txt"));
    let sites = project.report().sites;
    assert_eq!(
        sites.iter().map(|site| (site.name.as_str(), site.code)).collect::<Vec<_>>(),
        [("site-a", Some(0))]
    );
}
