//! What a description says of proxy and server is what they do.

use crate::driver::{Project, endings, repository};
use crate::samples::{tiny, tiny_sites};

/// Sites whose critical suite holds what the app sees against the variable `EXPECTED`.
fn seen_sites(test: &str) -> Project {
    let project = tiny_sites(test).folder("tests/apps/tiny/seen", "seen");
    let defaults = std::fs::read_to_string(project.path("environments/defaults.yaml")).unwrap();
    let defaults = defaults
        .replace("../critical", "../seen")
        .replace("budget: 30s", "budget: 30s, site_env: [EXPECTED]")
        .replace("tiny.wsgi:application", "tiny.seen:application")
        .replace("/healthz, within: 10s", "/, within: 60s")
        .replace("workers: 1", "workers: 2");
    project.file("environments/defaults.yaml", &defaults)
}

#[test]
fn headers_limits_folders_and_interpreters_are_as_described() {
    let project = seen_sites("serving")
        .site("apache-gunicorn", r#"
names: [b.example]
tls: {}
proxy: {server: apache, headers: {X-Forwarded-Proto: false, X-Forwarded-Server: false, X-Origin: "it's \"apache\""},
        timeout: 20s, hsts: max-age=300, media: {/media/: media}, static: {/static/: statik}}
wsgi: {server: gunicorn, umask: "0002"}
env:
  EXPECTED: '{"/": {"HTTP_HOST": "b.example", "HTTP_X_FORWARDED_PROTO": null, "HTTP_X_FORWARDED_SERVER": null,
             "HTTP_X_FORWARDED_HOST": "b.example", "HTTP_X_ORIGIN": "it''s \"apache\"", "umask": "0002", "scheme": "http"}}'
"#)
        .site("apache-mod-wsgi", r#"
names: [m.example]
tls: {}
data: [/srv/tiny/data]
proxy: {server: apache, prefix: /shop/, headers: {X-Origin: apache, Accept-Language: false}, body: 64KiB,
        timeout: 20s, hsts: max-age=300; includeSubDomains, media: {/media/: data/media}}
wsgi: {server: mod_wsgi, application_group: own, umask: "0022", folder: /var/tmp,
       mounts: {/api/: "tiny.seen:second"}}
env:
  EXPECTED: '{"/": {"name": "first", "SCRIPT_NAME": "/shop", "HTTP_X_ORIGIN": "apache", "LANG": "C", "encoding": "ascii",
             "umask": "0022", "folder": "/var/tmp", "interpreter": "m.example|/shop"},
             "/api/": {"name": "second", "SCRIPT_NAME": "/shop/api", "interpreter": "m.example|/shop/api"}}'
"#)
        .site("nginx-gunicorn", r#"
names: [g.example]
tls: {}
data: [/srv/files]
proxy: {server: nginx, headers: {Host: false, X-Forwarded-Proto: false, X-Origin: "the $scheme site", Accept-Language: false},
        body: 1500KiB, timeout: 20s, hsts: max-age=300, media: {/media/: /srv/files}}
wsgi: {server: gunicorn, umask: "0022", folder: /}
env:
  EXPECTED: '{"/": {"HTTP_HOST": "127.0.0.1:8000", "HTTP_X_FORWARDED_PROTO": null, "HTTP_X_ORIGIN": "the https site",
             "HTTP_X_FORWARDED_HOST": null, "folder": "/", "scheme": "http"}}'
"#)
        .site("nginx-uwsgi", r#"
names: [u.example]
tls: {}
proxy: {server: nginx, headers: {X-Forwarded-Proto: false, X-Origin: $host}, body: 2MiB, timeout: 20s,
        hsts: max-age=300, media: {/media/: media}}
wsgi: {server: uwsgi, umask: "0022", folder: /var/tmp, locale: C, mounts: {/api/: "tiny.seen:second", /api/v2/: "tiny.seen:application"}}
env:
  EXPECTED: '{"/": {"name": "first", "HTTP_HOST": "u.example", "HTTP_X_FORWARDED_PROTO": null, "HTTP_X_ORIGIN": "u.example",
             "SCRIPT_NAME": "", "folder": "/var/tmp", "encoding": "ascii", "scheme": "https"},
             "/api/x": {"name": "second", "SCRIPT_NAME": "/api"}, "/api/v2/": {"name": "first", "SCRIPT_NAME": "/api/v2"}}'
