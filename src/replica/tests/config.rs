//! The rendered configuration of the sample sites.

use insta::assert_snapshot;

use super::jobs::{network_job, serve_job};
use crate::replica::fixture::{self, SHOP, Stand};
use crate::replica::{Content, Plan, Step, not_replicated};

/// The content of a file of one of the plan's containers.
pub(super) fn file(plan: &Plan, role: &str, path: &str) -> String {
    let mut files = plan.steps.iter().filter_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == role => Some(&container.files),
        _ => None,
    });
    let files = files.next().unwrap();
    let found = files.iter().find(|file| file.path == path);
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let found = found.unwrap_or_else(|| panic!("no {path} among {names:?}"));
    match &found.content {
        Content::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        _ => panic!("{path} is not of bytes"),
    }
}

fn sample(name: &str) -> Plan {
    let project = fixture::sample_project();
    let site = project.sites.iter().find(|site| site.name.as_str() == name).unwrap();
    fixture::plan(site, &fixture::wheel("1.0")).unwrap()
}

/// The commands that start a site's processes, one a line.
pub(super) fn commands(stand: &Stand) -> String {
    let site = stand.site();
    let job = serve_job(site, &fixture::secrets(site), &stand.plan().handles).unwrap();
    let processes = job["processes"].as_array().unwrap().iter();
    let lines = processes.map(|process| {
        let words = process["argv"].as_array().unwrap().iter().filter_map(|word| word.as_str());
        format!("{}: {}", process["role"].as_str().unwrap(), words.collect::<Vec<_>>().join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn nginx_before_gunicorn() {
    let text = file(&sample("site-a"), "app", "/etc/nginx/sites-enabled/noticeboard.conf");
    assert_snapshot!(text, @r#"
    # nginx in front of gunicorn, as on the live host.
    server {
        listen 80;
        server_name www.site-a.example;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/site/fullchain.pem;
        ssl_certificate_key /etc/ssl/site/privkey.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        server_name www.site-a.example;
        location /static/ { alias /srv/noticeboard/static/; }
        location / {
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_pass http://127.0.0.1:8000;
        }
    }
    "#);
}

#[test]
fn apache_with_mod_wsgi() {
    let plan = sample("site-b");
    let text = file(&plan, "app", "/etc/apache2/sites-enabled/noticeboard.conf");
    assert_snapshot!(text, @r#"
    # Apache, as on the live host.
    ServerName www.site-b.example
    WSGIDaemonProcess noticeboard user=noticeboard group=noticeboard processes=2 \
        python-home=/srv/noticeboard/venv
    <VirtualHost *:80>
        ServerName www.site-b.example
        ServerAlias site-b.example

        RewriteEngine On
        RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
    </VirtualHost>
    <VirtualHost *:443>
        SSLEngine on
        SSLCertificateFile /etc/ssl/site/fullchain.pem
        SSLCertificateKeyFile /etc/ssl/site/privkey.pem
        SSLProtocol -all +TLSv1.2 +TLSv1.3
        ServerName www.site-b.example
        ServerAlias site-b.example

        Alias /static/ /srv/noticeboard/static/
        <Directory /srv/noticeboard/static>
            Require all granted
        </Directory>
        WSGIScriptAlias / /srv/noticeboard/noticeboard.wsgi process-group=noticeboard application-group=%{GLOBAL}
        <Directory /srv/noticeboard>
            Require all granted
        </Directory>

    </VirtualHost>
    "#);
    assert_snapshot!(file(&plan, "app", "/etc/apache2/ports.conf"), @"
    Listen 80
    Listen 443
    ");
    assert_snapshot!(file(&plan, "app", "/srv/noticeboard/noticeboard.wsgi"), @"
    from noticeboard.wsgi import application as application
    ");
}

#[test]
fn nginx_before_uwsgi_over_a_unix_socket_below_a_prefix() {
    let plan = sample("site-c");
    let text = file(&plan, "app", "/etc/nginx/sites-enabled/noticeboard.conf");
    assert_snapshot!(text, @r#"
    # nginx in front of uwsgi, as on the live host.
    server {
        listen 80;
        server_name www.site-c.example board.site-c.example site-c.example;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/site/fullchain.pem;
        ssl_certificate_key /etc/ssl/site/privkey.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        server_name www.site-c.example board.site-c.example site-c.example;
        location /board/static/ { alias /srv/noticeboard/static/; }
        location /board/ {
            include uwsgi_params;
            uwsgi_pass unix:/run/noticeboard/wsgi.sock;
        }
    }
    "#);
    assert_snapshot!(file(&plan, "app", "/etc/uwsgi/noticeboard.ini"), @"
    ; The app under uWSGI, as on the live host.
    [uwsgi]
    plugins = python3
    need-app = true
    chmod-socket = 666
    processes = 2
    socket = /run/noticeboard/wsgi.sock
    virtualenv = /srv/noticeboard/venv
    chdir = /srv/noticeboard
    manage-script-name = true
    mount = /board=noticeboard.wsgi:application
    harakiri = 20
    master = true
    ");
}

#[test]
fn the_resolver_knows_the_site_s_names_and_no_others() {
    assert_snapshot!(file(&sample("site-b"), "resolver", "/etc/stagectl-resolver.conf"), @r#"
    # The names of site-b, and no others: everything else is refused at once and stands in the log.
    no-resolv
    no-hosts
    no-poll
    keep-in-foreground
    bind-interfaces
    listen-address=10.231.0.2
    user=root
    log-facility=-
    log-queries
    cache-size=0
    local-ttl=60
    # By this the replica is seen to ask this resolver and no other.
    txt-record=resolver.stagectl.invalid,10.231.0.2
    # `local`: other types of record than an address are not there, and nobody else knows them.
    host-record=www.site-b.example,10.231.0.3
    local=/www.site-b.example/
    host-record=site-b.example,10.231.0.3
    local=/site-b.example/
    host-record=db.internal,10.231.0.4
    local=/db.internal/
    "#);
}

#[test]
fn the_resolver_has_the_record_that_the_site_s_host_asks_for() {
    let plan = Stand::new(&[("site", SHOP)]).plan();
    let job = network_job(&plan.handles);
    let (name, text) = (job["name"].as_str().unwrap(), job["text"].as_str().unwrap());
    let config = file(&plan, "resolver", "/etc/stagectl-resolver.conf");
    assert!(config.contains(&format!("\ntxt-record={name},{text}\n")), "{config}");
    assert_eq!(job["nobody"], serde_json::json!(["10.231.0.1", "fd73:7461:6765::ffff"]));
}

const WILD: &str = r#"
base: {debian: bookworm}
install: {as_of: 2026-02-18}
user: shop
names: [www.shop.example, "*.shop.example"]
tls: {certificate: {names: ["*.shop.example"], key: ecdsa-p256}, versions: [TLSv1.3]}
proxy: {server: apache, prefix: /shop/, static: {/static/: static}}
wsgi: {server: gunicorn, from: distribution, application: "shop.wsgi:app", socket: unix, threads: 4,
       options: {graceful-timeout: 5, preload: true}}
critical: {path: ../critical}
"#;

#[test]
fn a_wildcard_leads_every_subdomain_to_the_site() {
    let plan = Stand::new(&[("site", WILD)]).plan();
    let resolver = file(&plan, "resolver", "/etc/stagectl-resolver.conf");
    let records: Vec<&str> =
        resolver.lines().filter(|line| line.contains("shop.example")).collect();
    assert_snapshot!(records.join("\n"), @r#"
    host-record=www.shop.example,10.231.0.3
    local=/www.shop.example/
    address=/*.shop.example/10.231.0.3
    local=/*.shop.example/
    "#);
}

#[test]
fn the_gateway_passes_on_what_asks_for_an_allowed_name() {
    let stub = "requests: [{path: /, answers: [{}]}]";
    let outside =
        "outside: {a.example: {stub: ../stubs/a.yaml}, bank.example: allow, rates.example: allow}";
    let stand =
        Stand::with_files(&[("site", &format!("{WILD}{outside}"))], &[("stubs/a.yaml", stub)]);
    let plan = stand.plan();
    let records = file(&plan, "resolver", "/etc/stagectl-resolver.conf");
    let records: Vec<&str> = records
        .lines()
        .filter(|line| line.starts_with("host-record") && !line.contains("shop.example"))
        .collect();
    assert_snapshot!(records.join("\n"), @"
    host-record=a.example,10.231.0.30
    host-record=bank.example,10.231.0.29
    host-record=rates.example,10.231.0.29
    ");
    let config = file(&plan, "gateway", "/opt/stagectl/gateway.conf");
    let telling = ["listen", "server_name ", "set $target", ":443;"];
    let lines: Vec<&str> = config
        .lines()
        .map(str::trim)
        .filter(|line| telling.iter().any(|start| line.contains(start)))
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    map $ssl_preread_server_name $target {
    bank.example bank.example:443;
    rates.example rates.example:443;
    listen 10.231.0.29:443;
    server { listen 10.231.0.29:80 default_server; return 444; }
    listen 10.231.0.29:80;
    server_name bank.example;
    set $target bank.example;
    listen 10.231.0.29:80;
    server_name rates.example;
    set $target rates.example;
    listen 127.0.0.1:8053;
    ");
    let limits = not_replicated(stand.site());
    assert_eq!(
        limits[4..],
        [
            "a.example itself (a stub answers)",
            "a stand-in for bank.example (it is the real one)",
            "a stand-in for rates.example (it is the real one)",
        ]
    );
}

#[test]
fn apache_before_gunicorn_over_a_unix_socket_below_a_prefix() {
    let stand = Stand::new(&[("site", WILD)]);
    let text = file(&stand.plan(), "app", "/etc/apache2/sites-enabled/shop.conf");
    assert_snapshot!(text, @r#"
    # Apache, as on the live host.
    ServerName www.shop.example
    <VirtualHost *:80>
        ServerName www.shop.example
        ServerAlias *.shop.example

        RewriteEngine On
        RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]
    </VirtualHost>
    <VirtualHost *:443>
        SSLEngine on
        SSLCertificateFile /etc/ssl/site/fullchain.pem
        SSLCertificateKeyFile /etc/ssl/site/privkey.pem
        SSLProtocol -all +TLSv1.3
        ServerName www.shop.example
        ServerAlias *.shop.example

        Alias /shop/static/ /srv/shop/static/
        <Directory /srv/shop/static>
            Require all granted
        </Directory>
        ProxyPreserveHost On
        RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}
        RequestHeader set SCRIPT_NAME /shop
        ProxyPass /shop/static/ !
        ProxyPass /shop/ unix:/run/shop/wsgi.sock|http://localhost/shop/

    </VirtualHost>
    "#);
    assert_snapshot!(commands(&stand), @"
    wsgi: /srv/shop/venv/bin/python -m gunicorn shop.wsgi:app --bind unix:/run/shop/wsgi.sock --threads 4 --graceful-timeout=5 --preload
    apache: /usr/sbin/apache2 -D FOREGROUND
    ");
}

#[test]
fn servers_without_a_proxy_speak_for_themselves() {
    let servers = ["gunicorn", "uwsgi", "waitress"].map(|server| {
        let text = format!(
            "base: {{debian: bookworm}}\ninstall: {{as_of: 2026-02-18, extra: [\"{server}==1\"]}}\nuser: shop\n\
             names: [shop.example]\nproxy: {{server: none}}\n\
             wsgi: {{server: {server}, from: index, application: 'shop.wsgi:app'}}\n\
             critical: {{path: ../critical}}\n"
        );
        commands(&Stand::new(&[("site", &text)]))
    });
    assert_snapshot!(servers.join("\n"), @"
    wsgi: /srv/shop/venv/bin/gunicorn shop.wsgi:app --bind 0.0.0.0:80
    wsgi: /srv/shop/venv/bin/uwsgi --ini /etc/uwsgi/shop.ini
    wsgi: /srv/shop/venv/bin/waitress-serve --listen=0.0.0.0:80 shop.wsgi:app
    ");
}
