//! The hook, run by pre-commit itself.

use std::process::Command;

use super::said;
use crate::driver::{Project, repository};

#[test]
fn pre_commit_runs_the_hook_where_a_description_changes() {
    let project = Project::new("hook")
        .file("repository/.pre-commit-hooks.yaml", &hooks())
        .file("project/environments/shop.yaml", "base: {debain: bookworm}\n")
        .file("project/app.py", "");
    let venv = project.path("venv");
    said(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    said(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "pre-commit>=3.2"]));
    for folder in ["repository", "project"] {
        let git = |arguments: &[&str]| {
            said(Command::new("git").current_dir(project.path(folder)).args(arguments))
        };
        git(&["init", "--quiet"]);
        git(&["add", "--all"]);
        git(&["-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "--quiet", "-m", "1"]);
    }
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_stagectl")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let try_on = |file: &str| {
        let mut hook = Command::new(venv.join("bin/pre-commit"));
        hook.current_dir(project.path("project")).env("PATH", &path);
        hook.env("PRE_COMMIT_HOME", project.path("cache"));
        hook.args(["try-repo", "../repository", "stagectl-check", "--files", file]);
        let output = hook.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = try_on("environments/shop.yaml");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("did you mean `debian`?"), "{told}");
    let (code, told) = try_on("app.py");
    assert!(code == Some(0) && told.contains("Skipped"), "{told}");
}

fn hooks() -> String {
    std::fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap()
}
