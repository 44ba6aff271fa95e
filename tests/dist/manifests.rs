//! The component of GitLab, the hook of pre-commit, the workflow of a release, and the wheel's metadata.

use serde_json::Value;

use crate::{problems, root, text, yaml};

/// The two documents of a component: its inputs, and the jobs with the defaults filled in.
fn component() -> (Value, String) {
    let whole = text("ci/gitlab.yml");
    let (head, body) = whole.split_once("\n---\n").unwrap();
    let head = yaml(head);
    let mut body = body.to_owned();
    for (name, input) in head["spec"]["inputs"].as_object().unwrap() {
        let wanted = format!("$[[ inputs.{name} ]]");
        assert!(body.contains(&wanted), "nobody reads the input {name}");
        assert!(input["description"].is_string(), "{name} is not described");
        body = body.replace(&wanted, input["default"].as_str().unwrap());
    }
    assert!(!body.contains("$[["), "an input that is not declared: {body}");
    (head, body)
}

#[test]
fn the_component_of_gitlab_follows_the_schema_of_jobs_and_does_what_the_page_says() {
    let (head, body) = component();
    assert_eq!(problems(&body, "gitlab-ci.json"), [""; 0]);
    let image = format!("stagectl:{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(head["spec"]["inputs"]["image"]["default"], image.as_str());
    let job = &yaml(&body)["stagectl rehearsal"];
    let page = text("docs/ci.md");
    let documented = page.split("```").find(|block| block.contains("\n# .gitlab-ci.yml\nstages:"));
    let documented = &yaml(documented.unwrap().split_once('\n').unwrap().1)["rehearsal"];
    for key in ["services", "variables", "timeout", "retry", "artifacts"] {
        assert_eq!(job[key], documented[key], "{key}");
    }
    let lines = |job: &Value| -> Vec<String> {
        let lines = job["script"].as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap().trim_end().to_owned()).collect()
    };
    assert_eq!(lines(job), lines(documented));
}

#[test]
fn the_hook_of_pre_commit_runs_check_where_a_description_changes() {
    let hooks = yaml(&text(".pre-commit-hooks.yaml"));
    let [hook] = hooks.as_array().unwrap().as_slice() else { panic!("{hooks}") };
    assert_eq!(hook["entry"], "stagectl check");
    assert_eq!(hook["pass_filenames"], false);
    for key in ["id", "name", "description", "language"] {
        assert!(hook[key].is_string(), "no {key}");
    }
    let files = regex::Regex::new(hook["files"].as_str().unwrap()).unwrap();
    for file in
        ["environments/site-a.yaml", "shop/environments/env/site-b.env", "requirements.lock"]
    {
        assert!(files.is_match(file), "{file}");
    }
    assert!(!files.is_match("src/shop/app.py"));
}

#[test]
fn the_workflow_of_a_release_follows_its_schema_and_runs_what_make_dist_runs() {
    let code = text(".github/workflows/release.yaml");
    assert_eq!(problems(&code, "github-workflow.json"), [""; 0]);
    let jobs = yaml(&code)["jobs"].clone();
    let scripts: String = jobs
        .as_object()
        .unwrap()
        .values()
        .flat_map(|job| job["steps"].as_array().unwrap())
        .filter_map(|step| step["run"].as_str())
        .collect();
    for command in ["make dist", "packaging/tarball.sh", "sha256sum", "docker push"] {
        assert!(scripts.contains(command), "nobody runs {command}");
    }
    for word in scripts.split_whitespace().filter(|word| word.starts_with("packaging/")) {
        assert!(root().join(word).exists(), "{word}");
    }
}

#[test]
fn what_the_wheel_says_of_itself_is_what_the_crate_says() {
    let read = |file: &str| text(file).parse::<toml::Table>().unwrap();
    let (python, rust) = (read("pyproject.toml"), read("Cargo.toml"));
    for key in ["name", "description", "license", "readme", "keywords"] {
        assert_eq!(python["project"][key], rust["package"][key], "{key}");
    }
    assert_eq!(python["project"]["dynamic"].as_array().unwrap()[0].as_str(), Some("version"));
    assert_eq!(python["tool"]["maturin"]["bindings"].as_str(), Some("bin"));
}
