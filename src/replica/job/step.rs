//! For `step.py`, which runs one command the way the site would.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::replica::host::facts::open_files;
use crate::replica::host::process::variables_with;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::Site;

/// A command inside: a deploy step, or the critical suite.
#[derive(Serialize)]
pub struct StepJob {
    pub(in crate::replica) command: Command,
    /// Its variables, and nothing else.
    pub(in crate::replica) env: BTreeMap<String, String>,
    /// Whom it runs as.
    pub(in crate::replica) user: String,
    pub(in crate::replica) folder: String,
    /// Seconds after which it is killed with all that it has started.
    pub(in crate::replica) timeout: f64,
    #[serde(flatten)]
    pub(in crate::replica) place: Place,
}

/// What is run.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::replica) enum Command {
    /// By the shell.
    Shell(String),
    Argv(Vec<String>),
}

/// What depends on where it runs.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::replica) enum Place {
    /// On a host of the site's own.
    Host {
        /// Soft and hard limit; null leaves them.
        open_files: Option<[u32; 2]>,
    },
    /// In the suite's container.
    Suite {
        /// Files that are not there when it begins.
        remove: Vec<&'static str>,
        /// Whether it waits to be let on: before it looks at the site, and before it asks anything of it.
        held: bool,
    },
}

/// For `step.py`: one deploy step, with the release that is in this folder.
#[must_use]
pub fn step_job(
    site: &Site,
    secrets: &Secrets,
    (handles, release): (&Handles, &Path),
    command: &str,
    timeout: Duration,
) -> StepJob {
    let folder = if handles.is_tree { release.join("app") } else { site.home() };
    StepJob {
        command: Command::Shell(command.to_owned()),
        env: variables_with(site, secrets, &site.base.locale, &release.join("venv")),
        user: site.user.to_string(),
        folder: folder.display().to_string(),
        timeout: timeout.as_secs_f64(),
        place: Place::Host { open_files: open_files(site) },
    }
}
