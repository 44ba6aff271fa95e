//! `wsgi` and `user`: the server, its application and its options.

mod application;
mod options;
mod process;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use self::application::absolute;
pub(super) use self::application::application_of;
use self::options::{Told, scalar};
use self::process::of_process;
use super::apart;
use super::form::four_digits;
use super::front::Front;
use super::scene::Scene;
use crate::capture::app::Server;
use crate::capture::description::Description;

/// Options that have a key of their own, or say what systemd does.
const OWN_KEYS: [&str; 22] = [
    "bind",
    "workers",
    "threads",
    "chdir",
    "umask",
    "user",
    "group",
    "name",
    "pid",
    "daemon",
    "env",
    "config",
    "access-logfile",
    "error-logfile",
    "log-file",
    "listen",
    "host",
    "port",
    "unix-socket",
    "call",
    "pythonpath",
    "worker-tmp-dir",
];
/// Lines of uWSGI's configuration that have a key of their own, or are the host's affair.
const OWN_LINES: [&str; 44] = [
    "for-readline",
    "endfor",
    "processes",
    "workers",
    "threads",
    "umask",
    "module",
    "wsgi",
    "wsgi-file",
    "callable",
    "mount",
    "manage-script-name",
    "virtualenv",
    "venv",
    "home",
    "pyhome",
    "chdir",
    "chdir2",
    "socket",
    "uwsgi-socket",
    "http-socket",
    "http",
    "plugin",
    "plugins",
    "pidfile",
    "pidfile2",
    "logto",
    "logto2",
    "daemonize",
    "daemonize2",
    "chown-socket",
    "chmod-socket",
    "uid",
    "gid",
    "vacuum",
    "env",
    "pythonpath",
    "python-path",
    "autoload",
    "procname-prefix",
    "no-orphans",
    "need-app",
    "log-date",
    "strict",
];

pub(super) fn describe(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let app = scene.app;
    let from = app.unit.as_ref().map_or_else(|| "its command".to_owned(), |unit| unit.file.clone());
    into.set("wsgi.server", app.server.word(), from.clone());
    let script = app
        .ini_value("wsgi-file")
        .or(app.ini_value("file"))
        .filter(|_| app.server == Server::Uwsgi)
        .map(str::to_owned);
    match (application_of(scene), script) {
        (Some(application), _) => into.set("wsgi.application", application, from.clone()),
        (None, Some(script)) => into.set("wsgi.file", script, from.clone()),
        (None, None) => into.todo("wsgi", "the application, as `application: package.module:callable`: the host does not say it in plain letters"),
    }
    origin(scene, into);
    match app.server {
        Server::Gunicorn | Server::Waitress => of_command(scene, front, &from, into),
        Server::Uwsgi => of_ini(scene, front, into),
        Server::ModWsgi => super::apache::daemon(scene, front, into),
    }
    of_process(scene, into);
}

/// Whether the server is Debian's or the index's.
fn origin(scene: &Scene<'_>, into: &mut Description) {
    let in_environment = |name: &str| {
        scene
            .app
            .environment(scene.host)
            .is_some_and(|environment| environment.distributions.iter().any(|one| one.name == name))
    };
    let (distribution, word) = match scene.app.server {
        Server::Gunicorn => ("gunicorn", "gunicorn"),
        Server::Waitress => ("waitress", "python3-waitress"),
        Server::Uwsgi => ("uwsgi", "uwsgi-core"),
        Server::ModWsgi => ("mod-wsgi", "libapache2-mod-wsgi-py3"),
    };
    let version =
        |name: &str| scene.host.packages.version(name).map(|version| format!("{name} {version}"));
    if in_environment(distribution) {
        into.set("wsgi.from", "index", "it is in the app's environment");
    } else if let Some(version) = version(word) {
        into.set("wsgi.from", "distribution", version);
    }
}

