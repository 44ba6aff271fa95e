//! A description against what its host says, and against what was last built: only keys that the description has.

mod comparison;
mod members;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;

use self::comparison::Comparison;
pub use self::comparison::Sides;
pub use self::tree::beyond;
use self::tree::{NOT_COMPARED, leaves, renamed};
use super::finding::Finding;

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Compared {
    pub findings: Vec<Finding>,
    /// Keys that were compared.
    pub count: usize,
    /// Keys of the description of which nothing was known.
    pub unknown: Vec<String>,
}

/// What differs, how many keys were compared, and of which nothing is known.
#[must_use]
pub fn compare(sides: &Sides<'_>) -> Compared {
    let live = renamed(sides.live.tree(), sides.described);
    let mut described = BTreeMap::new();
    leaves(sides.described, &mut Vec::new(), &mut described);
    let mut seen = BTreeMap::new();
    leaves(&live, &mut Vec::new(), &mut seen);
    let mut built = BTreeMap::new();
    if let Some(value) = sides.built {
        leaves(value, &mut Vec::new(), &mut built);
    }
    let mut comparison =
        Comparison { sides, findings: Vec::new(), count: 0, unknown: Vec::new(), built };
    for (path, value) in
        described.iter().filter(|(path, _)| !NOT_COMPARED.contains(&path[0].as_str()))
    {
        comparison.one(path, Some(value), seen.get(path));
    }
    // Where the description says of a whole map what there is, more of it is drift, too.
    let has = |first: &str| described.keys().any(|path| path[0] == first);
    for (path, value) in &seen {
        let is_whole = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["env", _] => has("env"),
            ["processes" | "timers", _, "run"] => true,
            _ => false,
        };
        if is_whole && !described.contains_key(path) {
            comparison.one(path, None, Some(value));
        }
    }
    comparison.unsaid(&described, &seen);
    comparison.texts();
    comparison.packages();
    comparison.locks();
    comparison.certificate();
    let Comparison { mut findings, count, unknown, .. } = comparison;
    findings.sort_by(|one, two| {
        (one.standing, one.weight, &one.key).cmp(&(two.standing, two.weight, &two.key))
    });
    Compared { findings, count, unknown }
}
