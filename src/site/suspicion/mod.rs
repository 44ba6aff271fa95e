//! Which of the keys in which two sites differ is to blame, as far as the failure and the other sites tell:
//! a prior, never a proof.
//!
//! Four things count, and their points are added up: what the failure names (`named`), what its words speak
//! of (`words`), which sites share the value (`spectrum`), and whether sites differ in the key by nature
//! (`nature`). Where the failure says nothing, the phase that it broke does.

mod case;
mod named;
mod nature;
mod spectrum;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::case::{Peers, Signs};
use self::named::Names;
use self::nature::Nature;
use self::spectrum::Spectrum;
use crate::site::difference::Difference;

/// A key in which a failing site differs from one that passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suspect {
    #[serde(flatten)]
    pub difference: Difference,
    /// What speaks for or against it, in a few words; absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The differences of a failing site and one that passed, the most suspicious first. What is equally
/// suspicious stays in its order.
#[must_use]
pub fn by_suspicion(found: Vec<Difference>, signs: &Signs<'_>, peers: &Peers<'_>) -> Vec<Suspect> {
    let names = Names::of(signs, peers.failing);
    let spectrum = Spectrum::of(peers);
    let nature = Nature::of(peers);
    let mut ranked: Vec<(f64, Suspect)> = found
        .into_iter()
        .map(|difference| {
            let key = difference.key.as_str();
            let parts = [
                names.points(&difference),
                words::points(key, signs, peers),
                spectrum.points(key),
                nature.points(&difference),
            ];
            let points = parts.iter().map(|part| part.points).sum::<f64>()
                + words::phase_points(key, signs.phase);
            let [named, said, shared, by_nature] = parts.map(|part| part.why);
            // Where sites differ by nature, it says nothing that no other has the value.
            let last = by_nature.or(shared);
            let why: Vec<String> = [named, said, last].into_iter().flatten().collect();
            let why = (!why.is_empty()).then(|| why.join("; "));
            (points, Suspect { difference, why })
        })
        .collect();
    ranked.sort_by(|(one, _), (two, _)| two.total_cmp(one));
    ranked.into_iter().map(|(_, suspect)| suspect).collect()
}

#[cfg(test)]
mod tests;
