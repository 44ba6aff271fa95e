//! The facts of a site's own host, as an app meets them and as the diagnosis sees them.

use serde_json::{Value, json};

use crate::driver::Project;
use crate::samples::{tiny, tiny_sites};

/// Asks the app what it meets, and leaves the answer as the suite's only, failing test: so it is in
/// the report.
const ASKS: &str = r#"
import json, os, urllib.request
from xml.sax.saxutils import quoteattr
folders = ["/srv/tiny", "/srv/tiny/data", "/tmp", "/var/tmp", "/var/cache/tiny", "/run/tiny", "/dev/shm"]
asked = urllib.request.Request(os.environ["STAGECTL_URL"], headers={"X-Folders": json.dumps(folders)})
with urllib.request.urlopen(asked, timeout=20) as answer:
    facts = answer.read().decode()
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='facts' tests='1'><testcase name='facts'><failure message={quoteattr(facts)}/></testcase></testsuite>")
"#;

struct Met {
    /// What the app says.
    facts: Value,
    /// What the diagnosis says of each check, by its name.
    checks: Vec<(String, String)>,
}

impl Met {
    fn check(&self, name: &str) -> &str {
        let found = self.checks.iter().find(|(found, _)| found == name);
        found.map_or("no such check", |(_, detail)| detail)
    }
}

fn met(project: &Project, site: &str) -> Met {
    let report = project.report();
    let site = report.sites.iter().find(|found| found.name == site).unwrap();
    let failed: Vec<_> = site.checks.iter().filter(|check| !check.passed).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let facts = site.tests.first().and_then(|test| test.message.clone()).unwrap_or_default();
    Met {
        facts: serde_json::from_str(&facts).unwrap_or_else(|_| panic!("{:?}", site.failure)),
        checks: site.checks.iter().map(|c| (c.name.clone(), c.detail.clone())).collect(),
    }
}

fn asking(test: &str) -> Project {
    tiny_sites(test).file("critical/check.py", ASKS)
}

#[test]
fn the_app_meets_the_host_that_is_described() {
    let project = asking("host")
        .site(
            "all",
            r#"
names: [all.example]
data: [/srv/tiny/data, /var/cache/tiny]
wsgi: {application: "tiny.facts:application"}
health: {within: 60s}
host:
  hostname: web1
  tmp: {size: 4MiB, exec: false}
  shm: 4MiB
  open_files: "1024:4096"
  limits: {core: 0}
  read_only_root: true
  resolver: {families: [ipv4], search: [corp.example], ndots: 2, timeout: 3}
deploy: {steps: [{name: static, run: "mkdir static && echo ok > static/x && test $(ulimit -n) = 1024"}]}
"#,
        )
        .site("none", "{names: [none.example], wsgi: {application: 'tiny.facts:application'}, health: {within: 60s}}");
    project.rehearse(&tiny(&project)).exit_code(1);
    let all = met(&project, "all");
    for (key, expected) in [
        ("hostname", json!("web1")),
        ("fills /tmp", json!("No space left on device")),
        ("fills /dev/shm", json!("No space left on device")),
        ("runs in /tmp", json!("Permission denied")),
        ("open files", json!([1024, 4096])),
        ("core", json!([0, 0])),
        ("::1", json!("Cannot assign requested address")),
        ("foreign", json!([])),
        (
            "writes",
            json!({"/srv/tiny": "Read-only file system", "/srv/tiny/data": true, "/tmp": true,
                   "/var/tmp": true, "/var/cache/tiny": true, "/run/tiny": true, "/dev/shm": true}),
        ),
    ] {
        assert_eq!(all.facts[key], expected, "{key}");
    }
    let checks = [
        "hostname",
        "/tmp",
        "/dev/shm",
        "open files",
        "limits",
        "read-only root",
        "resolver",
        "no IPv6",
    ];
    let said: Vec<String> =
        checks.iter().map(|name| format!("{name}: {}", all.check(name))).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    hostname: web1
    /tmp: tmpfs, 4096 KiB, nodev,noexec,nosuid,relatime,rw
    /dev/shm: 4096 KiB
    open files: 1024:4096
    limits: Max core file size 0
    read-only root: writable: /tmp, /var/tmp, /run/tiny, /srv/tiny/data, /var/cache/tiny
    resolver: search corp.example, options ndots:2 timeout:3
    no IPv6: ::1: Cannot assign requested address
    "#);
    let none = met(&project, "none");
    assert_eq!(none.facts["hostname"], "none");
    assert_eq!(none.facts["writes"]["/srv/tiny"], true);
    for name in checks {
        assert_eq!(none.check(name), "no such check");
    }
}

#[test]
fn the_clock_is_the_apps_the_deploys_and_the_certificates() {
    let now = jiff::Timestamp::now();
    let project = asking("clock")
        .site(
            "ahead",
            r#"
names: [ahead.example]
tls: {}
wsgi: {application: "tiny.facts:application"}
health: {within: 60s}
host: {clock: "+400d"}
deploy: {steps: [{name: day, run: "date +%s > day && python -c 'import time; time.sleep(0.1)'"}]}
"#,
        )
        .site(
            "behind",
            r#"
names: [behind.example]
tls: {}
proxy: {server: apache}
wsgi: {server: mod_wsgi, application: "tiny.facts:application"}
health: {within: 60s}
host: {clock: "2024-02-29T12:00", read_only_root: true}
"#,
        );
    project.rehearse(&tiny(&project)).exit_code(1);
    let leap_day = "2024-02-29T12:00:00Z".parse::<jiff::Timestamp>().unwrap();
    for (site, day) in
        [("ahead", now + jiff::SignedDuration::from_hours(9600)), ("behind", leap_day)]
    {
        let met = met(&project, site);
        for key in ["time", "time in a thread", "time in a child"] {
            let seen = met.facts[key].as_f64().unwrap();
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
            let late = seen - day.as_second() as f64;
            assert!((0.0..3600.0).contains(&late), "{site}, {key}: {late} s after {day}");
        }
        assert_ne!(met.check("clock"), "no such check");
        assert!(met.check("variables").ends_with("no others"));
    }
}

#[test]
fn an_app_without_memory_is_told_as_what_it_is() {
    let project = tiny_sites("memory").site(
        "small",
        "{names: [s.example], wsgi: {application: 'tiny.hungry:application'}, \
          resources: {memory: 128MiB}, health: {within: 60s}}",
    );
    project
        .rehearse(&tiny(&project))
        .exit_code(1)
        .says("the memory limit was hit: the kernel killed a process in `")
        .says("raise `resources.memory`, if the live site has more");
}
