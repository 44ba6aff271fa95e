//! The variables of the processes of a site's host, of its commands and of its suite.

use std::collections::BTreeMap;
use std::path::Path;

use super::clock::clock_variables;
use crate::replica::added;
use crate::replica::paths;
use crate::replica::secret::Secrets;
use crate::site::Site;

/// What a WSGI server of its own has: the described variables, and those that systemd gives to a process
/// of a user.
#[must_use]
pub(in crate::replica) fn server_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    let mut env = process_variables(site, secrets, &site.wsgi.locale);
    if !site.env.contains_key("PATH") {
        env.insert("PATH".to_owned(), system_path().to_owned());
    }
    env
}

/// What one more process of the site has: as a command, and also what the description says of the
/// variables of a login, such as a unit file's `Environment=`.
#[must_use]
pub(in crate::replica) fn process_variables(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
) -> BTreeMap<String, String> {
    let mut env = command_variables(site, secrets, locale);
    env.extend(described_variables(site, secrets));
    env
}

/// What the app's commands have: the described variables and what a login gives, with the programs of
/// the release in the path; home and shell are as the host has them (`become.py`). Whoever deploys has another path and home than the live process.
#[must_use]
pub(in crate::replica) fn command_variables(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
) -> BTreeMap<String, String> {
    variables_with(site, secrets, locale, &site.venv())
}

/// The same, with the programs of this virtual environment.
#[must_use]
pub(in crate::replica) fn variables_with(
    site: &Site,
    secrets: &Secrets,
    locale: &str,
    venv: &Path,
) -> BTreeMap<String, String> {
    let mut env = login_variables(site, &format!("{}/bin", venv.display()), locale);
    let own = ["PATH", "HOME", "SHELL", "USER", "LOGNAME"];
    env.extend(clock_variables(site));
    let described = described_variables(site, secrets);
    env.extend(described.into_iter().filter(|(name, _)| !own.contains(&name.as_str())));
    env
}

/// What a login of the site's user gives, with one more folder of programs. Its home and its shell are
/// as the host has them: `become.py` looks there.
fn login_variables(site: &Site, programs: &str, locale: &str) -> BTreeMap<String, String> {
    let of_a_login = [added::USER, added::LOGNAME];
    let mut env: BTreeMap<String, String> = of_a_login
        .iter()
        .map(|variable| {
            let (name, value) = added::pair(variable);
            (name.to_owned(), value.replace("USER", site.user.as_str()))
        })
        .collect();
    env.insert("PATH".to_owned(), format!("{programs}:{}", system_path()));
    env.insert(added::LANG.text.to_owned(), locale.to_owned());
    env
}

/// What the tests have in the suite's container, without stagectl's own: they are the users' browser,
/// so that nothing of the site's process is there that the description does not name for them. Their
/// locale is one that every Debian has: what a test reads and writes does not depend on the site.
#[must_use]
pub(in crate::replica) fn suite_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    let mut env = login_variables(site, SUITE_PROGRAMS, "C.UTF-8");
    env.extend(clock_variables(site));
    let mut described = described_variables(site, secrets);
    described.retain(|name, _| site.critical.site_env.contains(name));
    env.extend(described);
    env.extend(site.critical.env.iter().map(|(key, text)| (key.clone(), secrets.reveal(text))));
    env
}

/// Exactly the variables of the description.
#[must_use]
pub(in crate::replica) fn described_variables(
    site: &Site,
    secrets: &Secrets,
) -> BTreeMap<String, String> {
    site.env.iter().map(|(key, text)| (key.clone(), secrets.reveal(text))).collect()
}

/// Variables that a live process may have beside the described ones.
pub(in crate::replica) const STANDARD_VARIABLES: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "PWD",
    "APACHE_RUN_USER",
    "APACHE_RUN_GROUP",
    "APACHE_RUN_DIR",
    "APACHE_LOCK_DIR",
    "APACHE_LOG_DIR",
    "APACHE_PID_FILE",
    "SERVER_SOFTWARE",
    "UWSGI_RELOADS",
    "UWSGI_ORIGINAL_PROC_NAME",
];

/// The programs of the suite's own environment, in its container.
const SUITE_PROGRAMS: &str = paths::SUITE_PROGRAMS;

/// Where Debian looks for programs.
#[must_use]
pub fn system_path() -> &'static str {
    added::pair(&added::SYSTEM_PATH).1
}
