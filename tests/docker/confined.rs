//! What a hostile description, and the app that it brings, can do to the machine: everything is tried from
//! inside a replica.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, UdpSocket};

use serde_json::{Value, json};
use stagectl::event::ResourceKind;

use crate::driver::{Project, with_docker};
use crate::samples::packed;

const INTRUDER: &str = r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0"]}
user: intruder
data: [/srv/intruder/data]
proxy: {server: none}
wsgi: {server: gunicorn, application: "intruder.wsgi:application", workers: 1}
processes: {worker: {run: "python -m intruder.probes /srv/intruder/data/worker.json stay"}}
deploy: {steps: [{name: tries, run: "python -m intruder.probes /srv/intruder/data/step.json"}]}
secrets: {key: {generate: 24}}
env: {KEY: "${secret.key}"}
critical: {path: ../critical, run: python3 check.py, budget: 60s}
"#;

/// The JSON parser of the site's Python, which stagectl's own programs use as well: by it, whoever writes
/// the description is root on the app's host, with all that stagectl's programs have there.
const ROOTED: &str = r#"
import _json, os
make_scanner = c_make_scanner = _json.make_scanner
found = "/srv/intruder/data/root.json"
if os.getuid() == 0 and "INTRUDER" not in os.environ and not os.path.exists(found):
    folder = "/srv/intruder/venv/lib/python3.11/site-packages"
    os.system("INTRUDER=1 PYTHONPATH=" + folder + " python3 -S -m intruder.probes " + found + " >&2")
"#;

fn intruders(test: &str) -> Project {
    Project::new(test).folder("tests/apps/intruder/critical", "critical").defaults(INTRUDER)
}

fn with_targets(site: &str, targets: &Value) -> String {
    site.replace("TARGETS", &targets.to_string())
}

/// What each of a replica's inhabitants met, by what it is.
fn tried(project: &Project, site: &str) -> BTreeMap<String, Value> {
    let report = project.report();
    let site = report.sites.iter().find(|found| found.name == site).unwrap();
    let message = site.tests.first().and_then(|test| test.message.clone());
    let message = message.unwrap_or_else(|| panic!("{:?}", site.failure));
    serde_json::from_str(&message).unwrap_or_else(|_| panic!("{message}"))
}

#[test]
fn nobody_in_a_replica_has_a_right_that_the_site_does_not_need() {
    let project = intruders("confined")
        .site("plain", "{names: [plain.example], health: {within: 60s}}")
        .site("strict", "{names: [strict.example], health: {within: 60s}, host: {read_only_root: true}}")
        .file("environments/rooted.py", ROOTED)
        .site(
            "rooted",
            "{names: [rooted.example], health: {within: 60s}, host: {read_only_root: true},
              files: [{path: /usr/lib/python3.11/json/scanner.py, template: rooted.py, owner: root, mode: '0644'}]}",
        );
    let told = project.rehearse(&packed(&project, "intruder"));
    eprintln!("{}", told.stderr);
    for site in ["plain", "strict", "rooted"] {
        let found = tried(&project, site);
        eprintln!("{site}: {}", serde_json::to_string_pretty(&found).unwrap());
    }
    panic!();
}
