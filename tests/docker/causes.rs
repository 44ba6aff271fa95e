//! `stagectl why` without another green site: between two runs, with an older release, at the defaults. Each answer is
//! proven by rehearsals, and nothing of them remains.

use std::path::PathBuf;

use serde_json::Value;

use crate::driver::Project;
use crate::samples::wheel_of;

/// A shop behind a health check that only asks whether it answers; nine distributions are newer half a year later.
const REQUIRES: &str = "Requires-Dist: flask==2.2.2\nRequires-Dist: requests\nRequires-Dist: attrs\n\
     Requires-Dist: pytz\nRequires-Dist: packaging\nRequires-Dist: jsonschema\n";

const DEFAULTS: &str = r#"
base: {debian: bookworm}
user: shop
names: [www.shop.example]
proxy: {server: none}
wsgi: {server: gunicorn, application: "shop.wsgi:application", workers: 1}
health: {path: /healthz, within: 30s}
critical: {path: ../critical, run: python3 check.py, budget: 60s}
"#;

const CHECK: &str = r#"
import os
import urllib.request

try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=30) as answer:
        said = answer.read().decode()
except OSError as error:
    said = f"the shop answers {error}"
failure = "" if said == "open" else f'<failure message="the shop is not open: {said}"/>'
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase name="open">{failure}</testcase></testsuite>')
"#;

fn shop(test: &str, install: &str) -> Project {
    Project::new(test)
        .defaults(&format!("{DEFAULTS}install: {install}\n"))
        .site("site-a", "{}")
        .file("critical/check.py", CHECK)
}

/// A shop of one module, which says this.
fn release(project: &Project, version: &str, requires: &str, module: &str) -> PathBuf {
    let sources = [("shop/__init__.py", ""), ("shop/wsgi.py", module)];
    let sources = sources.map(|(name, text)| (name.to_owned(), text.to_owned()));
    wheel_of(project, ("shop", version), requires, sources.to_vec())
}

/// A shop that says this on its page.
fn says(expression: &str) -> String {
    format!(
        "import os\n\n\ndef application(environ, start_response):\n    \
         start_response(\"200 OK\", [(\"Content-Type\", \"text/plain\")])\n    \
         return [({expression}).encode()]\n"
    )
}

/// Asks why, and leaves nothing behind.
fn why(project: &Project, arguments: &[&str]) -> Value {
    let all = [&["why", "site-a", "--output", "json"], arguments].concat();
    let told = project.run(&all).exit_code(0);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(project.resource_names(), [""; 0]);
    said
}

/// The keys of the only cause, which is proven.
fn keys(said: &Value) -> Vec<&str> {
    assert_eq!(said["proven"], true, "{said:#}");
    let [cause] = &said["causes"].as_array().unwrap()[..] else { panic!("{said:#}") };
    let units = cause["units"].as_array().unwrap().iter();
    let keys = units.flat_map(|unit| unit.as_array().unwrap());
    keys.map(|key| key["key"].as_str().unwrap()).collect()
}

