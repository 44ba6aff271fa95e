//! The keys of a running site: `secrets`, `deploy`, `health`, `critical`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::SystemdFile;
use super::scalar;
use crate::site::model::{Flaky, Strategy, When};

/// Where a secret's value comes from: `generate`, `from_env` or `from_file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Secret")]
pub(in crate::site) struct SecretFile {
    /// Made for each run, with so many characters.
    #[schemars(example = 24, range(min = 8, max = 4096))]
    pub(in crate::site) generate: Option<u16>,
    /// A variable of the environment that stagectl runs in.
    #[schemars(example = &"STAGE_SESSION_KEY")]
    pub(in crate::site) from_env: Option<String>,
    /// A file of the project that version control does not have: a path from the description's folder.
    /// One line break at its end is not of the value. It has to be there when the site is rehearsed.
    #[schemars(example = &"secrets/session.key")]
    pub(in crate::site) from_file: Option<String>,
}

/// One more process of the release, such as a worker or a scheduler.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Process")]
pub(in crate::site) struct ProcessFile {
    /// A shell command that stays in the foreground, run as the site's user with the site's variables.
    /// A site whose process ends, with whatever code, fails. A `${` that is meant for the shell is
    /// written `$${`.
    #[schemars(required, example = &"noticeboard-admin work --queue mails")]
    pub(in crate::site) run: Option<String>,
    /// What the process really has as `LANG`; that of the base if left out.
    #[schemars(example = &"C")]
    pub(in crate::site) locale: Option<String>,
    /// The folder that it works in: absolute, or from the app's home; the home itself if left out, or
    /// the unpacked tree.
    #[schemars(example = &"/srv/noticeboard/data")]
    pub(in crate::site) folder: Option<String>,
    /// The permission bits that its files do not get, in quotes; `0022` if left out.
    #[schemars(example = &"0027")]
    pub(in crate::site) umask: Option<String>,
    /// What its unit of systemd says beside that.
    #[serde(default)]
    pub(in crate::site) systemd: SystemdFile,
}

/// A command of the release that the live host runs from time to time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Timer")]
pub(in crate::site) struct TimerFile {
    /// A shell command, run as the site's user with the variables that `processes` have. A `${` that is
    /// meant for the shell is written `$${`.
    #[schemars(required, example = &"noticeboard-admin send-digest")]
    pub(in crate::site) run: Option<String>,
    /// The folder that it works in: absolute, or from the app's home; the home itself if left out, or
    /// the unpacked tree.
    #[schemars(example = &"/srv/noticeboard/data")]
    pub(in crate::site) folder: Option<String>,
    /// How long it may take.
    #[serde(default = "scalar::startup")]
    pub(in crate::site) timeout: String,
}

/// What is done with a release after its installation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Deploy")]
pub(in crate::site) struct DeployFile {
    /// Commands, run in order.
    pub(in crate::site) steps: Vec<StepFile>,
    /// How an upgrade goes: `restart` runs the steps beside the live release, which is restarted as the new one
    /// after them; `stop` stops the site first; `parallel` starts the new one beside it, and leads the proxy there.
    pub(in crate::site) strategy: Strategy,
    /// Each release in a folder of its own, `/srv/<user>/releases/<version>`, and the link `/srv/<user>/current` to the
    /// one that runs. Left out, a release takes the place of the one before.
    pub(in crate::site) releases: Option<ReleasesFile>,
    /// What is saved before an upgrade.
    pub(in crate::site) backup: Option<BackupFile>,
    /// The way back to the live release.
    pub(in crate::site) rollback: RollbackFile,
    /// How long the site may be away or wrong meanwhile.
    pub(in crate::site) downtime: DowntimeFile,
    /// Whether the steps that run beside the live release do so beside a transaction that has read each table of PostgreSQL
    /// and MariaDB, as a report or a slow page has one open: a step that waits for it is red. `false` where no transaction is
    /// open for long on the live site.
    pub(in crate::site) lock_watch: bool,
}

