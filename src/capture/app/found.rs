//! How an app is told from whatever else runs on a host.

use super::{App, Server};
use crate::capture::host::{Host, Process, Unit, UnitKind, words};

/// The daemons of `mod_wsgi`, as Apache's configuration has them; where there is a script without one, Apache itself.
pub(super) fn of_apache(host: &Host) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    let mut has_script = false;
    for (path, lines) in host.files.iter().filter(|(path, _)| path.starts_with("/etc/apache2/")) {
        let mut whole = String::new();
        for line in lines {
            let (start, goes_on) =
                line.strip_suffix('\\').map_or((line.as_str(), false), |start| (start, true));
            whole.push_str(start);
            whole.push(if goes_on { ' ' } else { '\n' });
        }
        for line in whole.lines().map(str::trim) {
            let lower = line.to_lowercase();
            has_script |= lower.starts_with("wsgiscriptalias");
            if !lower.starts_with("wsgidaemonprocess") {
                continue;
            }
            let mut all = words(line).into_iter().skip(1);
            let Some(name) = all.next() else { continue };
            let ini = all
                .filter_map(|word| {
                    word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
                })
                .collect();
            if !apps.iter().any(|app| app.name == name) {
                apps.push(App {
                    name,
                    server: Server::ModWsgi,
                    process: None,
                    unit: None,
                    argv: Vec::new(),
                    ini,
                    ini_path: Some(path.clone()),
                });
            }
        }
    }
    if apps.is_empty() && has_script {
        apps.push(App {
            name: "apache2".to_owned(),
            server: Server::ModWsgi,
            process: None,
            unit: None,
            argv: Vec::new(),
            ini: Vec::new(),
            ini_path: None,
        });
    }
    for app in &mut apps {
        let user = app.ini_value("user").unwrap_or("www-data").to_owned();
        let uid = host.system.accounts.get(&user).map(|account| account.uid);
        let is_apache = |process: &&Process| {
            process
                .argv
                .first()
                .is_some_and(|word| word.ends_with("apache2") || word.starts_with("(wsgi:"))
        };
        let titled = host.processes.iter().find(|process| mod_wsgi_name(&process.argv) == app.name);
        let own = host.processes.iter().filter(is_apache).find(|process| Some(process.uid) == uid);
        app.process = titled.or(own).cloned();
    }
    apps
}

/// What a command starts.
pub(super) fn server_of(argv: &[String], units: &[Unit], process: &Process) -> Option<Server> {
    let first = argv.first()?;
    if first.starts_with("(wsgi:") {
        return Some(Server::ModWsgi);
    }
    if first.starts_with("gunicorn:") {
        return Some(Server::Gunicorn);
    }
    let mut names = argv.iter().take(3).map(|word| word.rsplit('/').next().unwrap_or(word));
    let server = names.find_map(|name| match name {
        "gunicorn" | "gunicorn3" => Some(Server::Gunicorn),
        "waitress-serve" => Some(Server::Waitress),
        name if name == "uwsgi" || name.starts_with("uwsgi-") || name.starts_with("uwsgi_") => {
            Some(Server::Uwsgi)
        }
        _ => None,
    });
    let module = argv
        .iter()
        .zip(argv.iter().skip(1))
        .find(|(flag, _)| *flag == "-m")
        .map(|(_, module)| module.as_str());
    let server = server.or(match module {
        Some("gunicorn") => Some(Server::Gunicorn),
        Some("waitress") => Some(Server::Waitress),
        _ => None,
    });
    if server == Some(Server::Uwsgi) && is_emperor(argv) {
        return None;
    }
    // A process of the unit that was renamed: what the unit starts.
    server.or_else(|| {
        let unit = units.iter().find(|unit| Some(&unit.name) == process.unit.as_ref())?;
        let command = unit.command().map(words)?;
        (command.first() == Some(first)).then(|| server_of_unit(unit)).flatten()
    })
}

pub(super) fn server_of_unit(unit: &Unit) -> Option<Server> {
    if unit.kind == UnitKind::Vassal {
        return Some(Server::Uwsgi);
    }
    let argv = words(unit.command()?);
    server_of(&argv, &[], &Process::default())
}

pub(super) fn is_emperor(argv: &[String]) -> bool {
    argv.iter().any(|word| word.starts_with("--emperor") || word.contains("emperor.ini"))
}

/// Whether a process is a child of one with the same command.
pub(super) fn is_worker(process: &Process, all: &[Process]) -> bool {
    let is_parent = |other: &&Process| other.pid == process.parent && other.argv == process.argv;
    all.iter().any(|other| is_parent(&other))
}

/// `(wsgi:board          -k start`
pub(super) fn mod_wsgi_name(argv: &[String]) -> String {
    let title = argv.first().map_or("", String::as_str);
    let name = title.trim_start_matches("(wsgi:");
    let end = name.find([')', ' ']).unwrap_or(name.len());
    name[..end].to_owned()
}

/// The unit of a process: by systemd, else the vassal or program whose file or command it has.
pub(super) fn unit_of(process: &Process, host: &Host) -> Option<Unit> {
    let has = |unit: &Unit| {
        let command = unit.command().map(words).unwrap_or_default();
        match unit.kind {
            UnitKind::Systemd => Some(&unit.name) == process.unit.as_ref(),
            UnitKind::Vassal => {
                // Its emperor starts it in its own folder.
                let file = unit.file.rsplit('/').next();
                let words = process.argv.iter().map(|word| word.trim_start_matches("--ini="));
                words.into_iter().any(|word| word == unit.file || Some(word) == file)
            }
            // A script's first line puts the interpreter before it.
            UnitKind::Program => !command.is_empty() && process.argv.ends_with(&command),
        }
    };
    let named = host.units.iter().filter(|unit| has(unit));
    named.max_by_key(|unit| unit.kind != UnitKind::Systemd).cloned()
}
