//! Weighted set cover, exactly: reductions first, which leave little of what sites look like, then branch and bound.
//!
//! Reductions: Balas and Ho, "Set covering algorithms using cutting planes, heuristics, and subgradient optimization"
//! (1980), section 2.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

/// Branches that are looked at before the best one so far has to do.
const MOST_BRANCHES: usize = 5000;

/// A cover by its places, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Least {
    pub(super) chosen: Vec<usize>,
    /// Whether none is cheaper.
    pub(super) is_proven: bool,
}

/// The cheapest candidates that together have everything. Each row is what one thing is had by; weights are by
/// candidate, and of equal covers the one with fewer candidates is the cheaper.
pub(super) fn least(rows: impl IntoIterator<Item = BTreeSet<usize>>, weights: &[u64]) -> Least {
    let bits = |row: BTreeSet<usize>| {
        let mut bits = FixedBitSet::with_capacity(weights.len());
        bits.extend(row);
        bits
    };
    let rows: BTreeSet<BTreeSet<usize>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
    let rows = reduced(rows.into_iter().map(bits).collect(), weights);
    let of_candidate =
        |candidate: usize| (0..rows.len()).filter(|row| rows[*row].contains(candidate)).collect();
    let columns = (0..weights.len()).map(of_candidate).collect();
    let mut open = FixedBitSet::with_capacity(rows.len());
    open.insert_range(..);
    let mut allowed = FixedBitSet::with_capacity(weights.len());
    allowed.insert_range(..);
    let mut search = Search { rows, columns, weights, best: None, branches: 0 };
    search.branch(Node { open, allowed, chosen: Vec::new() });
    let mut chosen = search.best.map(|(_, chosen)| chosen).unwrap_or_default();
    chosen.sort_unstable();
    Least { chosen, is_proven: search.branches < MOST_BRANCHES }
}

/// The rows without those that are had by whoever has another one, and without candidates in whose place another does
/// as well and is no dearer.
fn reduced(mut rows: Vec<FixedBitSet>, weights: &[u64]) -> Vec<FixedBitSet> {
    loop {
        let before: usize = rows.iter().map(|row| row.count_ones(..)).sum();
        let is_implied = |place: usize| {
            rows.iter().enumerate().any(|(other, row)| {
                let is_within = other != place && row.is_subset(&rows[place]);
                is_within && (row != &rows[place] || other < place)
            })
        };
        rows =
            (0..rows.len()).filter(|row| !is_implied(*row)).map(|row| rows[row].clone()).collect();
        let columns: Vec<FixedBitSet> = (0..weights.len())
            .map(|candidate| {
                let mut column = FixedBitSet::with_capacity(rows.len());
                column.extend((0..rows.len()).filter(|row| rows[*row].contains(candidate)));
                column
            })
            .collect();
        let is_dominated = |other: usize| {
            (0..weights.len()).any(|one| {
                let (column, its) = (&columns[one], &columns[other]);
                let is_strict = weights[one] < weights[other] || column != its || one < other;
                one != other && weights[one] <= weights[other] && its.is_subset(column) && is_strict
            })
        };
        let dominated: FixedBitSet =
            (0..weights.len()).filter(|candidate| is_dominated(*candidate)).collect();
        for row in &mut rows {
            row.difference_with(&dominated);
        }
        if rows.iter().map(|row| row.count_ones(..)).sum::<usize>() == before {
            return rows;
        }
    }
}

/// Weight, then number.
type Cost = (u64, usize);

/// What is left to be covered, and by whom.
#[derive(Debug, Clone)]
struct Node {
    open: FixedBitSet,
    allowed: FixedBitSet,
    chosen: Vec<usize>,
}

struct Search<'a> {
    rows: Vec<FixedBitSet>,
    /// The rows that each candidate has.
    columns: Vec<FixedBitSet>,
    weights: &'a [u64],
    best: Option<(Cost, Vec<usize>)>,
    branches: usize,
}

