//! `action.yml`: its form, and its shell steps in the order in which GitHub runs them, with a `stagectl` that notes
//! what it is asked.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{problems, text, yaml};

/// Notes its arguments, and ends with the code in the file `code`, once.
const STAGECTL: &str = "#!/bin/sh
echo \"$*\" >>\"$NOTES\"
[ \"$1\" = rehearse ] || exit 0
mkdir -p .stagectl/runs/one && echo page >.stagectl/runs/one/report.html
code=$(cat \"$CODES\"); sed -i 1d \"$CODES\"
exit \"$(echo \"$code\" | sed -n 1p)\"
";

#[test]
fn the_action_follows_its_schema_and_names_its_inputs() {
    let action = text("action.yml");
    assert_eq!(problems(&action, "github-action.json"), [""; 0]);
    assert_ne!(problems(&action.replace("using:", "use:"), "github-action.json"), [""; 0]);
    let said = yaml(&action);
    for name in said["inputs"].as_object().unwrap().keys() {
        assert!(action.contains(&format!("inputs.{name}")), "nobody reads the input {name}");
    }
    let used = action.split("inputs.").skip(1);
    for name in used.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap()) {
        assert!(said["inputs"][name].is_object(), "`{name}` is no input");
    }
    // What somebody writes into an input is a value, and never a part of a script.
    for step in said["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
    }
    let version = format!("stagectl=={}", env!("CARGO_PKG_VERSION"));
    assert_eq!(said["inputs"]["stagectl"]["default"], version.as_str());
}

/// A runner: a home, a project, and the files in which steps leave something.
struct Runner {
    folder: TempDir,
    inputs: BTreeMap<&'static str, &'static str>,
}

impl Runner {
    fn new(inputs: &[(&'static str, &'static str)], codes: &str) -> Runner {
        let runner = Runner {
            folder: tempfile::tempdir().unwrap(),
            inputs: inputs.iter().copied().collect(),
        };
        let tool = runner.path("home/.cache/stagectl-action/bin");
        for folder in [tool.as_path(), &runner.path("project/app/dist")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(tool.join("stagectl"), STAGECTL).unwrap();
        fs::set_permissions(tool.join("stagectl"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(runner.path("project/app/dist/shop-1.0-py3-none-any.whl"), "").unwrap();
        fs::write(runner.path("codes"), codes).unwrap();
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// `${{ inputs.x }}` and the like, filled in.
    fn filled(&self, value: &str, action: &Value) -> String {
        let mut filled = value.to_owned();
        for (name, input) in action["inputs"].as_object().unwrap() {
            let given = self.inputs.get(name.as_str()).copied();
            let given = given.unwrap_or_else(|| input["default"].as_str().unwrap());
            filled = filled.replace(&format!("${{{{ inputs.{name} }}}}"), given);
        }
        let outputs = self.read("output");
        for (name, value) in outputs.lines().filter_map(|line| line.split_once('=')) {
            filled = filled.replace(&format!("${{{{ steps.key.outputs.{name} }}}}"), value);
        }
        filled.replace("${{ runner.os }}-${{ runner.arch }}", "Linux-X64")
    }

    /// Runs the steps up to the first that fails; its name and code.
    fn run(&self) -> Option<(String, i32)> {
        let action = yaml(&text("action.yml"));
        for step in action["runs"]["steps"].as_array().unwrap() {
            let Some(script) = step["run"].as_str() else { continue };
            let added = self.read("path");
            let path = added.lines().chain(["/usr/bin", "/bin"]).collect::<Vec<_>>().join(":");
            let file = self.path("step.sh");
            fs::write(&file, script).unwrap();
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file);
            bash.current_dir(self.path("project")).env_clear().env("PATH", path);
            bash.env("HOME", self.path("home")).env("NOTES", self.path("notes"));
            bash.env("CODES", self.path("codes"));
            bash.env("GITHUB_OUTPUT", self.path("output")).env("GITHUB_PATH", self.path("path"));
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                bash.env(name, self.filled(value.as_str().unwrap(), &action));
            }
            let output = bash.output().unwrap();
            if !output.status.success() {
                let name = step["name"].as_str().unwrap().to_owned();
                return Some((name, output.status.code().unwrap()));
            }
        }
        None
    }

    fn notes(&self) -> Vec<String> {
        self.read("notes").lines().map(str::to_owned).collect()
    }
}

#[test]
fn the_action_checks_and_rehearses_and_names_the_report() {
    let runner = Runner::new(
        &[
            ("folder", "app"),
            ("release", "dist/*.whl"),
            ("sites", "shop mill"),
            ("arguments", "--overlap"),
        ],
        "0\n",
    );
    assert_eq!(runner.run(), None);
    assert_eq!(
        runner.notes(),
        [
            "--version",
            "check -C app",
            "rehearse --release dist/shop-1.0-py3-none-any.whl --overlap shop mill"
        ]
    );
    let output = runner.read("output");
    assert!(output.contains("\ncode=0\nreport=.stagectl/runs/one/report.html\n"), "{output}");
    let key = output.lines().next().unwrap();
    assert!(key.starts_with("key=stagectl-Linux-X64-") && key.len() == 39, "{key}");
    assert!(Path::new(runner.read("path").trim()).join("stagectl").exists());
}

#[test]
fn the_action_tries_again_where_the_infrastructure_failed_and_nowhere_else() {
    let again = Runner::new(&[("folder", "app")], "75\n0\n");
    assert_eq!(again.run(), None);
    assert_eq!(again.notes()[2..], ["rehearse", "rehearse"]);
    let red = Runner::new(&[("folder", "app")], "1\n0\n");
    assert_eq!(red.run(), Some(("rehearse".to_owned(), 1)));
    assert_eq!(red.notes()[2..], ["rehearse"]);
    assert!(red.read("output").contains("\ncode=1\nreport=.stagectl/runs/one/report.html\n"));
    let none = Runner::new(&[("folder", "app"), ("release", "nothing/*.whl")], "0\n");
    assert_eq!(none.run(), Some(("rehearse".to_owned(), 2)));
    assert_eq!(none.notes().len(), 2);
}

#[test]
fn the_key_of_the_cache_follows_what_is_installed() {
    let key = |inputs: &[(&'static str, &'static str)]| {
        let runner = Runner::new(inputs, "0\n");
        fs::write(runner.path("project/one.whl"), "one").unwrap();
        fs::write(runner.path("project/same.whl"), "one").unwrap();
        runner.run();
        runner.read("output").lines().next().unwrap().to_owned()
    };
    assert_eq!(key(&[]), key(&[("stagectl", "stagectl==0.1.0")]));
    assert_ne!(key(&[]), key(&[("stagectl", "stagectl==0.2.0")]));
    assert_eq!(key(&[("stagectl", "one.whl")]), key(&[("stagectl", "same.whl")]));
}