fn of_command(scene: &Scene<'_>, front: &Front, from: &str, into: &mut Description) {
    let told = Told::of(scene);
    let options = &told.options;
    if !options.contains_key("config") {
        into.saw(&["wsgi.workers", "wsgi.threads", "wsgi.options"]);
    }
    let number = |key: &str| options.get(key).and_then(Value::as_i64);
    for (key, name) in [("wsgi.workers", "workers"), ("wsgi.threads", "threads")] {
        into.set_some(key, number(name), told.from([name], from));
    }
    let config = options
        .get("config")
        .and_then(Value::as_str)
        .map(|path| absolute(scene, path.trim_start_matches("file:")));
    let here = scene
        .app
        .process
        .as_ref()
        .and_then(|process| process.folder.clone())
        .map(|folder| format!("{folder}/gunicorn.conf.py"));
    let config = config
        .or(here)
        .filter(|path| scene.app.server == Server::Gunicorn && scene.host.file(path).is_some());
    if let Some(path) = &config {
        let lines = scene.host.file(path).unwrap_or_default();
        let text = lines.join("\n");
        let is_apart = apart::is_apart(scene);
        let text = if is_apart { apart::with_host(&text, &front.places, "0.0.0.0") } else { text };
        into.add_file("gunicorn.conf.py", text.clone() + "\n");
        into.texts.insert("wsgi.config".to_owned(), text);
        into.set("wsgi.config", scene.name_file("gunicorn.conf.py"), path.clone());
        if lines.iter().any(|line| line.contains("HIDDEN")) {
            into.todo(
                "wsgi",
                format!(
                    "{}: HIDDEN stands where the live file has something that was kept back",
                    scene.name_file("gunicorn.conf.py")
                ),
            );
        }
        let sets_variables = lines.iter().any(|line| line.trim_start().starts_with("raw_env"));
        if sets_variables && !scene.app.given(scene.host).variables().is_empty() {
            into.todo(
                "wsgi",
                format!(
                    "{}: take `raw_env` out: `--env` stands over it on the live host, and its variables are in `env`",
                    scene.name_file("gunicorn.conf.py")
                ),
            );
        }
    }
    let bind =
        options.get("bind").or(options.get("listen")).and_then(Value::as_str).map(str::to_owned);
    let bind = bind.or_else(|| {
        options.get("unix-socket").and_then(Value::as_str).map(|path| format!("unix:{path}"))
    });
    listen(scene, front, bind.as_deref(), config.is_some(), into);
    let mut rest: Map<String, Value> = options.clone().into_iter().collect();
    rest.retain(|key, value| {
        let is_kept_back = value.as_str().is_some_and(|text| text.contains("HIDDEN"));
        let is_own = OWN_KEYS.contains(&key.as_str());
        if is_kept_back && !is_own {
            into.todo("wsgi", format!("options: `{key}` has a value that was kept back"));
        }
        !is_own && !is_kept_back
    });
    let is_away = apart::is_apart(scene) || front.server == "none";
    let trusted = rest.get_mut("forwarded-allow-ips").filter(|own| is_away && names_another(own));
    if let Some(trusted) = trusted {
        into.notes.push(format!(
            "gunicorn believes what {} forwards: in a replica the proxy has another address, and everybody is believed",
            trusted.as_str().unwrap_or_default()
        ));
        *trusted = "*".into();
    }
    if !rest.is_empty() {
        let from = told.from(rest.keys().map(String::as_str), from);
        into.set("wsgi.options", Value::Object(rest), from);
    }
}

/// Whether a list of addresses has one of another host.
fn names_another(list: &Value) -> bool {
    let mut all = list.as_str().unwrap_or_default().split(',').map(str::trim);
    all.any(|one| one != "*" && !one.is_empty() && !apart::is_loopback(one))
}

/// Where the server listens, as far as it is not where a replica has it anyway.
fn listen(
    scene: &Scene<'_>,
    front: &Front,
    bind: Option<&str>,
    has_config: bool,
    into: &mut Description,
) {
    let Some(bind) = bind.or(front.upstream.as_deref()) else { return };
    let path = bind
        .strip_prefix("unix:")
        .map(|path| path.trim_start_matches("//"))
        .or(bind.starts_with('/').then_some(bind));
    let Some(path) = path else {
        // A tcp port is the replica's own affair, unless a live file of the proxy names it.
        if let Some((_, port)) = apart::host_and_port(bind).filter(|_| apart::is_apart(scene)) {
            if front.config.is_some() || has_config {
                let from =
                    format!("{bind}, where the proxy looks for it; a replica has another address");
                into.set("wsgi.listen", format!("0.0.0.0:{port}"), from);
            }
        } else if (front.config.is_some() || has_config)
            && bind.parse::<std::net::SocketAddr>().is_ok()
        {
            into.set("wsgi.listen", bind, "where the proxy looks for it");
        }
        return;
    };
    let path = format!("/{}", path.trim_start_matches('/'));
    if front.config.is_some() || has_config {
        into.set("wsgi.listen", path, "where the proxy looks for it");
    } else if scene.app.server != Server::ModWsgi {
        into.set("wsgi.socket", "unix", path);
    }
}

fn of_ini(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let app = scene.app;
    let Some(path) = &app.ini_path else {
        into.todo("wsgi", "uWSGI's configuration could not be read: its lines belong into `options`, or bring the file: `config: live/app.ini`");
        return;
    };
    into.saw(&["wsgi.workers", "wsgi.threads", "wsgi.options", "wsgi.umask"]);
    let number =
        |keys: [&str; 2]| keys.iter().find_map(|key| app.ini_value(key)?.parse::<i64>().ok());
    into.set_some("wsgi.workers", number(["processes", "workers"]), path.clone());
    into.set_some("wsgi.threads", number(["threads", "threads"]), path.clone());
    into.set_some("wsgi.umask", app.ini_value("umask").map(four_digits), path.clone());
    let place =
        ["socket", "uwsgi-socket", "http-socket", "http"].iter().find_map(|key| app.ini_value(key));
    // With `%n` it is computed.
    let place = place.map(|place| place.replace("%n", &app.name));
    listen(scene, front, place.as_deref(), false, into);
    let mut rest = Map::new();
    for (key, value) in app.ini.iter().filter(|(key, _)| !OWN_LINES.contains(&key.as_str())) {
        if value.contains("HIDDEN") {
            into.todo("wsgi", format!("{path}: `{key}` has a value that was kept back"));
        } else if value.is_empty() {
            // `env = NAME`: what it says was kept back.
        } else {
            rest.insert(key.clone(), scalar(value));
        }
    }
    if !rest.is_empty() {
        into.set("wsgi.options", Value::Object(rest), path.clone());
    }
    if app.ini.iter().filter(|(key, _)| key == "mount").count() > 1 {
        into.todo(
            "wsgi",
            format!(
                "{path} mounts several applications: `mounts: {{/api/: package.module:callable}}`"
            ),
        );
    }
}
