//! What an image says of itself, and how far it is while it is made.

use crate::event::What;
use crate::provision::execution::Execution;
use crate::replica::{ImageKind, Labels, Ownership, Phase, label};

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

pub(in crate::provision) fn doing<E>(work: &Execution<'_, '_, E>, what: &str) {
    work.replica.events.emit(What::Doing {
        phase: Phase::Images,
        what: what.to_owned(),
        progress: None,
    });
}

/// How far what it is doing is.
pub(in crate::provision) fn progress<E>(work: &Execution<'_, '_, E>, what: &str, far: String) {
    work.replica.events.emit(What::Doing {
        phase: Phase::Images,
        what: what.to_owned(),
        progress: Some(far),
    });
}
