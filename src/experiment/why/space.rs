//! What two sites differ in, as units that can be tried, and the hybrids that stand between the two.

use std::collections::BTreeSet;

/// Keys that change together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub keys: Vec<String>,
    /// With it a hybrid has other images than its neighbour, which takes minutes.
    pub changes_image: bool,
}

/// A description between two sites: the green one with some units of the red one, by their places in the space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Hybrid(BTreeSet<usize>);

impl Hybrid {
    #[must_use]
    pub fn with(&self, more: &[usize]) -> Hybrid {
        Hybrid(self.0.iter().chain(more).copied().collect())
    }

    pub fn units(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().copied()
    }

    #[must_use]
    pub fn has(&self, unit: usize) -> bool {
        self.0.contains(&unit)
    }

    #[must_use]
    pub fn is_within(&self, other: &Hybrid) -> bool {
        self.0.is_subset(&other.0)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<usize> for Hybrid {
    fn from_iter<I: IntoIterator<Item = usize>>(units: I) -> Self {
        Hybrid(units.into_iter().collect())
    }
}

/// The units in the order in which they are tried, and what each forces.
///
/// The most suspicious come first, those that change images last, and none before what it forces: so what makes a
/// hybrid red when it comes in is that unit, and nothing that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    units: Vec<Unit>,
    /// What comes with each, and with that.
    forced: Vec<BTreeSet<usize>>,
}

impl Space {
    /// Units in the order of suspicion, and which forces which; those that force each other become one.
    #[must_use]
    pub fn new(units: Vec<Unit>, forces: &[(usize, usize)]) -> Space {
        let closure = |unit: usize| {
            let mut reached = BTreeSet::from([unit]);
            let mut open = vec![unit];
            while let Some(next) = open.pop() {
                let further = forces.iter().filter(|(from, _)| *from == next).map(|(_, to)| *to);
                open.extend(further.filter(|to| reached.insert(*to)));
            }
            reached
        };
        let closures: Vec<BTreeSet<usize>> = (0..units.len()).map(closure).collect();
        let changes_image =
            |unit: usize| closures[unit].iter().any(|forced| units[*forced].changes_image);
        // Those that force each other, each time by the first of them.
        let first_of = |unit: usize| {
            let mutual = |other: &usize| closures[*other].contains(&unit);
            closures[unit].iter().copied().filter(mutual).min().unwrap_or(unit)
        };
        let mut waiting: Vec<usize> =
            (0..units.len()).filter(|unit| first_of(*unit) == *unit).collect();
        waiting.sort_by_key(|unit| changes_image(*unit));
        let mut order: Vec<usize> = Vec::new();
        while !waiting.is_empty() {
            let is_ready = |unit: &usize| {
                let mut forced = closures[*unit].iter().map(|forced| first_of(*forced));
                forced.all(|forced| forced == *unit || order.contains(&forced))
            };
            // Groups that force each other being one, there is always one that waits for nothing.
            let place = waiting.iter().position(is_ready).unwrap_or_default();
            order.push(waiting.remove(place));
        }
        let place_of = |unit: usize| order.iter().position(|other| *other == first_of(unit));
        let forced = order
            .iter()
            .map(|unit| closures[*unit].iter().filter_map(|forced| place_of(*forced)).collect())
            .collect();
        let merged = |first: &usize| Unit {
            keys: (0..units.len())
                .filter(|unit| first_of(*unit) == *first)
                .flat_map(|unit| units[unit].keys.clone())
                .collect(),
            changes_image: changes_image(*first),
        };
        Space { units: order.iter().map(merged).collect(), forced }
    }

    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The red site in the names of the green one.
    #[must_use]
    pub fn whole(&self) -> Hybrid {
        (0..self.units.len()).collect()
    }

    /// The least hybrid with these.
    #[must_use]
    pub fn closed(&self, hybrid: &Hybrid) -> Hybrid {
        hybrid.units().flat_map(|unit| self.forced[unit].iter().copied()).collect()
    }

    /// The largest hybrid within another that has none of these.
    #[must_use]
    pub fn without(&self, whole: &Hybrid, units: &[usize]) -> Hybrid {
        whole
            .units()
            .filter(|unit| self.forced[*unit].iter().all(|forced| !units.contains(forced)))
            .collect()
    }
}
