//! Another release into a replica that is up: what production does, with what the replica has by now.

use std::time::Duration;

use jiff::Timestamp;

use super::bring_up::issue_certificates;
use super::close::{count_kept, report_stops};
use super::confirm::confirm;
use super::examine::{By, SuiteOutput, Wish, examine};
use super::moment::marks;
use super::open::{open_replica, running_containers};
use super::reach::session_facts;
use super::turn::{Counts, Outcome, Turn, take_turn};
use crate::docker::{Engine, Owner};
use crate::event::{Events, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::inside::Replica;
use crate::provision::{Images, Watch, prepare_images, redeploy as replace_release};
use crate::replica::{Keys, Ownership, Plan, Secrets};
use crate::run::Run;
use crate::site::{SecretName, Site};
use crate::standing::{
    FAILED, Redeploy, Standing, record_redeploy, record_release, teardown, used,
};

/// What is done after the release was deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Nothing,
    /// Diagnosis and suite.
    Examine,
}

/// Deploys the run's release into the replica: its image is made, the site's processes are stopped, the
/// release takes the place of the one before, the steps of an upgrade run, and the site starts again.
/// Services, data and secrets stay; the replica stays whatever happens.
///
/// # Errors
/// Docker's, where the replica cannot be entered, or nobody knows what is left of the work.
pub async fn redeploy<E: Engine>(
    run: &Run<E>,
    site: &Site,
    standing: &Standing,
    then: Then,
) -> Result<Verdict, Failure> {
    let images = Images::default();
    let turn = Turn::new(run, &images, site);
    let replica = open_replica(&run.engine, site, standing, (&turn.events, &run.stop)).await?;
    let work = async {
        let work = async {
            // What the release says when it starts is judged, and not what the one before had said.
            let before = marks(&replica).await?;
            replace(&turn, &replica, standing).await?;
            if then == Then::Examine {
                let output = SuiteOutput::Reported;
                let by = By::DiagnosisAndSuite;
                let wish = Wish { pytest: &[], output, by, since: Some(&before) };
                examine(&run.engine, site, standing, wish, &turn.events, &run.stop).await?;
            }
            Ok(())
        };
        let work = report_stops(&run.stop, &run.events, Box::pin(work));
        let failure: Option<Failure> = used(&run.engine, standing, work).await.err();
        Outcome { failure, ..Outcome::default() }
    };
    let mut verdict =
        take_turn(site, &turn.events, Counts::Always, Duration::ZERO, work).await.verdict;
    // What was made for it and is no part of the replica.
    let labels = Ownership::of_run(&run.spec.ownership.run);
    let left = teardown(&run.engine, &labels, &Events::new(Vec::new())).await?;
    if !left.is_empty() {
        verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
    }
    run.events.emit(What::Kept { kept: count_kept([standing]) });
    run.events.emit(What::RunEnded { verdict, took: run.events.elapsed() });
    Ok(verdict)
}

async fn replace<E: Engine>(
    turn: &Turn<'_, E>,
    replica: &Replica<'_, E>,
    standing: &Standing,
) -> Result<(), Failure> {
    let Turn { run, site, images, events, .. } = turn;
    let (spec, host) = (&run.spec, &replica.handles.host);
    spec.release.supports_site(&site.name, &site.python)?;
    check_secrets(&replica.secrets, site)?;
    let (_, further) = issue_certificates(&run.authority, site)?;
    // The certificates that are there are good, and others of the replica know them.
    let keys = Keys { secrets: replica.secrets.clone(), certificates: None, further };
    let subnet = replica.handles.addresses.subnet;
    let plan = Plan::redeploy(spec, site, &keys, (&standing.run, subnet))?;
    let replica = Replica {
        engine: &run.engine,
        site,
        handles: plan.handles.clone(),
        secrets: keys.secrets,
        events: events.clone(),
        stop: run.stop.clone(),
    };
    let shared = (*images, &Watch::default());
    prepare_images(run, &replica, &plan, shared).await?;
    // From here on it is neither the one nor the other, whatever becomes of this process.
    let (since, owner) = (Timestamp::now().as_second(), Owner::this_process().to_string());
    record_redeploy(&run.engine, standing, &Redeploy { since, owner }).await?;
    let deployed = replace_release(run, &replica, &plan, shared).await;
    // Whether it works or not: the one before is gone, and what was described of it, too.
    let facts = session_facts(run, site, (&replica.secrets, &replica.handles))?;
    run.engine.upload_files(host, &[facts.file()]).await?;
    let release = &spec.ownership.release;
    let in_place = if deployed.is_ok() { release.clone() } else { format!("{release}{FAILED}") };
    let now = Timestamp::now().as_second();
    if let Err(error) = record_release(&run.engine, standing, &in_place, now).await {
        let message = format!("`stagectl status` shows the release before: {error}");
        events.emit(What::Warning { message });
    }
    if let Err(failure) = deployed {
        let running = running_containers(standing);
        let failure = confirm(&run.engine, &running, host, failure).await;
        return Err(failure.hint(format!(
            "look at it: `stagectl logs {site}`, `stagectl shell {site}`; or deploy another release",
            site = site.name
        )));
    }
    Ok(())
}

/// A secret that the description has got since would be empty.
fn check_secrets(secrets: &Secrets, site: &Site) -> Result<(), Failure> {
    let is_new = |name: &&SecretName| !secrets.iter().any(|(known, _)| known == *name);
    match site.secrets.keys().find(is_new) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(format!(
            "secret `{name}` of {} is new since its replica came up",
            site.name
        ))
        .hint(format!(
            "start it anew: `stagectl down {0}`, then `stagectl up {0} ...`",
            site.name
        ))),
    }
}