impl Search<'_> {
    fn branch(&mut self, mut node: Node) {
        self.branches += 1;
        let rarest = loop {
            let had_by = |row: &usize| self.rows[*row].intersection(&node.allowed).count();
            let Some(row) = node.open.ones().min_by_key(had_by) else { break None };
            match had_by(&row) {
                0 => return,
                1 => {
                    let only = self.rows[row].intersection(&node.allowed).next();
                    self.choose(&mut node, only.unwrap_or_default());
                }
                _ => break Some(row),
            }
        };
        let cost = self.cost(&node.chosen);
        let Some(rarest) = rarest else {
            if self.best.as_ref().is_none_or(|best| cost < best.0) {
                self.best = Some((cost, node.chosen));
            }
            return;
        };
        let (weight, number) = self.bound(&node);
        let is_worse = |best: &(Cost, Vec<usize>)| (cost.0 + weight, cost.1 + number) >= best.0;
        if self.best.as_ref().is_some_and(is_worse) {
            return;
        }
        let gain = |candidate: usize| {
            let had = self.columns[candidate].intersection(&node.open).count() as u64;
            had * 1_000_000 / self.weights[candidate].max(1)
        };
        let mut candidates: Vec<usize> = self.rows[rarest].intersection(&node.allowed).collect();
        // The most for the least first: a good cover early on makes the bound tell.
        candidates.sort_by_key(|candidate| std::cmp::Reverse(gain(*candidate)));
        for candidate in candidates {
            if self.branches >= MOST_BRANCHES && self.best.is_some() {
                return;
            }
            let mut with = node.clone();
            self.choose(&mut with, candidate);
            self.branch(with);
            // From here on without it.
            node.allowed.remove(candidate);
        }
    }

    fn choose(&self, node: &mut Node, candidate: usize) {
        node.chosen.push(candidate);
        node.open.difference_with(&self.columns[candidate]);
    }

    fn cost(&self, chosen: &[usize]) -> Cost {
        (chosen.iter().map(|candidate| self.weights[*candidate]).sum(), chosen.len())
    }

    /// What rows that share no candidate cost at least.
    fn bound(&self, node: &Node) -> Cost {
        let allowed = |row: usize| self.rows[row].intersection(&node.allowed);
        let mut by_size: Vec<usize> = node.open.ones().collect();
        by_size.sort_by_key(|row| allowed(*row).count());
        let (mut seen, mut cost) = (FixedBitSet::with_capacity(self.weights.len()), (0, 0));
        for row in by_size {
            if allowed(row).all(|candidate| !seen.contains(candidate)) {
                seen.extend(allowed(row));
                let cheapest = allowed(row).map(|candidate| self.weights[candidate]).min();
                cost = (cost.0 + cheapest.unwrap_or_default(), cost.1 + 1);
            }
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cost(chosen: &[usize], weights: &[u64]) -> Cost {
        (chosen.iter().map(|one| weights[*one]).sum(), chosen.len())
    }

    /// The cheapest of all covers that there are.
    fn by_force(rows: &[BTreeSet<usize>], weights: &[u64]) -> Cost {
        let all = (0..1_usize << weights.len()).filter_map(|mask| {
            let chosen: Vec<usize> =
                (0..weights.len()).filter(|place| mask >> place & 1 == 1).collect();
            let covers = rows.iter().all(|row| chosen.iter().any(|one| row.contains(one)));
            covers.then(|| cost(&chosen, weights))
        });
        all.min().unwrap()
    }

    proptest! {
        #[test]
        fn none_is_cheaper(
            rows in prop::collection::vec(prop::collection::btree_set(0..9_usize, 1..5), 0..24),
            weights in prop::collection::vec(1..20_u64, 9),
        ) {
            let found = least(rows.clone(), &weights);
            prop_assert!(found.is_proven);
            prop_assert!(rows.iter().all(|row| found.chosen.iter().any(|one| row.contains(one))));
            prop_assert_eq!(cost(&found.chosen, &weights), by_force(&rows, &weights));
        }
    }

    #[test]
    fn of_hundreds_that_are_much_alike_few_are_looked_at() {
        // 300 sites, 40 keys of which each has one of four values: far more than can be tried.
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let mut rows: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); 160];
        for site in 0..300 {
            for key in 0..40 {
                let value = [0, 0, 0, 0, 1, 1, 2, 3][usize::try_from(random(8)).unwrap()];
                rows[key * 4 + value].insert(site);
            }
        }
        let found = least(rows.clone(), &[1; 300]);
        assert!(rows.iter().all(|row| found.chosen.iter().any(|one| row.contains(one))));
        // Each time whoever has most of what is left: the best of these is where the search begins.
        let (mut left, mut taken) = (rows, 0);
        while !left.is_empty() {
            let had = |site: &usize| left.iter().filter(|row| row.contains(site)).count();
            let most = (0..300).max_by_key(had).unwrap();
            left.retain(|row| !row.contains(&most));
            taken += 1;
        }
        assert!(found.chosen.len() <= taken, "{found:?}, {taken}");
    }
}
