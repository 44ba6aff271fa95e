//! Diagnosis and suite in a replica that another process brought up.

use std::io::Read as _;

use super::confirm::confirmed;
use super::moment::{Marks, Otherwise, at_that_moment, marks};
use super::{outside, refused};
use crate::cancel::Stop;
use crate::docker::{DockerError, Engine, Output};
use crate::event::{Check, Events, What, timed};
use crate::failure::{Excerpt, Failure, Kind};
use crate::inside::{Replica, fetch, put_files, read_lines, with_memory};
use crate::replica::{
    Handles, Phase, SECRETS_FILE, Secrets, Subnet, Tests, container_name, process_roles,
    suite_files,
};
use crate::site::{Site, SuiteSource};
use crate::standing::Standing;
use crate::suite::{
    SuiteResult, critical, diagnosis, judged, repeat, with_authorization, with_ended,
};

/// What is needed to work in a replica that another process brought up.
#[derive(Debug)]
pub struct Opened {
    pub handles: Handles,
    pub secrets: Secrets,
    pub subnet: Subnet,
}

/// Finds the way into a replica that is up.
///
/// # Errors
/// Infrastructure: it does not run any more.
pub async fn opened<E: Engine>(
    engine: &E,
    site: &Site,
    standing: &Standing,
) -> Result<Opened, Failure> {
    let host = container_name(&standing.run, &site.name, "app");
    let gone = || {
        Failure::infrastructure(format!("the replica of {} does not run any more", site.name))
            .hint(format!("remove it and start anew: `stagectl down {}`", site.name))
    };
    let state = match engine.inspect(&host).await {
        Err(DockerError::NotFound { .. }) => return Err(gone()),
        state => state?,
    };
    let address = state.address.filter(|_| state.running);
    let subnet = address.as_deref().and_then(Subnet::of_address).ok_or_else(gone)?;
    let secrets = read_secrets(engine, &host).await?;
    // A release that is a tree is told by its folder.
    let tree = site.home().join("app");
    let is_tree = !site.data.iter().any(|folder| folder.path == tree)
        && match fetch(engine, &host, &tree.display().to_string(), 1).await {
            Ok(_) => true,
            Err(DockerError::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
    let handles = Handles::new(site, &standing.run, subnet, is_tree);
    Ok(Opened { handles, secrets, subnet })
}

/// What is wanted of an examination.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Arguments for pytest.
    pub pytest: &'a [String],
    pub output: SuiteOutput,
}

/// Whether the suite's own words are told as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuiteOutput {
    Kept,
    Told,
}

/// Runs the diagnosis and the suite, as the description says now.
///
/// # Errors
/// What was found, or what kept us from finding out.
pub async fn examine<E: Engine>(
    engine: &E,
    site: &Site,
    standing: &Standing,
    wish: Wish<'_>,
    events: &Events,
    stop: &Stop,
) -> Result<(), Failure> {
    let Opened { handles, secrets, .. } = opened(engine, site, standing).await?;
    let replica = Replica { engine, site, handles: &handles, secrets: &secrets, events, stop };
    match examined(&replica, wish).await {
        Ok(()) => Ok(()),
        Err(failure) => Err(confirmed(engine, &running(standing), &handles.host, failure).await),
    }
}

/// The containers of a replica that ran when it was looked at.
#[must_use]
pub fn running(standing: &Standing) -> Vec<String> {
    let running = standing.resources.iter().filter(|found| found.running);
    running.map(|found| found.resource.name.clone()).collect()
}

async fn examined<E: Engine>(replica: &Replica<'_, E>, wish: Wish<'_>) -> Result<(), Failure> {
    let Replica { engine, site, handles, secrets, .. } = *replica;
    let mut processes = Vec::new();
    for role in process_roles(site) {
        let file = format!("/run/stagectl.{role}.pid");
        // A process that nobody could ask for must not be taken for one that has ended.
        let lines = read_lines(engine, handles.host_of(&role), &file, 1, secrets).await?;
        if let Some(pid) = lines.first().and_then(|line| line.trim().parse().ok()) {
            processes.push((role, pid));
        }
    }
    // The tests as they are now, not as they were when the replica came up.
    put_files(engine, &handles.suite, &suite_files(site)).await?;
    // It may have run for hours, and said much in them.
    let marks = marks(replica).await?;
    let examined = look(replica, &processes, wish, marks).await;
    let noted = refused::note(replica).await;
    outside::note_requests(replica).await;
    examined.outcome?;
    noted
}

