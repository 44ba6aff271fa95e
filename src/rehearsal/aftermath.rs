//! What is reported and saved of a site's turn before its teardown: what it asked for, what its logs say,
//! the evidence; and the teardown, or that it stays.

use jiff::Timestamp;

use super::evidence::{self, Found};
use super::moment::{Otherwise, at_that_moment, report_said};
use super::reach::session_facts;
use super::turn::{FailureSigns, Made, Stand, Turn};
use super::{outside, refused};
use crate::docker::{DockerError, Engine};
use crate::event::{Events, Resource, ResourceKind, What, timed};
use crate::failure::{Excerpt, Failure, Kind};
use crate::inside::Replica;
use crate::replica::{Ownership, Phase, label};
use crate::run::Run;
use crate::site::SiteName;
use crate::standing::{leave_up, teardown, ways_out};
use crate::suite::SuiteResult;

/// Reports which names beyond the site were asked for so far.
pub(super) async fn report_requests<E: Engine>(replica: &Replica<'_, E>) {
    // A replica that never came up has no resolver to ask: that is reported already.
    let _reported = refused::note(replica).await;
    outside::note_requests(replica).await;
}

/// Reports what the logs of a replica say in which a release did not come up; an examination has reported it.
pub(super) async fn report_logs<E: Engine>(
    Made { replica, since, .. }: &Made<'_, E>,
    failure: &Failure,
) -> Vec<Excerpt> {
    let said = at_that_moment(replica, since, failure, Otherwise::Nothing).await;
    report_said(&replica.events, &said);
    said
}

/// Returns what was said of a failure, by whom ever.
pub(super) fn signs_of(failure: &Failure, found: Found<'_>) -> FailureSigns {
    let phase = match failure.kind {
        Kind::Deploy if failure.is_of_build() => "images",
        Kind::Deploy => "deploy",
        Kind::NotReady if failure.message.starts_with("service ") => "up",
        Kind::NotReady => "ready",
        _ => "suite",
    };
    let mut said = vec![failure.message.clone()];
    said.extend(failure.causes.iter().cloned());
    let failed = found.checks.iter().filter(|check| !check.passed);
    said.extend(failed.map(|check| format!("{}: {}", check.name, check.detail)));
    let tests = found.suite.iter().flat_map(|suite| &suite.tests);
    let red = tests.filter(|test| test.is_red());
    said.extend(red.flat_map(|test| test.message.iter().cloned()));
    let logs = failure.evidence.iter().chain(found.said);
    let logged = logs.flat_map(|log| log.lines.iter().cloned()).collect();
    let sources = found.said.iter().map(|excerpt| excerpt.source.clone()).collect();
    FailureSigns { phase, said, logged, sources }
}

/// Emits a failure that does not count as a warning.
pub(super) fn warn(events: &Events, failure: Failure) {
    let reasons: Vec<String> = std::iter::once(failure.message).chain(failure.causes).collect();
    events.emit(What::Warning { message: reasons.join(": ") });
}

impl<'r, E: Engine> Turn<'r, E> {
    /// Keeps the suite's own XML beside the report, of a green site, too.
    pub(super) fn keep_result(&self, suite: &SuiteResult) {
        let folder = self.run.folder.join(self.site.name.as_str());
        if let Err(failure) = evidence::save_result(&folder, suite) {
            warn(&self.events, failure);
        }
    }

    /// Saves what a person needs to understand the failure; never fails the turn itself.
    pub(super) async fn save_evidence(
        &self,
        made: Option<&Made<'r, E>>,
        failure: &Failure,
        found: Found<'_>,
    ) {
        let saved = timed(&self.events, Phase::Evidence, async {
            let Some(made) = made else { return Ok(()) };
            let folder = self.run.folder.join(self.site.name.as_str());
            evidence::save(&made.replica, &folder, failure, found).await?;
            let shown = format!("{}/{}/", self.run.shown_folder, self.site.name);
            self.events.emit(What::EvidenceSaved { folder: shown });
            Ok(())
        })
        .await;
        if let Err(failure) = saved {
            warn(&self.events, failure);
        }
    }

    /// Leaves the replica up, until its lease ends.
    ///
    /// # Errors
    /// Docker's: then it is not left up, and goes with this process.
    pub(super) async fn leave_up(&self, stand: &Stand<'r, E>) -> Result<(), Failure> {
        let Run { engine, lease, .. } = self.run;
        let spec = self.in_place();
        let now = Timestamp::now().as_second();
        if let Some(Made { replica, .. }) = stand.made() {
            let facts = session_facts(self.run, self.site, (&replica.secrets, &replica.handles))?;
            match engine.upload_files(&replica.handles.host, &[facts.file()]).await {
                // What has not even got that far has nothing to be entered.
                Ok(()) | Err(DockerError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let name = leave_up(engine, &spec.ownership, &self.site.name, *lease, now).await?;
        let resource = Resource { kind: ResourceKind::Volume, name };
        self.events.emit(What::Created { resource });
        Ok(())
    }

    /// Removes everything of this site's in this run.
    ///
    /// # Errors
    /// `LeftBehind`, or infrastructure when Docker does not answer.
    pub(super) async fn tear_down(&self) -> Result<(), Failure> {
        let ownership = &self.run.spec.ownership;
        let work = tear_down(&self.run.engine, ownership, &self.site.name, &self.events);
        timed(&self.events, Phase::Down, work).await
    }
}

/// Removes everything of a site's in a run.
///
/// # Errors
/// `LeftBehind`, or infrastructure when Docker does not answer.
pub async fn tear_down<E: Engine>(
    engine: &E,
    ownership: &Ownership,
    site: &SiteName,
    events: &Events,
) -> Result<(), Failure> {
    let mut labels = Ownership::of_run(&ownership.run);
    labels.insert(label::SITE.to_owned(), site.to_string());
    let left = teardown(engine, &labels, events).await?;
    if left.is_empty() {
        return Ok(());
    }
    let what = left.iter().map(|left| {
        format!("{} {}: {}", left.resource.kind.name(), left.resource.name, left.error)
    });
    let failure =
        Failure::new(Kind::LeftBehind, format!("{} of {site} are still there", left.len()));
    let failure = what.fold(failure, Failure::cause);
    Err(ways_out(&left).into_iter().fold(failure, Failure::hint))
}
