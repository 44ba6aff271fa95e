//! The images known in a run.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde::Serialize;

use crate::docker::ImageId;
use crate::event::ImageOrigin;
use crate::failure::Failure;
use crate::replica::{ImageIndex, ImageKind, Parent, Plan};

/// An image that a replica was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageRecord {
    pub kind: ImageKind,
    pub title: String,
    pub key: String,
    pub id: ImageId,
    pub origin: ImageOrigin,
}

/// The images known in this run, by recipe and parent.
#[derive(Debug, Default)]
pub struct Images {
    known: RefCell<BTreeMap<String, ImageRecord>>,
    /// Whether it was reported that some are missing, which is reported once.
    reported: Cell<bool>,
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

    /// Returns the image of a plan, if it was found or made before in this run.
    pub(in crate::provision) fn get(&self, plan: &Plan, index: ImageIndex) -> Option<ImageRecord> {
        self.known.borrow().get(&lineage(plan, index)).cloned()
    }

    pub(super) fn insert(&self, plan: &Plan, index: ImageIndex, record: ImageRecord) {
        self.known.borrow_mut().insert(lineage(plan, index), record);
    }

    /// True for the first who reports in this run which images are missing.
    pub(super) fn is_first_to_report(&self) -> bool {
        !self.reported.replace(true)
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
