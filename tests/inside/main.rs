//! The programs that run in replicas, one by one and outside of any. They are Python and shell, and so are
//! their tests: each file here is one of `unittest`, run by this machine's own Python. To run them alone:
//! `PYTHONPATH=templates/inside:templates/service python3 -m unittest discover tests/inside`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::process::Command;

macro_rules! files {
    ($($name:ident)*) => {
        /// The files of tests.
        const FILES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
    };
}

files! {
    test_become
    test_checks
    test_files
    test_forkserver
    test_observe
    test_processes
    test_relay
    test_said
    test_scripts
    test_serve
    test_traffic
    test_words
}

fn at_home(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a file of tests; a warning of Python's is a failure, and so is a file without a test.
fn run(name: &str) {
    let programs = ["templates/inside", "templates/service"].map(at_home);
    let output = Command::new("python3")
        .args(["-W", "error"])
        .arg(at_home("tests/inside").join(name).with_extension("py"))
        .env("PYTHONPATH", std::env::join_paths(programs).unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("\nOK") && !said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn every_file_is_a_test() {
    let files = std::fs::read_dir(at_home("tests/inside")).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> =
        names.filter_map(|name| Some(name.strip_suffix(".py")?.to_owned())).collect();
    names.retain(|name| name.starts_with("test_"));
    names.sort();
    assert_eq!(names, FILES);
}
