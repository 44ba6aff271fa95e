//! For `step.py` in the suite's container: the critical suite.

use std::collections::BTreeMap;

use serde_json::json;

use super::step::{Command, Place, StepJob};
use crate::replica::edge::stubs::{stubs, telling_url};
use crate::replica::host::files::PYTEST_PLUGIN;
use crate::replica::host::process::suite_variables;
use crate::replica::host::tls::{CLIENT_CERTIFICATE, CLIENT_KEY};
use crate::replica::paths;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::replica::service::mail_variables;
use crate::site::{Picked, Site, SuiteSource, Visitor};

/// Where the suite writes its result in its container.
pub const JUNIT_FILE: &str = paths::JUNIT;
/// The journal that pytest writes there meanwhile: lines of JSON.
pub const JOURNAL_FILE: &str = paths::JUNIT_JOURNAL;

/// Which tests of the suite are run.
#[derive(Debug, Clone, Copy)]
pub enum Tests<'a> {
    /// All of them, with these further arguments for pytest.
    All(&'a [String]),
    /// Those that pytest knows by these ids.
    Only(&'a [String]),
}

/// For `step.py` in the suite's container: all tests, with pytest begun early. It waits twice, as the plugin says.
#[must_use]
pub fn held_suite_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    arguments: &[String],
) -> StepJob {
    let place = Place::Suite { remove: vec![JUNIT_FILE, JOURNAL_FILE], held: true };
    StepJob { place, ..suite_job(site, secrets, handles, Tests::All(arguments)) }
}

/// What a visitor of an upgrade is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// To leave something behind.
    Leave,
    /// To look whether it is still there.
    Check,
}

impl Visit {
    /// Its arguments.
    #[must_use]
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Visit::Leave => &[],
            Visit::Check => &["--check"],
        }
    }
}

/// For `step.py` in the suite's container: a visitor, with what the tests have; `None` where the site has none.
#[must_use]
pub fn visit_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    visit: Visit,
) -> Option<StepJob> {
    let visitor = site.live.visit.as_ref()?;
    let job = suite_job(site, secrets, handles, Tests::All(&[]));
    let mut env = job.env;
    env.remove("STAGECTL_JUNIT");
    env.insert("STAGECTL_VISIT".to_owned(), paths::VISIT.to_owned());
    let command = match visitor {
        Visitor::Script(_) => {
            let argv = [paths::SUITE_PYTHON, paths::VISIT_PY];
            let argv = argv.iter().chain(visit.arguments()).map(|word| (*word).to_owned());
            Command::Argv(argv.collect())
        }
        Visitor::Command { run } => {
            let words = std::iter::once(run.trim_end()).chain(visit.arguments().iter().copied());
            Command::Shell(words.collect::<Vec<_>>().join(" "))
        }
    };
    let place = Place::Suite { remove: Vec::new(), held: false };
    Some(StepJob { command, env, place, ..job })
}

/// What the plugin asks for where tests are picked.
fn picked_variables(site: &Site) -> impl Iterator<Item = (String, String)> {
    let picked = site.critical.pick.as_ref().and_then(|pick| pick.picked.as_ref());
    picked.into_iter().flat_map(|Picked { order, left_out }| {
        let variables = [("STAGECTL_ORDER", order), ("STAGECTL_LEFT_OUT", left_out)];
        variables.map(|(name, ids)| (name.to_owned(), json!(ids).to_string()))
    })
}

/// For `step.py` in the suite's container.
#[must_use]
pub fn suite_job(site: &Site, secrets: &Secrets, handles: &Handles, tests: Tests<'_>) -> StepJob {
    let mut env: BTreeMap<String, String> = suite_variables(site, secrets);
    env.insert("STAGECTL_SITE".to_owned(), site.name.to_string());
    env.insert("STAGECTL_URL".to_owned(), site.url());
    if stubs(site).next().is_some() {
        env.insert("STAGECTL_OUTSIDE".to_owned(), telling_url(&handles.addresses.outside()));
    }
    env.insert("STAGECTL_JUNIT".to_owned(), JUNIT_FILE.to_owned());
    env.extend(mail_variables(site));
    if site.tls.as_ref().is_some_and(|tls| tls.client.is_some()) {
        env.insert("STAGECTL_CLIENT_CERTIFICATE".to_owned(), CLIENT_CERTIFICATE.to_owned());
        env.insert("STAGECTL_CLIENT_KEY".to_owned(), CLIENT_KEY.to_owned());
    }
    let extra = match tests {
        Tests::All(extra) => {
            env.extend(picked_variables(site));
            extra
        }
        Tests::Only(ids) => {
            env.insert("STAGECTL_ONLY".to_owned(), json!(ids).to_string());
            &[]
        }
    };
    let command = match &site.critical.suite {
        SuiteSource::Pytest { select, file, .. } => {
            let mut argv = [
                paths::SUITE_PYTHON,
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-p",
                PYTEST_PLUGIN,
                "--rootdir=.",
            ]
            .map(str::to_owned)
            .to_vec();
            argv.push(format!("--junit-xml={JUNIT_FILE}"));
            // What a failing test printed and logged belongs to its result; that of others would
            // only make it long.
            argv.extend(
                ["-o", "junit_logging=all", "-o", "junit_log_passing_tests=false"]
                    .map(str::to_owned),
            );
            if let Some(marker) = select {
                argv.extend(["-m".to_owned(), marker.clone()]);
            }
            argv.extend(file.clone());
            argv.extend(extra.iter().cloned());
            Command::Argv(argv)
        }
        SuiteSource::Command { run, .. } => Command::Shell(run.clone()),
    };
    StepJob {
        command,
        env,
        user: site.user.to_string(),
        folder: paths::CRITICAL.to_owned(),
        timeout: site.critical.budget.as_secs_f64(),
        // What an earlier run left is not the result of this one.
        place: Place::Suite { remove: vec![JUNIT_FILE, JOURNAL_FILE], held: false },
    }
}
