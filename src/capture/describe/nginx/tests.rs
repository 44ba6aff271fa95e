use super::super::scene::{Scene, Wishes};
use serde_json::json;

use super::*;
use crate::capture::app::{App, Server};
use crate::capture::host::{Host, Unit};

fn front(config: &str, names: &[&str]) -> Front {
    let mut host = Host::default();
    host.files.insert(
        "/etc/nginx/sites-enabled/site".to_owned(),
        config.lines().map(str::to_owned).collect(),
    );
    let app = App {
        name: "shop".to_owned(),
        server: Server::Gunicorn,
        process: None,
        unit: Some(Unit {
            settings: vec![("User".to_owned(), "shop".to_owned())],
            ..Unit::default()
        }),
        argv: ["/venv/bin/gunicorn", "--bind", "unix:/run/shop/shop.sock", "shop:app"]
            .map(str::to_owned)
            .to_vec(),
        ini: Vec::new(),
        ini_path: None,
    };
    let wishes = Wishes {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Wishes::default()
    };
    of(&Scene { host: &host, proxy: &host, app: &app, looks: &[], wishes: &wishes })
}

const PLAIN: &str = "server { listen 80; server_name www.x.example x.example; return 301 https://$host$request_uri; }\n\
    server { listen 443 ssl; server_name www.x.example x.example; ssl_certificate /etc/ssl/x.pem; ssl_certificate_key /etc/ssl/x.key;\n\
    client_max_body_size 25m; location /static/ { alias /srv/shop/static/; } location /media/ { alias /var/lib/shop/media/; }\n\
    location / { include proxy_params; proxy_pass http://unix:/run/shop/shop.sock; } }\n\
    server { listen 443 ssl; server_name other.example; location / { proxy_pass http://127.0.0.1:9000; } }\n";

#[test]
fn a_plain_server_is_said_in_keys_and_others_are_left_out() {
    let front = front(PLAIN, &[]);
    assert_eq!(front.names, ["www.x.example", "x.example"]);
    assert_eq!(front.config, None);
    let keys: Vec<String> =
        front.keys.iter().map(|(key, value)| format!("{key} {value}")).collect();
    assert_eq!(
        keys,
        [
            "body \"25MiB\"",
            "static {\"/static/\":\"static\"}",
            "media {\"/media/\":\"/var/lib/shop/media\"}"
        ]
    );
    assert_eq!(front.upstream.as_deref(), Some("unix:/run/shop/shop.sock"));
}

#[test]
fn what_no_key_says_brings_the_live_text_along_with_what_it_includes() {
    let text = PLAIN.replace("client_max_body_size 25m;", "include snippets/tls.conf; gzip off;");
    let front = front(&text, &["www.x.example"]);
    let (text, why) = front.config.unwrap();
    assert_eq!(why, "it has include");
    assert!(text.contains("gzip off;") && !text.contains("other.example"), "{text}");
    assert_eq!(front.includes, ["/etc/nginx/snippets/tls.conf"]);
}

#[test]
fn other_headers_than_debians_are_said() {
    let text = PLAIN.replace(
        "include proxy_params;",
        "proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;",
    );
    let front = front(&text, &[]);
    let headers = front.keys.iter().find(|(key, _)| *key == "headers").unwrap();
    assert_eq!(headers.1, json!({"Host": "$host", "X-Real-IP": false, "X-Forwarded-For": false}));
}

/// Two sites of a proxy's own host whose servers have the same port.
const APART: &str = "upstream board { server app1.corp.example:8080; server 10.0.0.3:8080; }\n\
    server { listen 443 ssl; server_name www.x.example; location / { proxy_pass http://board; } location /old/ { proxy_pass http://127.0.0.1:8080; } }\n\
    server { listen 443 ssl; server_name wiki.x.example; location / { proxy_pass http://10.0.0.9:8080; } }\n\
    server { listen 443 ssl; server_name own.x.example; location / { proxy_pass http://127.0.0.1:8080; } }\n";

/// The front of an app on `hostname`, whose proxy is on another host.
fn apart(hostname: &str, bind: &str, names: &[&str]) -> Front {
    let mut host = Host::default();
    hostname.clone_into(&mut host.system.hostname);
    let mut proxy = Host::default();
    let lines = APART.lines().map(str::to_owned).collect();
    proxy.files.insert("/etc/nginx/sites-enabled/site".to_owned(), lines);
    let app = App {
        name: "shop".to_owned(),
        server: Server::Gunicorn,
        process: None,
        unit: None,
        argv: ["/venv/bin/gunicorn", "--bind", bind, "shop:app"].map(str::to_owned).to_vec(),
        ini: Vec::new(),
        ini_path: None,
    };
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let wishes = Wishes { names, ..Wishes::default() };
    of(&Scene { host: &host, proxy: &proxy, app: &app, looks: &[], wishes: &wishes })
}

#[test]
fn on_another_host_the_apps_servers_are_those_that_lead_to_its_host() {
    let places = ["app1.corp.example:8080", "10.0.0.3:8080"];
    for front in [apart("app1", "0.0.0.0:8080", &[]), apart("web", "10.0.0.3:8080", &[])] {
        assert_eq!(front.names, ["www.x.example"]);
        assert_eq!(front.places, places);
    }
    // Who knows neither name nor address has the port alone; what the proxy's host has itself is never the app's.
    let front = apart("web", "0.0.0.0:8080", &[]);
    assert_eq!(front.names, ["www.x.example", "wiki.x.example"]);
    let front = apart("web", "0.0.0.0:8080", &["wiki.x.example"]);
    assert_eq!(
        (front.names, front.places),
        (vec!["wiki.x.example".to_owned()], vec!["10.0.0.9:8080".to_owned()])
    );
    assert_eq!(apart("app1", "127.0.0.1:9000", &[]).files, [""; 0]);
}
