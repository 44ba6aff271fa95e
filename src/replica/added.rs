//! What stagectl adds by itself to a site's hosts. The builders of jobs, files and images take their
//! options, lines, paths and names from here, and `docs/what-is-added.md` is made of it: what is not in
//! this table is as the description, the server or the distribution has it.

use crate::site::Site;

/// One thing that is there although nobody described it.
#[derive(Debug, Clone, Copy)]
pub struct Addition {
    /// As it stands there: an option, a line, a variable, a path. `USER` is the site's user, `ROLE` a process.
    pub text: &'static str,
    pub why: &'static str,
    /// The keys that say it otherwise, or without which it is not there.
    pub keys: &'static str,
}

impl Addition {
    /// The text with the site's user in it.
    #[must_use]
    pub(super) fn of(&self, site: &Site) -> String {
        self.text.replace("USER", site.user.as_str())
    }

    /// The text for the process of this role.
    #[must_use]
    pub(super) fn of_role(&self, role: &str) -> String {
        self.text.replace("ROLE", role)
    }
}

/// What is added in one place.
#[derive(Debug)]
pub struct AddedTo {
    pub place: &'static str,
    pub additions: &'static [Addition],
}

macro_rules! additions {
    ($($place:literal { $($name:ident = $text:literal, $keys:literal, $why:literal;)* })*) => {
        $($(pub(super) const $name: Addition = Addition { text: $text, why: $why, keys: $keys };)*)*
        /// Everything that is added, by place.
        pub const ADDED: &[AddedTo] = &[
            $(AddedTo { place: $place, additions: &[$($name),*] }),*
        ];
    };
}

