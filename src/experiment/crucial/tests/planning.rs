//! The plan in a simulated world: some mutants are noticed, alone and in every group that they are in.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::experiment::crucial::{Candidate, Group, Results, Verdict, group_of, groups, next};

fn candidate(key: &str, suspicion: u32, changes_image: bool) -> Candidate {
    Candidate { traits: vec![key.to_owned()], changes_image, suspicion }
}

/// A world in which some candidates are noticed; a group with one of those is.
struct World {
    groups: Vec<Group>,
    noticed: BTreeSet<usize>,
    results: Results,
    rehearsed: Vec<Group>,
}

impl World {
    fn of(candidates: &[Candidate], noticed: impl IntoIterator<Item = usize>) -> World {
        World {
            groups: groups(candidates),
            noticed: noticed.into_iter().collect(),
            results: Results::new(),
            rehearsed: Vec::new(),
        }
    }

    /// Rehearses so many at once, the first that was begun being the first to end.
    fn run(&mut self, at_once: usize) {
        let mut running: Vec<Group> = Vec::new();
        loop {
            while running.len() < at_once
                && let Some(group) = next(&self.groups, &self.results, &running)
            {
                running.push(group);
            }
            if running.is_empty() {
                return;
            }
            let group = running.remove(0);
            let is_noticed = group.iter().any(|place| self.noticed.contains(place));
            let verdict = if is_noticed { Verdict::Killed } else { Verdict::Survived };
            assert!(self.results.insert(group.clone(), verdict).is_none(), "twice: {group:?}");
            self.rehearsed.push(group);
        }
    }

    fn found(&self, count: usize) -> BTreeSet<usize> {
        let is_killed = |place: &usize| {
            let (group, verdict) = group_of(*place, &self.groups, &self.results).unwrap();
            assert!(verdict == Verdict::Survived || group.len() == 1);
            verdict == Verdict::Killed
        };
        (0..count).filter(is_killed).collect()
    }
}

#[test]
fn what_is_suspicious_comes_alone_and_first_and_what_changes_images_last() {
    let candidates = [
        candidate("base.debian", 3, true),
        candidate("env.THEME", 30, false),
        candidate("env.THEME", 31, false),
        candidate("services.cache", 20, false),
        candidate("env.UNUSED", 0, false),
        candidate("env.UNREAD", 0, false),
        candidate("env.UNREAD", 0, false),
        candidate("host.shm", 0, false),
        candidate("host", 0, false),
        candidate("base.packages", 0, true),
    ];
    let shown: Vec<String> = groups(&candidates)
        .iter()
        .map(|group| {
            let keys: Vec<String> = group
                .iter()
                .map(|place| format!("{place} {}", candidates[*place].traits[0]))
                .collect();
            keys.join(" + ")
        })
        .collect();
    // No group has a key twice, nor one with what it is a part of.
    assert_snapshot!(shown.join("\n"), @r"
    1 env.THEME
    3 services.cache
    2 env.THEME
    4 env.UNUSED + 5 env.UNREAD + 7 host.shm
    8 host + 6 env.UNREAD
    0 base.debian
    9 base.packages
    ");
}

#[test]
fn a_group_that_is_noticed_is_split_until_it_is_known_by_which() {
    let candidates: Vec<Candidate> =
        (0..4).map(|number| candidate(&format!("env.N{number}"), 0, false)).collect();
    let mut world = World::of(&candidates, [2]);
    world.run(1);
    assert_eq!(world.rehearsed, [vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![2], vec![3]]);
    assert_eq!(world.found(4), BTreeSet::from([2]));
    let mut world = World::of(&candidates, []);
    world.run(1);
    assert_eq!(world.rehearsed, [vec![0, 1, 2, 3]]);
}

/// A small generator of our own: the same cases on every machine.
fn random(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

#[test]
fn in_a_thousand_worlds_each_mutant_has_its_verdict_and_groups_pay() {
    let (mut rehearsed, mut all) = (0, 0);
    for seed in 0..1000 {
        let mut state = seed;
        let count = usize::try_from(10 + random(&mut state, 40)).unwrap();
        let candidates: Vec<Candidate> = (0..count)
            .map(|_| {
                let key = random(&mut state, 25);
                let suspicion = u32::try_from(random(&mut state, 3)).unwrap() * 10;
                candidate(&format!("env.N{key}"), suspicion, random(&mut state, 8) == 0)
            })
            .collect();
        // Of what is suspicious half is noticed, of the rest one in twelve.
        let noticed: BTreeSet<usize> = (0..count)
            .filter(|place| {
                let below = if candidates[*place].suspicion > 0 { 2 } else { 12 };
                random(&mut state, below) == 0
            })
            .collect();
        let mut world = World::of(&candidates, noticed.clone());
        world.run(1 + usize::try_from(seed % 4).unwrap());
        assert_eq!(world.found(count), noticed, "seed {seed}");
        rehearsed += world.rehearsed.len();
        all += count;
    }
    assert!(rehearsed < all, "{rehearsed} rehearsals of {all} mutants");
}
