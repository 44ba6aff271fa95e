//! Another release into a replica that is up: what production does, with what the replica has by now.

use std::cell::RefCell;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::docker::Engine;
use crate::event::{Events, What};
use crate::failure::Failure;
use crate::provision::{Stage, prepare_images, redeploy as provision_release};
use crate::rehearsal::{Opened, Run, certificates_of, confirmed, running};
use crate::replica::{Handles, Ingredients, Plan, Secrets, SessionFacts};
use crate::site::{SecretName, Site};
use crate::standing::{Standing, record_release};

/// Behind the words for a release that could not be deployed, and is in the replica all the same.
pub const FAILED: &str = " failed";

/// The replica of a site that another release goes into, and what it has by now.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub site: &'a Site,
    pub standing: &'a Standing,
    pub opened: &'a Opened,
}

/// Deploys the run's release into the replica: its image is made, the site's processes are stopped, the
/// release takes the place of the one before, the steps of an upgrade run, and the site starts again.
/// Services, data and secrets stay.
///
/// # Errors
/// As for a first deploy. The replica stays as it is then.
pub async fn redeploy<E: Engine>(
    run: &Run<'_, E>,
    target: Target<'_>,
    events: &Events,
) -> Result<(), Failure> {
    let Target { site, standing, opened } = target;
    let Opened { secrets, handles, subnet } = opened;
    run.release.supports_site(&site.name, &site.python)?;
    knows_its_secrets(secrets, site)?;
    let (_, beside) = certificates_of(run.authority, site)?;
    let mut plan = Plan::new(Ingredients {
        site,
        release: run.release,
        secrets,
        // Those that are there are good, and others of the replica know them.
        certificates: None,
        beside: &beside,
        ownership: run.ownership,
        subnet: *subnet,
        taken: &[],
        templates: run.templates,
        has_door: run.has_door,
    })?;
    // What is made for this is of a run of its own; where it goes is the replica's.
    plan.handles = Handles::new(site, &standing.run, *subnet, plan.handles.is_tree);
    let (images_ready, started) = (Notify::new(), RefCell::default());
    let stage = Stage {
        engine: run.engine,
        site,
        plan: &plan,
        secrets,
        ownership: run.ownership,
        workshop: run.workshop,
        events,
        stop: run.stop,
        images_ready: &images_ready,
        started: &started,
    };
    prepare_images(&stage, run.images).await?;
    let deployed = provision_release(&stage, run.images).await;
    // Whether it works or not: the one before is gone, and what was described of it, too.
    let facts = SessionFacts::of(site, secrets, &plan.handles);
    run.engine.upload_files(&handles.host, &[facts.file()]).await?;
    let release = &run.ownership.release;
    let in_place = if deployed.is_ok() { release.clone() } else { format!("{release}{FAILED}") };
    let now = Timestamp::now().as_second();
    if let Err(error) = record_release(run.engine, standing, &in_place, now).await {
        let message = format!("`stagectl status` shows the release before: {error}");
        events.emit(What::Warning { message });
    }
    if let Err(failure) = deployed {
        let failure = confirmed(run.engine, &running(standing), &handles.host, failure).await;
        return Err(failure.hint(format!(
            "look at it: `stagectl logs {site}`, `stagectl shell {site}`; or deploy another release",
            site = site.name
        )));
    }
    Ok(())
}

/// A secret that the description has got since would be empty.
fn knows_its_secrets(secrets: &Secrets, site: &Site) -> Result<(), Failure> {
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
