//! A site as it is written: plain types, every key optional so that the defaults can hold it.
//!
//! The JSON Schema, the checker and the reference of the keys are made from these types. What the
//! schema calls required has to be there after merging (`#[schemars(required)]`).

mod base;
mod capture;
mod files;
mod host;
mod live;
mod outside;
mod running;
mod scalar;
mod service;
mod serving;
mod systemd;
mod tls;
mod user;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::site::model::EnvSyntax;
pub(super) use base::{BaseFile, InstallFile, ResourcesFile, SourceFile};
pub(super) use capture::CaptureFile;
pub(super) use files::{ConfigFileFile, DataFile, DataFolderFile};
pub(super) use host::{HostFile, LimitsFile, LookupFile, TemporaryFile};
pub(super) use live::{LiveFile, LiveInstallFile, VisitorCommandFile, VisitorFile};
pub(super) use outside::{AnswerFile, OutsideFile, RequestFile, StubFile};
pub(super) use running::{
    BackupFile, CriticalFile, DowntimeFile, HealthFile, PickFile, ProcessFile, ReleasesFile,
    RollbackFile, RollbackStepFile, SecretFile, StepFile, TimerFile,
};
pub(super) use scalar::AnyScalar;
pub(super) use service::{DatabaseFile, ServiceFile};
pub(super) use serving::{BalancerFile, ProxyFile, WsgiFile};
pub(super) use systemd::SystemdFile;
pub(super) use tls::{AuthorityFile, CertificateFile, ClientFile, LinkFile, TlsFile, ValidFile};
pub(super) use user::UserFile;

