//! A site as it is with a new release beside the one that runs: from its own folder, at its own place.

use super::bind::Bind;
use crate::replica::added;
use crate::site::{Listen, Site};

/// What a process of the new release is called beside one of the release that runs.
pub const NEXT: &str = added::NEXT_PLACE.text;

/// Returns the site whose server of this release (by its folder) listens beside the one that is there.
#[must_use]
pub fn place_beside(site: &Site, release: &str) -> Site {
    let mut beside = site.clone();
    beside.runs_from = Some(site.folder_of(release));
    beside.wsgi.listen = Some(match Bind::of(site) {
        Bind::Unix(path) => Listen::Unix(
            path.strip_suffix(".sock")
                .map_or(format!("{path}{NEXT}"), |stem| format!("{stem}{NEXT}.sock"))
                .into(),
        ),
        Bind::Tcp { address, port } => {
            Listen::Tcp { address, port: port.checked_add(1).unwrap_or(port - 1) }
        }
    });
    beside
}
