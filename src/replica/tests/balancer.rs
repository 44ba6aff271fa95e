//! A load balancer before the site: TLS ends there, and the site's own host speaks plain HTTP.

use insta::assert_snapshot;
use serde_json::json;

use super::config::{commands, file};
use super::jobs::{diagnosis_job, serve_job};
use crate::replica::fixture::{self, Stand};
use crate::replica::{not_replicated, public_ports};

const SITE: &str = "base: {debian: bookworm}\ninstall: {as_of: 2026-02-18}\nuser: shop\ntls: {}\n\
    names: [www.shop.example]\ncritical: {path: ../critical}\n";

fn stand(serving: &str) -> Stand {
    Stand::new(&[("site", &format!("{SITE}{serving}"))])
}

#[test]
fn tls_ends_at_the_balancer_and_the_proxy_is_asked_over_http() {
    let stand = stand(
        "proxy: {server: nginx, prefix: /shop/, static: {/static/: static}, body: 2MiB,\n  \
         behind: {headers: {X-Forwarded-Proto: 'https,http', X-Real-IP: false}}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n",
    );
    let (site, plan) = (stand.site(), stand.plan());
    assert_snapshot!(file(&plan, "balancer", "/opt/stagectl/balancer-site.conf"), @r"
    # nginx in front of gunicorn, as on the live host.
    server {
        listen 80;
        server_name www.shop.example;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/site/fullchain.pem;
        ssl_certificate_key /etc/ssl/site/privkey.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        server_name www.shop.example;
        client_max_body_size 0m;
        location / {
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https,http;
            proxy_pass http://10.231.0.3:80;
        }
    }
    ");
    let own = file(&plan, "app", "/etc/nginx/sites-enabled/shop.conf");
    assert!(own.contains("listen 80;") && !own.contains("ssl"), "{own}");
    assert!(own.contains("client_max_body_size 2m;"), "{own}");
    let app = plan.steps.iter().map(|planned| format!("{planned:?}"));
    let with_key: Vec<bool> = app
        .filter(|step| step.contains("privkey.pem"))
        .map(|step| step.contains("balancer.conf"))
        .collect();
    assert_eq!(with_key, [true]);
    let names = file(&plan, "resolver", "/etc/stagectl-resolver.conf");
    assert!(names.contains("host-record=www.shop.example,10.231.0.28"), "{names}");
    let secrets = fixture::secrets(site);
    let job = serve_job(site, &secrets, &plan.handles).unwrap();
    assert_eq!(job["listening"], json!({"wsgi": [8000], "nginx": [80]}));
    assert_eq!(job["probe"]["url"], "https://www.shop.example/shop/");
    let job = diagnosis_job(site, &secrets, &plan.handles, &[]);
    assert_eq!((&job["address"], &job["plain_http"]), (&json!("10.231.0.28"), &json!("redirect")));
    assert_eq!(plan.handles.addresses.owner("10.231.0.28"), "balancer");
    assert!(not_replicated(site).contains(&"the live address of the load balancer".to_owned()));
}

#[test]
fn a_server_without_a_proxy_listens_on_port_80_behind_a_balancer() {
    let stand = stand(
        "proxy: {server: none, behind: {}}\nwsgi: {server: waitress, application: 'shop.wsgi:app'}\n",
    );
    assert_eq!(public_ports(stand.site()), [443, 80]);
    assert_snapshot!(commands(&stand), @"wsgi: /srv/shop/venv/bin/waitress-serve --listen=0.0.0.0:80 shop.wsgi:app");
}
