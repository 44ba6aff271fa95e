//! What is known and shown of an image: its record, its labels, how far it is.

use serde::Serialize;

use crate::docker::ImageId;
use crate::event::{ImageOrigin, What};
use crate::provision::Stage;
use crate::replica::{ImageKind, Labels, Ownership, Phase, label};

/// An image that a replica was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageRecord {
    pub kind: ImageKind,
    pub title: String,
    pub key: String,
    pub id: ImageId,
    pub origin: ImageOrigin,
}

/// What an image says of itself; nothing of the run, as it outlives it.
pub(in crate::provision) fn image_labels(
    ownership: &Ownership,
    kind: ImageKind,
    key: &str,
) -> Labels {
    Labels::from([
        (label::PROJECT.to_owned(), ownership.project.clone()),
        (label::KIND.to_owned(), kind.name().to_owned()),
        (label::KEY.to_owned(), key.to_owned()),
    ])
}

pub(in crate::provision) fn doing<E>(stage: &Stage<'_, E>, what: &str) {
    stage.events.emit(What::Doing { phase: Phase::Images, what: what.to_owned(), progress: None });
}

/// How far what it is doing is.
pub(in crate::provision) fn progress<E>(stage: &Stage<'_, E>, what: &str, far: String) {
    stage.events.emit(What::Doing {
        phase: Phase::Images,
        what: what.to_owned(),
        progress: Some(far),
    });
}
