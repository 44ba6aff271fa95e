//! Which mutants are rehearsed next: a pure function of the mutants and of what is known so far.
//!
//! Those that are likely to be noticed come alone, the first of each key before the second of any. What the app was
//! not seen to touch comes in groups: one that is green clears its members, and one that is not is split.

use crate::site::is_within;
use std::collections::BTreeMap;

/// Members of a group at most. A group of four pays as long as fewer than four of ten would be noticed.
const MOST_TOGETHER: usize = 4;

/// What the plan has to know of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Keys that it changes; two mutants with a key in common, or one below the other, go into no group together.
    pub traits: Vec<String>,
    pub changes_image: bool,
    /// How much speaks for that it is noticed; those with nothing go into groups.
    pub suspicion: u32,
}

/// Mutants that are rehearsed as one, by their places.
pub type Group = Vec<usize>;

/// What a rehearsal of a group came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Killed,
    Survived,
    /// Nothing is known: it came to no end, or is no description that holds.
    Unresolved,
}

/// What is known so far.
pub type Results = BTreeMap<Group, Verdict>;

/// The groups with which the plan begins, in order.
#[must_use]
pub fn groups(candidates: &[Candidate]) -> Vec<Group> {
    let first = |place: &usize| candidates[*place].traits.first();
    let rank = |place: usize| (0..place).filter(|other| first(other) == first(&place)).count();
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|place| {
        let Candidate { changes_image, suspicion, .. } = &candidates[*place];
        (*changes_image, *suspicion == 0, rank(*place), std::cmp::Reverse(*suspicion))
    });
    let mut groups: Vec<Group> = Vec::new();
    for place in order {
        let candidate = &candidates[place];
        let is_open = |group: &&mut Group| {
            let goes = |other: &usize| {
                let other = &candidates[*other];
                other.suspicion == 0 && !other.changes_image && !overlap(other, candidate)
            };
            group.len() < MOST_TOGETHER && group.iter().all(goes)
        };
        let joins = candidate.suspicion == 0 && !candidate.changes_image;
        match groups.iter_mut().filter(|_| joins).find(is_open) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// Whether two change the same key, or one a part of what the other changes.
fn overlap(one: &Candidate, two: &Candidate) -> bool {
    let all = one.traits.iter().flat_map(|key| two.traits.iter().map(move |other| (key, other)));
    all.into_iter().any(|(key, other)| is_within(key, other) || is_within(other, key))
}

/// The next group to rehearse beside those that are running; `None` where all is known, or follows from what runs.
#[must_use]
pub fn next(groups: &[Group], results: &Results, running: &[Group]) -> Option<Group> {
    groups.iter().find_map(|group| within(group, results, running))
}

/// The first part of a group of which nothing is known.
fn within(group: &Group, results: &Results, running: &[Group]) -> Option<Group> {
    match results.get(group) {
        None if running.contains(group) => None,
        None => Some(group.clone()),
        Some(Verdict::Survived) => None,
        Some(_) if group.len() == 1 => None,
        Some(_) => halves(group).iter().find_map(|half| within(half, results, running)),
    }
}

fn halves(group: &Group) -> [Group; 2] {
    let (one, two) = group.split_at(group.len().div_ceil(2));
    [one.to_vec(), two.to_vec()]
}

/// The group whose verdict is that of a mutant, as far as it has one.
#[must_use]
pub fn group_of(place: usize, groups: &[Group], results: &Results) -> Option<(Group, Verdict)> {
    let mut group = groups.iter().find(|group| group.contains(&place))?.clone();
    loop {
        let verdict = *results.get(&group)?;
        if group.len() == 1 || verdict == Verdict::Survived {
            return Some((group, verdict));
        }
        group = halves(&group).into_iter().find(|half| half.contains(&place))?;
    }
}
