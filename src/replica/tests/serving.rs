//! The configuration of what a description says of proxy and server.

use insta::assert_snapshot;

use super::config::{commands, file};
use super::jobs::{diagnosis_job, serve_job};
use crate::replica::fixture::{self, Stand};
use crate::replica::{Content, FileEntry, Step, log_files, process_roles};

fn shop(serving: &str) -> Stand {
    let text = format!(
        "base: {{debian: bookworm}}\ninstall: {{as_of: 2026-02-18}}\nuser: shop\n\
         names: [shop.example]\ntls: {{}}\ndata: [/srv/shop/data]\ncritical: {{path: ../critical}}\n{serving}"
    );
    Stand::new(&[("site", &text)])
}

/// The lines of a text that have one of the words.
fn lines_with(text: &str, words: &[&str]) -> String {
    let lines = text.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

const TOLD: &str = "headers: {Host: false, X-Forwarded-Proto: false, X-Forwarded-For: $remote_addr, \
     X-Region: \"north \\\\ \\\"1\\\"\", Accept: false}, timeout: 2min, \
     hsts: max-age=60, media: {/media/: data/media, /old/: /srv/old}";

#[test]
fn nginx_says_what_it_is_told() {
    let stand = shop(&format!(
        "proxy: {{server: nginx, body: 1536KiB, {TOLD}}}\nwsgi: {{server: gunicorn, application: 'shop.wsgi:app'}}\n"
    ));
    let text = file(&stand.plan(), "app", "/etc/nginx/sites-enabled/shop.conf");
    assert_snapshot!(text, @r#"
    # nginx in front of gunicorn, as on the live host.
    server {
        listen 80;
        server_name shop.example;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/site/fullchain.pem;
        ssl_certificate_key /etc/ssl/site/privkey.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        server_name shop.example;
        client_max_body_size 1536k;
        add_header Strict-Transport-Security "max-age=60" always;
        location /media/ { alias /srv/shop/data/media/; }
        location /old/ { alias /srv/old/; }
        location / {
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header Accept "";
            proxy_set_header X-Region "north \\ \"1\"";
            proxy_read_timeout 120s;
            proxy_send_timeout 120s;
            proxy_pass http://127.0.0.1:8000;
        }
    }
    "#);
}

#[test]
fn nginx_tells_uwsgi_in_its_own_protocol() {
    let stand = shop(
        "proxy: {server: nginx, prefix: /shop/, timeout: 5s, headers: {X-Forwarded-Proto: https, X-Region: north, Accept: false}}\n\
         wsgi: {server: uwsgi, application: 'shop.wsgi:app', umask: '0027', folder: current,\n  \
         mounts: {/api/: 'shop.api:app', /api/v2: 'shop.api:two'}}\n",
    );
    let plan = stand.plan();
    let text = file(&plan, "app", "/etc/nginx/sites-enabled/shop.conf");
    assert_snapshot!(lines_with(&text, &["uwsgi"]), @r#"
    # nginx in front of uwsgi, as on the live host.
    include uwsgi_params;
    uwsgi_param HTTP_ACCEPT "";
    uwsgi_param HTTP_X_FORWARDED_PROTO https;
    uwsgi_param HTTP_X_REGION north;
    uwsgi_read_timeout 5s;
    uwsgi_send_timeout 5s;
    uwsgi_pass 127.0.0.1:8000;
    "#);
    let text = file(&plan, "app", "/etc/uwsgi/shop.ini");
    assert_snapshot!(lines_with(&text, &["umask", "chdir", "mount"]), @r"
    umask = 0027
    chdir = /srv/shop/current
    mount = /shop=shop.wsgi:app
    mount = /shop/api=shop.api:app
    mount = /shop/api/v2=shop.api:two
    ");
}

#[test]
fn apache_says_what_it_is_told() {
    let stand = shop(&format!(
        "proxy: {{server: apache, {TOLD}}}\nwsgi: {{server: gunicorn, application: 'shop.wsgi:app'}}\n"
    ));
    let text = file(&stand.plan(), "app", "/etc/apache2/sites-enabled/shop.conf");
    let words = ["Timeout", "Header", "Proxy", "Limit", "Alias", "Strict"];
    assert_snapshot!(lines_with(&text, &words), @r#"
    Timeout 120
    Header always set Strict-Transport-Security "max-age=60"
    Alias /media/ /srv/shop/data/media/
    Alias /old/ /srv/old/
    ProxyAddHeaders Off
    RequestHeader set X-Forwarded-For "$remote_addr"
    RequestHeader set X-Forwarded-Host expr=%{HTTP_HOST}
    RequestHeader set X-Forwarded-Server expr=%{SERVER_NAME}
    RequestHeader unset Accept
    RequestHeader set X-Region "north \\ \"1\""
    ProxyPass /media/ !
    ProxyPass /old/ !
    ProxyPass / http://127.0.0.1:8000/
    "#);
}

#[test]
fn mod_wsgi_has_its_applications_in_the_described_interpreter() {
    let text = |group: &str| {
        let stand = shop(&format!(
            "proxy: {{server: apache, prefix: /shop/, body: 1536KiB, headers: {{X-Region: north, Accept: false}}}}\n\
             wsgi: {{server: mod_wsgi, application: 'shop.wsgi:app', umask: '027', folder: /srv/shop/current,\n  \
             mounts: {{/api/: 'shop.api:app', /api/v2/: 'shop.api:two'}}{group}}}\n"
        ));
        let plan = stand.plan();
        let script = file(&plan, "app", "/srv/shop/shop-api-v2.wsgi");
        assert_eq!(script, "from shop.api import two as application\n");
        file(&plan, "app", "/etc/apache2/sites-enabled/shop.conf")
    };
    assert_snapshot!(lines_with(&text(""), &["WSGI", "home=", "Header", "Limit"]), @r#"
    WSGIDaemonProcess shop user=shop group=shop \
    python-home=/srv/shop/venv home=/srv/shop/current umask=0027
    LimitRequestBody 1572864
    RequestHeader unset Accept
    RequestHeader set X-Region "north"
    WSGIScriptAlias /shop/api/v2 /srv/shop/shop-api-v2.wsgi process-group=shop
    WSGIScriptAlias /shop/api /srv/shop/shop-api.wsgi process-group=shop
    WSGIScriptAlias /shop /srv/shop/shop.wsgi process-group=shop
    "#);
    let script = |group: &str| lines_with(&text(group), &["WSGIScriptAlias /shop "]);
    assert_eq!(script(", application_group: own"), script(""));
    assert_snapshot!(script(", application_group: global"), @r"
    WSGIScriptAlias /shop /srv/shop/shop.wsgi process-group=shop application-group=%{GLOBAL}
    ");
    assert_snapshot!(script(", application_group: shop"), @r"
    WSGIScriptAlias /shop /srv/shop/shop.wsgi process-group=shop application-group=shop
    ");
}

#[test]
fn folders_and_umask_are_those_of_the_server() {
    let stand = shop(
        "proxy: {server: nginx, media: {/media/: data/media}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', umask: '0027', folder: /srv/shop/current}\n",
    );
    let site = stand.site();
    let plan = stand.plan();
    let job = serve_job(site, &fixture::secrets(site), &plan.handles).unwrap();
    let process = &job["processes"][0];
    assert_eq!((&process["umask"], &process["folder"]), (&23.into(), &"/srv/shop/current".into()));
    assert_eq!(job["processes"][1].get("umask"), None);
    let folders = plan.steps.iter().find_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == "app" => Some(&container.files),
        _ => None,
    });
    let folders = folders.unwrap().iter().filter(|file| file.content == Content::Folder);
    let shown: Vec<String> = folders.map(describe_with_owner).collect();
    assert_snapshot!(shown.join("\n"), @r"
    /var/log/stagectl (755) of 0
    ");
    let job = diagnosis_job(site, &fixture::secrets(site), &plan.handles, &[]);
    assert_snapshot!(serde_json::json!([job["umask"], job["media"]]), @r#"
    [{"bits":23,"user":"shop"},[{"url":"https://shop.example/media/","folder":"/srv/shop/data/media","user":"shop","umask":23}]]
    "#);
}

#[test]
fn a_site_that_says_nothing_is_asked_nothing_more() {
    let stand = shop("wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n");
    let site = stand.site();
    let job = diagnosis_job(site, &fixture::secrets(site), &stand.plan().handles, &[]);
    for key in ["hsts", "body", "umask", "media", "applications"] {
        assert_eq!(job.get(key), None, "{key}");
    }
    assert!(commands(&stand).starts_with("wsgi: /srv/shop/venv/bin/gunicorn shop.wsgi:app --bind"));
}

#[test]
fn more_processes_are_started_before_the_proxy_and_have_logs_of_their_own() {
    let stand = shop(
        "wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\nsecrets: {queue: {generate: 8}}\nintended: [processes.worker.run]\n\
         processes:\n  worker: {run: 'shop-admin work --key ${secret.queue}', locale: C, umask: '0027', folder: work}\n  \
         cron: {run: shop-admin cron}\n",
    );
    let site = stand.site();
    let plan = stand.plan();
    let job = serve_job(site, &fixture::secrets(site), &plan.handles).unwrap();
    let shown = job["processes"].as_array().unwrap().iter().map(|process| {
        format!(
            "{} {} in {} with {} and {}",
            process["role"],
            process["argv"],
            process["folder"],
            process["umask"],
            process["env"]["LANG"]
        )
    });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    "wsgi" ["/srv/shop/venv/bin/gunicorn","shop.wsgi:app","--bind","127.0.0.1:8000"] in "/srv/shop" with null and "C.UTF-8"
    "cron" ["/bin/sh","-c","shop-admin cron"] in "/srv/shop" with null and "C.UTF-8"
    "worker" ["/bin/sh","-c","shop-admin work --key s3cr3t-Value-that-is-nowhere-else"] in "/srv/shop/work" with 23 and "C"
    "nginx" ["/usr/sbin/nginx","-g","daemon off;"] in "/" with null and null
    "#);
    assert_eq!(process_roles(site), ["wsgi", "cron", "worker", "nginx"]);
    assert_snapshot!(log_files(site).join("\n"), @r"
    /var/log/stagectl/wsgi.log
    /var/log/nginx/error.log
    /var/log/stagectl/nginx.log
    /var/log/stagectl/cron.log
    /var/log/stagectl/worker.log
    ");
}

fn describe_with_owner(file: &FileEntry) -> String {
    let owner = file.owner.clone().unwrap_or_else(|| file.uid.to_string());
    format!("{file:?} of {owner}")
}

/// The files of a site's host whose paths have one of the words.
fn files_with(stand: &Stand, words: &[&str]) -> String {
    let plan = stand.plan();
    let files = plan.steps.iter().find_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == "app" => Some(container.files.clone()),
        _ => None,
    });
    let files = files.unwrap();
    let shown = files.iter().map(describe_with_owner);
    shown.filter(|file| words.iter().any(|word| file.contains(word))).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_live_configuration_stands_where_the_proxy_reads_it_with_certificates_where_it_wants_them() {
    let live = |proxy: &str, text: &str| {
        let site = format!(
            "base: {{debian: bookworm}}\nuser: shop\nnames: [shop.example]\ntls: {{}}\n\
             critical: {{path: ../critical}}\nproxy: {{server: {proxy}, config: live.conf}}\n\
             wsgi: {{server: uwsgi, application: 'shop.wsgi:app', listen: /run/own/shop.sock}}\n"
        );
        Stand::with_files(&[("site", &site)], &[("environments/live.conf", text)])
    };
    let words = ["/etc/nginx", "/etc/apache2", "/etc/ssl", "letsencrypt", "/run/"];
    let site = live(
        "nginx",
        "# ssl_certificate /no;\nserver { ssl_certificate /etc/letsencrypt/a.pem; \
         ssl_certificate_key ssl/$host.key;\n ssl_certificate_key \"certs/a.key\"; proxy_pass http://x; }\n",
    );
    assert_snapshot!(files_with(&site, &words), @r"
    /run/own (755) of shop:
    /etc/ssl/site/fullchain.pem (644) of 0
    /etc/ssl/site/privkey.pem (600) of 0
    /etc/letsencrypt/a.pem (644) of 0
    /etc/nginx/certs/a.key (600) of 0
    /etc/nginx/sites-enabled/shop.conf (644) of 0
    ");
    let ini = file(&site.plan(), "app", "/etc/uwsgi/shop.ini");
    assert_snapshot!(lines_with(&ini, &["socket"]), @r"
    chmod-socket = 666
    http-socket = /run/own/shop.sock
    ");
    let whole =
        live("nginx", "events {}\nhttp { server { location / { uwsgi_pass unix:/x; } } }\n");
    assert_snapshot!(files_with(&whole, &["/etc/nginx"]), @"/etc/nginx/nginx.conf (644) of 0");
    assert_snapshot!(lines_with(&file(&whole.plan(), "app", "/etc/uwsgi/shop.ini"), &["socket"]), @r"
    chmod-socket = 666
    socket = /run/own/shop.sock
    ");
    let apache = live(
        "apache",
        "Listen 8080\nSSLCertificateFile certs/a.pem\nSSLCertificateKeyFile /etc/ssl/private/a.key\n",
    );
    assert_snapshot!(files_with(&apache, &words), @r"
    /run/own (755) of shop:
    /etc/ssl/site/fullchain.pem (644) of 0
    /etc/ssl/site/privkey.pem (600) of 0
    /etc/apache2/certs/a.pem (644) of 0
    /etc/ssl/private/a.key (600) of 0
    /etc/apache2/sites-enabled/shop.conf (644) of 0
    /etc/apache2/ports.conf (644) of 0
    /run/apache2 (755) of 0
    /run/lock/apache2 (755) of 0
    ");
    assert_eq!(file(&apache.plan(), "app", "/etc/apache2/ports.conf"), "");
    let site = apache.site();
    let job = serve_job(site, &fixture::secrets(site), &apache.plan().handles).unwrap();
    assert_eq!(job["check"]["argv"], serde_json::json!(["/usr/sbin/apache2", "-t"]));
    assert_eq!(job["check"]["env"]["LANG"], "C");
}

#[test]
fn a_factory_is_called_by_every_server_in_its_own_way() {
    let of =
        |server: &str| shop(&format!("wsgi: {{server: {server}, application: 'shop:make()'}}\n"));
    let gunicorn = commands(&of("gunicorn"));
    assert!(gunicorn.contains("/bin/gunicorn shop:make() "), "{gunicorn}");
    let waitress = commands(&of("waitress"));
    assert!(waitress.contains(" --call shop:make"), "{waitress}");
    let uwsgi = file(&of("uwsgi").plan(), "app", "/etc/uwsgi/shop.ini");
    assert_eq!(lines_with(&uwsgi, &["module"]), "module = shop:make()");
    let stand = shop(
        "proxy: {server: apache}\nwsgi: {server: mod_wsgi, from: distribution, application: 'shop:make()'}\n",
    );
    let script = file(&stand.plan(), "app", "/srv/shop/shop.wsgi");
    assert_eq!(script, "from shop import make\n\napplication = make()\n");
}
