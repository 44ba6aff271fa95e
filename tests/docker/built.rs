//! What was really built of two sites, held against each other.

use serde_json::{Value, json};

use crate::driver::Project;
use crate::samples::{tiny, tiny_sites};

/// Two hosts that shall be alike, whatever differs between two runs: a password, a certificate, a
/// key. A deploy step writes the password, too.
const ALIKE: &str = r#"
tls: {}
proxy: {server: nginx}
health: {within: 60s}
secrets: {db: {generate: 24}, pin: {from_env: STAGE_PIN}}
env: {PASSWORD: "${secret.db}"}
data: [/srv/tiny/data]
deploy:
  steps:
    - {name: write, run: "date +%N > data/now && echo same > same && printf %s $PASSWORD > token && ln -s same link"}
files:
  - {path: /etc/tiny/pin.ini, template: pin.ini, mode: "0640"}
  - {path: /etc/tiny/tiny.ini, template: tiny.ini}
"#;

#[test]
fn what_was_built_of_two_sites_differs_where_they_do_and_nowhere_else() {
    let project = tiny_sites("built")
        .variable("STAGE_PIN", "pin-of-the-gate")
        .file("templates/pin.ini", "pin = {{ secret.pin | reverse }}\n")
        .file("templates/tiny.ini", "theme = {{ env.THEME | default('day') }}\n")
        .file("templates/more.ini", "a = b\n")
        .site("a", &format!("{ALIKE}names: [www.example]\n"))
        .site("b", &format!("{ALIKE}names: [www.example]\n"));
    let release = tiny(&project);
    project.rehearse(&release).exit_code(0);
    assert_eq!(built(&project), json!([]));
    let files = std::fs::read_to_string(project.run_folder().join("a/files.json")).unwrap();
    let files: Value = serde_json::from_str(&files).unwrap();
    let find_file = |path: &str| files["files"][path].clone();
    let secret =
        |mode: &str| json!({"kind": "file", "mode": mode, "owner": "tiny", "holds": "a secret"});
    assert_eq!(find_file("/etc/tiny/pin.ini"), secret("640"));
    assert_eq!(find_file("/srv/tiny/token"), secret("644"));
    assert_eq!(find_file("/etc/shadow")["holds"], "a secret");
    assert_eq!(
        find_file("/srv/tiny/data/now"),
        json!({"kind": "file", "mode": "644", "owner": "tiny"})
    );
    assert_eq!(find_file("/srv/tiny/link"), json!({"kind": "link", "owner": "tiny", "to": "same"}));
    assert_eq!(find_file("/srv/tiny/same")["size"], 5);
    assert_eq!(find_file("/srv/tiny/venv"), Value::Null);

    let more = "/etc/tiny/more/more.ini";
    let other = ALIKE
        .replace("env: {", "env: {THEME: night, ")
        .replace("files:", &format!("files:\n  - {{path: {more}, template: more.ini}}"))
        .replace("mode: \"0640\"", "mode: \"0600\"");
    let project =
        project.site("b", &format!("{other}names: [www.example]\nbase: {{packages: [tree]}}\n"));
    project.rehearse(&release).exit_code(0);
    let rows = built(&project);
    let rows: Vec<String> = rows.as_array().unwrap().iter().map(format_row).collect();
    let (package, rest) = rows.split_first().unwrap();
    assert!(package.starts_with("packages.tree: - | "), "{package}");
    insta::assert_snapshot!(rest.join("\n"), @"
    seen.variables: 1 as described, no others | 2 as described, no others
    files./etc/tiny/more: - | folder of 1 file
    files./etc/tiny/pin.ini: mode 640 | mode 600
    files./etc/tiny/tiny.ini: content dc774bbc, 12 B | content e59839f2, 14 B
    ");
}

fn format_row(row: &Value) -> String {
    let side = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
    format!("{}: {} | {}", side("key"), side("one"), side("two"))
}

fn built(project: &Project) -> Value {
    let outcome = project.run(&["diff", "a", "b", "--built", "--output", "json"]).exit_code(0);
    project.assert_secrets_are_kept(&outcome);
    serde_json::from_str::<Value>(&outcome.stdout).unwrap()["built"].clone()
}
