//! What is said of a server by a description, and what is left to it.

use insta::assert_snapshot;

use super::config::{commands, file};
use super::jobs::{serve_job, step_job};
use crate::release::{Form, Packing, Release};
use crate::replica::fixture::{self, Stand};
use crate::replica::stop_job;

fn shop(serving: &str) -> Stand {
    let text = format!(
        "base: {{debian: bookworm}}\ninstall: {{as_of: 2026-02-18}}\nuser: shop\n\
         names: [shop.example]\ntls: {{}}\ncritical: {{path: ../critical}}\n{serving}"
    );
    Stand::new(&[("site", &text)])
}

#[test]
fn workers_and_threads_are_those_of_the_description_or_the_server_s_own() {
    for (server, said) in [("gunicorn", "--workers 3 --threads 5"), ("waitress", "--threads=5")] {
        let site = |more: &str| {
            shop(&format!("wsgi: {{server: {server}, application: 'shop.wsgi:app'{more}}}\n"))
        };
        let told = commands(&site(", workers: 3, threads: 5"));
        assert!(told.contains(said), "{told}");
        let untold = commands(&site(""));
        assert!(!untold.contains("workers") && !untold.contains("threads"), "{untold}");
    }
    for (server, proxy, path, said) in [
        ("uwsgi", "nginx", "/etc/uwsgi/shop.ini", "processes = 3\nthreads = 5\n"),
        ("mod_wsgi", "apache", "/etc/apache2/sites-enabled/shop.conf", " processes=3 threads=5 "),
    ] {
        let text = |more: &str| {
            let stand = shop(&format!(
                "proxy: {{server: {proxy}}}\nwsgi: {{server: {server}, application: 'shop.wsgi:app'{more}}}\n"
            ));
            file(&stand.plan(), "app", path)
        };
        let told = text(", workers: 3, threads: 5");
        assert!(told.contains(said), "{told}");
        let untold = text("");
        assert!(!untold.contains("processes") && !untold.contains("threads"), "{untold}");
    }
}

#[test]
fn an_option_that_is_described_is_not_said_twice() {
    let stand = shop(
        "wsgi: {server: uwsgi, socket: unix, application: 'shop.wsgi:app', options: {need-app: false, chmod-socket: 660}}\n",
    );
    assert_snapshot!(file(&stand.plan(), "app", "/etc/uwsgi/shop.ini"), @r"
    ; The app under uWSGI, as on the live host.
    [uwsgi]
    plugins = python3
    socket = /run/shop/wsgi.sock
    virtualenv = /srv/shop/venv
    chdir = /srv/shop
    module = shop.wsgi:app
    chmod-socket = 660
    need-app = false
    ");
    let stand = shop(
        "wsgi: {server: waitress, socket: unix, application: 'shop.wsgi:app', options: {unix-socket-perms: '660'}}\n",
    );
    let nginx = "nginx: /usr/sbin/nginx -g daemon off;";
    let waitress = "/srv/shop/venv/bin/waitress-serve --unix-socket=/run/shop/wsgi.sock \
         --unix-socket-perms=660 shop.wsgi:app";
    assert_eq!(commands(&stand), format!("wsgi: {waitress}\n{nginx}"));
}

#[test]
fn each_process_is_stopped_as_its_service_is() {
    let signals = |serving: &str| {
        let stand = shop(serving);
        stop_job(stand.site(), true)
            .processes
            .into_iter()
            .map(|(role, signal)| format!("{role} {signal}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let uwsgi = "wsgi: {server: uwsgi, application: 'shop.wsgi:app'";
    assert_eq!(signals(&format!("{uwsgi}}}\n")), "wsgi INT, nginx QUIT");
    // Whatever it makes of the others: this one never is a reload.
    assert_eq!(
        signals(&format!("{uwsgi}, options: {{die-on-term: true}}}}\n")),
        "wsgi INT, nginx QUIT"
    );
    let apache = "proxy: {server: apache}\nprocesses: {worker: {run: work}}\n";
    assert_eq!(
        signals(&format!("{apache}wsgi: {{server: gunicorn, application: 'shop.wsgi:app'}}\n")),
        "wsgi TERM, worker TERM, apache TERM"
    );
    assert_eq!(
        signals(&format!("{apache}wsgi: {{server: mod_wsgi, application: 'shop.wsgi:app'}}\n")),
        "worker TERM, apache TERM"
    );
}

#[test]
fn path_and_home_of_the_live_process_are_not_those_of_who_deploys() {
    let stand = shop(
        "env: {PATH: /srv/shop/venv/bin, HOME: /root, A: b}\nprocesses: {worker: {run: work}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', listen: /run/gunicorn.sock}\n",
    );
    let (site, handles) = (stand.site(), stand.plan().handles);
    let secrets = fixture::secrets(site);
    let shown = |env: &serde_json::Value| {
        format!("PATH={} HOME={} A={}", env["PATH"], env["HOME"], env["A"])
    };
    let job = serve_job(site, &secrets, &handles).unwrap();
    let processes = job["processes"].as_array().unwrap();
    let mut lines: Vec<String> = processes
        .iter()
        .map(|process| {
            format!("{}: {} {}", process["role"], shown(&process["env"]), process["socket"])
        })
        .collect();
    let step = step_job(site, &secrets, &handles, "true", std::time::Duration::from_secs(1));
    lines.push(format!("step: {}", shown(&step["env"])));
    assert_snapshot!(lines.join("\n"), @r#"
    "wsgi": PATH="/srv/shop/venv/bin" HOME="/root" A="b" "/run/gunicorn.sock"
    "worker": PATH="/srv/shop/venv/bin" HOME="/root" A="b" null
    "nginx": PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=null A=null null
    step: PATH="/srv/shop/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=null A="b"
    "#);
}

#[test]
fn a_release_that_is_a_tree_is_where_mod_wsgi_looks() {
    let site = |more: &str| {
        let text = format!(
            "proxy: {{server: apache}}\nwsgi: {{server: mod_wsgi, application: 'shop.wsgi:app'{more}}}\n"
        );
        let stand = shop(&text);
        let site = stand.site().clone();
        let line = |plan: &crate::replica::Plan| {
            let text = file(plan, "app", "/etc/apache2/sites-enabled/shop.conf");
            text.lines().find(|line| line.contains("python-home")).unwrap().trim().to_owned()
        };
        let unpacked = Release { form: Form::Tree(Packing::Folder), ..fixture::wheel("1.0") };
        let tree = fixture::plan(&site, &unpacked).unwrap();
        (line(&stand.plan()), line(&tree))
    };
    assert_eq!(
        site(""),
        (
            "python-home=/srv/shop/venv".to_owned(),
            "python-home=/srv/shop/venv home=/srv/shop/app".to_owned()
        )
    );
    let both = "python-home=/srv/shop/venv home=/srv/current".to_owned();
    assert_eq!(site(", folder: /srv/current"), (both.clone(), both));
}