impl Default for DeployFile {
    fn default() -> Self {
        DeployFile {
            steps: Vec::new(),
            strategy: Strategy::default(),
            releases: None,
            backup: None,
            rollback: RollbackFile::default(),
            downtime: DowntimeFile::default(),
            lock_watch: true,
        }
    }
}

/// How long a visitor may find the site away, or wrong, while a release is deployed over the live one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Downtime")]
pub(in crate::site) struct DowntimeFile {
    /// All such time of one deploy together; with more, the site fails. Left out, it is only reported.
    #[schemars(example = &"5s")]
    pub(in crate::site) at_most: Option<String>,
}

/// Each release in a folder of its own, as Capistrano, Fabric and Ansible's roles have it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Releases")]
pub(in crate::site) struct ReleasesFile {
    /// How many stay on the host, with the one that runs; older ones are removed when the link leads to the new one.
    #[serde(default = "scalar::kept_releases")]
    #[schemars(example = 3, range(min = 1))]
    pub(in crate::site) keep: u16,
}

/// What is saved before an upgrade, and how it is brought back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Backup")]
pub(in crate::site) struct BackupFile {
    /// A shell command, run as those of `deploy.steps` before the first of them, with the live release still in its
    /// place.
    #[schemars(required, example = &"pg_dump -Fc -f data/before.dump \"$DATABASE_URL\"")]
    pub(in crate::site) run: Option<String>,
    /// On the way back, when the site is stopped: after the steps of `rollback`, with the live release in its place
    /// again.
    #[schemars(example = &"pg_restore --clean -d \"$DATABASE_URL\" data/before.dump")]
    pub(in crate::site) restore: Option<String>,
    /// How long each of the two may take.
    #[serde(default = "scalar::step_timeout")]
    pub(in crate::site) timeout: String,
}

/// The way back to the live release, which is put in its place again; the schema is as the steps leave it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Rollback")]
pub(in crate::site) struct RollbackFile {
    /// Whether the way back is rehearsed after each upgrade, as with `--rollback`.
    pub(in crate::site) rehearse: bool,
    /// Commands, run in order when the site is stopped, with the new release still in its place.
    pub(in crate::site) steps: Vec<RollbackStepFile>,
}

/// A command of the way back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RollbackStep")]
pub(in crate::site) struct RollbackStepFile {
    /// What reports call it.
    #[schemars(required, example = &"migrate back")]
    pub(in crate::site) name: Option<String>,
    /// A shell command, run as those of `deploy.steps`.
    #[schemars(required, example = &"noticeboard-admin migrate --to 0002")]
    pub(in crate::site) run: Option<String>,
    /// How long it may take.
    #[serde(default = "scalar::step_timeout")]
    pub(in crate::site) timeout: String,
}

/// A command of the deploy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DeployStep")]
pub(in crate::site) struct StepFile {
    /// What reports call it.
    #[schemars(required, example = &"migrate")]
    pub(in crate::site) name: Option<String>,
    /// A shell command, run as the site's user with the site's variables in its home. A `${` that is
    /// meant for the shell is written `$${`.
    #[schemars(required, example = &"noticeboard-admin migrate")]
    pub(in crate::site) run: Option<String>,
    /// On the first installation (as every fresh replica is), on every one, or only over an earlier
    /// release.
    #[serde(default)]
    pub(in crate::site) when: When,
    /// How long it may take.
    #[serde(default = "scalar::step_timeout")]
    pub(in crate::site) timeout: String,
    /// How long it may wait for an open transaction in an upgrade, before it is red; `5s` if left out.
    #[schemars(example = &"10s")]
    pub(in crate::site) lock_timeout: Option<String>,
}

