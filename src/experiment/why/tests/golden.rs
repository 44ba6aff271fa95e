//! Whole experiments, a line for each rehearsal.

use super::world::{World, units};
use crate::experiment::{Space, Unit};

/// What is rehearsed in a world, and what is found.
fn explore(units: Vec<Unit>, world: &World) -> String {
    let space = Space::new(units, &[]);
    world.explore(&space).describe(&space)
}

#[test]
fn one_cause_is_halved_down_to_shown_red_and_shown_green_without_it() {
    let world = World::with(&[&[5]]);
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Green     key.0 key.1 key.2 key.3
     4 Search  Red       all but key.8 base.9 base.10 base.11
     5 Search  Red       key.0 key.1 key.2 key.3 key.4 key.5
     6 Search  Green     key.0 key.1 key.2 key.3 key.4
     7 Alone   Red       key.5
     8 Without Green     all but key.5
    because of key.5
    proven, confidence 1.000
    ");
}

#[test]
fn two_that_are_needed_together() {
    let world = World::with(&[&[2, 10]]);
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Green     key.0 key.1 key.2 key.3
     4 Search  Green     all but key.8 base.9 base.10 base.11
     5 Search  Green     all but base.10 base.11
     6 Search  Red       all but base.11
     7 Alone   Green     base.10
     8 Search  Green     key.0 key.1 base.10
     9 Search  Red       all but key.6 key.7 key.8 base.9 base.11
    10 Search  Red       key.0 key.1 key.2 key.3 base.10
    11 Search  Red       key.0 key.1 key.2 base.10
    12 Alone   Red       key.2 base.10
    13 Alone   Green     key.2
    14 Alone   Green     key.2
    15 Without Green     all but base.10
    16 Alone   Green     base.10
    17 Without Green     all but key.2
    because of base.10 key.2
    proven, confidence 1.000
    ");
}

#[test]
fn two_causes_of_which_each_is_enough() {
    let world = World::with(&[&[2], &[7]]);
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Red       key.0 key.1 key.2 key.3
     4 Search  Green     key.0 key.1
     5 Search  Red       key.0 key.1 key.2
     6 Alone   Red       key.2
     7 Without Red       all but key.2
     8 Alone   Red       key.2
     9 Search  Red       all but key.2 base.9 base.10 base.11
    10 Search  Green     key.0 key.1 key.3 key.4
    11 Search  Green     key.0 key.1 key.3 key.4 key.5 key.6
    12 Search  Red       all but key.2 key.8 base.9 base.10 base.11
    13 Alone   Red       key.7
    14 Without Green     all but key.2 key.7
    because of key.2
    because of key.7
    proven, confidence 1.000
    ");
}

#[test]
fn what_fails_otherwise_without_another_key_is_named_with_it() {
    let world = World { hidden: vec![(2, 7)], ..World::with(&[&[2]]) };
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Otherwise key.0 key.1 key.2 key.3
     4 Search  Green     all but key.0 key.1 key.2 key.3
     5 Search  Green     all but key.2 key.3
     6 Search  Red       all but key.3
     7 Alone   Otherwise key.2
     8 Search  Red       all but key.3 base.9 base.10 base.11
     9 Search  Otherwise key.0 key.1 key.2 key.4
    10 Search  Red       key.2 key.5 key.6 key.7 key.8
    11 Search  Otherwise key.2 key.5 key.6
    12 Search  Red       key.2 key.7 key.8
    13 Search  Red       key.2 key.7
    14 Alone   Green     key.7
    15 Alone   Green     key.7
    16 Without Green     all but key.2
    17 Without Otherwise all but key.7
    because of key.2 key.7
    not proven, confidence 1.000
    ");
}

#[test]
fn what_is_no_description_is_passed_over() {
    let world = World { refused: vec![(2, 6, 8)], ..World::with(&[&[3]]) };
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Refused   key.0 key.1 key.2 key.3
     4 Search  Green     all but key.0 key.1 key.2 key.3
     5 Search  Green     all but key.2 key.3
     6 Search  Green     all but key.3
     7 Alone   Red       key.3
    because of key.3
    proven, confidence 1.000
    ");
}

#[test]
fn a_flaky_suite_is_asked_again_and_the_answer_says_how_sure_it_is() {
    let world = World { noise: 15, seed: 4, ..World::with(&[&[3]]) };
    insta::assert_snapshot!(explore(units(12, 3), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Red       key.0 key.1 key.2 key.3
     4 Search  Flaky     key.0 key.1
     5 Search  Green     key.0 key.1
     6 Search  Green     key.0 key.1
     7 Search  Green     key.0 key.1 key.2
     8 Alone   Green     key.3
     9 Alone   Red       key.3
    10 Alone   Red       key.3
    11 Alone   Red       key.3
    12 Without Green     all but key.3
    13 Without Green     all but key.3
    because of key.3
    proven, confidence 0.619
    ");
}

#[test]
fn what_cannot_be_told_apart_stays_together() {
    let world = World { hidden: vec![(0, 1), (1, 2), (2, 0)], ..World::with(&[&[0]]) };
    insta::assert_snapshot!(explore(units(3, 0), &world), @r"
     1 End     Green
     2 End     Red       all
     3 Search  Otherwise key.0
     4 Search  Otherwise all but key.0
     5 Search  Otherwise key.1
     6 Search  Otherwise all but key.1
     7 Search  Otherwise key.2
     8 Search  Otherwise all but key.2
     9 Search  Green
    10 Search  Red       all
    needed: [], and one of: [key.0 key.1 key.2]
    not proven, confidence 1.000
    ");
}
