//! Sites of several hosts: the proxy has one of its own.

use stagectl::docker::{Engine as _, Exec};
use stagectl::replica::label;

use crate::driver::{Project, endings, with_docker};
use crate::samples::{tiny, tiny_sites};

/// Sites whose suite holds what the app sees against `EXPECTED`.
fn seen_sites(test: &str) -> Project {
    let project = tiny_sites(test).folder("tests/apps/tiny/seen", "seen");
    let defaults = std::fs::read_to_string(project.path("environments/defaults.yaml")).unwrap();
    let defaults = defaults
        .replace("../critical", "../seen")
        .replace("budget: 30s", "budget: 30s, site_env: [EXPECTED]")
        .replace("tiny.wsgi:application", "tiny.seen:application")
        .replace("/healthz, within: 10s", "/, within: 60s");
    project.file("environments/defaults.yaml", &defaults)
}

/// Whether a connection can be made from a container of the project.
fn connects(project: &Project, role: &str, host: &str, port: u16) -> bool {
    let resources = project.resources();
    let found =
        resources.iter().find(|found| found.labels.get(label::ROLE).is_some_and(|own| own == role));
    let container = &found.expect("a container of this role").resource.name;
    let code = format!("import socket; socket.create_connection(('{host}', {port}), 5)");
    let argv = ["python3", "-c", &code].map(str::to_owned).into();
    let mut said = Vec::new();
    let code = with_docker(async |docker| {
        let exec = Exec { argv, ..Exec::default() };
        docker.exec(container, &exec, &mut |_, line| said.push(line)).await.unwrap()
    });
    assert!(
        code == 0 || said.iter().any(|line| line.starts_with("ConnectionRefusedError")),
        "{said:?}"
    );
    code == 0
}

#[test]
fn a_proxy_on_its_own_host_shares_neither_address_nor_loopback_with_the_app() {
    let project = seen_sites("hosts").site(
        "site",
        r#"
names: [www.o.example, o.example]
tls: {certificate: {names: ["*.o.example", o.example]}}
proxy: {server: nginx, host: own, static: {/static/: static}, hsts: max-age=300, body: 64KiB}
processes: {worker: {run: exec python -m tiny.work}}
deploy: {steps: [{name: static, run: "mkdir -p static/css && echo '{\"is\": \"made\"}' > static/css/a.json"}]}
env:
  TINY_NAME: o.example
  EXPECTED: '{"/": {"from": "proxy", "scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}, "/static/css/a.json": {"is": "made"}}'
"#,
    );
    let release = tiny(&project);
    project.run(&["up", "site", "--release", release.to_str().unwrap()]).exit_code(0);
    assert!(connects(&project, "proxy", "app", 8000));
    assert!(!connects(&project, "proxy", "127.0.0.1", 8000));
    assert!(connects(&project, "proxy", "127.0.0.1", 443));
    assert!(!connects(&project, "app", "127.0.0.1", 443));
    assert!(connects(&project, "app", "www.o.example", 443));
    project.run(&["test", "site"]).exit_code(0);
    project.run(&["status"]).exit_code(0).says("http://site.localhost:");
    project.run(&["down", "site"]).exit_code(0).says("site is down");
}

const LIVE: &str = r"
server {
    listen 80;
    server_name l.example;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Origin live;
        proxy_pass http://web1.internal:5000;
    }
}
";

#[test]
fn proxies_of_every_kind_reach_servers_of_every_kind_on_another_host() {
    let project = seen_sites("front")
        .file("environments/live/site.conf", LIVE)
        .site("apache", r#"
names: [a.example]
tls: {}
proxy: {server: apache, host: own}
wsgi: {server: waitress}
env: {TINY_NAME: a.example, EXPECTED: '{"/": {"from": "proxy", "HTTP_HOST": "a.example"}}'}
"#)
        .site("ends", r#"
names: [e.example]
proxy: {server: nginx, host: own}
env: {EXPECTED: '{}'}
critical: {run: "python3 -c \"import socket; s = socket.create_connection(('app', 7000), 5); s.recv(1)\" && python3 check.py"}
processes: {worker: {run: exec python -m tiny.work called}}
"#)
        .site("live", r#"
names: [l.example]
proxy: {server: nginx, host: own, config: live/site.conf}
wsgi: {listen: "0.0.0.0:5000"}
host: {hostname: web1.internal}
env: {TINY_NAME: l.example, EXPECTED: '{"/": {"from": "proxy", "HTTP_X_ORIGIN": "live"}}'}
"#)
        .site("other-port", r#"
names: [o.example]
proxy: {server: nginx, host: own}
wsgi: {server: waitress, application: "tiny.other_port:application"}
health: {within: 10s}
env: {EXPECTED: '{}'}
"#)
        .site("uwsgi", r#"
names: [u.example]
proxy: {server: nginx, host: own}
wsgi: {server: uwsgi}
env: {EXPECTED: '{"/": {"HTTP_HOST": "u.example"}}'}
"#);
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    assert_eq!(
        endings(&report),
        "apache 0\n\
         ends 1 in suite: worker of ends ended with code 3 after the site was ready\n  \
         worker: tiny: called away\n\
         live 0\n\
         other-port 4 in ready: other-port is not ready: nothing listens on 8000, but something on 8123\n  \
         last seen: HTTP 502 Bad Gateway from http://o.example/, expected 200\n  \
         wsgi: INFO:waitress:Serving on http://127.0.0.1:8123\n\
         uwsgi 0",
        "{}\n{}",
        outcome.stdout,
        outcome.stderr
    );
    assert!(project.run_folder().join("ends/logs/nginx-access.log").exists());
    let checks: Vec<&str> =
        report.sites[0].checks.iter().map(|check| check.name.as_str()).collect();
    for name in ["wsgi runs", "logs", "apache runs", "logs of the proxy"] {
        assert!(checks.contains(&name), "{name} is not in {checks:?}");
    }
}