additions! {
    "gunicorn's command line" {
        BIND = "--bind", "`wsgi.listen`, `wsgi.socket`",
            "where the made proxy looks for it; it goes before `PORT`, `GUNICORN_CMD_ARGS` and a `gunicorn.conf.py` in the server's folder; not there where `wsgi.config` says `bind`";
        GUNICORN_CONFIG = "/etc/gunicorn/USER.conf.py", "`wsgi.config`",
            "the live configuration, given by `--config`; a `daemon` in it is made `False`: stagectl starts the server, as systemd would, and sees it end";
    }
    "waitress's command line" {
        LISTEN = "--listen", "`wsgi.listen`, `wsgi.socket`", "where the made proxy looks for it";
        UNIX_SOCKET = "--unix-socket", "`wsgi.listen`, `wsgi.socket`", "the same, with a unix socket";
        SOCKET_MODE = "--unix-socket-perms=666", "`wsgi.options.unix-socket-perms`",
            "the proxy's user may write to a unix socket, as on every live host, however it is done there";
        URL_PREFIX = "--url-prefix", "`proxy.prefix`", "tells the app the described prefix";
    }
    "uWSGI's configuration" {
        UWSGI_INI = "/etc/uwsgi/USER.ini", "`wsgi.options`, `wsgi.config`",
            "holds the lines below and the described options; with `wsgi.config` it is the live file and none of them: there `daemonize` is made `logto`, and `virtualenv` (`venv`, `home`, `pyhome`) leads to the environment that the release is installed in; `plugins`, `virtualenv` and `socket` are on the command line where the file does not have them, but `virtualenv` stands behind the `plugins` of a file that has those";
        PLUGINS = "plugins = python3", "`wsgi.from`", "Debian's uWSGI has Python as a plugin";
        NEED_APP = "need-app = true", "`wsgi.options.need-app`",
            "an application that cannot be imported ends the server at once, instead of a 500 for every request";
        UWSGI_SOCKET = "socket", "`wsgi.listen`, `wsgi.socket`",
            "where the made proxy looks for it; `http-socket` behind Apache, `http-socket` or `https-socket` with no proxy";
        CHMOD_SOCKET = "chmod-socket = 666", "`wsgi.options.chmod-socket`",
            "the proxy's user may write to a unix socket, as on every live host, however it is done there";
        VIRTUALENV = "virtualenv", "`user`", "the environment that the release is installed in";
        CHDIR = "chdir", "`wsgi.folder`", "the folder that the server works in";
        MANAGE_SCRIPT_NAME = "manage-script-name = true", "`proxy.prefix`, `wsgi.mounts`",
            "the applications are mounted where the description says, with `mount`";
    }
    "mod_wsgi" {
        SCRIPT = "/srv/USER/USER.wsgi", "`wsgi.file`",
            "the script that imports the described `wsgi.application`; one more for each of `wsgi.mounts`";
        DAEMON = "WSGIDaemonProcess USER user=USER group=USER", "`proxy.config`",
            "the app runs as the described user; embedded in Apache it would run as `www-data`";
        PYTHON_HOME = "python-home", "`user`", "the environment that the release is installed in";
        DAEMON_HOME = "home", "`wsgi.folder`",
            "the described folder, or that of a release that is a tree, from which its modules are imported; otherwise not there";
    }
    "nginx's command line and configuration" {
        DAEMON_OFF = "daemon off;", "`proxy.config`",
            "stagectl starts it, as systemd would, and sees it end; left to the configuration where that says `daemon` itself, and a `daemon on;` there is made `off`";
        NGINX_SITE = "/etc/nginx/sites-enabled/USER.conf", "`proxy.config`", "the made configuration; Debian's default site is taken out";
    }
    "Apache's command line and configuration" {
        FOREGROUND = "-D FOREGROUND", "", "stagectl starts it, as systemd would, and sees it end";
        APACHE_SITE = "/etc/apache2/sites-enabled/USER.conf", "`proxy.config`", "the made configuration; Debian's default site is taken out";
        PORTS = "/etc/apache2/ports.conf", "`proxy.http`, `tls`",
            "listens on the described ports, with the made configuration or where `proxy.http` is described; otherwise it is Debian's, and empty where the live configuration has `Listen` itself";
        MODULES = "ssl headers rewrite proxy proxy_http alias", "`proxy.modules`",
            "modules that the made configuration, and most live ones, cannot do without";
        PRESERVE_HOST = "ProxyPreserveHost On", "`proxy.headers.Host`",
            "the app sees the name that was asked for, as behind every live proxy that leads to an app of several names";
        SERVER_NAME = "ServerName", "`names`", "the first name of the site, or Apache would ask the resolver for its own";
    }
    "request headers to the app" {
        HOST = "Host: $http_host", "`proxy.headers`, `proxy.behind.headers`", "nginx over HTTP, and a load balancer: the line of Debian's `/etc/nginx/proxy_params`";
        REAL_IP = "X-Real-IP: $remote_addr", "`proxy.headers`", "the same";
        FORWARDED_FOR = "X-Forwarded-For: $proxy_add_x_forwarded_for", "`proxy.headers`", "the same";
        FORWARDED_PROTO = "X-Forwarded-Proto: $scheme", "`proxy.headers`", "the same";
        APACHE_FORWARDED_PROTO = "X-Forwarded-Proto: expr=%{REQUEST_SCHEME}", "`proxy.headers`",
            "Apache before a server of its own, which could not know of TLS otherwise";
        SCRIPT_NAME = "SCRIPT_NAME", "`proxy.prefix`, `proxy.headers`", "over HTTP, tells the app the described prefix";
    }
    "variables of the app's processes" {
        SYSTEM_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "`env.PATH`",
            "as systemd gives it. Deploy steps, `processes` and people in a shell have the environment's `bin` before that, so that `run` can name the release's own commands";
        HOME = "HOME", "`env.HOME`, `user.home`", "as systemd gives it to the processes of a user (not to Apache): the one of `/etc/passwd`";
        USER = "USER=USER", "`env.USER`", "the same";
        LOGNAME = "LOGNAME=USER", "`env.LOGNAME`", "the same";
        SHELL = "SHELL", "`env.SHELL`", "the same";
        LANG = "LANG", "`wsgi.locale`, `base.locale`", "as systemd gives it to every service, and Debian's `envvars` to Apache";
        LISTEN_VARIABLES = "LISTEN_PID LISTEN_FDS", "`wsgi.listen`",
            "hand a socket in `/run` itself to the server, as a socket unit of systemd does";
        APACHE_VARIABLES = "APACHE_*", "", "those of Debian's `/etc/apache2/envvars`, for Apache and the applications of `mod_wsgi`";
    }
    "the host's files" {
        HOME_FOLDER = "/srv/USER", "`user`", "the app's folder, and the home of its user unless `user.home` says another, which everybody may enter (0755); the environment is `venv` in it, a release that is a tree `app`";
        SOCKET_FOLDER = "/run/USER", "`wsgi.socket`, `host.read_only_root`",
            "the folder of a unix socket whose place is not described, of the app's user (0755); and under a read-only root the one below `/run` that can be written to";
        NEXT_PLACE = "-next", "`deploy.strategy`", "with `parallel`: where the new server listens beside the live one, `wsgi-next.sock` for `wsgi.sock`, or one port further";
        LISTEN_FOLDER = "the folder of `wsgi.listen`", "`wsgi.listen`", "of the app's user (0755), unless the system has it";
        OWN_FOLDER = "/opt/stagectl", "", "stagectl's own programs, its installer, the run's root and (for root alone) its secrets";
        OWN_LOGS = "/var/log/stagectl/ROLE.log", "", "what each process writes to its output, which systemd would give to the journal";
        OWN_NOTES = "/run/stagectl.ROLE", "", "the number of each process, how it ended, and that the host is ready";
        CERTIFICATES = "/etc/ssl/site", "`tls`, `proxy.config`", "the certificates and keys; with a live configuration they are also where that one looks for them";
        REDIS_FOLDER = "the folder of `unixsocket`", "`services.NAME.host`, `services.NAME.settings`",
            "of Redis or Valkey on the app's host: as Debian's unit makes it (2755), of the login `redis` or `valkey`, which is there as Debian's package makes it";
        ROOT_LINK = "/etc/ssl/certs", "`tls.trust`", "the rehearsal's root, in the system's bundle and in every `certifi` of the release";
    }
    "the release's environment, in the one rehearsal of `stagectl crucial` that observes" {
        OBSERVER = "stagectl_observe", "",
            "a module in its `site-packages`, which a `.pth` has every Python load: it writes down which variables, hosts and files are read; beside it a program of root looks to whom the site's user is connected";
    }
    "the host's packages" {
        PACKAGES = "python3 python3-venv ca-certificates openssl tzdata", "`base.packages`",
            "make the environment, the trust and the time zone; and the packages of the described proxy and server";
    }
    "the host's limits" {
        RESOURCES = "512MiB of memory, 1 processor, 4096 processes", "`resources`", "no replica takes the machine that it is rehearsed on";
        CAPABILITIES = "CHOWN DAC_OVERRIDE FOWNER SETUID SETGID NET_BIND_SERVICE KILL", "",
            "all that root of the host can do; no process gains rights, so `sudo` and `ping` do not work";
    }
    "the names that resolve" {
        RESOLVER_MARK = "resolver.stagectl.invalid", "",
            "a text record of the site's resolver alone: before anything of the site runs, its host asks for it, and so is seen to ask no other";
    }
    "Redis's configuration" {
        NO_CLIENTS = "tls-auth-clients no", "`services.NAME.tls`",
            "where it speaks TLS it would by itself ask everybody for a certificate, and no client of a replica has one";
    }
    "requests" {
        USER_AGENT = "User-Agent: stagectl", "`health`, `live.traffic`",
            "until the site is ready the health page is asked for again and again; then the diagnosis asks for it, for the site's address, and for what is described (`proxy.body`, `proxy.hsts`, `proxy.media`, `wsgi.mounts`); while a release is deployed over the live one, a visitor in the suite's container asks for the health page and some others, ten requests a second";
    }
}

/// The words of an addition that is several.
#[must_use]
pub(super) fn words(addition: &Addition) -> Vec<&'static str> {
    addition.text.split(' ').collect()
}

/// Name and value of a variable or header that is added.
#[must_use]
pub(super) fn pair(addition: &Addition) -> (&'static str, &'static str) {
    let text = addition.text;
    text.split_once(": ").or_else(|| text.split_once('=')).unwrap_or((text, ""))
}
