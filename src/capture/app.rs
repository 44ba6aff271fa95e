//! Which of a host's programs is the app, and what is known of how it is served.

use std::collections::BTreeMap;

use super::host::{Given, Host, Process, PythonEnvironment, Unit, UnitKind};

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
    pub(super) fn read_ini(&mut self, host: &Host) {
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
            .or_else(|| self.ini_value("user").map(str::to_owned))
            .or_else(|| self.unit.as_ref().and_then(Unit::user_by_itself))
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

    /// What its gunicorn is given beside the options of its command: as the process has it, else as the unit and its files say.
    #[must_use]
    pub fn given(&self, host: &Host) -> Given {
        if self.server != Server::Gunicorn {
            return Given::default();
        }
        let of_unit = self.unit.as_ref().map(Given::of_unit).unwrap_or_default();
        // What files set stands over the unit's own lines.
        let files = self.unit.as_ref().map(|unit| unit.all("EnvironmentFile")).unwrap_or_default();
        let mut of_files =
            files.iter().filter_map(|file| host.arguments.get(file.trim_start_matches('-')));
        let of_unit = match of_files.next_back() {
            Some(of_file) => of_unit.with_arguments_of(of_file.clone()),
            None => of_unit,
        };
        // A title that the server gave itself has nothing of its command.
        let is_titled = |process: &&Process| {
            process.argv.first().is_some_and(|word| word.starts_with("gunicorn:"))
        };
        let Some(process) = self.process.as_ref().filter(|process| !is_titled(process)) else {
            return of_unit;
        };
        if process.variables.is_some() {
            return process.given.clone();
        }
        process.given.clone().with_arguments_of(of_unit)
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
            let of_program = host.assignments.get(&format!("{}#{}", unit.file, unit.name));
            // Files win over lines of the unit's own.
            let files = unit.all("EnvironmentFile");
            let files = files.iter().map(|file| file.trim_start_matches('-'));
            let of_files = files.filter_map(|file| host.assignments.get(file)).flatten();
            let read: Vec<super::host::Variable> = unit
                .variables()
                .into_iter()
                .chain(of_program.into_iter().flatten().chain(of_files).cloned())
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
        // So does gunicorn with what it is given.
        for one in of_ini.unwrap_or_default().iter().chain(self.given(host).variables()) {
            variables.retain(|other| other.name != one.name);
            variables.push(one.clone());
        }
        Some(variables.into_iter().map(|variable| (variable.name.clone(), variable)).collect())
    }
}
