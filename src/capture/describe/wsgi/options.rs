//! Options of a server's command line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::capture::app::App;
use crate::capture::describe::scene::Scene;

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

/// What a server is told.
pub(super) struct Told {
    /// By their long names.
    pub(super) options: BTreeMap<String, Value>,
    /// What stands alone in its command.
    pub(super) alone: Vec<String>,
    /// Options that `GUNICORN_CMD_ARGS` says.
    by_arguments: BTreeSet<String>,
}

impl Told {
    /// Options of the command, over those of `GUNICORN_CMD_ARGS`.
    pub(super) fn of(scene: &Scene<'_>) -> Told {
        let (own, alone) = options_of(arguments(scene.app));
        let (mut options, _) = options_of(&scene.app.given(scene.host).arguments);
        options.retain(|name, _| !own.contains_key(name));
        let by_arguments = options.keys().cloned().collect();
        options.extend(own);
        Told { options, alone, by_arguments }
    }

    /// Where some options were said: in the command, which `command` names, or in `GUNICORN_CMD_ARGS`, or both.
    pub(super) fn from<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        command: &str,
    ) -> String {
        let (more, own): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| self.by_arguments.contains(*name));
        match (more.is_empty(), own.is_empty()) {
            (true, _) => command.to_owned(),
            (false, true) => "GUNICORN_CMD_ARGS".to_owned(),
            (false, false) => format!("{command}, GUNICORN_CMD_ARGS"),
        }
    }
}

/// A command's options by their long names; `true` where one has no value. And what stands alone.
pub(super) fn options_of(argv: &[String]) -> (BTreeMap<String, Value>, Vec<String>) {
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
pub(super) fn scalar(text: &str) -> Value {
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
pub(super) fn arguments(app: &App) -> &[String] {
    let at = app.argv.iter().position(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        matches!(name, "gunicorn" | "gunicorn3" | "waitress-serve" | "waitress")
            || name == "uwsgi"
            || name.starts_with("uwsgi-core")
            || name.starts_with("uwsgi_")
    });
    at.map_or(&[], |at| &app.argv[at + 1..])
}
