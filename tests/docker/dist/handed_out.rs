//! The wheel, the tarball and the Debian package: made, looked at, installed, run.

use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::{Made, said, version};

/// The newest glibc whose functions the program asks for: 31 of 2.31.
fn newest_glibc(program: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(program);
    let minors = text.split("GLIBC_2.").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    minors.max().expect("it asks for glibc")
}

/// A first description, written and checked: templates and schemas are inside of the program.
fn works_in_a_new_project(program: &Path) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.py"), "from flask import Flask\napp = Flask(__name__)\n")
        .unwrap();
    fs::write(folder.path().join("requirements.txt"), "flask==3.1.2\n").unwrap();
    let run =
        |arguments: &[&str]| said(Command::new(program).current_dir(folder.path()).args(arguments));
    run(&["init", "--yes"]);
    assert!(run(&["check"]).contains("no problems"));
}

#[test]
fn what_is_handed_out_is_one_program_that_installs_and_runs_in_each_form() {
    let made = Made::now();
    let number = env!("CARGO_PKG_VERSION");
    let wheel = made.file(".whl");
    let tag = wheel.file_stem().unwrap().to_str().unwrap().split('-').nth(4).unwrap().to_owned();
    assert_eq!(
        made.names(),
        [
            "SHA256SUMS".to_owned(),
            format!("stagectl-{number}-py3-none-{tag}.whl"),
            format!("stagectl-{number}-{}-linux-gnu.tar.gz", std::env::consts::ARCH),
            made.file(".deb").file_name().unwrap().to_str().unwrap().to_owned(),
        ]
    );
    said(Command::new("sha256sum").current_dir(made.path()).args(["--check", "SHA256SUMS"]));

    let venv = made.path().join("venv");
    said(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    said(Command::new(venv.join("bin/pip")).args(["install", "--no-index", "--quiet"]).arg(&wheel));
    let program = venv.join("bin/stagectl");
    assert_eq!(said(Command::new(&program).arg("--version")), version());
    works_in_a_new_project(&program);
    let bytes = fs::read(&program).unwrap();
    let digest = Sha256::digest(&bytes);

    // The tag is honest: it names a glibc, that the program needs none newer than, and it is an old one.
    let promised = tag.strip_prefix("manylinux_2_").unwrap_or_else(|| panic!("{tag}"));
    let promised: u32 = promised.split('_').next().unwrap().parse().unwrap();
    assert!(newest_glibc(&bytes) <= promised && promised <= 31, "{tag}: {}", newest_glibc(&bytes));
    // Nothing of the machine that built it.
    let text = String::from_utf8_lossy(&bytes);
    let home = std::env::var("HOME").unwrap();
    assert!(!text.contains(&format!("{home}/.cargo")), "paths of this machine are inside");

    let unpacked = made.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let tarball = made.file(".tar.gz");
    said(Command::new("tar").arg("-xzf").arg(&tarball).arg("-C").arg(&unpacked));
    let name = tarball.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.gz").unwrap();
    let folder = unpacked.join(name);
    assert_eq!(Sha256::digest(fs::read(folder.join("stagectl")).unwrap()), digest);
    assert_eq!(said(Command::new(folder.join("stagectl")).arg("--version")), version());
    for file in
        ["LICENSE-MIT", "LICENSE-APACHE", "completions/_stagectl", "completions/stagectl.fish"]
    {
        assert!(folder.join(file).metadata().unwrap().len() > 100, "{file}");
    }
    said(Command::new("bash").arg("-n").arg(folder.join("completions/stagectl.bash")));
    assert!(folder.join("man/man1/stagectl-rehearse.1").exists());

    let root = made.path().join("root");
    let deb = made.file(".deb");
    said(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&root));
    assert_eq!(Sha256::digest(fs::read(root.join("usr/bin/stagectl")).unwrap()), digest);
    for file in [
        "bash-completion/completions/stagectl",
        "zsh/vendor-completions/_stagectl",
        "fish/vendor_completions.d/stagectl.fish",
        "man/man1/stagectl.1.gz",
        "man/man1/stagectl-rehearse.1.gz",
        "doc/stagectl/copyright",
    ] {
        assert!(root.join("usr/share").join(file).exists(), "{file}");
    }
    let fields = ["Package", "Depends", "Recommends"];
    assert_eq!(
        said(Command::new("dpkg-deb").arg("--field").arg(&deb).args(fields)),
        "Package: stagectl\nDepends: ca-certificates, libc6 (>= 2.31), libgcc-s1\n\
         Recommends: mmdebstrap, debian-archive-keyring, uidmap\n"
    );
}
