//! How much a line outside tracebacks counts.

use std::sync::LazyLock;

use regex::Regex;

use super::record::{Level, Record};

/// From what only sounds like an error to what is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Complaint,
    Error,
    Exception,
}

/// What every such server says, whatever happens.
const HARMLESS: [&str; 33] = [
    // Apache without `ServerName`; its start and end.
    "AH00558",
    "AH00557",
    "AH00489",
    "AH00094",
    "AH00163",
    "AH00292",
    "AH00491",
    "AH00492",
    "AH00493",
    "AH02282",
    "AH01232",
    // What `apache2 -t` says below what it found.
    "AH00014",
    "Action '-t' failed",
    "The Apache error log may have more information",
    // gunicorn's start.
    "[INFO] Starting gunicorn",
    "[INFO] Listening at: ",
    "[INFO] Using worker: ",
    "[INFO] Booting worker with pid: ",
    // uWSGI's start.
    "spawned uWSGI ",
    "WSGI app 0 (mountpoint=",
    "WARNING: you are running uWSGI",
    "no internal routing support",
    "WARNING: Can't find section",
    "thunder lock: disabled",
    // Database servers that start and stop.
    "the database system is starting up",
    "the database system is shutting down",
    "Aborted connection",
    "io_uring",
    // Development servers, interpreters that end.
    "This is a development server",
    "Exception ignored in",
    "GeneratorExit",
    // pip as root.
    "Running pip as the 'root' user",
    "is deprecated",
];

/// What servers say of what was said before: it counts where nothing else does.
const CONSEQUENCES: [&str; 17] = [
    "Worker failed to boot",
    "Shutting down: Master",
    "App failed to load",
    "Exception in worker process",
    "was sent SIG",
    "exited with code",
    "unable to load app",
    "no python application found",
    "no app loaded",
    "cannot be loaded as Python module",
    "Exception occurred processing WSGI script",
    "Failed to exec Python script file",
    "Failed to proxy response from daemon",
    "Worker exiting",
    "Configuration error",
    "Action 'configtest' failed",
    "configuration file /etc/nginx/nginx.conf test failed",
];

/// What decides, although the server only warns of it, or gives it no level.
const CERTAIN: [&str; 6] = [
    "AH01144: No protocol handler",
    "bad user name",
    "bad group name",
    // uWSGI's own errors, before it serves.
    "chdir(): ",
    "bind(): ",
    "failed to open python file",
];

/// What sounds like an error.
const WORDS: [&str; 21] = [
    "error",
    "critical",
    "exception",
    "traceback",
    "refused",
    "failed",
    "failure",
    "warning",
    "denied",
    "cannot",
    "can't",
    "could not",
    "couldn't",
    "no such",
    "not found",
    "fatal",
    "invalid",
    "missing",
    "unable",
    "killed",
    "does not exist",
];

/// `ImportError: no`, `psycopg2.errors.UndefinedTable: no`, `CommandError: no`.
static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Failure|Warning|Invalid|DoesNotExist|ImproperlyConfigured|NotFound)(?:: |$)")
        .expect("a pattern of ours")
});
/// `psql:grants.sql:3: ERROR:  relation "x" does not exist`, `error: no solution found`.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[\w./-]+(?::\d+)?: ?){0,3}(?:ERROR|FATAL|PANIC|[Ff]atal|[Ee]rror|E)(?: \[?\d+[^:]*)?: ?\S").expect("a pattern of ours")
});

/// True for what such servers say whatever happens.
#[must_use]
pub(crate) fn is_harmless(line: &str) -> bool {
    HARMLESS.iter().any(|harmless| line.contains(harmless))
}

impl Weight {
    /// `None` for a line that complains of nothing.
    pub(super) fn of(record: &Record) -> Option<Weight> {
        let text = record.text.as_str();
        if text.trim().is_empty() || record.level == Some(Level::Quiet) || is_harmless(text) {
            return None;
        }
        let is_consequence = CONSEQUENCES.iter().any(|consequence| text.contains(consequence));
        match record.level {
            _ if is_consequence => Some(Weight::Complaint),
            Some(Level::Error) => Some(Weight::Error),
            _ if CERTAIN.iter().any(|words| text.contains(words)) => Some(Weight::Error),
            Some(Level::Warning) => Some(Weight::Complaint),
            _ if EXCEPTION.is_match(text) && !text.contains("Warning:") => Some(Weight::Exception),
            _ if LABEL.is_match(text) => Some(Weight::Error),
            _ => {
                let text = text.to_lowercase();
                WORDS.iter().any(|word| text.contains(word)).then_some(Weight::Complaint)
            }
        }
    }
}