/// What an examination found.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) checks: Vec<Check>,
    /// What the logs said, if it failed.
    pub(super) said: Vec<Excerpt>,
    /// `None` where the suite came to no result.
    pub(super) suite: Option<SuiteResult>,
    pub(super) outcome: Result<(), Failure>,
}

/// Diagnosis and suite of a site that is up. A failed check does not keep the suite from running:
/// its tests often say best what the check means for the app.
pub(super) async fn look<E: Engine>(
    replica: &Replica<'_, E>,
    processes: &[(String, i64)],
    wish: Wish<'_>,
    mut marks: Marks,
) -> Examined {
    let events = replica.events;
    let mut checks = Vec::new();
    let diagnosed = timed(events, Phase::Diagnosis, async {
        let found = diagnosis(replica, processes).await?;
        checks = found.checks;
        marks.begin_proxy_logs(found.proxy_logs);
        judged(&checks)
    })
    .await;
    if let Err(failure) = &diagnosed
        && failure.kind != Kind::Unfit
    {
        return Examined { checks, said: Vec::new(), suite: None, outcome: diagnosed };
    }
    if let Some(folder) = tests_folder(replica.site) {
        events.emit(What::SuiteAt { folder });
    }
    let mut suite = None;
    let mut before = None;
    let tested = timed(events, Phase::Suite, async {
        let tell = |_: Output, line: &str| {
            if wish.output == SuiteOutput::Told {
                events.emit(What::SuiteSaid { line: line.to_owned() });
            }
        };
        let mut result = match critical(replica, Tests::All(wish.pytest), tell).await {
            Ok(result) => result,
            Err(failure) => return with_ended(replica, Err(failure)).await,
        };
        // Before a repetition: what the logs say then is of another moment.
        if let Err(failure) = result.verdict(replica.site.critical.flaky) {
            before = Some(at_that_moment(replica, &marks, &failure, Otherwise::LastLines).await);
        }
        // Who runs a part of the suite by hand repeats it by hand.
        let repeated = if wish.pytest.iter().all(|argument| argument.starts_with("--color")) {
            Box::pin(repeat(replica, &mut result, tell)).await
        } else {
            Ok(())
        };
        result.tell(replica);
        let verdict = match repeated.and(result.verdict(replica.site.critical.flaky)) {
            // A test that failed because the app was killed tells little by itself.
            Err(failure) => {
                let failure = with_authorization(replica.site, &result.tests, failure);
                Err(with_memory(replica, &replica.handles.host, failure).await)
            }
            passed => passed,
        };
        suite = Some(result);
        with_ended(replica, verdict).await
    })
    .await;
    let outcome = diagnosed.and(tested);
    let said = match (&outcome, before) {
        (Ok(()), _) => Vec::new(),
        (Err(_), Some(said)) => said,
        (Err(failure), None) => {
            at_that_moment(replica, &marks, failure, Otherwise::LastLines).await
        }
    };
    for excerpt in &said {
        events.emit(What::AppLog { excerpt: excerpt.clone() });
    }
    Examined { checks, said, suite, outcome }
}

/// The folder of the suite's tests, as a person in this folder would write it.
fn tests_folder(site: &Site) -> Option<String> {
    let path = match &site.critical.suite {
        SuiteSource::Pytest { path, .. } => path,
        SuiteSource::Command { path, .. } => path.as_ref()?,
    };
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    Some(path.strip_prefix(&here).unwrap_or(path).display().to_string())
}

/// The secrets of a replica, by the container of its app.
///
/// # Errors
/// Docker's; a bug where they are not there.
pub async fn read_secrets<E: Engine>(engine: &E, host: &str) -> Result<Secrets, Failure> {
    let bytes = read_own(engine, host, SECRETS_FILE).await?;
    let secrets = bytes.and_then(|bytes| Secrets::from_json(&bytes));
    secrets.ok_or_else(|| Failure::bug("the replica does not know its secrets"))
}

/// A file that stagectl has put into a container; none where what is there is no file.
///
/// # Errors
/// Docker's.
pub async fn read_own<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
) -> Result<Option<Vec<u8>>, DockerError> {
    let tar = engine.download(container, path).await?;
    let mut bytes = Vec::new();
    let mut archive = tar::Archive::new(&tar[..]);
    let mut entries = archive.entries().into_iter().flatten();
    let read = entries
        .next()
        .is_some_and(|entry| entry.is_ok_and(|mut entry| entry.read_to_end(&mut bytes).is_ok()));
    Ok(read.then_some(bytes))
}
