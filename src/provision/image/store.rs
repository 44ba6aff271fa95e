//! Finds each image of a chain by its key, or makes it: a container of the parent, a script, a
//! commit. Two runs that need the same image at once make it once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::build::find_or_build;
use super::record::ImageRecord;
use crate::docker::{Engine, ImageId};
use crate::event::What;
use crate::failure::Failure;
use crate::provision::Stage;
use crate::replica::{ImageIndex, ImageKind, Parent, Plan};

/// The images known in this run, by recipe and parent.
#[derive(Debug, Default)]
pub struct Images {
    known: RefCell<BTreeMap<String, ImageRecord>>,
    /// Whether it was told that some are missing, which is told once.
    told: Cell<bool>,
}

impl Images {
    /// The id of an image of the plan that was found or made before.
    ///
    /// # Errors
    /// A bug: the plan's order is wrong.
    pub fn id_of(&self, plan: &Plan, index: ImageIndex) -> Result<ImageId, Failure> {
        self.known.borrow().get(&lineage(plan, index)).map(|record| record.id.clone()).ok_or_else(
            || Failure::bug(format!("{} is used before it is made", plan.chain.get(index).title)),
        )
    }

    /// True where all of a plan's images were found or made before in this run.
    #[must_use]
    pub fn know_all(&self, plan: &Plan) -> bool {
        plan.chain.iter().all(|(index, _)| self.known.borrow().contains_key(&lineage(plan, index)))
    }

    /// Finds or makes the image; once in a run.
    ///
    /// # Errors
    /// Infrastructure, usage or deploy, by what went wrong in the build.
    pub async fn ensure<E: Engine>(
        &self,
        stage: &Stage<'_, E>,
        index: ImageIndex,
        halt: &CancellationToken,
    ) -> Result<ImageRecord, Failure> {
        let begin = Instant::now();
        let spec = stage.plan.chain.get(index);
        if let Some(record) = self.known.borrow().get(&lineage(stage.plan, index)) {
            return Ok(record.clone());
        }
        let missing = async || self.report_missing(stage, index).await;
        let record = match &spec.parent {
            Parent::Origin(origin) => {
                super::base::ensure(stage, spec, origin, missing, halt).await?
            }
            Parent::Image(parent) => {
                let parent = self.id_of(stage.plan, *parent)?;
                find_or_build(stage, spec, &parent, missing, halt).await?
            }
        };
        self.known.borrow_mut().insert(lineage(stage.plan, index), record.clone());
        stage.events.emit(What::ImageReady {
            role: spec.title.clone(),
            key: record.key.clone(),
            id: record.id.clone(),
            origin: record.origin,
            took: begin.elapsed(),
        });
        Ok(record)
    }
}

impl Images {
    /// Reports, once in a run, that images which take minutes have to be made: all that this site lacks.
    async fn report_missing<E: Engine>(
        &self,
        stage: &Stage<'_, E>,
        index: ImageIndex,
    ) -> Result<(), Failure> {
        let slow = [ImageKind::Base, ImageKind::Environment, ImageKind::Service];
        if !slow.contains(&stage.plan.chain.get(index).kind) || self.told.replace(true) {
            return Ok(());
        }
        let titles = self.missing(stage, index).await?;
        stage.events.emit(What::ImagesMissing { titles });
        Ok(())
    }

    /// The titles of the plan's images that are not there: this one, and each that is not found or stands on one
    /// that is not.
    async fn missing<E: Engine>(
        &self,
        stage: &Stage<'_, E>,
        this: ImageIndex,
    ) -> Result<Vec<String>, Failure> {
        let mut ids: BTreeMap<ImageIndex, ImageId> = BTreeMap::new();
        let mut titles = Vec::new();
        for (index, spec) in stage.plan.chain.iter() {
            let known = self.known.borrow().get(&lineage(stage.plan, index)).cloned();
            let found = match (&spec.parent, known) {
                (_, Some(record)) => Some(record.id),
                _ if index == this => None,
                (Parent::Origin(origin), None) => super::base::find(stage, spec, origin).await?,
                (Parent::Image(parent), None) => match ids.get(parent) {
                    Some(id) => stage.engine.find_image(&spec.tag(&spec.key(id))).await?,
                    None => None,
                },
            };
            match found {
                Some(id) => _ = ids.insert(index, id),
                None => titles.push(spec.title.clone()),
            }
        }
        Ok(titles)
    }
}

/// The recipes from the base to the image: what it is, before any id is known.
fn lineage(plan: &Plan, index: ImageIndex) -> String {
    let spec = plan.chain.get(index);
    match spec.parent {
        Parent::Origin(_) => spec.recipe.clone(),
        Parent::Image(parent) => format!("{}/{}", lineage(plan, parent), spec.recipe),
    }
}
