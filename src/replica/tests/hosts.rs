//! A proxy with a host of its own: what is where, and who reaches whom by which name.

use insta::assert_snapshot;

use super::config::{commands, file};
use super::jobs::{diagnosis_job, proxy_diagnosis_job, proxy_job};
use crate::replica::fixture::{self, FRONT, SHOP, Stand};
use crate::replica::{Attachment, ContainerSpec, Step, not_replicated};

fn container(stand: &Stand, role: &str) -> ContainerSpec {
    let found = stand.plan().steps.into_iter().find_map(|planned| match planned.step {
        Step::Create { container, .. } if container.role == role => Some(*container),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no container {role}"))
}

/// Address and aliases, and the files that only one of the hosts has.
fn told(stand: &Stand, role: &str) -> String {
    let spec = container(stand, role);
    let Attachment::Own { address, aliases, .. } = &spec.network else { panic!("{spec:?}") };
    let only = ["/etc/ssl/", "/etc/nginx", "secrets.json", "root.pem", "/run/shop"];
    let files = spec.files.iter().map(|file| format!("{file:?}"));
    let files: Vec<String> =
        files.filter(|file| only.iter().any(|word| file.contains(word))).collect();
    format!("{address} {}\n{}", aliases.join(" "), files.join("\n"))
}

#[test]
fn keys_are_with_the_proxy_and_secrets_with_the_app() {
    let stand = Stand::new(&[("site", FRONT)]);
    assert_snapshot!(told(&stand, "proxy"), @r"
    10.231.0.28 www.shop.example shop.example
    /etc/ssl/site/fullchain.pem (644)
    /etc/ssl/site/privkey.pem (600)
    /etc/nginx/sites-enabled/shop.conf (644)
    ");
    assert_snapshot!(told(&stand, "app"), @r"
    10.231.0.3 app cache
    /opt/stagectl/root.pem (644)
    /opt/stagectl/secrets.json (600)
    ");
    let names = file(&stand.plan(), "resolver", "/etc/stagectl-resolver.conf");
    let names: Vec<&str> = names.lines().filter(|line| line.contains("host-record")).collect();
    assert_snapshot!(names.join("\n"), @r"
    host-record=www.shop.example,10.231.0.28
    host-record=shop.example,10.231.0.28
    host-record=app,10.231.0.3
    host-record=cache,10.231.0.3
    ");
}

#[test]
fn the_proxy_reaches_the_server_by_the_name_of_its_host() {
    let stand = Stand::new(&[("site", FRONT)]);
    assert_snapshot!(commands(&stand), @r"
    wsgi: /srv/shop/venv/bin/gunicorn shop.wsgi:app --bind 0.0.0.0:8000
    ");
    let nginx = |stand: &Stand| {
        let text = file(&stand.plan(), "proxy", "/etc/nginx/sites-enabled/shop.conf");
        let line = text.lines().find(|line| line.contains("proxy_pass")).unwrap_or_default();
        line.trim().to_owned()
    };
    assert_eq!(nginx(&stand), "proxy_pass http://app:8000;");
    let named = format!("{FRONT}host: {{hostname: web1.internal}}\n")
        .replace("\"shop.wsgi:app\"", "\"shop.wsgi:app\", listen: \"0.0.0.0:5000\"");
    let named = Stand::new(&[("site", &named)]);
    assert_eq!(nginx(&named), "proxy_pass http://web1.internal:5000;");
    assert_eq!(container(&named, "app").hostname.unwrap(), "web1.internal");
}

#[test]
fn each_host_is_asked_for_what_is_on_it() {
    let stand = Stand::new(&[("site", FRONT)]);
    let (site, plan) = (stand.site(), stand.plan());
    let secrets = fixture::secrets(site);
    let pids = [("wsgi".to_owned(), 7), ("nginx".to_owned(), 9)];
    let job = diagnosis_job(site, &secrets, &plan.handles, &pids);
    assert_eq!(job["address"], "10.231.0.28");
    let roles = |job: &serde_json::Value| job["processes"].as_array().unwrap().clone();
    assert_eq!(roles(&job).len(), 1, "{job}");
    assert_eq!(job["logs"], serde_json::json!(["/var/log/stagectl/wsgi.log"]));
    let job = proxy_diagnosis_job(site, &pids);
    assert_snapshot!(job, @r#"
    {"part":"proxy","processes":[{"role":"nginx","pid":9,"log":"/var/log/stagectl/nginx.log"}],"logs":["/var/log/nginx/error.log","/var/log/stagectl/nginx.log"],"proxy_logs":["/var/log/nginx/*.log","/var/log/stagectl/nginx.log"]}
    "#);
    let job = proxy_job(site, &secrets, &plan.handles).unwrap();
    assert_eq!(job["probe"], serde_json::json!({"url": null, "within": 30.0}));
    assert_eq!(roles(&job).len(), 1, "{job}");
    assert!(not_replicated(site).contains(&"the live address of the proxy's host".to_owned()));
    assert_eq!(plan.handles.host_of("nginx"), "stagectl-r1-site-proxy");
    assert_eq!(plan.handles.host_of("wsgi"), "stagectl-r1-site-app");
}

#[test]
fn a_shared_host_is_as_it_always_was() {
    let stand = Stand::new(&[("site", SHOP)]);
    let written =
        Stand::new(&[("site", &SHOP.replace("{server: nginx,", "{server: nginx, host: app,"))]);
    assert_eq!(stand.site().digest().unwrap(), written.site().digest().unwrap());
    let plan = stand.plan();
    assert_eq!(plan.to_string(), written.plan().to_string());
    assert_eq!(plan.handles.hosts().count(), 1);
    assert_eq!(plan.handles.addresses.front(), plan.handles.addresses.host());
}

#[test]
fn what_the_configuration_includes_is_with_the_proxy_and_so_is_the_certificate_that_it_names() {
    let front = FRONT.replace("{host: own", "{host: own, config: shop.conf");
    let front = front.replace(", static: {/static/: static}", "");
    let files = "files:\n  - {path: /etc/nginx/snippets/tls.conf, source: tls.conf, owner: root}\n  \
                 - {path: /etc/shop.ini, source: tls.conf}\n";
    let stand = Stand::with_files(
        &[("site", &format!("{front}{files}"))],
        &[
            ("environments/shop.conf", "server { include snippets/tls.conf; }\n"),
            ("environments/tls.conf", "ssl_certificate /etc/shop/chain.pem;\n"),
        ],
    );
    let paths: Vec<String> = container(&stand, "proxy")
        .files
        .into_iter()
        .map(|file| file.path)
        .filter(|path| path.starts_with("/etc/nginx") || path.contains("shop"))
        .collect();
    assert_eq!(
        paths,
        [
            "/etc/shop/chain.pem",
            "/etc/nginx/sites-enabled/shop.conf",
            "/etc/nginx/snippets/tls.conf"
        ]
    );
}
