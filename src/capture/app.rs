//! Which of a host's programs is the app, and what is known of how it is served.

mod found;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::found::{
    is_emperor, is_worker, mod_wsgi_name, of_apache, server_of, server_of_unit, unit_of,
};
use super::host::{Host, Process, PythonEnvironment, Unit, UnitKind, words};
use crate::failure::Failure;

/// The servers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Gunicorn,
    Uwsgi,
    ModWsgi,
    Waitress,
}

impl Server {
    /// As a description has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Server::Gunicorn => "gunicorn",
            Server::Uwsgi => "uwsgi",
            Server::ModWsgi => "mod_wsgi",
            Server::Waitress => "waitress",
        }
    }
}

/// An app of the host, as it is served.
#[derive(Debug, Clone)]
pub struct App {
    /// What `--unit` calls it.
    pub name: String,
    pub server: Server,
    /// Its master process, where it runs.
    pub process: Option<Process>,
    pub unit: Option<Unit>,
    /// The command in words.
    pub argv: Vec<String>,
    /// Lines of the unit's or the server's own configuration: of uWSGI's ini, `key` and value.
    pub ini: Vec<(String, String)>,
    /// Where that is.
    pub ini_path: Option<String>,
}

impl App {
    /// The apps of a host, each once.
    #[must_use]
    pub fn all(host: &Host) -> Vec<App> {
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
                (None, _) => format!("process {}", process.pid),
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
        let apps = App::all(host);
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
                Failure::usage(format!("there is no unit `{unit}` on {}", host.system.hostname))
            };
            return Err(if nearest.is_empty() {
                failure.hint("the host has no unit of an administrator's, no vassal and no program of supervisor")
            } else {
                failure.hint(format!(
                    "those that are there, the nearest first: {}",
                    nearest.join(", ")
                ))
            });
        }
        match &apps[..] {
            [one] => Ok(one.clone()),
            [] => Err(Failure::usage(format!("there is no Python app on {} that is served by gunicorn, uWSGI, mod_wsgi or waitress", host.system.hostname))
                .cause(format!("read as {}, of {} processes", host.system.reader, host.running.len()))
                .hint("does it run? One in a container is read with docker://CONTAINER; the processes of other users may be hidden: read as the app's user")),
            several => {
                let lines: Vec<String> = several.iter().map(|app| format!("{} ({})", app.name, app.server.word())).collect();
                Err(Failure::usage(format!("there are {} apps on {}: {}", several.len(), host.system.hostname, lines.join(", ")))
                    .hint(format!("say which: `--unit {}`", several[0].name)))
            }
        }
    }

    fn read_ini(&mut self, host: &Host) {
        if self.server != Server::Uwsgi || !self.ini.is_empty() {
            return;
        }
        let named = self
            .argv
            .iter()
            .zip(self.argv.iter().skip(1))
            .find(|(key, _)| *key == "--ini")
            .map(|(_, path)| path.clone());
        let plain = self.argv.iter().find_map(|word| {
            let path = word.strip_prefix("--ini=").unwrap_or(word);
            let is_ini = std::path::Path::new(path)
                .extension()
                .is_some_and(|end| end == "ini" || end == "conf");
            is_ini.then(|| path.to_owned())
        });
        let own = self
            .unit
            .as_ref()
            .filter(|unit| unit.kind == UnitKind::Vassal)
            .map(|unit| unit.file.clone());
        let Some(path) = own.or(named).or(plain) else { return };
        let lines = host.file(&path).unwrap_or_default();
        let mut is_own = true;
        for line in lines.iter().map(|line| line.trim()) {
            if line.starts_with('[') {
                is_own = line == "[uwsgi]";
            } else if let Some((key, value)) = line.split_once('=').filter(|_| is_own) {
                self.ini.push((key.trim().replace('_', "-"), value.trim().to_owned()));
            }
        }
        if !lines.is_empty() {
            self.ini_path = Some(path);
        }
    }

    /// The user that it runs as.
    #[must_use]
    pub fn user(&self, host: &Host) -> Option<String> {
        let said =
            |key: &str| self.unit.as_ref().and_then(|unit| unit.last(key)).map(str::to_owned);
        let running = self
            .process
            .as_ref()
            .and_then(|process| host.system.name_of(process.uid))
            .map(str::to_owned);
        running
            .or_else(|| said("User"))
            .or_else(|| said("user"))
            .or_else(|| self.ini_value("uid").map(str::to_owned))
    }

    /// The last value of a line of uWSGI's configuration.
    #[must_use]
    pub fn ini_value(&self, key: &str) -> Option<&str> {
        self.ini.iter().rev().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    /// The environment of Python that it lives in.
    #[must_use]
    pub fn environment<'a>(&self, host: &'a Host) -> Option<&'a PythonEnvironment> {
        let of_command = self.argv.iter().take(3).find_map(|word| {
            let (folder, _) = word.rsplit_once("/bin/")?;
            host.environments.iter().find(|environment| environment.folder == folder)
        });
        let named =
            ["virtualenv", "venv", "home", "pyhome", "python-home"].iter().find_map(|key| {
                let folder = self.ini_value(key)?.trim_end_matches('/');
                host.environments.iter().find(|environment| environment.folder == folder)
            });
        of_command.or(named)
    }

    /// Whether the variables are those of a process, and not what files say of it.
    #[must_use]
    pub fn has_own_variables(&self, host: &Host) -> bool {
        let Some(process) = &self.process else { return false };
        let parent = || host.processes.iter().find(|other| other.pid == process.parent);
        process.variables.is_some() || parent().is_some_and(|parent| parent.variables.is_some())
    }

    /// Variables of its process, by name.
    #[must_use]
    pub fn variables(&self, host: &Host) -> Option<BTreeMap<String, super::host::Variable>> {
        // A process that gave up root shows its variables to root alone; Apache hands on those of its parent.
        let parent = || {
            let process = self.process.as_ref()?;
            let parent = host.processes.iter().find(|other| other.pid == process.parent)?;
            parent.variables.clone().filter(|_| self.server == Server::ModWsgi)
        };
        let of_process =
            self.process.as_ref().and_then(|process| process.variables.clone()).or_else(parent);
        let of_files = || {
            if self.server == Server::ModWsgi {
                return host.assignments.get("/etc/apache2/envvars").cloned().filter(|all| {
                    all.iter().any(|one| {
                        !one.name.starts_with("APACHE_")
                            && one.name != "LANG"
                            && one.name != "SUFFIX"
                    })
                });
            }
            let unit = self.unit.as_ref()?;
            let files = unit.all("EnvironmentFile");
            let read: Vec<super::host::Variable> = files
                .iter()
                .filter_map(|file| host.assignments.get(file.trim_start_matches('-')))
                .flatten()
                .cloned()
                .collect();
            (!read.is_empty()).then_some(read)
        };
        // uWSGI sets what its configuration says after the process has begun.
        let of_ini = self.ini_path.as_ref().filter(|_| self.server == Server::Uwsgi);
        let of_ini = of_ini.and_then(|path| host.assignments.get(path)).cloned();
        let mut variables = match (of_process.or_else(of_files), &of_ini) {
            (Some(variables), _) => variables,
            (None, Some(own)) if !own.is_empty() => Vec::new(),
            (None, _) => return None,
        };
        for one in of_ini.unwrap_or_default() {
            variables.retain(|other| other.name != one.name);
            variables.push(one);
        }
        Some(variables.into_iter().map(|variable| (variable.name.clone(), variable)).collect())
    }
}
