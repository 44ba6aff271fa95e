//! `wsgi` and `user`: the server, its application and its options.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Scene;
use super::proxy::Front;
use crate::capture::app::{App, Server};
use crate::capture::description::Description;

/// Options of gunicorn and waitress that take no value.
const FLAGS: [&str; 24] = [
    "preload",
    "daemon",
    "reload",
    "check-config",
    "print-config",
    "spew",
    "no-sendfile",
    "enable-stdio-inheritance",
    "capture-output",
    "log-syslog",
    "proxy-protocol",
    "disable-redirect-access-to-syslog",
    "strip-header-spaces",
    "initgroups",
    "reuse-port",
    "no-control-socket",
    "expose-tracebacks",
    "no-expose-tracebacks",
    "call",
    "ipv4",
    "no-ipv4",
    "ipv6",
    "no-ipv6",
    "log-untrusted-proxy-headers",
];
/// Short ones of gunicorn, with their long names.
const SHORT: [(&str, &str); 11] = [
    ("b", "bind"),
    ("w", "workers"),
    ("k", "worker-class"),
    ("t", "timeout"),
    ("c", "config"),
    ("u", "user"),
    ("g", "group"),
    ("m", "umask"),
    ("n", "name"),
    ("p", "pid"),
    ("e", "env"),
];
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

/// A command's options by their long names; `true` where one has no value. And what stands alone.
fn options_of(argv: &[String]) -> (BTreeMap<String, Value>, Vec<String>) {
    let (mut options, mut alone) = (BTreeMap::new(), Vec::new());
    let mut words = argv.iter().peekable();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long
                .split_once('=')
                .map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
            let value = match value {
                Some(value) => scalar(&value),
                None if FLAGS.contains(&name) => Value::Bool(true),
                None => words.next().map_or(Value::Bool(true), |value| scalar(value)),
            };
            options.insert(name.replace('_', "-"), value);
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            let (name, rest) = short.split_at(1);
            let Some((_, long)) = SHORT.iter().find(|(own, _)| *own == name) else { continue };
            let value = if rest.is_empty() {
                words.next().cloned()
            } else {
                Some(rest.trim_start_matches('=').to_owned())
            };
            options.insert(
                (*long).to_owned(),
                value.map_or(Value::Bool(true), |value| scalar(&value)),
            );
        } else {
            alone.push(word.clone());
        }
    }
    (options, alone)
}

/// A number as a number, words as they are.
fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text
            .parse::<i64>()
            .ok()
            .filter(|number| number.to_string() == text)
            .map_or_else(|| text.into(), Value::from),
    }
}

/// The words after the server's own program.
fn arguments(app: &App) -> &[String] {
    let at = app.argv.iter().position(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        matches!(name, "gunicorn" | "gunicorn3" | "waitress-serve" | "waitress")
            || name == "uwsgi"
            || name.starts_with("uwsgi-core")
            || name.starts_with("uwsgi_")
    });
    at.map_or(&[], |at| &app.argv[at + 1..])
}

/// The application, as a description has it.
pub(super) fn application_of(scene: &Scene<'_>) -> Option<String> {
    let app = scene.app;
    match app.server {
        Server::Gunicorn | Server::Waitress => {
            let (options, alone) = options_of(arguments(app));
            let mut application =
                alone.first().filter(|word| word.contains(':') || word.contains('.')).cloned();
            if application.is_none() {
                let variables = app.variables(scene.host).unwrap_or_default();
                application =
                    variables.get("WSGI_APP").and_then(|one| one.url().map(str::to_owned));
            }
            let config = options.get("config").and_then(Value::as_str);
            let said = || config.and_then(|path| python_setting(scene, path, "wsgi_app"));
            let application = application.or_else(said)?;
            let is_called = options.get("call").is_some() && !application.ends_with(')');
            let whole = if application.contains(':') {
                application
            } else {
                format!("{application}:application")
            };
            Some(if is_called { format!("{whole}()") } else { whole })
        }
        Server::Uwsgi => {
            let mounted =
                || app.ini_value("mount").and_then(|mount| Some(mount.split_once('=')?.1));
            let module = app.ini_value("module").or(app.ini_value("wsgi")).or_else(mounted)?;
            let callable = app.ini_value("callable").unwrap_or("application");
            Some(if module.contains(':') {
                module.to_owned()
            } else {
                format!("{module}:{callable}")
            })
        }
        Server::ModWsgi => {
            let script = super::apache::script_of(scene)?;
            let lines = scene.host.file(&script)?;
            application_of_script(lines)
        }
    }
}