"#);
    let outcome = project.rehearse(&tiny(&project));
    assert_eq!(
        endings(&project.report()),
        "apache-gunicorn 0\napache-mod-wsgi 0\nnginx-gunicorn 0\nnginx-uwsgi 0",
        "{}\n{}",
        outcome.stdout,
        outcome.stderr
    );
    outcome.says("warning: apache-gunicorn: `/srv/tiny/statik` of `proxy.static` is not there after the deploy");
}

#[test]
fn a_template_of_the_project_is_what_the_proxy_is_told() {
    let built_in = repository().join("templates/proxy/nginx.conf.j2");
    let built_in = std::fs::read_to_string(built_in).unwrap();
    let own = built_in.replace(
        "        proxy_pass http://",
        "        proxy_set_header X-Origin \"{{ site }}'s own\";\n        proxy_pass http://",
    );
    assert_ne!(own, built_in);
    let project = seen_sites("own-template").file("templates/proxy/nginx.conf.j2", &own).site(
        "site",
        r#"
names: [g.example]
tls: {}
proxy: {server: nginx}
env: {EXPECTED: '{"/": {"HTTP_X_ORIGIN": "site''s own", "HTTP_HOST": "g.example"}}'}
"#,
    );
    let outcome = project.rehearse(&tiny(&project));
    assert_eq!(endings(&project.report()), "site 0", "{}", outcome.stderr);
}

#[test]
fn what_is_not_as_described_is_found_by_the_diagnosis() {
    // The umask keeps the proxy away from what the app writes.
    let project = seen_sites("not-served").site(
        "site",
        r#"
names: [g.example]
tls: {}
proxy: {server: nginx, media: {/media/: media}}
wsgi: {server: gunicorn, umask: "0027"}
env: {EXPECTED: '{"/": {"umask": "0027"}}'}
"#,
    );
    project
        .rehearse(&tiny(&project))
        .exit_code(1)
        .says("site failed in the diagnosis")
        .says("a file that tiny writes to /srv/tiny/media gets HTTP 403, expected 200");
}

#[test]
fn more_processes_of_the_release_run_or_the_site_fails() {
    let project = tiny_sites("processes")
        .site(
            "a-works",
            "names: [a.example]\nhealth: {within: 60s}\nprocesses:\n  worker: {run: exec python -m tiny.work, umask: '0027'}\n  \
             scheduler: {run: python -m tiny.work, locale: C, folder: /var/tmp}\n",
        )
        .site(
            "b-ends-at-its-start",
            "names: [b.example]\nhealth: {within: 60s}\nprocesses: {worker: {run: echo no queue; exit 3}}\n",
        )
        .site(
            "c-ends-later",
            "names: [c.example]\nhealth: {within: 60s}\nprocesses: {worker: {run: python -m tiny.work until}}\n",
        )
        .site(
            "d-listens-before-a-slow-server",
            "names: [d.example]\nhealth: {within: 60s}\nwsgi: {server: waitress, application: 'tiny.slow:application'}\n\
             processes: {worker: {run: exec python -m tiny.work listen}}\n",
        );
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    let codes: Vec<_> = report.sites.iter().map(|site| site.code.unwrap()).collect();
    // The third one ends at the same moment as the site becomes ready.
    assert!(codes == [0, 4, 1, 0] || codes == [0, 4, 4, 0], "{codes:?}\n{}", outcome.stderr);
    outcome.says("worker of b-ends-at-its-start ended with code 3 at its start").says("no queue");
    // On the terminal its line may be broken anywhere.
    assert!(serde_json::to_string(&report).unwrap().contains("the queue is gone"), "{report:?}");
}

