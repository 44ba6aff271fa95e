//! What the live configuration of a WSGI server says in plain letters: `gunicorn.conf.py`, which is Python
//! and may compute what it likes, and uWSGI's `.ini`, which may refer to variables.

use super::model::WsgiServer;

/// The text of a live configuration.
#[derive(Debug, Clone, Copy)]
pub struct LiveServer<'a> {
    server: WsgiServer,
    text: &'a str,
}

/// A setting, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As the server calls it.
    pub key: String,
    /// Absent where it is computed.
    pub value: Option<String>,
    /// From 1.
    pub line: usize,
}

/// Where uWSGI listens for a proxy.
const SOCKETS: [&str; 5] = ["socket", "uwsgi-socket", "http-socket", "http", "https"];
/// Its environment of Python.
const VIRTUALENV: [&str; 4] = ["virtualenv", "venv", "home", "pyhome"];
/// What it loads; a plugin's options are known only after it, so that those of the command line are not.
const PLUGINS: [&str; 2] = ["plugin", "plugins"];
/// What makes it leave for the background.
const DAEMONIZE: [&str; 2] = ["daemonize", "daemonize2"];

impl<'a> LiveServer<'a> {
    /// Takes the text of a configuration file of this server; nothing is read yet.
    #[must_use]
    pub fn new(server: WsgiServer, text: &'a str) -> Self {
        LiveServer { server, text }
    }

    /// What it says last of one of these.
    #[must_use]
    pub fn last_setting_of(&self, keys: &[&str]) -> Option<Said> {
        self.settings().filter(|said| keys.contains(&said.key.as_str())).last()
    }

    /// Where the server listens.
    #[must_use]
    pub fn place(&self) -> Option<Said> {
        match self.server {
            WsgiServer::Uwsgi => self.last_setting_of(&SOCKETS),
            _ => self.last_setting_of(&["bind"]),
        }
    }

    /// Whether the server speaks HTTP with the proxy.
    #[must_use]
    pub fn speaks_http(&self) -> bool {
        self.server != WsgiServer::Uwsgi
            || self.place().is_some_and(|said| said.key.starts_with("http"))
    }

    /// Whether it names its environment of Python.
    #[must_use]
    pub fn has_virtualenv(&self) -> bool {
        self.server == WsgiServer::Uwsgi && self.last_setting_of(&VIRTUALENV).is_some()
    }

    /// Whether it names plugins of uWSGI.
    #[must_use]
    pub fn has_plugins(&self) -> bool {
        self.server == WsgiServer::Uwsgi && self.last_setting_of(&PLUGINS).is_some()
    }

    /// The text as a replica has it: in the foreground, with this environment of Python; one that names plugins
    /// and no environment has it behind them.
    #[must_use]
    pub fn in_a_replica(&self, virtualenv: &str) -> String {
        let settings: Vec<Said> = self.settings().collect();
        let plugins =
            self.last_setting_of(&PLUGINS).filter(|_| self.has_plugins() && !self.has_virtualenv());
        let lines = self.text.split_inclusive('\n').enumerate().map(|(index, line)| {
            let said = settings.iter().find(|said| said.line == index + 1);
            let key = said.map_or("", |said| said.key.as_str());
            let (written, end) = line.strip_suffix('\n').map_or((line, ""), |rest| (rest, "\n"));
            match self.server {
                WsgiServer::Gunicorn if key == "daemon" => format!("daemon = False{end}"),
                WsgiServer::Uwsgi if DAEMONIZE.contains(&key) => {
                    let value = written.split_once('=').map_or("", |(_, value)| value);
                    format!("logto ={value}{end}")
                }
                WsgiServer::Uwsgi if VIRTUALENV.contains(&key) => {
                    format!("virtualenv = {virtualenv}{end}")
                }
                _ if plugins.as_ref().is_some_and(|plugins| plugins.line == index + 1) => {
                    format!("{written}\nvirtualenv = {virtualenv}{end}")
                }
                _ => line.to_owned(),
            }
        });
        lines.collect()
    }

