//! The keys of serving: `proxy`, `wsgi`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::SystemdFile;
use super::scalar::{self, AnyScalar};
use crate::site::model::{PlainHttp, ProxyHost, ProxyServer, ServerOrigin, Socket, WsgiServer};

/// What stands in front of the WSGI server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Proxy")]
pub(in crate::site) struct ProxyFile {
    /// The proxy's program.
    pub(in crate::site) server: ProxyServer,
    /// Where it runs: on the app's host, whose address and loopback it shares, or on one of its own, as
    /// a load balancer does. Then the site's names lead there, the app sees that host's address instead
    /// of `127.0.0.1`, and the WSGI server listens for it on port 8000 of the app's host (or as
    /// `wsgi.listen` says), which is called `host.hostname` there, or `app` if that is left out. The
    /// folders of `static` and `folders` are there as they are when the deploy steps are done; `media`
    /// cannot be: no folder that the app writes to is shared between hosts. The address is not that of the live proxy: a server that is told
    /// to trust it (`forwarded-allow-ips`) does not know this one.
    pub(in crate::site) host: ProxyHost,
    /// A load balancer before the proxy, where TLS ends: the site's names lead to it, `tls` and `http` are
    /// its affair, and the proxy is asked over plain HTTP on port 80. It holds no limit on bodies. `{}` is one with
    /// nothing special.
    #[schemars(example = BTreeMap::from([("headers", BTreeMap::from([("X-Forwarded-Proto", "https,http")]))]))]
    pub(in crate::site) behind: Option<BalancerFile>,
    /// Folders served by the proxy itself: URL prefix, below `prefix`, to a folder in the app's home.
    #[serde(rename = "static")]
    #[schemars(example = BTreeMap::from([("/static/", "static")]))]
    pub(in crate::site) static_files: BTreeMap<String, String>,
    /// Folders of what the app writes while it runs, served by the proxy itself: URL prefix, below
    /// `prefix`, to a folder in the app's home or an absolute one on the site. One outside of its home
    /// has to be in `data`: nobody else makes it.
    #[schemars(example = BTreeMap::from([("/media/", "/srv/noticeboard/data/media")]))]
    pub(in crate::site) media: BTreeMap<String, String>,
    /// Folders that a proxy on a host of its own has, such as the static files in a volume that two
    /// containers share: the place there, to a folder in the app's home or an absolute one on the app's
    /// host. They are as they are when the deploy steps are done.
    #[schemars(example = BTreeMap::from([("/usr/share/nginx/static", "static")]))]
    pub(in crate::site) folders: BTreeMap<String, String>,
    /// Where the app lives below the site's names; slashes at both ends.
    #[schemars(example = &"/board/")]
    pub(in crate::site) prefix: String,
    /// Request headers that the proxy sends to the app, over those that it sends anyway: nginx those of
    /// Debian's `proxy_params` (`Host`, `X-Real-IP`, `X-Forwarded-For`, `X-Forwarded-Proto`) or the
    /// parameters of its `uwsgi_params`, Apache `Host`, `X-Forwarded-Proto` and what `mod_proxy_http` adds
    /// (`X-Forwarded-For`, `X-Forwarded-Host`, `X-Forwarded-Server`). `false` is not sent, a text is the
    /// value in the proxy's own words.
    #[schemars(example = BTreeMap::from([
        ("X-Forwarded-Proto", serde_json::json!(false)),
        ("Host", serde_json::json!("$host")),
    ]))]
    pub(in crate::site) headers: BTreeMap<String, AnyScalar>,
    /// The largest body of a request that the proxy lets through; the proxy's own limit if left out,
    /// which is 1MiB with nginx. Apache can hold one only in front of `mod_wsgi`.
    #[schemars(example = &"25MiB")]
    pub(in crate::site) body: Option<String>,
    /// How long the proxy waits for the app; the proxy's own time if left out.
    #[schemars(example = &"60s")]
    pub(in crate::site) timeout: Option<String>,
    /// The `Strict-Transport-Security` header of the answers; none if left out.
    #[schemars(example = &"max-age=31536000; includeSubDomains")]
    pub(in crate::site) hsts: Option<String>,
    /// The live configuration file as it is: a path from the description's folder. It stands in for the
    /// made one; a whole `nginx.conf` is taken for one. The certificates are where it names them, and it
    /// is checked that it loads. `static` beside it says which folders a proxy on a host of its own has.
    #[schemars(example = &"live/site-b.conf")]
    pub(in crate::site) config: Option<String>,
    /// Modules of Apache that are enabled on the live host beside `ssl`, `headers`, `rewrite`, `proxy`,
    /// `proxy_http` and `alias`.
    #[schemars(example = ["expires", "proxy_uwsgi"])]
    pub(in crate::site) modules: Vec<String>,
    /// What the unit of systemd says of the proxy's process, and so of the applications of `mod_wsgi`.
    pub(in crate::site) systemd: SystemdFile,
    /// What the site does on port 80: sends to HTTPS, serves the app, or does not listen.
    /// If left out: `serve` without TLS, `closed` with TLS and no proxy, `redirect` with TLS behind a
    /// proxy; but with `config` and TLS that file says it, and the diagnosis reports what port 80 does and
    /// does not judge it.
    pub(in crate::site) http: Option<PlainHttp>,
}

impl Default for ProxyFile {
    fn default() -> Self {
        ProxyFile {
            server: ProxyServer::Nginx,
            host: ProxyHost::App,
            behind: None,
            static_files: BTreeMap::new(),
            media: BTreeMap::new(),
            folders: BTreeMap::new(),
            prefix: scalar::slash(),
            headers: BTreeMap::new(),
            body: None,
            timeout: None,
            hsts: None,
            config: None,
            modules: Vec::new(),
            systemd: SystemdFile::default(),
            http: None,
        }
    }
}