#[test]
fn a_transitive_dependency_is_named_where_no_key_that_matters_changed_between_two_runs() {
    let flask = "from flask import Flask\n\napplication = Flask(__name__)\n\n\n\
                 @application.route(\"/\")\n@application.route(\"/healthz\")\ndef index():\n    return \"open\"\n";
    let project = shop("causes-runs", r#"{as_of: 2023-09-01, extra: ["gunicorn==21.2.0"]}"#);
    let release = release(&project, "1.0", REQUIRES, flask);
    project.rehearse(&release).exit_code(0);
    let yesterday = project.report().run;
    let project = project.defaults(&format!(
        "{DEFAULTS}install: {{as_of: 2024-03-01, extra: [gunicorn==21.2.0]}}\n"
    ));
    project.rehearse(&release).exit_code(4);
    let today = project.report().run;
    let said = why(&project, &["--between", &yesterday, &today]);
    // Flask 2.2 takes any Werkzeug from 2.2 on, and imports what Werkzeug 3 has not.
    assert_eq!(keys(&said), ["installed.werkzeug"], "{said:#}");
    assert!(said["keys"].as_u64() >= Some(8), "{said:#}");
    let [unit] = &said["causes"][0]["units"][0].as_array().unwrap()[..] else { panic!("{said:#}") };
    let major = |side: &str| unit[side].as_str().unwrap().split('.').next().unwrap().to_owned();
    assert_eq!((major("red"), major("green")), ("3".to_owned(), "2".to_owned()));
    // What it says to try is a description that is green.
    let setting = said["causes"][0]["settings"][0].as_str().unwrap();
    let release = release.to_str().unwrap();
    project.run(&["rehearse", "--release", release, "--set", setting]).exit_code(0);
}

#[test]
fn an_older_release_that_was_green_on_the_site_is_the_green_end_and_the_file_is_named() {
    let project = shop("causes-release", r#"{as_of: 2026-02-18, extra: ["gunicorn==23.0.0"]}"#);
    project.rehearse(&release(&project, "1.0", "", &says("\"open\""))).exit_code(0);
    let page = "\"open\" if environ[\"PATH_INFO\"] == \"/healthz\" else \"shut\"";
    project.rehearse(&release(&project, "1.1", "", &says(page))).exit_code(1);
    let said = why(&project, &[]);
    assert_eq!(keys(&said), ["release"], "{said:#}");
    assert_eq!(said["files"], serde_json::json!(["shop/wsgi.py"]));
    assert_eq!(said["nearest"], "shop 1.0");
    let words = said["words"].to_string();
    assert!(words.contains("the same distributions are installed"), "{words}");
}

#[test]
fn a_distribution_of_the_new_release_is_named_below_it() {
    let project = shop("causes-below", r#"{as_of: 2026-02-18, extra: ["gunicorn==23.0.0"]}"#);
    let is_open = "environ[\"PATH_INFO\"] == \"/healthz\" or version(\"attrs\") < \"24\"";
    let page = says(&format!("\"open\" if {is_open} else \"shut\""));
    let module = format!("from importlib.metadata import version\n{page}");
    let requires = |attrs: &str, six: &str| {
        format!("Requires-Dist: attrs=={attrs}\nRequires-Dist: six=={six}\n")
    };
    project
        .rehearse(&release(&project, "1.0", &requires("23.2.0", "1.16.0"), &module))
        .exit_code(0);
    project
        .rehearse(&release(&project, "1.1", &requires("25.1.0", "1.17.0"), &module))
        .exit_code(1);
    let said = why(&project, &[]);
    assert_eq!(keys(&said), ["release"], "{said:#}");
    let below = keys(&said["below"]);
    assert!(below.contains(&"installed.attrs") && !below.contains(&"installed.six"), "{said:#}");
}

#[test]
fn a_site_alone_is_held_against_itself_with_its_keys_at_their_defaults() {
    let project = shop("causes-plain", r#"{as_of: 2026-02-18, extra: ["gunicorn==23.0.0"]}"#).site(
        "site-a",
        "{wsgi: {umask: \"0027\"}, env: {SHOP_NIGHT: \"1\", SHOP_NAME: harbour}, base: {timezone: Europe/Berlin}}",
    );
    let page = "\"shut\" if \"SHOP_NIGHT\" in os.environ and environ[\"PATH_INFO\"] == \"/\" else \"open\"";
    project.rehearse(&release(&project, "1.0", "", &says(page))).exit_code(1);
    let said = why(&project, &[]);
    assert_eq!(keys(&said), ["env.SHOP_NIGHT"], "{said:#}");
    assert_eq!(said["nearest"], "plain site-a");
    assert_eq!(said["causes"][0]["settings"], serde_json::json!(["env.SHOP_NIGHT=null"]));
}

#[test]
fn where_the_plainest_site_is_red_too_it_says_what_was_red_there() {
    let project = shop("causes-none", r#"{as_of: 2026-02-18, extra: ["gunicorn==23.0.0"]}"#)
        .site("site-a", "{env: {SHOP_NAME: harbour}}");
    let page = "\"open\" if environ[\"PATH_INFO\"] == \"/healthz\" else \"shut\"";
    project.rehearse(&release(&project, "1.0", "", &says(page))).exit_code(1);
    let told = project.run(&["why", "site-a"]).exit_code(5);
    assert!(told.stdout.contains("plain site-a is not green: open"), "{}", told.stdout);
    assert_eq!(project.resource_names(), [""; 0]);
}