/// One live installation of a WSGI app, described so that a replica of it can be made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stagectl site description", rename = "Site")]
pub(super) struct SiteFile {
    #[expect(dead_code, reason = "read from the defaults alone, before there is a site")]
    /// The project's name, part of the name of everything that is made. Only in `defaults.yaml`;
    /// the name of the project's folder if left out.
    #[schemars(example = &"noticeboard")]
    pub(super) project: Option<String>,
    #[expect(dead_code, reason = "read from the defaults alone, before there is a site")]
    /// The release to rehearse when `--release` does not say: a path from the project's root. Only
    /// in `defaults.yaml`.
    #[schemars(example = &"dist/noticeboard-1.2-py3-none-any.whl")]
    pub(super) release: Option<String>,
    /// One line about the site, for people.
    #[schemars(example = &"Harbour office, Debian 12, nginx + uWSGI, wildcard certificate")]
    pub(super) summary: Option<String>,
    /// Words for who looks at a replica, a line each: where to log in, and as whom. A secret stands in
    /// them as `${secret.NAME}`, and is never shown: the command that shows it is.
    #[serde(default)]
    #[schemars(example = ["/login as admin@site-a.example, password ${secret.admin}"])]
    pub(super) login: Vec<String>,
    /// Sites run by order, then by name.
    #[serde(default)]
    pub(super) order: i64,
    /// A site that is rehearsed, judged and shown like any other, and never fails the run.
    #[serde(default)]
    pub(super) advisory: bool,
    /// What the machine of the site starts from.
    #[schemars(required)]
    pub(super) base: Option<BaseFile>,
    /// The site's Python, as two numbers in quotes. Checked against what the base has, and may be
    /// left out where the base is a Debian suite.
    #[schemars(example = &"3.11")]
    pub(super) python: Option<String>,
    /// How the release and what it needs are installed.
    #[serde(default)]
    pub(super) install: InstallFile,
    /// The login name that the app and its commands run as. A user that the base and its packages do
    /// not have is made, with the home `/srv/<user>`; one that they have, such as `www-data`, stays as it
    /// is, with the home that it has there. The release is installed into `/srv/<user>/venv`, and one that
    /// is a tree is unpacked to `/srv/<user>/app`; paths "from the app's home" are from `/srv/<user>`. A map says
    /// what else is special about it.
    #[serde(default = "UserFile::usual")]
    pub(super) user: UserFile,
    /// Folders that live on across releases: absolute paths on the site. They are made as `mkdir` makes
    /// them (mode `0755`) and given to the user, those above them to root; a map has a mode and an owner
    /// of its own.
    #[serde(default)]
    #[schemars(example = ["/srv/noticeboard/data"])]
    pub(super) data: Vec<DataFile>,
    /// The app's own log files on the site, such as an operator would look into: absolute paths, in which
    /// `*`, `?` and `[...]` stand for what they do in a shell. When the site fails, they are kept with the
    /// evidence, and searched for the cause. A `*.log` that the app writes below `data` or `/var/log` need
    /// not be named.
    #[serde(default)]
    #[schemars(example = ["/srv/noticeboard/log/*.txt"])]
    pub(super) logs: Vec<String>,
    /// The names the world uses; the first is the site's address. They resolve inside the replica.
    /// A later one may be a wildcard, `*.site-b.example`: every name below it resolves.
    #[schemars(required, example = ["www.site-b.example", "site-b.example"])]
    pub(super) names: Option<Vec<String>>,
    /// The site's certificate and TLS versions. A site without it speaks plain HTTP only.
    pub(super) tls: Option<TlsFile>,
    /// What stands in front of the WSGI server.
    #[serde(default)]
    pub(super) proxy: ProxyFile,
    /// The WSGI server and the application.
    #[schemars(required)]
    pub(super) wsgi: Option<WsgiFile>,
    /// More processes of the release on the site's host, by a name of your choice: started with the
    /// site, after the deploy. One that ends makes the site fail.
    #[serde(default)]
    pub(super) processes: BTreeMap<String, ProcessFile>,
    /// Commands of the release that the live host runs by a timer of systemd or by cron, by a name of your
    /// choice: each is run once, when the site is ready and before the suite, and fails the diagnosis where
    /// it ends with a code that is not 0.
    #[serde(default)]
    pub(super) timers: BTreeMap<String, TimerFile>,
    /// The variables that the live process has, and nothing else. Values are text, and may refer to
    /// secrets: `${secret.db}`.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("NOTICEBOARD_THEME", "harbour")]))]
    pub(super) env: BTreeMap<String, String>,
    /// A file of more variables, `NAME=value` a line as other tools write it: a path from the
    /// description's folder. A variable that `env` has too is as `env` says.
    #[schemars(example = &"env/site-b.env")]
    pub(super) env_file: Option<String>,
    /// How the file of variables is read: as most tools do, or exactly as systemd reads a file of its
    /// `EnvironmentFile=`, which knows no `export` and no remark behind a value.
    #[serde(default)]
    pub(super) env_syntax: EnvSyntax,
    /// Variables that the app cannot do without: a site that does not have one of them is a problem.
    /// Best in `defaults.yaml`.
    #[serde(default)]
    #[schemars(example = ["SECRET_KEY"])]
    pub(super) required: Vec<String>,
    /// Keys of which the team knows that the critical suite does not notice a change, as `stagectl crucial` writes them:
    /// it shows them apart, so that a new one stands out. They are no part of the environment.
    #[serde(default)]
    #[schemars(example = ["env.SHOP_THEME"])]
    pub(super) uncovered: Vec<String>,
    #[expect(dead_code, reason = "read as it is written: it says nothing of the environment")]
    /// Where the live host is read, by `stagectl capture` and `stagectl drift`. It is no part of the environment.
    #[serde(default)]
    pub(super) capture: CaptureFile,
    /// Secrets by name, for `${secret.NAME}`. Never a live one.
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, SecretFile>,
    /// Files that the live host has, rendered from templates or copied as they are, and whole folders.
    #[serde(default)]
    pub(super) files: Vec<ConfigFileFile>,
    /// What the site leans on, by a name of your choice.
    #[serde(default)]
    pub(super) services: BTreeMap<String, ServiceFile>,
    /// Hosts beyond the site that the app talks to, by name: each has a stub, or is allowed to be
    /// reached. Every other name is refused at once, and reported.
    #[serde(default)]
    pub(super) outside: BTreeMap<String, OutsideFile>,
    /// Keys in which something stands that `stagectl check` refuses, and that is meant, as `check` writes them: a
    /// secret in a command line, as on the live host; a live credential; a login at a host that is nobody of the
    /// replica; the address of a live site that may be reached.
    #[serde(default)]
    #[schemars(example = ["deploy.steps.0.run"])]
    pub(super) intended: Vec<String>,
    /// What runs on the live site today: with it, the upgrade from there is rehearsed.
    #[serde(default)]
    pub(super) live: LiveFile,
    /// What is done with a release after its installation.
    #[serde(default)]
    pub(super) deploy: running::DeployFile,
    /// How the site says that it is well.
    #[serde(default)]
    pub(super) health: HealthFile,
    /// The small set of tests that says whether the site works after a deploy; no tests is never
    /// green.
    #[schemars(required)]
    pub(super) critical: Option<CriticalFile>,
    /// What the app's container may use.
    #[serde(default)]
    pub(super) resources: ResourcesFile,
    /// Facts of the site's own host.
    #[serde(default)]
    pub(super) host: HostFile,
}
