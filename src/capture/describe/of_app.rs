//! Which variables of a process are the app's.

/// Variables that login, systemd, supervisors and servers set by themselves.
const NOT_OF_THE_APP: [&str; 38] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "LANG",
    "LANGUAGE",
    "TERM",
    "MAIL",
    "HOSTNAME",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "SYSTEMD_EXEC_PID",
    "MAINPID",
    "MANAGERPID",
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "CACHE_DIRECTORY",
    "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "SERVER_SOFTWARE",
    "VIRTUAL_ENV",
    "SUFFIX",
    "GUNICORN_CMD_ARGS",
    "GUNICORN_FD",
    "GUNICORN_PID",
    "INIT_VERSION",
    "RUNLEVEL",
];
const NOT_OF_THE_APP_EITHER: [&str; 7] =
    ["LC_", "LISTEN_", "SUPERVISOR_", "APACHE_", "UWSGI_", "SSH_", "SUDO_"];

/// Whether a variable is one that the app is given.
#[must_use]
pub(in crate::capture) fn is_of_app(name: &str) -> bool {
    !NOT_OF_THE_APP.contains(&name)
        && !NOT_OF_THE_APP_EITHER.iter().any(|start| name.starts_with(start))
}