/// The load balancer before a site's own proxy: an nginx on a host of its own, which passes every request on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Balancer")]
pub(in crate::site) struct BalancerFile {
    /// Request headers that it sends to the site's proxy, over `Host`, `X-Real-IP`, `X-Forwarded-For` and
    /// `X-Forwarded-Proto`: `false` is not sent, a text is the value in nginx's own words. The proxy sends
    /// its own in their place, unless `proxy.headers` says otherwise
    /// (`X-Forwarded-Proto: $http_x_forwarded_proto`).
    #[schemars(example = BTreeMap::from([("X-Forwarded-Proto", "https,http")]))]
    pub(in crate::site) headers: BTreeMap<String, AnyScalar>,
}

/// The WSGI server and the application: `application` or `file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Wsgi")]
pub(in crate::site) struct WsgiFile {
    /// The server's program.
    #[schemars(required)]
    pub(in crate::site) server: Option<WsgiServer>,
    /// Where the server comes from: a Debian package, or the Python package index (named in the
    /// release, its lock, or `install.extra`). `distribution` for `uwsgi` and `mod_wsgi`, `index` for
    /// gunicorn and waitress, if left out.
    pub(in crate::site) from: Option<ServerOrigin>,
    /// The application, as `package.module:callable`; with brackets, as `shop:create_app()`, the function
    /// that makes it. Whichever the server is, the function is called without arguments.
    #[schemars(example = &"noticeboard.wsgi:application")]
    pub(in crate::site) application: Option<String>,
    /// A `.wsgi` script: an absolute path on the site, or one from the app's home.
    #[schemars(example = &"noticeboard.wsgi")]
    pub(in crate::site) file: Option<String>,
    /// More applications of the release in the same server, by their URL prefix below `proxy.prefix`.
    /// Only `uwsgi` and `mod_wsgi` serve several.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("/api/", "noticeboard.api:application")]))]
    pub(in crate::site) mounts: BTreeMap<String, String>,
    /// What the server process really has as `LANG`. If left out: `C` with `mod_wsgi`, because Debian's
    /// Apache says so in its `envvars`; else that of the base, which systemd gives to every service.
    #[schemars(example = &"C")]
    pub(in crate::site) locale: Option<String>,
    /// Worker processes. If left out, nothing is said of them, and the server has as many as it has by
    /// itself, or as its variables and files say (`WEB_CONCURRENCY`, `GUNICORN_CMD_ARGS`,
    /// `gunicorn.conf.py`): one. waitress always has one.
    #[schemars(range(min = 1, max = 512), example = 2)]
    pub(in crate::site) workers: Option<u16>,
    /// Threads of each worker. If left out, nothing is said of them: `mod_wsgi` has 15 by itself,
    /// waitress 4, gunicorn and uWSGI one.
    #[schemars(range(min = 1, max = 512), example = 4)]
    pub(in crate::site) threads: Option<u16>,
    /// What is between the proxy and the server. `mod_wsgi` has none.
    #[serde(default)]
    pub(in crate::site) socket: Socket,
    /// Where the server listens for the proxy, if a live configuration says so: `address:port`, or the
    /// absolute path of a unix socket. The folder of a socket belongs to the app's user; one in `/run`
    /// itself, such as `/run/gunicorn.sock`, is opened by root and handed to gunicorn or uWSGI, as by
    /// a socket unit of systemd.
    #[schemars(example = &"127.0.0.1:5000")]
    pub(in crate::site) listen: Option<String>,
    /// The live configuration file as it is: a `gunicorn.conf.py`, or uWSGI's `.ini`; a path from the
    /// description's folder. Where it says in plain letters where the server listens, that is where the
    /// proxy looks for it; a place that the file computes is said in `listen`. What is changed in it is
    /// listed in [what is added](what-is-added.md).
    #[schemars(example = &"live/gunicorn.conf.py")]
    pub(in crate::site) config: Option<String>,
    /// What the unit of systemd says of the server's process.
    #[serde(default)]
    pub(in crate::site) systemd: SystemdFile,
    /// The folder that the server works in: absolute, or from the app's home; the home itself if left
    /// out, or the unpacked tree.
    #[schemars(example = &"/srv/noticeboard/current")]
    pub(in crate::site) folder: Option<String>,
    /// The permission bits that files of the server do not get, in quotes; `0022` if left out.
    #[schemars(example = &"0027")]
    pub(in crate::site) umask: Option<String>,
    /// The interpreter of `mod_wsgi` that the applications run in: `global` (the process's first one),
    /// `own` (one for each application) or a group's name. `own` if left out, as where Apache's
    /// configuration says nothing of it: some libraries with a part in C or Rust do not work there.
    #[schemars(example = &"global")]
    pub(in crate::site) application_group: Option<String>,
    /// True where Apache passes the `Authorization` header on to the application
    /// (`WSGIPassAuthorization On`), which `mod_wsgi` does not do by itself. Every other server does.
    #[schemars(example = true)]
    pub(in crate::site) pass_authorization: Option<bool>,
    /// Passed on to the server, under its own names for them: as options of gunicorn's and waitress's
    /// command line (without the dashes), as lines of uWSGI's configuration, as options of `mod_wsgi`'s
    /// `WSGIDaemonProcess` (other directives of Apache belong into `proxy.config`). `true` is an option
    /// without a value on a command line.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("harakiri", 20)]))]
    pub(in crate::site) options: BTreeMap<String, AnyScalar>,
}
