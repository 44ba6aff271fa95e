//! What programs are told: events and failures as JSON on stdout, and exit codes that stay.

use serde_json::{Value, json};

use crate::program::{SHOP, Stagectl};
use crate::schema::problems_of_events;

const WRONG: &str = "summary: The shop
base: {debian: bookworm}
services: {db: {postgress: '15'}}
names: [shop.example]
wsgi: {server: gunicorn, application: 'shop.wsgi:app'}
critical: {path: ../tests/critical}
";

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn project() -> Stagectl {
    Stagectl::new()
        .site("shop", SHOP)
        .file("environments/defaults.yaml", "release: dist/shop-1.0-py3-none-any.whl\n")
        .wheel(">=3.9")
}

/// The only line on stdout, which follows the schema of the events.
fn only_line(text: &str) -> Value {
    let line = parsed(text);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(problems_of_events(text), [""; 0], "{text}");
    line
}

#[test]
fn without_docker_a_program_is_told_so_on_stdout_and_a_person_on_stderr() {
    for command in ["rehearse", "up", "test", "down"] {
        let answer = project().args([command, "shop", "--output", "json"]).run().exit_code(75);
        let line = only_line(&answer.out());
        assert_eq!(line["event"], "gave-up");
        assert_eq!(line["kind"], "infrastructure");
        assert_eq!(line["code"], 75);
        assert_eq!(line["message"], "could not reach Docker at unix:///nonexistent");
        assert_eq!(line["causes"], json!(["Socket not found: /nonexistent"]));
        assert_eq!(line["hints"].as_array().unwrap().len(), 1);
        assert!(answer.error().starts_with("error: could not reach Docker"), "{}", answer.error());
        answer.made_nothing();
    }
}

#[test]
fn wrong_usage_is_told_to_programs_too() {
    let answer = project().args(["rehearse", "--output=json", "--nonsense"]).run().exit_code(2);
    let line = only_line(&answer.out());
    assert_eq!((&line["event"], &line["kind"]), (&json!("gave-up"), &json!("usage")));
    assert_eq!(line["message"], "unexpected argument '--nonsense' found");
    assert!(answer.error().starts_with("error: unexpected argument"), "{}", answer.error());
    let answer = project().args(["rehearse", "--nonsense"]).run().exit_code(2);
    assert_eq!(answer.out(), "");
}

#[test]
fn problems_of_descriptions_come_with_their_places() {
    let problem = json!({
        "file": "environments/shop.yaml",
        "line": 3,
        "column": 17,
        "key": "services.db",
        "message": "unknown key `postgress`",
        "hint": "did you mean `postgres`?",
    });
    let project = || Stagectl::new().site("shop", WRONG);
    let answer = project().args(["rehearse", "--output", "json"]).run().exit_code(2);
    assert_eq!(only_line(&answer.out())["problems"][0], problem);

    let answer = project().args(["check", "--output", "json"]).run().exit_code(2);
    let found = parsed(&answer.out());
    assert_eq!(found["schema"], "stagectl-check/1");
    assert_eq!(found["problems"][0], problem);
    assert!(answer.error().contains("hint: did you mean `postgres`?"), "{}", answer.error());
}

#[test]
fn a_project_without_problems_is_one_object() {
    let answer = project().args(["check", "--output", "json"]).stderr("").exit_code(0);
    let found = parsed(&answer.out());
    assert_eq!(found["problems"], json!([]));
    assert_eq!(found["project"], "board");
    assert_eq!(found["sites"][0]["name"], "shop");
    assert_eq!(found["sites"][0]["environment"].as_str().unwrap().len(), 64);
    let answer = project().args(["check", "nowhere", "--output", "json"]).run().exit_code(2);
    let found = parsed(&answer.out());
    assert_eq!(found["problems"][0]["message"], "there is no site `nowhere`");
    assert_eq!(found["problems"][0]["file"], Value::Null);
}

#[test]
fn a_plan_is_one_object_also_without_docker() {
    let answer = project().args(["plan", "--output", "json"]).stderr("").exit_code(0);
    let plan = parsed(&answer.out());
    assert_eq!(plan["schema"], "stagectl-plan/1");
    assert_eq!(plan["release"]["name"], "shop");
    assert!(plan["no_docker"].as_str().unwrap().starts_with("could not reach Docker"));
    let steps = plan["plans"][0]["steps"].as_array().unwrap();
    for (index, step) in steps.iter().enumerate() {
        assert_eq!(step["number"], index + 1);
        let earlier = |after: &Value| after.as_u64().unwrap() <= index as u64;
        assert!(step["after"].as_array().unwrap().iter().all(earlier), "{step}");
        assert!(!step["why"].as_str().unwrap().is_empty(), "{step}");
    }
    assert!(steps.iter().any(|step| step["phase"] == "images" && step["what"] == "base image"));
}

#[test]
fn the_schema_of_the_events_is_printed() {
    let printed = parsed(&project().args(["schema", "events"]).stderr("").exit_code(0).out());
    assert_eq!(printed, stagectl::display::schema());
    for wrong in [
        json!({"schema": "stagectl-events/1", "at": 0.0, "event": "no-such-event"}),
        json!({"schema": "stagectl-events/2", "at": 0.0, "event": "cached", "images": 1}),
        json!({"schema": "stagectl-events/1", "event": "cached", "images": 1}),
        json!({"schema": "stagectl-events/1", "at": 0.0, "event": "cached", "images": "one"}),
    ] {
        assert_ne!(problems_of_events(&wrong.to_string()), [""; 0], "{wrong}");
    }
}

#[test]
fn a_full_disk_behind_stdout_is_told_and_a_reader_that_left_is_not() {
    let json = "stagectl rehearse shop --output json";
    let answer = project().shell(&format!("{json} >/dev/full")).exit_code(75);
    assert!(answer.error().contains("could not reach Docker"), "{}", answer.error());
    project()
        .shell(&format!("set -o pipefail; {json} | true; exit ${{PIPESTATUS[0]}}"))
        .exit_code(75);
}

#[test]
fn github_has_notes_at_the_lines_of_descriptions() {
    let project = Stagectl::new().site("shop", WRONG);
    let workspace = project.root().canonicalize().unwrap().parent().unwrap().to_owned();
    let answer = project
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_WORKSPACE", workspace.to_str().unwrap())
        .args(["check"])
        .run()
        .exit_code(2);
    let error = answer.error();
    let notes: Vec<&str> = error.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(
        notes,
        ["::error file=board/environments/shop.yaml,line=3,col=17,\
          title=services.db::unknown key `postgress`%0Ahint: did you mean `postgres`?"]
    );
}
