//! The WSGI server and its settings, from the files that start it in production.

use super::guess::Guess;
use super::packages::Packages;
use super::sources::Sources;
use crate::python::{assigned, literal, without_comments};

/// Files with the command line of a server in them.
const STARTERS: [&str; 16] = [
    "Procfile",
    "Dockerfile",
    "docker/Dockerfile",
    "docker-entrypoint.sh",
    "entrypoint.sh",
    "docker/entrypoint.sh",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "gunicorn.service",
    "deploy/gunicorn.service",
    "start.sh",
    "run.sh",
    "bin/start",
    "Makefile",
];
const GUNICORN_CONFIG: [&str; 3] = ["gunicorn.conf.py", "gunicorn_config.py", "gunicorn.py"];
const UWSGI_CONFIG: [&str; 4] =
    ["uwsgi.ini", "docker/uwsgi.ini", "deploy/uwsgi.ini", "conf/uwsgi.ini"];
/// Gunicorn's settings that go into `options`: what a site's behaviour hangs on.
const OPTIONS: [(&str, &str); 6] = [
    ("--timeout", "timeout"),
    ("-t", "timeout"),
    ("--worker-class", "worker-class"),
    ("-k", "worker-class"),
    ("--max-requests", "max-requests"),
    ("--graceful-timeout", "graceful-timeout"),
];

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// As `wsgi.server` has it.
    pub(super) name: &'static str,
    /// As the command line names it; a factory has its brackets.
    pub(super) application: Option<(String, String)>,
    pub(super) workers: Option<u16>,
    pub(super) threads: Option<u16>,
    pub(super) options: Vec<(&'static str, String)>,
    pub(super) guesses: Vec<Guess>,
}

impl Server {
    pub(super) fn of(sources: &Sources, packages: &Packages) -> Self {
        let mut server = Server::default();
        for file in STARTERS {
            if let Some(text) = sources.text(file) {
                server.read_starter(file, &text);
            }
        }
        if let Some(text) = sources.text("pyproject.toml") {
            server.read_starter("pyproject.toml", &tool_commands(&text));
        }
        for file in GUNICORN_CONFIG {
            if let Some(text) = sources.text(file) {
                server.read_config(file, &text);
            }
        }
        for file in UWSGI_CONFIG {
            if let Some(text) = sources.text(file) {
                server.read_uwsgi(file, &text);
            }
        }
        if server.name.is_empty() {
            let (name, why) = if packages.needs("waitress") && !packages.needs("gunicorn") {
                ("waitress", "it is among the requirements")
            } else if packages.needs("gunicorn") {
                ("gunicorn", "it is among the requirements")
            } else {
                ("gunicorn", "nothing here names a server; this one is usual")
            };
            server.name = name;
            server.guesses.push(Guess { what: format!("server {name}"), why: why.to_owned() });
        }
        server
    }

    /// A line with `gunicorn ... module:app` in it, as shells and Dockerfiles write it.
    fn read_starter(&mut self, file: &str, text: &str) {
        if !self.name.is_empty() {
            return;
        }
        let mut joined = text.replace("\\\n", " ");
        if file.ends_with("Dockerfile") {
            joined = with_whole_command(&joined);
        }
        let lines = joined.lines().filter(|line| !line.trim_start().starts_with('#'));
        for line in lines.flat_map(|line| line.split("&&")).flat_map(|line| line.split("||")) {
            let words: Vec<String> = line
                .split(|c: char| c.is_whitespace() || c == ',' || c == '[' || c == ']')
                .map(|word| word.trim_matches(['"', '\'', ';', '&', '`']).to_owned())
                .filter(|word| !word.is_empty())
                .collect();
            let is = |word: &str, name: &str| word == name || word.ends_with(&format!("/{name}"));
            let found = words.iter().enumerate().find_map(|(at, word)| {
                let programs =
                    [("gunicorn", "gunicorn"), ("waitress-serve", "waitress"), ("uwsgi", "uwsgi")];
                let program = programs.iter().find(|(program, _)| is(word, program))?;
                Some((at, program.1))
            });
            let Some((at, name)) = found else { continue };
            let arguments = &words[at + 1..];
            let application = application_of(arguments);
            // `pip install gunicorn` starts nothing.
            if application.is_none() && !arguments.iter().any(|word| word.starts_with('-')) {
                continue;
            }
            if words[..at].iter().any(|word| word == "install") {
                continue;
            }
            self.name = name;
            self.guesses
                .push(Guess { what: format!("server {name}"), why: format!("started in {file}") });
            self.application = application.map(|application| (application, file.to_owned()));
            if name == "gunicorn" {
                self.read_arguments(arguments);
            }
            return;
        }
    }

