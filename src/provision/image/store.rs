//! Finds each image of a chain by its key, or makes it: a container of the parent, a script, a
//! commit. Two runs that need the same image at once make it once.

use std::collections::BTreeMap;
use std::time::Instant;

use super::build::find_or_build;
use super::known::ImageRecord;
use crate::docker::{Engine, ImageId};
use crate::event::What;
use crate::failure::Failure;
use crate::provision::execution::Execution;
use crate::replica::{ImageIndex, ImageKind, Parent, Plan};

/// Finds or makes the image; once in a run.
///
/// # Errors
/// Infrastructure, usage or deploy, by what went wrong in the build.
pub(in crate::provision) async fn ensure<E: Engine>(
    work: &Execution<'_, '_, E>,
    index: ImageIndex,
) -> Result<ImageRecord, Failure> {
    let begin = Instant::now();
    let spec = work.plan.chain.get(index);
    if let Some(record) = work.images.get(work.plan, index) {
        return Ok(record);
    }
    let missing = async || report_missing(work, index).await;
    let record = match &spec.parent {
        Parent::Origin(origin) => super::base::ensure(work, spec, origin, missing).await?,
        Parent::Image(parent) => {
            let parent = work.images.id_of(work.plan, *parent)?;
            find_or_build(work, spec, &parent, missing).await?
        }
    };
    work.run.workshop.note_use(&record.key);
    work.images.insert(work.plan, index, record.clone());
    work.replica.events.emit(What::ImageReady {
        role: spec.title.clone(),
        key: record.key.clone(),
        id: record.id.clone(),
        origin: record.origin,
        took: begin.elapsed(),
    });
    Ok(record)
}

/// Reports, once in a run, that images which take minutes have to be made: all that this site lacks.
async fn report_missing<E: Engine>(
    work: &Execution<'_, '_, E>,
    index: ImageIndex,
) -> Result<(), Failure> {
    let slow = [ImageKind::Base, ImageKind::Installer, ImageKind::Packages, ImageKind::Service];
    if !slow.contains(&work.plan.chain.get(index).kind) || !work.images.is_first_to_report() {
        return Ok(());
    }
    let missing = missing(work, index).await?;
    let title = |index: &ImageIndex| work.plan.chain.get(*index).title.clone();
    let titles: Vec<String> = missing.iter().map(title).collect();
    let about = seconds_of(work.plan, &missing, &work.run.recorded_images());
    work.replica.events.emit(What::ImagesMissing { titles, about });
    Ok(())
}

/// How long images take together that are made side by side where they can be: as long as the longest row of them
/// that stand on each other. `None` where one was never recorded.
fn seconds_of(
    plan: &Plan,
    missing: &[ImageIndex],
    recorded: &BTreeMap<String, f64>,
) -> Option<f64> {
    let mut ends: BTreeMap<ImageIndex, f64> = BTreeMap::new();
    for index in missing {
        let spec = plan.chain.get(*index);
        let own = recorded.get(&spec.title)?;
        let begin = match &spec.parent {
            Parent::Image(parent) => ends.get(parent).copied().unwrap_or(0.0),
            Parent::Origin(_) => 0.0,
        };
        ends.insert(*index, begin + own);
    }
    ends.into_values().max_by(f64::total_cmp)
}

/// The plan's images that are not there, each after the one that it stands on: this one, and each that is not found
/// or stands on one that is not.
async fn missing<E: Engine>(
    work: &Execution<'_, '_, E>,
    this: ImageIndex,
) -> Result<Vec<ImageIndex>, Failure> {
    let mut ids: BTreeMap<ImageIndex, ImageId> = BTreeMap::new();
    let mut missing = Vec::new();
    for (index, spec) in work.plan.chain.iter() {
        let known = work.images.get(work.plan, index);
        let found = match (&spec.parent, known) {
            (_, Some(record)) => Some(record.id),
            _ if index == this => None,
            (Parent::Origin(origin), None) => super::base::find(work, spec, origin).await?,
            (Parent::Image(parent), None) => match ids.get(parent) {
                Some(id) => work.run.engine.find_image(&spec.tag(&spec.key(id))).await?,
                None => None,
            },
        };
        match found {
            Some(id) => _ = ids.insert(index, id),
            None => missing.push(index),
        }
    }
    Ok(missing)
}