/// `from shop.wsgi import application`, and nothing that needs to be run.
fn application_of_script(lines: &[String]) -> Option<String> {
    let plain: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let from = plain.iter().rev().find_map(|line| line.strip_prefix("from "))?;
    let (module, names) = from.split_once(" import ")?;
    let name = match names.trim().split_once(" as ") {
        Some((name, "application")) => name,
        None if names.trim() == "application" => "application",
        None => {
            // `application = create_app()`
            let made = plain.iter().find_map(|line| line.strip_prefix("application = "))?;
            let called = made.strip_suffix("()")?;
            return (called == names.trim()).then(|| format!("{}:{called}()", module.trim()));
        }
        Some(_) => return None,
    };
    Some(format!("{}:{}", module.trim(), name.trim()))
}

/// A text that a `gunicorn.conf.py` says in plain letters.
fn python_setting(scene: &Scene<'_>, path: &str, key: &str) -> Option<String> {
    let lines = scene.host.file(&absolute(scene, path))?;
    let value =
        lines.iter().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

fn absolute(scene: &Scene<'_>, path: &str) -> String {
    let folder =
        scene.app.process.as_ref().and_then(|process| process.folder.clone()).unwrap_or_default();
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{}", path.trim_start_matches("./"))
    }
}

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
    let (options, _) = options_of(arguments(scene.app));
    if options.get("config").is_none() {
        into.saw(&["wsgi.workers", "wsgi.threads", "wsgi.options"]);
    }
    let number = |key: &str| options.get(key).and_then(Value::as_i64);
    into.set_some("wsgi.workers", number("workers"), from);
    into.set_some("wsgi.threads", number("threads"), from);
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
        into.add_file("gunicorn.conf.py", lines.join("\n") + "\n");
        into.set("wsgi.config", scene.beside("gunicorn.conf.py"), path.clone());
        if lines.iter().any(|line| line.contains("HIDDEN")) {
            into.todo(
                "wsgi",
                format!(
                    "{}: HIDDEN stands where the live file has something that was kept back",
                    scene.beside("gunicorn.conf.py")
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
    let rest: Map<String, Value> =
        options.into_iter().filter(|(key, _)| !OWN_KEYS.contains(&key.as_str())).collect();
    if !rest.is_empty() {
        into.set("wsgi.options", Value::Object(rest), from);
    }
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
        if (front.config.is_some() || has_config) && bind.parse::<std::net::SocketAddr>().is_ok() {
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

/// `27` and `027` are `0027`.
pub(super) fn four_digits(umask: &str) -> String {
    format!("{:0>4}", umask.trim_start_matches("0o"))
}

/// What the process itself says: umask, locale, folder, what its unit confines.
fn of_process(scene: &Scene<'_>, into: &mut Description) {
    let Some(user) = scene.app.user(scene.host) else {
        into.todo("user", "the login name that the app runs as: it was not readable");
        return;
    };
    let account = scene.host.system.accounts.get(&user);
    let from = format!(
        "uid {}",
        account.map_or_else(|| "unknown".to_owned(), |account| account.uid.to_string())
    );
    if user == "root" {
        into.todo(
            "user",
            "the app runs as root, which no replica does: name the user that it should have",
        );
        return;
    }
    let mut map = Map::new();
    if let Some(account) = account {
        let groups: Vec<&String> = account.groups.iter().filter(|group| **group != user).collect();
        if !groups.is_empty() {
            map.insert("groups".to_owned(), groups.into_iter().cloned().collect());
        }
        let is_usual = account.home == format!("/srv/{user}") || account.uid < 100;
        if !is_usual {
            let home = if account.home == "/nonexistent" { "none" } else { &account.home };
            map.insert("home".to_owned(), home.into());
        }
    }
    if map.is_empty() {
        into.set("user", user.clone(), from);
    } else {
        map.insert("name".to_owned(), user.clone().into());
        into.set("user", Value::Object(map), from);
    }
    let process = scene.app.process.as_ref();
    into.saw(&["user.groups", "user.home"]);
    if process.is_some_and(|process| process.umask.is_some()) {
        into.saw(&["wsgi.umask"]);
    }
    if let Some(umask) =
        process.and_then(|process| process.umask.as_deref()).filter(|umask| *umask != "0022")
        && into.get("wsgi.umask").is_none()
    {
        into.set("wsgi.umask", umask, "of the process");
    }
    locale(scene, into);
    if let Some(unit) =
        scene.app.unit.as_ref().filter(|unit| unit.kind == crate::capture::host::UnitKind::Systemd)
    {
        super::processes::systemd(unit, &user, "wsgi.systemd", into);
    }
    let folder = process.and_then(|process| process.folder.clone());
    let folder = folder.or_else(|| {
        scene
            .app
            .unit
            .as_ref()
            .and_then(|unit| unit.last("WorkingDirectory").or(unit.last("directory")))
            .map(str::to_owned)
    });
    let usual = [format!("/srv/{user}"), "/".to_owned(), "/var/www".to_owned()];
    if let Some(folder) =
        folder.filter(|folder| !usual.contains(folder) && folder.starts_with("/srv/"))
    {
        into.set("wsgi.folder", folder, "where the process works");
    }
}

/// `LANG` of the process, where it is another one than that of the system.
fn locale(scene: &Scene<'_>, into: &mut Description) {
    if into.get("wsgi.locale").is_some() {
        return;
    }
    let Some(variables) = scene.app.variables(scene.host) else {
        into.todo("wsgi", "locale: what the server process has as LANG was not readable");
        return;
    };
    let value = |name: &str| {
        variables.get(name).and_then(|one| match &one.shown {
            crate::capture::host::Shown::Value(value) => Some(value.clone()),
            _ => None,
        })
    };
    let is_there = scene.app.process.as_ref().is_some_and(|process| process.variables.is_some());
    let own = value("LC_ALL").or_else(|| value("LANG")).filter(|locale| !locale.is_empty());
    if is_there {
        into.saw(&["wsgi.locale"]);
    }
    let own = own.or_else(|| is_there.then(|| "C".to_owned()));
    let system = into.get("base.locale").and_then(Value::as_str).unwrap_or("C.UTF-8").to_owned();
    let usual = if scene.app.server == Server::ModWsgi { "C".to_owned() } else { system };
    if let Some(own) = own.filter(|own| *own != usual) {
        into.set("wsgi.locale", own, "LANG of the process");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_are_read_however_they_are_written() {
        let (options, alone) = options_of(&argv(
            "-w 3 --bind=unix:/run/shop.sock --timeout 60 --preload -k gthread shop.wsgi:app --max-requests=500",
        ));
        assert_eq!(alone, ["shop.wsgi:app"]);
        let text = serde_json::to_string(&options).unwrap();
        assert_eq!(
            text,
            r#"{"bind":"unix:/run/shop.sock","max-requests":500,"preload":true,"timeout":60,"worker-class":"gthread","workers":3}"#
        );
    }

    #[test]
    fn a_script_says_its_application_where_it_only_imports_it() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let said = |text: &str| application_of_script(&lines(text));
        assert_eq!(
            said("import sys\nfrom shop.wsgi import application\n").as_deref(),
            Some("shop.wsgi:application")
        );
        assert_eq!(said("from shop import app as application").as_deref(), Some("shop:app"));
        assert_eq!(
            said("from shop import create_app\napplication = create_app()").as_deref(),
            Some("shop:create_app()")
        );
        assert_eq!(said("from shop import create_app\napplication = create_app('x')"), None);
    }
}
