//! IPv6: both families of addresses, in both orders, for everybody in a replica.

use crate::driver::{Project, endings};
use crate::samples::{tiny, tiny_sites};

const IPV6_FIRST: &str = r#"
names: [six.example, "*.six.example"]
tls: {certificate: {names: [six.example, "*.six.example"]}}
proxy: {server: nginx}
wsgi: {server: uwsgi}
install: {extra: ["psycopg[binary]==3.2.12"], as_of: 2026-02-18}
host: {resolver: {families: [ipv6, ipv4]}}
secrets: {db: {generate: 24}}
services:
  db: {postgres: "15", names: [db.internal], password: "${secret.db}"}
  sql: {mariadb: "10.11", password: "${secret.db}"}
  cache: {redis: "7"}
  memory: {memcached: "1.6"}
  mq: {rabbitmq: "3.10", password: "${secret.db}", startup: 5min}
  mail: {smtp: sink}
outside: {api.pay.example: {stub: stubs/pay.yaml}}
env:
  ORDER: ipv6 ipv4
  DATABASE_URL: "postgresql://tiny:${secret.db}@db.internal/tiny"
  PLACES: '{"db.internal": 5432, "sql": 3306, "cache": 6379, "memory": 11211, "mq": 5672, "mail": 587, "api.pay.example": 443}'
"#;

const IPV4_FIRST: &str = r#"
names: [four.example]
proxy: {server: apache}
wsgi: {server: mod_wsgi}
install: {extra: ["psycopg[binary]==3.2.12"], as_of: 2026-02-18}
host: {resolver: {families: [ipv4, ipv6]}}
secrets: {db: {generate: 24}}
services:
  db: {postgres: "15", names: [db.internal], password: "${secret.db}", host: app}
  cache: {redis: "7"}
env:
  ORDER: ipv4 ipv6
  DATABASE_URL: "postgresql://tiny:${secret.db}@db.internal/tiny"
  PLACES: '{"db.internal": 5432, "cache": 6379}'
"#;

/// What a suite does at its end: it asks for a name that is nobody's.
const TRIED: &str = "\n  tried api.nobody.example";

const ASKS_FOR_NOBODY: &str = r#"
import os, socket
try:
    socket.getaddrinfo("api.nobody.example", 443)
except socket.gaierror:
    pass
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write("<testsuite name='nobody' tests='1'><testcase name='nobody'/></testsuite>")
"#;

fn sites(test: &str) -> Project {
    tiny_sites(test)
        .folder("tests/apps/tiny/families", "critical")
        .file("environments/stubs/pay.yaml", "requests: [{path: /, answers: [{json: {}}]}]\n")
}

fn with_app(site: &str) -> String {
    let budget = "critical: {budget: 60s, site_env: [ORDER, PLACES]}\nhealth: {within: 60s}\n";
    let app = "application: \"tiny.families:application\"";
    if site.contains("wsgi: {") {
        return format!("{}{budget}", site.replace("wsgi: {", &format!("wsgi: {{{app}, ")));
    }
    format!("{site}wsgi: {{{app}}}\n{budget}")
}

#[test]
fn both_families_lead_to_everybody_in_the_described_order() {
    let project = sites("families")
        .file("critical/nobody.py", ASKS_FOR_NOBODY)
        .site("a-six", &with_app(IPV6_FIRST))
        .site("b-four", &with_app(IPV4_FIRST))
        .site("c-usual", "{names: [usual.example], critical: {run: python3 nobody.py}}");
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    let expected = ["a-six", "b-four", "c-usual"].map(|site| format!("{site} 0{TRIED}"));
    assert_eq!(endings(&report), expected.join("\n"), "{}", outcome.stderr);
    let times: Vec<u32> = report.sites.iter().map(|site| site.refused[0].times).collect();
    assert_eq!(times, [times[2]; 3], "a look-up of both families is counted as any other");
    let find_detail = |site: usize| {
        let checks = &report.sites[site].checks;
        checks
            .iter()
            .find(|check| check.name == "address families")
            .map(|check| check.detail.clone())
    };
    let (six, four) = (find_detail(0).unwrap(), find_detail(1).unwrap());
    assert!(six.starts_with("fd73:") && six.ends_with("; 8 names in this order"), "{six}");
    assert!(four.starts_with("10.231.") && four.ends_with("; 3 names in this order"), "{four}");
    assert_eq!(find_detail(2), None);
}

#[test]
fn servers_without_a_proxy_listen_for_both_families() {
    let project = ["gunicorn", "uwsgi", "waitress"].into_iter().fold(sites("servers"), |project, server| {
        let site = format!(
            "names: [{server}.example]\nwsgi: {{server: {server}}}\n\
             host: {{resolver: {{families: [ipv6, ipv4]}}}}\nenv: {{ORDER: ipv6 ipv4, PLACES: '{{}}'}}\n"
        );
        project.site(server, &with_app(&site))
    });
    let outcome = project.rehearse(&tiny(&project));
    let expected = ["gunicorn", "uwsgi", "waitress"].map(|site| format!("{site} 0{TRIED}"));
    assert_eq!(endings(&project.report()), expected.join("\n"), "{}", outcome.stderr);
}

/// A live configuration that knows nothing of IPv6 is reported as what it is.
#[test]
fn a_proxy_that_listens_for_one_family_alone_is_found() {
    let config = "server {\n    listen 80;\n    server_name one.example;\n    location / { proxy_pass http://unix:/run/tiny/wsgi.sock; }\n}\n";
    let project = sites("one-family").file("environments/live/one.conf", config).site(
        "one",
        &with_app(
            "names: [one.example]\nproxy: {server: nginx, config: live/one.conf}\nwsgi: {socket: unix}\n\
             host: {resolver: {families: [ipv6, ipv4]}}\nenv: {ORDER: ipv6 ipv4, PLACES: '{}'}\n",
        ),
    );
    project
        .rehearse(&tiny(&project))
        .exit_code(1)
        .says("one.example does not answer at its address fd73:7461:6765:");
}