    fn read_arguments(&mut self, arguments: &[String]) {
        let mut words = arguments.iter().peekable();
        while let Some(word) = words.next() {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) if key.starts_with("--") => (key, Some(value)),
                _ => (word.as_str(), words.peek().map(|next| next.as_str())),
            };
            let Some(value) = value.filter(|value| is_plain(value)) else { continue };
            match key {
                "--workers" | "-w" => self.workers = value.parse().ok().or(self.workers),
                "--threads" => self.threads = value.parse().ok().or(self.threads),
                _ => {
                    if let Some((_, option)) = OPTIONS.iter().find(|(flag, _)| *flag == key) {
                        self.set(option, value);
                    }
                }
            }
        }
    }

    fn read_config(&mut self, file: &str, text: &str) {
        let text = &without_comments(text);
        let number = |key: &str| assigned(text, key).and_then(|value| value.parse::<u16>().ok());
        let is_one = ["bind", "workers", "wsgi_app", "timeout", "worker_class", "threads"]
            .iter()
            .any(|key| assigned(text, key).is_some());
        if !is_one || !matches!(self.name, "" | "gunicorn") {
            return;
        }
        if self.name.is_empty() {
            self.name = "gunicorn";
            self.guesses
                .push(Guess { what: "server gunicorn".into(), why: format!("there is a {file}") });
        }
        self.workers = self.workers.or(number("workers"));
        self.threads = self.threads.or(number("threads"));
        for (_, option) in OPTIONS {
            let value = assigned(text, &option.replace('-', "_"));
            if let Some(value) = value.map(|value| literal(value).unwrap_or(value))
                && is_plain(value)
                && !self.options.iter().any(|(known, _)| *known == option)
            {
                self.set(option, value);
            }
        }
        if self.application.is_none()
            && let Some(named) = assigned(text, "wsgi_app").and_then(literal)
        {
            self.application = Some((named.to_owned(), file.to_owned()));
        }
    }

    /// `module = shop.wsgi:app`, or the module and its `callable`.
    fn read_uwsgi(&mut self, file: &str, text: &str) {
        if !matches!(self.name, "" | "uwsgi") {
            return;
        }
        let of = |key: &str| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let mut values = lines.filter(|(name, _)| name.trim() == key);
            values.next().map(|(_, value)| value.trim().to_owned())
        };
        if self.name.is_empty() {
            self.name = "uwsgi";
            let why = format!("there is a {file}");
            self.guesses.push(Guess { what: "server uwsgi".to_owned(), why });
        }
        let Some(module) = of("module").or_else(|| of("wsgi")) else { return };
        let callable = of("callable").unwrap_or_else(|| "application".to_owned());
        let named = if module.contains(':') { module } else { format!("{module}:{callable}") };
        if self.application.is_none()
            && let Some(named) = application_of(&[named])
        {
            self.application = Some((named, file.to_owned()));
        }
    }

    fn set(&mut self, option: &'static str, value: &str) {
        self.options.retain(|(known, _)| *known != option);
        self.options.push((option, value.to_owned()));
    }
}

