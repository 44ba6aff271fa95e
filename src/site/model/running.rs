//! What the site runs with and how it is judged: secrets, deploy steps, health, suite.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::systemd::Systemd;
use crate::site::value::Text;

/// Where the value of a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// So many random characters, made for each run.
    Generate(usize),
    /// A variable of the environment that stagectl runs in.
    FromEnv(String),
    /// A file of the project.
    FromFile {
        /// From the project's root.
        file: PathBuf,
        /// On this machine; no part of the environment.
        #[serde(skip)]
        path: PathBuf,
    },
}

/// One more process of the release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteProcess {
    /// A shell command that stays in the foreground.
    pub run: Text,
    /// What the process really has as `LANG`.
    pub locale: String,
    /// Where it works: absolute, or from the app's home.
    pub folder: Option<PathBuf>,
    pub umask: Option<u32>,
    #[serde(skip_serializing_if = "Systemd::says_nothing")]
    pub systemd: Systemd,
}

/// A command of the release that the live host runs from time to time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timer {
    /// A shell command.
    pub run: Text,
    /// Where it works: absolute, or from the app's home.
    pub folder: Option<PathBuf>,
    pub timeout: Duration,
}

/// A command that a deploy runs between the installation and the start of the server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployStep {
    pub name: String,
    /// A shell command, run as the site's user with the site's variables in its home.
    pub run: Text,
    pub when: When,
    pub timeout: Duration,
    /// How long it may wait for an open transaction, where it is not [`LOCK_TIMEOUT`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_timeout: Option<Duration>,
}

/// How long a deploy step may wait for an open transaction, unless it is said.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Only when the site is installed for the first time, as every fresh replica is.
    First,
    #[default]
    Every,
    /// Only over an earlier release.
    Upgrade,
}

/// How a release is deployed over another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The site is down while it is deployed.
    Stop,
    /// The steps run beside the live release, then the site is restarted.
    #[default]
    Restart,
    /// The steps run beside the live release, then the new one is started beside it, and the proxy leads there.
    Parallel,
}

impl Strategy {
    /// Whether it is what goes without saying.
    #[must_use]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(in crate::site) fn is_usual(&self) -> bool {
        *self == Strategy::default()
    }
}

/// What is saved before an upgrade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backup {
    pub run: DeployStep,
    /// What brings it back, on the way back.
    pub restore: Option<DeployStep>,
}

/// The way back to the release before.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Rollback {
    /// Whether it is rehearsed after each upgrade.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rehearse: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<DeployStep>,
}

impl Rollback {
    /// Whether the description has no word of it.
    #[must_use]
    pub(in crate::site) fn says_nothing(&self) -> bool {
        *self == Rollback::default()
    }
}

/// How long a visitor may find the site away, or wrong, during a deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Downtime {
    /// `None`: it is only reported.
    pub at_most: Option<Duration>,
}

impl Downtime {
    /// Whether the description has no word of it.
    #[must_use]
    pub(in crate::site) fn says_nothing(&self) -> bool {
        *self == Downtime::default()
    }
}

/// What the app answers when it is ready.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    /// Path below the site's address.
    pub path: String,
    pub status: u16,
    /// Members that the JSON answer must have, if any.
    pub json: Option<serde_json::Value>,
    pub within: Duration,
}

/// The critical suite, and how its result is judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Critical {
    pub suite: SuiteSource,
    /// A requirements file for the test tools, on this machine.
    pub requirements: Option<PathBuf>,
    /// The files of the project that it includes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<PathBuf>,
    /// What the tests have beside stagectl's own variables and those of a login.
    pub env: BTreeMap<String, Text>,
    /// Variables of the site's process that they have as well.
    pub site_env: BTreeSet<String>,
    /// How often tests that fail are repeated.
    pub retries: u8,
    /// What a test means that is green then.
    pub flaky: Flaky,
    /// The suite's time, from its start to its last test, of each of its runs; over it, the site fails.
    pub budget: Duration,
    /// No part of the environment: it says which of the tests are run.
    #[serde(skip)]
    pub pick: Option<Pick>,
    /// What is run against the live site: instead of the command of the suite, or which of pytest's tests. No part of the
    /// environment.
    #[serde(skip)]
    pub live: Option<String>,
}

/// That tests are picked by what they notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pick {
    /// The time of all that are run; none is left out without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Which those are, once somebody knows.
    #[serde(skip)]
    pub picked: Option<Picked>,
}

/// Tests by the ids that pytest has for them. What stands in neither list is new, and runs first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picked {
    pub order: Vec<String>,
    pub left_out: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Flaky {
    #[default]
    Fail,
    Pass,
}

/// What the critical suite is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteSource {
    /// A pytest folder on this machine, the one file in it that is run, if not all, and the marker
    /// that selects.
    Pytest { path: PathBuf, file: Option<String>, select: Option<String> },
    /// A folder to bring along, if any, and a command that writes JUnit XML to `$STAGECTL_JUNIT`.
    Command { path: Option<PathBuf>, run: String },
}

impl SuiteSource {
    /// Returns the folder of the tests on this machine, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            SuiteSource::Pytest { path, .. } => Some(path),
            SuiteSource::Command { path, .. } => path.as_deref(),
        }
    }
}
