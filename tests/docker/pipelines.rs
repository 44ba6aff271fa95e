//! What CI servers get of real runs: lines of JSON, JUnit XML, notes, a summary; and the shell steps of
//! the pipelines in `docs/ci.md`, run.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::driver::{Outcome, Project, repository};
use crate::samples::{tiny, tiny_sites};
use crate::schema::problems_of_events;

const SECRET: &str = "xyzzyPipelineSecret4715";

/// A suite with a red test, which says more than it should.
const RED: &str = r#"
import os
word = os.environ["WORD"]
text = f"""<testsuites><testsuite name="red">
<testcase classname="test_red" name="test_green" time="0.1"/>
<testcase classname="test_red" name="test_word" time="0.2"><failure message="the word is {word}">
test_red.py:7: AssertionError: {word}</failure><system-out>::error::printed {word}</system-out></testcase>
</testsuite></testsuites>"""
open(os.environ["STAGECTL_JUNIT"], "w").write(text)
raise SystemExit(1)
"#;

/// A green site, and after it a red one.
fn two_sites(test: &str) -> Project {
    let mill = "{order: 2, names: [mill.example], secrets: {word: {from_env: STAGE_WORD}}, \
        env: {WORD: '${secret.word}'}, critical: {path: ../red, run: python3 red.py, site_env: [WORD]}}";
    tiny_sites(test)
        .site("shop", "{order: 1, names: [shop.example]}")
        .site("mill", mill)
        .file("red/red.py", RED)
        .variable("STAGE_WORD", SECRET)
}

