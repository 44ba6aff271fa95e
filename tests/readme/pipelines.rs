//! The pipelines of `docs/ci.md`, as far as they can be checked without their servers. What their steps
//! do is seen in `tests/docker/pipelines.rs`.

use serde_json::Value;

use crate::document::{Block, Document, root};

fn block(language: &str, first_line: &str) -> Block {
    let blocks = Document::read("docs/ci.md").blocks();
    let is_it = |block: &Block| block.language == language && block.code.starts_with(first_line);
    blocks.into_iter().find(is_it).unwrap_or_else(|| panic!("docs/ci.md has no `{first_line}`"))
}

/// The problems of a YAML document by a schema in `tests/ci/schemas`.
fn problems(yaml: &str, schema: &str) -> Vec<String> {
    let document: Value = serde_yaml::from_str(yaml).unwrap();
    let schema = root().join("tests/ci/schemas").join(schema);
    crate::schema::problems(&schema, &document.to_string())
}

#[test]
fn the_workflow_of_github_follows_its_schema() {
    let code = block("yaml", "# .github/workflows/rehearsal.yaml").code;
    assert_eq!(problems(&code, "github-workflow.json"), [""; 0]);
    let wrong = code.replace("runs-on:", "run-on:");
    assert_ne!(problems(&wrong, "github-workflow.json"), [""; 0]);
}

#[test]
fn the_projects_own_workflow_follows_its_schema_and_runs_what_everybody_runs() {
    let code = std::fs::read_to_string(root().join(".github/workflows/ci.yaml")).unwrap();
    assert_eq!(problems(&code, "github-workflow.json"), [""; 0]);
    assert!(code.contains(" .ci/run\n") && root().join(".ci/run").exists());
}

#[test]
fn the_workflow_of_the_site_follows_its_schema_and_runs_make_site() {
    let code = std::fs::read_to_string(root().join(".github/workflows/site.yaml")).unwrap();
    assert_eq!(problems(&code, "github-workflow.json"), [""; 0]);
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    assert!(code.contains("run: make site ") && makefile.contains("\nsite: "));
}

#[test]
fn a_keyword_of_a_schema_that_nobody_knows_is_a_problem() {
    let schema = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(schema.path(), r#"{"properties": {"a": {"minLenght": 1}}}"#).unwrap();
    assert_eq!(
        crate::schema::problems(schema.path(), ""),
        ["schema: nobody knows the keyword #/properties/a/minLenght"]
    );
}

#[test]
fn the_pipeline_of_gitlab_follows_its_schema() {
    let code = block("yaml", "# .gitlab-ci.yml").code;
    assert_eq!(problems(&code, "gitlab-ci.json"), [""; 0]);
    let wrong = code.replace("exit_codes: [75]", "exit_codes: [often]");
    assert_ne!(problems(&wrong, "gitlab-ci.json"), [""; 0]);
}

/// The blocks of a declarative Jenkinsfile by their path, as far as braces and quotes say.
fn groovy_blocks(code: &str) -> Result<Vec<String>, String> {
    let (mut open, mut found): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut rest, mut word) = (code, String::new());
    while let Some(char) = rest.chars().next() {
        let text = ["'''", "\"\"\"", "'", "\""].into_iter().find(|mark| rest.starts_with(mark));
        if let Some(mark) = text {
            let inner = &rest[mark.len()..];
            let end = inner.find(mark).ok_or_else(|| format!("{mark} is never closed"))?;
            if mark.len() == 1 && inner[..end].contains('\n') {
                return Err(format!("a line ends inside {mark}"));
            }
            word.push_str(&inner[..end]);
            rest = &inner[end + mark.len()..];
            continue;
        }
        rest = &rest[char.len_utf8()..];
        match char {
            '/' if rest.starts_with('/') => rest = &rest[rest.find('\n').unwrap_or(rest.len())..],
            '{' => {
                open.push(word.trim().to_owned());
                found.push(open.join("/"));
                word.clear();
            }
            '}' => {
                open.pop().ok_or("a brace too much")?;
                word.clear();
            }
            '\n' => word.clear(),
            char => word.push(char),
        }
    }
    if open.is_empty() { Ok(found) } else { Err(format!("{} is never closed", open.join("/"))) }
}

#[test]
fn the_pipeline_of_jenkins_has_the_blocks_of_a_declarative_one() {
    let code = block("groovy", "// Jenkinsfile").code;
    assert_eq!(
        groovy_blocks(&code).unwrap(),
        [
            "pipeline",
            "pipeline/agent",
            "pipeline/options",
            "pipeline/stages",
            "pipeline/stages/stage(wheel)",
            "pipeline/stages/stage(wheel)/steps",
            "pipeline/stages/stage(check)",
            "pipeline/stages/stage(check)/steps",
            "pipeline/stages/stage(rehearse)",
            "pipeline/stages/stage(rehearse)/steps",
            "pipeline/post",
            "pipeline/post/always",
        ]
    );
    assert!(groovy_blocks(&code.replacen('}', "", 1)).is_err());
    assert!(groovy_blocks(&code.replacen("'''", "", 1)).is_err());
}

/// What the page shows of `--output json` is what the program writes.
#[test]
fn the_lines_for_programs_follow_their_schema() {
    let page = Document::read("docs/ci.md").text;
    let shown = page.lines().filter(|line| line.starts_with("{\"schema\""));
    // The first one is cut short.
    let lines: Vec<&str> = shown.filter(|line| !line.ends_with(",...}")).collect();
    assert!(lines.len() >= 4, "{lines:?}");
    assert_eq!(crate::schema::problems_of_events(&lines.join("\n")), [""; 0]);
}