#[test]
fn a_process_that_ends_while_the_suite_runs_fails_the_site() {
    let project = tiny_sites("ended").site(
        "site",
        r#"
names: [a.example]
health: {within: 60s}
processes: {worker: {run: exec python -m tiny.work called}, other: {run: exec python -m tiny.work}}
critical:
  run: >-
    python3 -c "import socket; socket.create_connection(('a.example', 7000), 5).recv(1)" && python3 check.py
"#,
    );
    let outcome = project.rehearse(&tiny(&project)).exit_code(1);
    assert_eq!(
        endings(&project.report()),
        "site 1 in suite: worker of site ended with code 3 after the site was ready\n  \
         worker: tiny: called away",
        "{}",
        outcome.stderr
    );
    let outcome = outcome.says("site failed in the critical suite");
    outcome.says("worker of site ended with code 3 after the site was ready");
}

const LIVE_SITE: &str = r#"
# As on the live host.
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
    listen 80;
    server_name n.example;
    return 301 https://$host$request_uri;
}
server {
    listen 443 ssl;
    server_name n.example;
    ssl_certificate "/etc/letsencrypt/live/n.example/fullchain.pem";  # managed by Certbot
    ssl_certificate_key /etc/letsencrypt/live/n.example/privkey.pem;
    add_header Strict-Transport-Security "max-age=63072000" always;
    client_max_body_size 2m;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Origin live;
        proxy_pass http://unix:/run/gunicorn/tiny.sock;
    }
}
"#;

const LIVE_NGINX: &str = r"
user www-data;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 64; }
http {
    server {
        listen 80 default_server;
        location / {
            include /etc/nginx/uwsgi_params;
            uwsgi_param HTTP_X_ORIGIN whole;
            uwsgi_pass 127.0.0.1:5000;
        }
    }
}
";

const LIVE_APACHE: &str = r"
WSGIDaemonProcess live python-home=/srv/tiny/venv user=tiny umask=0007 home=/var/tmp lang=C.UTF-8 locale=C.UTF-8
<VirtualHost *:80>
    ServerName m.example
    ExpiresActive On
    RequestHeader set X-Origin apache
    WSGIScriptAlias / /srv/tiny/tiny.wsgi process-group=live
    <Directory /srv/tiny>
        Require all granted
    </Directory>
</VirtualHost>
";

#[test]
fn a_live_configuration_is_taken_as_it_is_and_has_to_load() {
    let project = seen_sites("live")
        .file("environments/live/site.conf", LIVE_SITE)
        .file("environments/live/nginx.conf", LIVE_NGINX)
        .file("environments/live/apache.conf", LIVE_APACHE)
        .file("environments/live/broken.conf", "server {\n    listen 80;\n    proxy_pas http://app;\n}\n")
        .site("a-site", r#"
names: [n.example]
tls: {}
proxy: {server: nginx, config: live/site.conf, hsts: max-age=63072000, body: 2MiB}
wsgi: {listen: /run/gunicorn/tiny.sock}
env: {EXPECTED: '{"/": {"HTTP_X_ORIGIN": "live", "HTTP_HOST": "n.example", "HTTP_X_FORWARDED_PROTO": null}}'}
"#)
        .site("b-whole", r#"
names: [w.example]
proxy: {server: nginx, config: live/nginx.conf}
wsgi: {server: uwsgi, listen: "127.0.0.1:5000"}
env: {EXPECTED: '{"/": {"HTTP_X_ORIGIN": "whole"}}'}
"#)
        .site("c-apache", r#"
names: [m.example]
proxy: {server: apache, config: live/apache.conf, modules: [expires]}
wsgi: {server: mod_wsgi}
env: {EXPECTED: '{"/": {"HTTP_X_ORIGIN": "apache", "umask": "0007", "folder": "/var/tmp", "interpreter": "m.example|"}}'}
"#)
        .site("d-broken", r"
names: [d.example]
proxy: {server: nginx, config: live/broken.conf}
env: {EXPECTED: '{}'}
");
    let outcome = project.rehearse(&tiny(&project));
    assert_eq!(
        endings(&project.report()),
        "a-site 0\nb-whole 0\nc-apache 0\n\
         d-broken 4 in ready: d-broken is not ready: nginx does not load broken.conf\n  \
         unknown directive \"proxy_pas\" in /etc/nginx/sites-enabled/tiny.conf:3\n  \
         nginx: nginx: configuration file /etc/nginx/nginx.conf test failed",
        "{}\n{}",
        outcome.stdout,
        outcome.stderr
    );
}
