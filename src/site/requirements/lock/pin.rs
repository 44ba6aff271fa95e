//! A package of a lock: one version, for whom it is, and the files that it may be.

use std::str::FromStr as _;

use pep508_rs::MarkerTree;

use super::refusal::Refusal;
use crate::site::requirements::line::normalised;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pin {
    /// Normalised.
    pub(super) name: String,
    pub(super) version: String,
    pub(super) marker: MarkerTree,
    /// `sha256:...`
    pub(super) hashes: Vec<String>,
}

impl Pin {
    /// A requirements file, sorted by name and version.
    pub(super) fn requirements(mut pins: Vec<Pin>) -> String {
        pins.retain(|pin| !pin.marker.is_false() && pin.marker.evaluate_extras(&[]));
        pins.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        pins.into_iter().map(Pin::line).collect()
    }

    fn line(self) -> String {
        let marker = self.marker.try_to_string();
        let marker = marker.map_or(String::new(), |marker| format!(" ; {marker}"));
        let mut hashes = self.hashes;
        hashes.sort();
        hashes.dedup();
        let mut words = vec![format!("{}=={}{marker}", normalised(&self.name), self.version)];
        words.extend(hashes.iter().map(|hash| format!("--hash={hash}")));
        words.join(" \\\n    ") + "\n"
    }
}

/// For whom something is; for all where nothing is said.
pub(super) fn marker(text: Option<&str>) -> Result<MarkerTree, Refusal> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(MarkerTree::TRUE);
    };
    MarkerTree::from_str(text)
        .map_err(|_| Refusal::NoLock(format!("the marker `{text}` cannot be read")))
}
