//! Several rehearsals at a time: the same answer, after fewer rounds.

use super::world::{Numbers, World, units};
use super::*;
use crate::experiment::why::ahead::next_beside;

/// The rounds of so many at a time that an experiment takes, and its answer.
fn rounds(world: &World, space: &Space, at_once: usize) -> (usize, Answer) {
    let (mut results, mut numbers) = (Results::default(), Numbers(1));
    for round in 0..200 {
        let mut running: Vec<Hybrid> = Vec::new();
        while running.len() < at_once {
            let Some(trial) = next_beside(space, &results, &running) else { break };
            running.push(trial.hybrid);
        }
        if running.is_empty() {
            return (round, best_so_far(space, &results));
        }
        for hybrid in running {
            let outcome = world.rehearse(space, &hybrid, &mut numbers);
            results.add(hybrid, outcome);
        }
    }
    panic!("it does not end")
}

#[test]
fn several_at_a_time_come_to_the_same_answer_in_fewer_rounds() {
    let space = Space::new(units(25, 0), &[]);
    let mut all = [0; 3];
    for cause in (0..25).map(|unit| vec![unit]).chain([vec![3, 17], vec![0, 24]]) {
        let world = World::with(&[&cause]);
        for at_once in 1..=3 {
            let (rounds, answer) = rounds(&world, &space, at_once);
            let named: Vec<usize> = answer.causes[0].units().collect();
            assert_eq!((named.len(), answer.is_proven()), (cause.len(), true));
            assert!(cause.iter().all(|unit| named.contains(unit)), "{cause:?}, {named:?}");
            all[at_once - 1] += rounds;
        }
    }
    assert!(all[0] > all[1] && all[1] > all[2], "{all:?}");
}

#[test]
fn no_image_is_made_for_what_may_not_be_needed() {
    let space = Space::new(units(24, 8), &[]);
    let whole = space.whole();
    let mut results = Results::default();
    // Both ends first, and then a half without images beside it.
    assert_eq!(next_beside(&space, &results, &[]).unwrap().hybrid, Hybrid::default());
    assert_eq!(next_beside(&space, &results, &[Hybrid::default()]).unwrap().hybrid, whole);
    results.add(Hybrid::default(), Outcome::Green);
    results.add(whole, Outcome::Red);
    let half = next_beside(&space, &results, &[]).unwrap().hybrid;
    results.add(half.clone(), Outcome::Green);
    let of_images = next_beside(&space, &results, &[]).unwrap().hybrid;
    assert!(of_images.len() > half.len());
    assert_eq!(next_beside(&space, &results, &[of_images]), None);
}