    fn settings(&self) -> impl Iterator<Item = Said> + use<'a> {
        let (server, mut is_own) = (self.server, true);
        self.text.lines().enumerate().filter_map(move |(index, line)| {
            let line = line.trim_end();
            if server == WsgiServer::Uwsgi && line.trim_start().starts_with('[') {
                is_own = line.trim() == "[uwsgi]";
                return None;
            }
            let (key, value) = line.split_once('=')?;
            let (key, value) = if server == WsgiServer::Uwsgi {
                let key = key.trim();
                if !is_own || key.starts_with(['#', ';']) {
                    return None;
                }
                (key.replace('_', "-"), plain(value.trim()))
            } else {
                // What is indented is in a function, or depends on something.
                let key = key.trim_end();
                let is_name = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                if !is_name || key.is_empty() || value.starts_with('=') {
                    return None;
                }
                (key.to_owned(), literal(value.trim()))
            };
            Some(Said { key, value, line: index + 1 })
        })
    }
}

/// A value of an `.ini` without `%(name)`, `%n` and `$(NAME)`.
fn plain(value: &str) -> Option<String> {
    (!value.contains('%') && !value.contains("$(")).then(|| value.to_owned())
}

/// A string, a number or a word of Python; a list of one string is as that string.
fn literal(text: &str) -> Option<String> {
    let mut text = text;
    if let Some(inner) = text.strip_prefix('[') {
        text = inner.split_once(']')?.0.trim().trim_end_matches(',').trim_end();
    }
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let (value, rest) = text[1..].split_once(quote)?;
        let rest = rest.trim();
        let is_whole = rest.is_empty() || rest.starts_with('#');
        return (is_whole && !value.contains('\\')).then(|| value.to_owned());
    }
    let word = text.split('#').next().unwrap_or_default().trim();
    word.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUNICORN: &str = "import os\n# bind = '0.0.0.0:1'\nbind = \"unix:/run/shop/shop.sock\"  # the proxy's\n\
        workers = os.cpu_count()\ndaemon = True\npidfile = '/run/shop/' + 'pid'\nif True:\n    bind = 'x'\nuser = 'shop'\n";
    const UWSGI: &str = "[other]\nsocket = no\n[uwsgi]\n# socket = no\nplugins=python3\nsocket = /run/uwsgi/shop.sock\n\
        pidfile = /run/uwsgi/%n.pid\nhome = /opt/shop/env\ndaemonize = /var/log/uwsgi/shop.log\n";

    /// The value of a key, or `computed`; nothing of one that is not there.
    fn value(live: LiveServer<'_>, key: &str) -> Option<String> {
        live.last_setting_of(&[key]).map(|said| said.value.unwrap_or_else(|| "computed".to_owned()))
    }

    #[test]
    fn what_stands_there_in_plain_letters_is_found_and_what_is_computed_is_known_to_be() {
        let live = LiveServer::new(WsgiServer::Gunicorn, GUNICORN);
        let place = live.place().unwrap();
        assert_eq!((place.value.as_deref(), place.line), (Some("unix:/run/shop/shop.sock"), 3));
        assert_eq!(value(live, "workers").as_deref(), Some("computed"));
        assert_eq!(value(live, "pidfile").as_deref(), Some("computed"));
        assert_eq!(value(live, "user").as_deref(), Some("shop"));
        assert_eq!(value(live, "timeout"), None);
        assert!(live.speaks_http());
        let list = LiveServer::new(WsgiServer::Gunicorn, "bind = ['127.0.0.1:9000',]\n");
        assert_eq!(list.place().unwrap().value.as_deref(), Some("127.0.0.1:9000"));
        let two = LiveServer::new(WsgiServer::Gunicorn, "bind = ['a:1', 'b:2']\n");
        assert_eq!(two.place().unwrap().value, None);

        let live = LiveServer::new(WsgiServer::Uwsgi, UWSGI);
        assert_eq!(live.place().unwrap().value.as_deref(), Some("/run/uwsgi/shop.sock"));
        assert_eq!(value(live, "pidfile").as_deref(), Some("computed"));
        assert!(live.has_virtualenv() && !live.speaks_http());
    }

    #[test]
    fn a_replica_changes_what_it_has_to_and_nothing_else() {
        let live = LiveServer::new(WsgiServer::Gunicorn, GUNICORN);
        assert_eq!(live.in_a_replica("/venv"), GUNICORN.replace("daemon = True", "daemon = False"));
        let live = LiveServer::new(WsgiServer::Uwsgi, UWSGI);
        let wanted = UWSGI
            .replace("daemonize =", "logto =")
            .replace("home = /opt/shop/env", "virtualenv = /srv/shop/venv");
        assert_eq!(live.in_a_replica("/srv/shop/venv"), wanted);
    }
}