/// The commands that tools keep in `pyproject.toml` (poe, taskipy, PDM, Hatch): every text below `[tool]`, a line
/// each.
fn tool_commands(text: &str) -> String {
    fn collect(value: &toml::Value, lines: &mut Vec<String>) {
        match value {
            toml::Value::String(text) => lines.push(text.replace('\n', " ")),
            toml::Value::Array(list) => list.iter().for_each(|value| collect(value, lines)),
            toml::Value::Table(table) => table.values().for_each(|value| collect(value, lines)),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    if let Some(tool) = text.parse::<toml::Table>().ok().and_then(|mut table| table.remove("tool"))
    {
        collect(&tool, &mut lines);
    }
    lines.join("\n")
}

/// A Dockerfile whose last lines `ENTRYPOINT` and `CMD` are one, as the container runs them.
fn with_whole_command(text: &str) -> String {
    let last = |word: &str| text.lines().rev().find_map(|line| line.trim().strip_prefix(word));
    let (Some(entry), Some(rest)) = (last("ENTRYPOINT"), last("CMD")) else {
        return text.to_owned();
    };
    let others = text
        .lines()
        .filter(|line| !line.trim().starts_with("ENTRYPOINT") && !line.trim().starts_with("CMD"));
    let whole = format!("ENTRYPOINT {entry} {rest}");
    others.chain([whole.as_str()]).collect::<Vec<_>>().join("\n")
}

/// True for a number or a word, false for what a shell or Python would still work out.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-'))
        && !value.starts_with('-')
        && (value.starts_with(|c: char| c.is_ascii_digit()) == value.parse::<f64>().is_ok())
}

/// The word that is `module:callable`.
fn application_of(words: &[String]) -> Option<String> {
    let is_dotted = |name: &str| {
        name.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let found = words.iter().find(|word| {
        let Some((module, callable)) = word.split_once(':') else { return false };
        let callable = callable.strip_suffix("()").unwrap_or(callable);
        is_dotted(module) && is_dotted(callable) && module != "localhost"
    });
    // gunicorn takes a module alone, and then its `application`.
    let alone = || {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--preload" | "--reload" | "--daemon" | "-D" | "--capture-output" => {}
                option if option.starts_with('-') && !option.contains('=') => {
                    words.next();
                }
                word if is_dotted(word) && word.contains('.') => {
                    return Some(format!("{word}:application"));
                }
                _ => {}
            }
        }
        None
    };
    found.cloned().or_else(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_server(file: &str, text: &str) -> Server {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), text).unwrap();
        Server::of(&Sources::of(folder.path()), &Packages::default())
    }

    #[test]
    fn a_command_line_is_read_wherever_it_stands() {
        let table = [
            (
                "Procfile",
                "release: ./manage.py migrate\nweb: gunicorn shop.wsgi --workers 3 -t 90 --bind :$PORT\n",
            ),
            (
                "Procfile",
                "web: gunicorn --bind 0.0.0.0:8000 --workers=3 --timeout 90 shop.wsgi:application\n",
            ),
            (
                "Dockerfile",
                "RUN pip install gunicorn\nCMD [\"gunicorn\", \"-w\", \"3\", \"-t\", \"90\", \"shop.wsgi:application\"]\n",
            ),
            (
                "Dockerfile",
                "ENTRYPOINT [\"/venv/bin/gunicorn\", \"-w\", \"3\", \"-t\", \"90\"]\nCMD [\"shop.wsgi\"]\n",
            ),
            (
                "Procfile",
                "web: pip install gunicorn && cd web && gunicorn -w 3 -t 90 shop.wsgi:application\n",
            ),
            (
                "pyproject.toml",
                "[tool.poe.tasks]\nlint = 'ruff'\nserve = 'gunicorn -w 3 -t 90 shop.wsgi:application'\n",
            ),
            (
                "start.sh",
                "exec /srv/venv/bin/gunicorn \\\n  -w 3 \\\n  --timeout=90 \\\n  shop.wsgi:application\n",
            ),
        ];
        for (file, text) in table {
            let server = read_server(file, text);
            assert_eq!(server.name, "gunicorn", "{text}");
            assert_eq!(server.workers, Some(3), "{text}");
            assert_eq!(server.options, [("timeout", "90".to_owned())], "{text}");
            let application = server.application.map(|(name, _)| name);
            assert_eq!(application.as_deref(), Some("shop.wsgi:application"), "{text}");
        }
    }

    #[test]
    fn a_configuration_gives_its_literals_and_nothing_that_is_worked_out() {
        let text = "import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1\nthreads = 4\n\
                    timeout = 90  # the reports\nwsgi_app = 'shop:create_app()'\nworker_class = 'gthread'\n";
        let server = read_server("gunicorn.conf.py", text);
        assert_eq!((server.workers, server.threads), (None, Some(4)));
        assert_eq!(
            server.options,
            [("timeout", "90".to_owned()), ("worker-class", "gthread".to_owned())]
        );
        assert_eq!(server.application.unwrap().0, "shop:create_app()");
    }

    #[test]
    fn a_file_that_only_installs_a_server_starts_none() {
        let server = read_server("Dockerfile", "RUN pip install gunicorn\n# gunicorn -w 2 a:b\n");
        assert_eq!(server.guesses[0].why, "nothing here names a server; this one is usual");
    }
}
