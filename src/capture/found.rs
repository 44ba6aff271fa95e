//! How an app is told from whatever else runs on a host.

#[cfg(test)]
mod tests;

use super::app::{App, Server};
use super::host::{Host, Process, Unit, UnitKind, words};
use crate::failure::Failure;

/// The apps of a host, each once.
#[must_use]
pub fn apps_of(host: &Host) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    apps.extend(of_apache(host));
    for process in &host.processes {
        let Some(server) = server_of(&process.argv, &host.units, process) else { continue };
        if is_worker(process, &host.processes) {
            continue;
        }
        let unit = unit_of(process, host);
        let mut argv = process.argv.clone();
        // A title that the server gave itself says nothing of its options.
        if argv.first().is_some_and(|word| word.starts_with("gunicorn:")) {
            let command = unit.as_ref().and_then(Unit::command).map(words);
            argv = command.unwrap_or(argv);
        }
        let name = match (&unit, server) {
            (Some(unit), _) => unit.stem().to_owned(),
            (None, Server::ModWsgi) => mod_wsgi_name(&process.argv),
            (None, _) => match &process.unit {
                Some(unit) => unit.strip_suffix(".service").unwrap_or(unit).to_owned(),
                None => format!("pid-{}", process.pid),
            },
        };
        if apps.iter().any(|app| app.name == name) {
            continue;
        }
        apps.push(App {
            name,
            server,
            process: Some(process.clone()),
            unit,
            argv,
            ini: Vec::new(),
            ini_path: None,
        });
    }
    // What does not run now, or where nobody could say: as its files have it.
    for unit in &host.units {
        let Some(server) = server_of_unit(unit) else { continue };
        let is_there =
            apps.iter().any(|app| app.unit.as_ref().is_some_and(|own| own.name == unit.name));
        if is_there || apps.iter().any(|app| app.name == unit.stem()) {
            continue;
        }
        let argv = unit.command().map(words).unwrap_or_default();
        if server == Server::Uwsgi && is_emperor(&argv) {
            continue;
        }
        apps.push(App {
            name: unit.stem().to_owned(),
            server,
            process: None,
            unit: Some(unit.clone()),
            argv,
            ini: Vec::new(),
            ini_path: None,
        });
    }
    for app in &mut apps {
        app.read_ini(host);
    }
    apps
}

/// The one that is asked for, or the only one.
///
/// # Errors
/// Usage: there is none, none of that name, or several.
pub fn choose(host: &Host, unit: Option<&str>) -> Result<App, Failure> {
    let apps = apps_of(host);
    let names = || apps.iter().map(|app| app.name.clone()).collect::<Vec<_>>();
    if let Some(unit) = unit {
        let wanted = unit.strip_suffix(".service").unwrap_or(unit);
        if let Some(app) = apps.iter().find(|app| app.name == wanted) {
            return Ok(app.clone());
        }
        let others: Vec<String> = host
            .units
            .iter()
            .map(|unit| unit.stem().to_owned())
            .filter(|name| !names().contains(name))
            .collect();
        let mut nearest: Vec<String> = names().into_iter().chain(others).collect();
        nearest.sort_by_key(|name| strsim::levenshtein(name, wanted));
        nearest.truncate(8);
        let failure = if host.units.iter().any(|unit| unit.stem() == wanted) {
            Failure::usage(format!(
                "`{unit}` starts no WSGI server that is known: gunicorn, uWSGI, mod_wsgi, waitress"
            ))
        } else {
            Failure::usage(format!("there is no unit `{unit}` on {}", host.called()))
        };
        return Err(if nearest.is_empty() {
            failure.hint("the host has no unit of an administrator's, no vassal and no program of supervisor")
        } else {
            failure.hint(format!("those that are there, the nearest first: {}", nearest.join(", ")))
        });
    }
    match &apps[..] {
        [one] => Ok(one.clone()),
        [] => Err(Failure::usage(format!("there is no Python app on {} that is served by gunicorn, uWSGI, mod_wsgi or waitress", host.called()))
            .cause(if host.is_running {
                format!("read as {}, of {} processes", host.system.reader, host.running.len())
            } else {
                format!("read of an archive with {} units of an administrator's", host.units.len())
            })
            .hint(if host.is_running {
                "does it run? One in a container is read with docker://CONTAINER; the processes of other users may be hidden: read as the app's user"
            } else {
                "are etc, srv and the like at the top of the archive? `tar -C / -c .` packs them so"
            })),
        several => {
            let lines: Vec<String> = several.iter().map(|app| format!("{} ({})", app.name, app.server.word())).collect();
            Err(Failure::usage(format!("there are {} apps on {}: {}", several.len(), host.called(), lines.join(", ")))
                .hint(format!("say which: `--unit {}`", several[0].name)))
        }
    }
}

/// The daemons of `mod_wsgi`, as Apache's configuration has them; where there is a script without one, Apache itself.
fn of_apache(host: &Host) -> Vec<App> {
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
fn server_of(argv: &[String], units: &[Unit], process: &Process) -> Option<Server> {
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

/// Whether a unit starts a server of an app.
#[must_use]
pub(super) fn is_served(unit: &Unit) -> bool {
    server_of_unit(unit).is_some()
}

fn server_of_unit(unit: &Unit) -> Option<Server> {
    if unit.kind == UnitKind::Vassal {
        return Some(Server::Uwsgi);
    }
    let argv = words(unit.command()?);
    server_of(&argv, &[], &Process::default())
}

fn is_emperor(argv: &[String]) -> bool {
    argv.iter().any(|word| word.starts_with("--emperor") || word.contains("emperor.ini"))
}

/// Whether a process is a child of one with the same command.
fn is_worker(process: &Process, all: &[Process]) -> bool {
    let is_parent = |other: &&Process| other.pid == process.parent && other.argv == process.argv;
    all.iter().any(|other| is_parent(&other))
}

/// `(wsgi:board          -k start`
fn mod_wsgi_name(argv: &[String]) -> String {
    let title = argv.first().map_or("", String::as_str);
    let name = title.trim_start_matches("(wsgi:");
    let end = name.find([')', ' ']).unwrap_or(name.len());
    name[..end].to_owned()
}

/// The unit of a process: by systemd, else the vassal or program whose file or command it has.
fn unit_of(process: &Process, host: &Host) -> Option<Unit> {
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
