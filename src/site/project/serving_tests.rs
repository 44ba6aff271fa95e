//! What can be wrong in `proxy`, `wsgi` and between them.

use insta::assert_snapshot;

use super::tests::TestProject;

fn problems(serving: &str) -> String {
    let text = format!(
        "base: {{debian: bookworm}}\nnames: [shop.example]\ncritical: {{path: ../tests/critical}}\n{serving}"
    );
    TestProject::new().site("shop", &text).problems()
}

#[test]
fn what_a_proxy_cannot_be_told() {
    assert_snapshot!(problems(
        "tls: {}\nproxy:\n  headers: {X?Real: a, Host: true, X-A: \"\", x-b: a, X-B: b}\n  body: 10\n  \
         timeout: 1.5s\n  hsts: max-age=1y\n  media: {media: /media, /up/: ../up}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', umask: '0999', folder: a/../b}\n"), @r#"
    error: environments/shop.yaml:6:21: proxy.headers.X?Real: `X?Real` is not the name of a header
    hint: write letters, digits and `-`
    error: environments/shop.yaml:6:30: proxy.headers.Host: `true` does not say what is sent
    hint: write the value in the proxy's own words, or leave the header out
    error: environments/shop.yaml:6:41: proxy.headers.X-A: the text is empty
    error: environments/shop.yaml:6:45: proxy.headers.x-b: `X-B` and `x-b` are the same header
    hint: take one of them out
    error: environments/shop.yaml:7:9: proxy.body: expected text, found the number 10
    hint: write it as a string: "10"
    error: environments/shop.yaml:8:12: proxy.timeout: `1.5s` is not a number of whole seconds
    hint: such as 30s, 5min
    error: environments/shop.yaml:9:9: proxy.hsts: `max-age=1y` is not a value of Strict-Transport-Security
    hint: write it as the site sends it: max-age=31536000; includeSubDomains
    error: environments/shop.yaml:10:18: proxy.media.media: `media` is not a URL prefix
    hint: write it with slashes at both ends: /board/
    error: environments/shop.yaml:10:32: proxy.media./up/: `../up` is not a path below
    hint: write it without a slash in front, and without `..`
    error: environments/shop.yaml:11:63: wsgi.umask: `0999` is not a umask
    hint: write three or four octal digits in quotes: "0027"
    error: environments/shop.yaml:11:79: wsgi.folder: `a/../b` is not a path below
    hint: write it without a slash in front, and without `..`
    "#);
}

/// What would end a directive, or be read as a variable, does not get into the configuration.
#[test]
fn a_folder_that_the_proxy_serves_is_one_word_of_its_configuration() {
    assert_snapshot!(problems(
        "proxy: {static: {/s/: 'a b', /t/: 'a;b', /u/: 'grün/x-1.2'}, media: {/m/: '/srv/$x'}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n"), @r#"
    error: environments/shop.yaml:4:23: proxy.static./s/: the proxy's configuration cannot have a folder with ' ' in its name
    hint: give the folder another name, or bring the live configuration along: `proxy.config`
    error: environments/shop.yaml:4:35: proxy.static./t/: the proxy's configuration cannot have a folder with ';' in its name
    hint: give the folder another name, or bring the live configuration along: `proxy.config`
    error: environments/shop.yaml:4:75: proxy.media./m/: the proxy's configuration cannot have a folder with '$' in its name
    hint: give the folder another name, or bring the live configuration along: `proxy.config`
    "#);
}

#[test]
fn nobody_does_what_a_proxy_would_do() {
    assert_snapshot!(problems(
        "proxy: {server: none, headers: {X-A: b}, body: 1MiB, timeout: 1s, hsts: max-age=1,\n  \
         media: {/m/: m}, static: {/s/: s}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n"), @r"
    error: environments/shop.yaml:4:32: proxy.headers: the WSGI server answers itself (`proxy: {server: none}`), so nobody sends these headers
    hint: take `headers` out, or put nginx or apache in front
    error: environments/shop.yaml:4:48: proxy.body: the WSGI server answers itself (`proxy: {server: none}`), so nobody holds this limit
    hint: take `body` out, or put nginx or apache in front
    error: environments/shop.yaml:4:63: proxy.timeout: the WSGI server answers itself (`proxy: {server: none}`), so nobody waits for it
    hint: take `timeout` out, or put nginx or apache in front
    error: environments/shop.yaml:4:73: proxy.hsts: browsers heed it over HTTPS only, and there is no `tls`
    hint: take `hsts` out, or describe `tls`
    error: environments/shop.yaml:4:73: proxy.hsts: the WSGI server answers itself (`proxy: {server: none}`), so nobody adds this header
    hint: take `hsts` out, or put nginx or apache in front
    error: environments/shop.yaml:5:10: proxy.media: the WSGI server answers itself (`proxy: {server: none}`), so nobody serves these folders
    hint: take `media` out, or put nginx or apache in front
    error: environments/shop.yaml:5:28: proxy.static: the WSGI server answers itself (`proxy: {server: none}`), so nobody serves these folders
    hint: take `static` out, or put nginx or apache in front
    ");
}

#[test]
fn applications_and_their_interpreters_go_with_their_server() {
    assert_snapshot!(problems(
        "wsgi: {server: gunicorn, application: 'shop.wsgi:app', application_group: own, mounts: {/api/: 'a.b:c'}}\n"), @r"
    error: environments/shop.yaml:4:56: wsgi.application_group: only mod_wsgi has application groups
    hint: take it out; uwsgi has `options: {single-interpreter: true}`
    error: environments/shop.yaml:4:80: wsgi.mounts: gunicorn and waitress serve one application
    hint: take uwsgi or mod_wsgi, or mount the applications inside the release
    ");
    assert_snapshot!(problems(
        "proxy: {server: apache, static: {/static/: static, /api: x}}\n\
         wsgi: {server: mod_wsgi, application: 'shop.wsgi:app', application_group: 'a b',\n  \
         mounts: {/: 'a.b:c', /api/: 'a.b', /static/: 'a:b'}}\n"), @r"
    error: environments/shop.yaml:5:75: wsgi.application_group: `a b` is not a name
    hint: write letters, digits, `_`, `-` and `.`, at most 63, the first one a letter
    error: environments/shop.yaml:6:12: wsgi.mounts./: `/` is the application's own place
    hint: write it as `application`
    error: environments/shop.yaml:6:24: wsgi.mounts./api/: `proxy.static./api` has this URL already
    hint: a URL leads to one place
    error: environments/shop.yaml:6:31: wsgi.mounts./api/: `a.b` is not an application
    hint: write `a.b:application`
    error: environments/shop.yaml:6:38: wsgi.mounts./static/: `proxy.static./static/` has this URL already
    hint: a URL leads to one place
    ");
}

#[test]
fn processes_have_commands_and_names_of_their_own() {
    assert_snapshot!(problems(
        "wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n\
         processes: {nginx: {run: a}, B!: {run: b}, c: {}, d: {run: ' ', locale: x, umask: '1', folder: ../x}}\n"), @r#"
    error: environments/shop.yaml:5:13: processes.nginx: `nginx` is a process that the site has anyway
    hint: name it otherwise, such as `worker`
    error: environments/shop.yaml:5:30: processes.B!: `B!` is not a name (lowercase letters, digits, dashes; at most 40)
    error: environments/shop.yaml:5:47: processes.c: the key `run` is missing
    hint: such as `run: "noticeboard-admin work --queue mails"`
    error: environments/shop.yaml:5:60: processes.d.run: the command is empty
    error: environments/shop.yaml:5:73: processes.d.locale: `x` is not a locale
    hint: write it as `locale -a` shows it: C.UTF-8, de_DE.UTF-8
    error: environments/shop.yaml:5:83: processes.d.umask: `1` is not a umask
    hint: write three or four octal digits in quotes: "0027"
    error: environments/shop.yaml:5:96: processes.d.folder: `../x` is not a path below
    hint: write it without a slash in front, and without `..`
    "#);
}

#[test]
fn apache_limits_only_what_it_serves_itself() {
    assert_snapshot!(problems(
        "proxy: {server: apache, body: 1MiB}\nwsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n"), @r"
    error: environments/shop.yaml:4:25: proxy.body: Apache limits no body that it passes on to a server
    hint: take `body` out: the live Apache lets every body through, too
    ");
}

#[test]
fn a_live_configuration_says_everything_itself() {
    assert_snapshot!(problems(
        "tls: {}\nproxy: {server: nginx, config: live/no.conf, static: {/s/: s}, media: {/m/: m}, headers: {A: b},\n  \
         timeout: 5s, modules: [expires]}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', listen: /etc/a.sock, socket: unix}\n"), @r"
    error: environments/shop.yaml:5:32: proxy.config: there is no file `environments/live/no.conf`
    error: environments/shop.yaml:5:54: proxy.static: the live configuration says this itself, and is taken as it is
    hint: take `static` out, or `config`
    error: environments/shop.yaml:5:71: proxy.media: the live configuration says this itself, and is taken as it is
    hint: take `media` out, or `config`
    error: environments/shop.yaml:5:90: proxy.headers: the live configuration says this itself, and is taken as it is
    hint: take `headers` out, or `config`
    error: environments/shop.yaml:6:12: proxy.timeout: the live configuration says this itself, and is taken as it is
    hint: take `timeout` out, or `config`
    error: environments/shop.yaml:6:16: proxy.modules: only Apache has modules to enable
    hint: take `modules` out; nginx's come with a package in `base.packages`
    error: environments/shop.yaml:7:56: wsgi.listen: `listen` and `socket` are both there
    hint: take it out
    error: environments/shop.yaml:7:64: wsgi.listen: the app's user cannot make `/etc/a.sock`
    hint: name a folder of the app's own: /run/shop/shop.sock
    ");
    assert_snapshot!(problems(
        "proxy: {server: none, config: ../README.md}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', listen: '127.0.0.1:80'}\n"), @r"
    error: environments/shop.yaml:4:31: proxy.config: the WSGI server answers itself (`proxy: {server: none}`), so nobody reads this file
    hint: take `config` out, or put nginx or apache in front
    error: environments/shop.yaml:4:31: proxy.config: there is no file `README.md`
    error: environments/shop.yaml:5:56: wsgi.listen: the WSGI server answers itself, on the site's own port
    hint: take it out
    error: environments/shop.yaml:5:64: wsgi.listen: the app's user cannot listen on port 80
    hint: write the port of the WSGI server, not the proxy's
    ");
}

#[test]
fn hosts_that_are_not_shared_share_nothing() {
    assert_snapshot!(problems(
        "host: {hostname: shop.example}\nproxy: {host: own, media: {/m/: m}}\nservices: {proxy: {redis: '7'}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app', socket: unix}\n"), @r"
    error: environments/shop.yaml:4:18: host.hostname: the name `shop.example` leads to the proxy's host
    hint: give the app's host another name
    error: environments/shop.yaml:5:20: proxy.media: the proxy's own host has no folder that the app writes to
    hint: let the app serve them, or write `proxy: {host: app}`
    error: environments/shop.yaml:6:12: services.proxy: `proxy` is a host of this replica (`proxy.host`)
    hint: name the service otherwise
    error: environments/shop.yaml:7:64: wsgi.socket: a unix socket is not there on the proxy's own host
    hint: write `socket: tcp`, or `proxy: {host: app}`
    ");
    assert_snapshot!(problems(
        "proxy: {host: own}\nservices: {cache: {redis: '7', names: [app]}}\n\
         wsgi: {server: uwsgi, application: 'shop.wsgi:app', listen: '127.0.0.1:5000'}\n"), @r"
    error: environments/shop.yaml:5:40: services.cache.names.0: the name `app` leads to the app's host already
    error: environments/shop.yaml:6:61: wsgi.listen: the proxy's own host does not reach `127.0.0.1:5000`
    hint: write `0.0.0.0:5000`, or `proxy: {host: app}`
    ");
    assert_snapshot!(problems(
        "proxy: {host: own}\nwsgi: {server: uwsgi, application: 'shop.wsgi:app', listen: /run/a/a.sock}\n"), @r"
    error: environments/shop.yaml:5:61: wsgi.listen: the proxy's own host does not reach `/run/a/a.sock`
    hint: write `0.0.0.0:8000`, or `proxy: {host: app}`
    ");
    assert_snapshot!(problems(
        "proxy: {host: own, server: none}\nwsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n"), @r"
    error: environments/shop.yaml:4:15: proxy.host: there is no proxy (`server: none`)
    hint: take `host` out, or put nginx or apache in front
    ");
    assert_snapshot!(problems(
        "proxy: {host: own, server: apache}\nwsgi: {server: mod_wsgi, application: 'shop.wsgi:app'}\n"), @r"
    error: environments/shop.yaml:4:15: proxy.host: mod_wsgi runs inside Apache
    hint: take `host` out, or take gunicorn, uwsgi or waitress
    ");
    let shared = "base: {debian: bookworm}\nnames: [shop.example]\ncritical: {path: ../tests/critical}\n\
         proxy: {host: app}\nservices: {proxy: {redis: '7'}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n";
    assert_eq!(TestProject::new().site("shop", shared).one().services.len(), 1);
}

#[test]
fn options_are_those_that_the_server_knows() {
    assert_snapshot!(problems("wsgi: {server: gunicorn, from: distribution, application: 'shop.wsgi:app', options: {worker_class: gthread, preload: true, header-map: drop, tiemout: 5}}\n"), @r"
    error: environments/shop.yaml:4:86: wsgi.options.worker_class: gunicorn has no option `worker_class`
    hint: did you mean `worker-class`?
    error: environments/shop.yaml:4:124: wsgi.options.header-map: gunicorn 20.1.0 of bookworm has no option `header-map`
    hint: versions that have it: 23.0.0, 27.0.1
    error: environments/shop.yaml:4:142: wsgi.options.tiemout: gunicorn has no option `tiemout`
    hint: did you mean `timeout`?
    ");
    assert_snapshot!(problems("proxy: {server: apache}\n\
         wsgi: {server: mod_wsgi, application: 'shop.wsgi:app', options: {WSGIPassAuthorization: 'On', WSGIRestrictStdin: 'Off', python_path: /x, queue-timeout: 5, interrupt-timeout: 5}}\n"), @r"
    error: environments/shop.yaml:5:66: wsgi.options.WSGIPassAuthorization: WSGIDaemonProcess has no option `WSGIPassAuthorization`
    hint: write `wsgi: {pass_authorization: true}`
    error: environments/shop.yaml:5:95: wsgi.options.WSGIRestrictStdin: WSGIDaemonProcess has no option `WSGIRestrictStdin`
    hint: a directive of Apache belongs into a live configuration: `proxy.config`
    error: environments/shop.yaml:5:121: wsgi.options.python_path: WSGIDaemonProcess has no option `python_path`
    hint: did you mean `python-path`?
    error: environments/shop.yaml:5:156: wsgi.options.interrupt-timeout: mod_wsgi 4.9.4 of bookworm has no option `interrupt-timeout`
    hint: versions that have it: 6.0.5
    ");
    assert_snapshot!(problems("wsgi: {server: uwsgi, application: 'shop.wsgi:app', options: {die_on_term: true, shop: a, harakri: 5, harakir: '%(harakri)', py-executable: /x, max-requests-delta: 5}}\n"), @r"
    error: environments/shop.yaml:4:63: wsgi.options.die_on_term: uWSGI has no option `die_on_term`, and passes over it
    hint: did you mean `die-on-term`?
    error: environments/shop.yaml:4:103: wsgi.options.harakir: uWSGI has no option `harakir`, and passes over it
    hint: did you mean `harakiri`?
    error: environments/shop.yaml:4:145: wsgi.options.max-requests-delta: uWSGI 2.0.21 of bookworm has no option `max-requests-delta`
    hint: versions that have it: 2.0.30
    ");
    assert_snapshot!(problems("wsgi: {server: waitress, application: 'shop.wsgi:app', options: {channel_timeout: 5, no-ipv6: true, workers: 5}}\n"), @r"
    error: environments/shop.yaml:4:66: wsgi.options.channel_timeout: waitress has no option `channel_timeout`
    hint: did you mean `channel-timeout`?
    error: environments/shop.yaml:4:101: wsgi.options.workers: waitress has no option `workers`
    hint: write it as on the command line, without `--`
    ");
}

#[test]
fn what_only_some_servers_and_proxies_have_is_refused_elsewhere() {
    assert_snapshot!(problems(
        "proxy: {server: nginx, folders: {/static: static}, headers: {SCRIPT_NAME: /board}}\n\
         wsgi: {server: uwsgi, application: 'shop.wsgi:app', pass_authorization: true, listen: /run/uwsgi.sock}\n"), @r"
    error: environments/shop.yaml:4:24: proxy.folders: the proxy is on the app's host, and has all its folders
    hint: take `folders` out, or write `host: own`
    error: environments/shop.yaml:4:62: proxy.headers.SCRIPT_NAME: over uWSGI's own protocol this is no header
    hint: describe `prefix` where this is `SCRIPT_NAME`, or write it with `-`
    error: environments/shop.yaml:5:53: wsgi.pass_authorization: only mod_wsgi keeps `Authorization` back
    hint: take it out: this server passes the header on
    ");
    assert_snapshot!(problems(
        "proxy: {server: apache, headers: {SCRIPT_NAME: /board}}\n\
         wsgi: {server: mod_wsgi, application: 'shop.wsgi:app', pass_authorization: false}\n"), @r"
    error: environments/shop.yaml:4:35: proxy.headers.SCRIPT_NAME: Apache keeps headers with `_` from the application
    hint: write it with `-`, or describe `prefix` where this is `SCRIPT_NAME`
    ");
    assert_snapshot!(problems(
        "proxy: {server: nginx, headers: {SCRIPT_NAME: /board}}\n\
         env: {PATH: /x, HOME: /root}\n\
         wsgi: {server: waitress, application: 'shop.wsgi:app', listen: /run/shop.sock}\n"), @r"
    error: environments/shop.yaml:6:64: wsgi.listen: waitress takes no socket from systemd, and its user cannot make one in `/run`
    hint: name a folder of the app's own: /run/shop/shop.sock
    ");
}

#[test]
fn a_load_balancer_leads_to_the_app_s_host() {
    let whole = "base: {debian: bullseye}\nnames: [shop.example]\ncritical: {path: ../tests/critical}\n\
                 tls: {versions: [TLSv1.3], ciphers: [TLS_AES_128_GCM_SHA256]}\n\
                 proxy: {server: none, behind: {}}\nwsgi: {server: waitress, application: 'shop.wsgi:app'}\n";
    let site = TestProject::new().site("shop", whole).one();
    assert_eq!(site.proxy.plain_http, Some(crate::site::PlainHttp::Redirect));
    assert_snapshot!(problems(
        "tls: {}\nproxy: {host: own, behind: {headers: {'X Y': a}, server: nginx}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n"), @r#"
    error: environments/shop.yaml:5:15: proxy.host: the load balancer leads to the app's host, and the proxy is on its own
    hint: take `host` out, or describe the balancer alone: `proxy: {host: own}`
    error: environments/shop.yaml:5:46: proxy.behind.headers."X Y": `X Y` is not the name of a header
    hint: write letters, digits and `-`
    error: environments/shop.yaml:5:50: proxy.behind: unknown key `server`
    hint: the keys here are: `headers`; `server` is a key of `proxy` and of `wsgi`: is the indentation right?
    "#);
}