fn lines_of_json(text: &str) -> Vec<Value> {
    assert_eq!(problems_of_events(text), [""; 0]);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Validates JUnit XML with the schema of Jenkins's plugin, by a program that is not ours.
fn assert_valid_junit(file: &Path) {
    let schema = repository().join("tests/ci/schemas/junit-10.xsd");
    let mut xmllint = Command::new("xmllint");
    xmllint.arg("--noout").arg("--schema").arg(schema).arg(file);
    let output = xmllint.output().expect("these tests need xmllint: tests/setup.sh tests");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_real_run_on_github_is_lines_of_json_notes_a_summary_and_valid_junit() {
    let project = two_sites("github");
    let summary = project.path("summary.md");
    let release = tiny(&project);
    let release = release.to_str().unwrap();
    let arguments = ["rehearse", "--overlap", "--output", "json", "-v", "--release", release];
    let mut command = project.command(&arguments);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let begin = Instant::now();
    let outcome = Outcome::of(command.output().unwrap(), begin).exit_code(1);

    let lines = lines_of_json(&outcome.stdout);
    let event = |line: &Value| line["event"].as_str().unwrap().to_owned();
    assert_eq!(event(&lines[0]), "run-started");
    let last = lines.last().unwrap();
    assert_eq!(
        (event(last), &last["verdict"], &last["code"]),
        ("run-ended".into(), &"failed".into(), &1.into())
    );
    let times: Vec<f64> = lines.iter().map(|line| line["at"].as_f64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let ended: Vec<(&str, &str)> = lines
        .iter()
        .filter(|line| event(line) == "site-ended")
        .map(|line| (line["site"].as_str().unwrap(), line["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(ended, [("shop", "passed"), ("mill", "failed")]);

    let said: Vec<&str> = outcome.stderr.lines().collect();
    assert!(said.last().unwrap().starts_with("FAILED "), "{}", outcome.stderr);
    let commands: Vec<&str> = said.iter().copied().filter(|line| line.starts_with("::")).collect();
    assert_eq!(
        commands,
        [
            "::group::shop",
            "::endgroup::",
            "::group::mill",
            "::endgroup::",
            "::error file=red/test_red.py,line=7,title=mill%3A test_word (again red on repetition)::the word is [secret]",
            "::warning title=shop%2C mill::no lock file and no `install.as_of`: today's package index \
             decides what is installed",
        ]
        .map(|line| line.replace("[secret]", &redacted(&outcome)))
    );
    let heard = said.iter().filter(|line| line.trim_start().starts_with("::error::"));
    assert_eq!(heard.count(), 0, "{}", outcome.stderr);

    let page = std::fs::read_to_string(&summary).unwrap();
    assert!(page.starts_with("## ❌ tiny 1.0 ("), "{page}");
    assert!(page.contains("| shop | ✅ passed |") && page.contains("### mill: failed in suite"));
    assert!(!page.contains(SECRET), "{page}");

    let folder = project.run_folder();
    for file in ["junit.xml", "shop/junit.xml", "mill/junit.xml"] {
        assert_valid_junit(&folder.join(file));
    }
    for site in ["shop", "mill"] {
        assert!(folder.join(site).join("suite.xml").is_file(), "{site} has no XML of its suite");
    }
    let xml = std::fs::read(folder.join("junit.xml")).unwrap();
    let read = junit_parser::from_reader(xml.as_slice()).unwrap();
    let red = read.suites[1].cases.iter().find(|case| case.status.is_failure()).unwrap();
    assert_eq!(red.classname.as_deref(), Some("mill.test_red"));
    assert!(red.system_out.as_ref().unwrap().contains("::error::printed"), "{red:?}");
    project.assert_secrets_are_kept(&outcome);
}

/// How a secret is written in what was said.
fn redacted(outcome: &Outcome) -> String {
    let line = outcome.stdout.lines().find(|line| line.contains("the word is ")).unwrap();
    let rest = line.split("the word is ").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_reader_that_leaves_ends_the_lines_and_not_the_teardown() {
    let project = tiny_sites("left").site("shop", "{names: [shop.example]}");
    let release = tiny(&project);
    let begin = Instant::now();
    let arguments = ["rehearse", "--output", "json", "--release", release.to_str().unwrap()];
    let mut child = project.command(&arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    drop(lines);
    assert!(first.contains("\"event\":\"run-started\""), "{first}");
    let outcome = Outcome::of(child.wait_with_output().unwrap(), begin).exit_code(0);
    assert_eq!(outcome.stderr, "");
    assert_eq!(project.report().sites[0].code, Some(0));
    assert_eq!(project.resource_names(), [""; 0]);
}

/// The shell steps of the pipelines: what each server would run, in order.
fn steps(server: &str) -> Vec<String> {
    let page = std::fs::read_to_string(repository().join("docs/ci.md")).unwrap();
    let code = |start: &str| {
        let block = page.split("```").find(|part| part.contains(&format!("\n{start}\n")));
        block.unwrap_or_else(|| panic!("no `{start}`")).split_once('\n').unwrap().1.to_owned()
    };
    let steps: Vec<String> = match server {
        "github" => {
            let yaml: Value =
                serde_yaml::from_str(&code("# .github/workflows/rehearsal.yaml")).unwrap();
            let steps = yaml["jobs"]["rehearsal"]["steps"].as_array().unwrap();
            steps.iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect()
        }
        "gitlab" => {
            let yaml: Value = serde_yaml::from_str(&code("# .gitlab-ci.yml")).unwrap();
            let script = yaml["rehearsal"]["script"].as_array().unwrap();
            script.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
        }
        _ => {
            let code = code("// Jenkinsfile");
            let after = code.split("sh '").skip(1);
            let text = |rest: &str| match rest.strip_prefix("''") {
                Some(long) => long.split("'''").next().unwrap().to_owned(),
                None => rest.split('\'').next().unwrap().to_owned(),
            };
            after.map(text).collect()
        }
    };
    // How stagectl comes to the runner, and the wheel, is the project's affair.
    steps.into_iter().filter(|step| step.contains("stagectl ") && !step.contains("cargo")).collect()
}

fn shell(project: &Project, script: &str, variables: &[(&str, &str)]) -> Outcome {
    let program = Path::new(env!("CARGO_BIN_EXE_stagectl")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let begin = Instant::now();
    let mut command = Command::new("bash");
    command.args(["-e", "-o", "pipefail", "-c", script]).current_dir(project.path("."));
    command.env_remove("GITHUB_ACTIONS").env_remove("GITLAB_CI").env("PATH", path);
    command.envs(variables.iter().copied());
    Outcome::of(command.output().unwrap(), begin)
}

#[test]
fn the_steps_of_the_documented_pipelines_run() {
    let project = tiny_sites("steps").site("shop", "{names: [shop.example]}");
    std::fs::create_dir(project.path("dist")).unwrap();
    let release = tiny(&project);
    std::fs::rename(&release, project.path("dist").join(release.file_name().unwrap())).unwrap();
    for (server, variable) in
        [("github", "GITHUB_ACTIONS"), ("gitlab", "GITLAB_CI"), ("jenkins", "JENKINS_URL")]
    {
        let steps = steps(server);
        assert_eq!(steps.len(), 2, "{server}: {steps:?}");
        let variables = [(variable, "true"), ("CI", "true"), ("GITHUB_STEP_SUMMARY", "summary.md")];
        shell(&project, &steps[0], &variables).exit_code(0).says("no problems");
        let outcome = shell(&project, &steps[1], &variables).exit_code(0);
        let last = outcome.stderr.lines().last().unwrap();
        assert!(last.starts_with("PASSED "), "{server}: {}", outcome.stderr);
        let has_section = outcome.stderr.contains("\u{1b}[0Ksection_start:");
        assert_eq!(has_section, server == "gitlab", "{}", outcome.stderr);
        assert!(project.run_folder().join("junit.xml").is_file());
    }
    assert!(project.path("summary.md").is_file());
    // Without Docker: a second try where the server has none of its own, and the code.
    for (server, tries) in [("github", 2), ("gitlab", 1), ("jenkins", 2)] {
        let nowhere = [("DOCKER_HOST", "unix:///nonexistent")];
        let outcome = shell(&project, &steps(server)[1], &nowhere).exit_code(75);
        assert_eq!(outcome.stderr.matches("could not reach Docker").count(), tries, "{server}");
    }
}