/// How the site says that it is well.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Health")]
pub(in crate::site) struct HealthFile {
    /// The health page, below the site's address.
    #[schemars(example = &"/healthz")]
    pub(in crate::site) path: String,
    /// The HTTP status it answers with.
    #[schemars(range(min = 100, max = 599))]
    pub(in crate::site) status: u16,
    /// Members that its JSON answer has.
    #[schemars(example = std::collections::BTreeMap::from([("database", true)]))]
    pub(in crate::site) json: Option<serde_json::Map<String, serde_json::Value>>,
    /// How long after its start the app may take to be well.
    pub(in crate::site) within: String,
}

impl Default for HealthFile {
    fn default() -> Self {
        HealthFile {
            path: scalar::slash(),
            status: scalar::status(),
            json: None,
            within: scalar::within(),
        }
    }
}

/// The critical suite: a pytest folder in `path`, or a command in `run`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Critical")]
pub(in crate::site) struct CriticalFile {
    /// A folder or file of tests: a path from the description's folder. Of a file, its folder is
    /// brought along, and its tests alone are run. With `run`, what is brought along.
    #[schemars(example = &"../tests/critical")]
    pub(in crate::site) path: Option<String>,
    /// A command that writes JUnit XML to `$STAGECTL_JUNIT`, instead of pytest.
    #[schemars(example = &"./smoke.sh")]
    pub(in crate::site) run: Option<String>,
    /// What `stagectl live` runs against the live site: the tests that only read. With `run` it is a command of its own; of
    /// pytest, the tests as its `-m` has it: those marked `read_only`, if left out. `live: live` is for teams whose tests with the
    /// marker `live` only read.
    #[schemars(example = &"./smoke.sh --read-only")]
    pub(in crate::site) live: Option<String>,
    /// The pytest marker of the tests that are run; all of them if left out.
    #[schemars(example = &"critical")]
    pub(in crate::site) select: Option<String>,
    /// The requirements of the tests: a path from the description's folder. They never enter the
    /// app's own environment.
    #[schemars(example = &"../tests/critical/requirements.txt")]
    pub(in crate::site) requirements: Option<String>,
    /// Variables that the tests have, beside `STAGECTL_*` and what a plain login has. Values may refer
    /// to secrets, names and services as those of the site's `env` may.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("SHOP_PASSWORD", "${secret.admin}")]))]
    pub(in crate::site) env: BTreeMap<String, String>,
    /// Variables of the site's process that the tests have as well, by name. They are the users'
    /// browser: nothing of the site's reaches them that is not said here.
    // Names, and no `${env.NAME}`: references are followed before `env_file` is read, and a variable
    // that the tests share with the site has the same value in both.
    #[serde(default)]
    #[schemars(example = ["SECRET_KEY"])]
    pub(in crate::site) site_env: Vec<String>,
    /// How often the tests that fail are repeated, in the same replica: they alone, and if they are
    /// green then, the whole suite in its order once more. A command of your own is repeated as a whole.
    #[serde(default = "scalar::retries")]
    #[schemars(range(max = 9))]
    pub(in crate::site) retries: u8,
    /// What a test means that failed, and was green on repetition: `fail` or `pass`. It is shown as
    /// flaky either way.
    #[serde(default)]
    pub(in crate::site) flaky: Flaky,
    /// The time that the suite has, and each repetition again.
    #[serde(default = "scalar::budget")]
    #[schemars(example = &"60s")]
    pub(in crate::site) budget: String,
    /// The tests run in the order of what `stagectl crucial` saw them notice, and only as many as their time allows; all
    /// of them as long as it saw nothing, and with each release for the first time.
    pub(in crate::site) pick: Option<PickFile>,
}

/// Which tests of a pytest suite are run, by what `stagectl crucial` saw them notice.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pick")]
pub(in crate::site) struct PickFile {
    /// The time of all that are run, as they took it when `stagectl crucial` saw them; without it none is left out.
    #[schemars(example = &"30s")]
    pub(in crate::site) within: Option<String>,
}
