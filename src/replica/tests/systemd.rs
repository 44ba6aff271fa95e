//! What units of systemd, timers and the live configuration of a server come to.

use serde_json::json;

use super::config::{commands, file};
use super::jobs::{diagnosis_job, serve_job};
use crate::replica::fixture::{self, SHOP, Stand};

const SITE: &str = "base: {debian: bookworm}\ninstall: {as_of: 2026-02-18}\nuser: shop\n\
    names: [shop.example]\ncritical: {path: ../critical}\n";

fn live(serving: &str, name: &str, text: &str) -> Stand {
    let path = format!("environments/{name}");
    Stand::with_files(&[("site", &format!("{SITE}{serving}"))], &[(&path, text)])
}

#[test]
fn gunicorn_gets_its_live_configuration_and_is_told_where_to_listen_only_if_that_does_not_say_it() {
    let wsgi = "wsgi: {server: gunicorn, application: 'shop.wsgi:app', config: live.conf.py}\n";
    let said = live(wsgi, "live.conf.py", "bind = '127.0.0.1:9000'\ndaemon = True\n");
    let venv = "/srv/shop/venv/bin/gunicorn shop.wsgi:app --config /etc/gunicorn/shop.conf.py";
    assert!(commands(&said).starts_with(&format!("wsgi: {venv}\n")), "{}", commands(&said));
    let plan = said.plan();
    let text = file(&plan, "app", "/etc/gunicorn/shop.conf.py");
    assert_eq!(text, "bind = '127.0.0.1:9000'\ndaemon = False\n");
    let proxy = file(&plan, "app", "/etc/nginx/sites-enabled/shop.conf");
    assert!(proxy.contains("proxy_pass http://127.0.0.1:9000;"), "{proxy}");

    let unsaid = live(wsgi, "live.conf.py", "timeout = 5\n");
    let wanted = format!("wsgi: {venv} --bind 127.0.0.1:8000\n");
    assert!(commands(&unsaid).starts_with(&wanted), "{}", commands(&unsaid));
}

#[test]
fn uwsgi_gets_its_live_configuration_with_our_environment_and_what_it_lacks() {
    let wsgi = "wsgi: {server: uwsgi, application: 'shop.wsgi:app', config: live.ini}\n";
    let whole =
        "[uwsgi]\nplugin = python3\nhttp-socket = :9000\nhome = /opt/env\ndaemonize = /tmp/log\n";
    let said = live(wsgi, "live.ini", whole);
    let plain = "wsgi: /usr/bin/uwsgi-core --ini /etc/uwsgi/shop.ini\n";
    assert!(commands(&said).starts_with(plain), "{}", commands(&said));
    let plan = said.plan();
    assert_eq!(
        file(&plan, "app", "/etc/uwsgi/shop.ini"),
        "[uwsgi]\nplugin = python3\nhttp-socket = :9000\nvirtualenv = /srv/shop/venv\nlogto = /tmp/log\n"
    );
    let proxy = file(&plan, "app", "/etc/nginx/sites-enabled/shop.conf");
    assert!(proxy.contains("proxy_pass http://0.0.0.0:9000;"), "{proxy}");
    assert!(proxy.contains("proxy_set_header Host $http_host;"), "{proxy}");

    // Its plugin knows the option, once it is loaded.
    let plugged = live(wsgi, "live.ini", "[uwsgi]\nplugins = python3,logfile\nthreads = 2\n");
    let wanted = "wsgi: /usr/bin/uwsgi-core --socket 127.0.0.1:8000 --ini /etc/uwsgi/shop.ini\n";
    assert!(commands(&plugged).starts_with(wanted), "{}", commands(&plugged));
    assert_eq!(
        file(&plugged.plan(), "app", "/etc/uwsgi/shop.ini"),
        "[uwsgi]\nplugins = python3,logfile\nvirtualenv = /srv/shop/venv\nthreads = 2\n"
    );

    let bare = live(wsgi, "live.ini", "[uwsgi]\nmodule = shop.wsgi:app\n");
    let wanted = "wsgi: /usr/bin/uwsgi-core --plugins python3 --virtualenv /srv/shop/venv \
                  --socket 127.0.0.1:8000 --ini /etc/uwsgi/shop.ini\n";
    assert!(commands(&bare).starts_with(wanted), "{}", commands(&bare));
}

#[test]
fn who_starts_the_processes_and_who_looks_at_them_hears_of_their_units_and_of_timers() {
    let stand = live(
        "wsgi: {server: gunicorn, application: 'shop.wsgi:app',\n  \
         systemd: {protect_home: read-only, memory_deny_write_execute: true, group: www-data}}\n\
         secrets: {key: {generate: 24}}\n\
         processes: {worker: {run: work, systemd: {restart: on-failure}}}\n\
         timers: {nightly: {run: 'clean ${secret.key}', timeout: 5s, folder: work}}\n",
        "unused",
        "",
    );
    let (site, plan) = (stand.site(), stand.plan());
    let secrets = fixture::secrets(site);
    let job = serve_job(site, &secrets, &plan.handles).unwrap();
    let unit = json!({"protect_home": "read-only", "memory_deny_write_execute": true, "group": "www-data"});
    assert_eq!(job["processes"][0]["systemd"], unit);
    assert_eq!(job["processes"][1]["systemd"], json!({"restart": "on-failure"}));
    assert_eq!(job["processes"][2].get("systemd"), None);
    assert_eq!((&job["mounting"], &job["confine"]), (&json!(true), &json!(null)));
    let pids = [("wsgi".to_owned(), 7), ("worker".to_owned(), 8), ("nginx".to_owned(), 9)];
    let job = diagnosis_job(site, &secrets, &plan.handles, &pids);
    let roles: Vec<_> = job["units"].as_array().unwrap().iter().map(|unit| &unit["role"]).collect();
    assert_eq!(roles, ["wsgi", "worker"]);
    let timer = &job["timers"][0];
    assert_eq!(timer["command"], format!("clean {}", fixture::SECRET));
    let where_and_how_long = json!([timer["folder"], timer["timeout"], timer["log"]]);
    assert_eq!(where_and_how_long, json!(["/srv/shop/work", 5.0, "/var/log/stagectl/nightly.log"]));
}

#[test]
fn a_site_without_units_has_no_right_to_mount() {
    let stand = Stand::new(&[("site", SHOP)]);
    let site = stand.site();
    let plan = stand.plan();
    let job = serve_job(site, &fixture::secrets(site), &plan.handles).unwrap();
    assert_eq!(job["mounting"], false);
    assert!(!format!("{:?}", plan.steps).contains("SYS_ADMIN"));
    let job = diagnosis_job(site, &fixture::secrets(site), &plan.handles, &[]);
    assert_eq!((job.get("units"), job.get("timers")), (None, None));
}
