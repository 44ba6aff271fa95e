//! The answer, made of what each rehearsal came to.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{KilledBy, Mutant, Observed, Outcome, Score, Standing, Trait};
use super::mutants::Planned;
use super::plan::{Group, Results, Verdict, group_of};
use crate::experiment::bench::Seen;
use crate::replica::Phase;
use crate::site::is_within;

/// What is known of the mutants of a site.
#[derive(Debug, Default)]
pub struct Known {
    pub groups: Vec<Group>,
    /// The tests that pass on the unchanged site.
    pub tests: Vec<String>,
    pub results: Results,
    pub seen: BTreeMap<Group, Seen>,
    /// Why nothing is known of some.
    pub unresolved: BTreeMap<Group, String>,
}

impl Known {
    /// Takes what a rehearsal came to.
    pub fn take(&mut self, group: Group, seen: Seen) {
        let is_flaky = |seen: &Seen| {
            seen.signature.as_ref().is_some_and(|red| {
                red.phase >= Phase::Diagnosis && red.failing.is_empty() && !red.flaky.is_empty()
            })
        };
        let verdict = match &seen.signature {
            None => Verdict::Survived,
            Some(_) if is_flaky(&seen) => {
                let says = "flaky: its red tests were green when they were repeated".to_owned();
                self.unresolved.insert(group.clone(), says);
                Verdict::Unresolved
            }
            Some(_) => Verdict::Killed,
        };
        self.results.insert(group.clone(), verdict);
        self.seen.insert(group, seen);
    }

    /// Takes that a group could not be rehearsed, and why.
    pub fn could_not(&mut self, group: Group, why: String) {
        self.results.insert(group.clone(), Verdict::Unresolved);
        self.unresolved.insert(group, why);
    }

    /// What is known of one mutant.
    #[must_use]
    pub fn mutant(&self, place: usize, planned: &[Planned]) -> Mutant {
        let Planned { name, origin, traits, settings, changes_image } = planned[place].clone();
        let mut mutant = Mutant {
            name,
            origin,
            traits,
            settings,
            changes_image,
            outcome: Outcome::Untried,
            killed_by: None,
            phase: None,
            says: None,
            checks: Vec::new(),
            tests: Vec::new(),
            skipped: Vec::new(),
            cleared_with: Vec::new(),
            seconds: None,
            run: None,
            folder: None,
        };
        let Some((group, verdict)) = group_of(place, &self.groups, &self.results) else {
            return mutant;
        };
        let seen = self.seen.get(&group);
        if let Some(seen) = seen {
            mutant.seconds = Some(seen.took.as_secs_f64());
            mutant.run = Some(seen.run.clone());
            mutant.folder = Some(seen.folder.clone());
            let skipped = seen.found.skipped.iter().filter(|test| self.tests.contains(test));
            mutant.skipped = skipped.cloned().collect();
        }
        match verdict {
            Verdict::Survived => {
                mutant.outcome = Outcome::Survived;
                let others = group.iter().filter(|other| **other != place);
                mutant.cleared_with = others.map(|other| planned[*other].name.clone()).collect();
            }
            Verdict::Unresolved => {
                mutant.outcome = Outcome::Unresolved;
                mutant.says = self.unresolved.get(&group).cloned();
            }
            Verdict::Killed => {
                mutant.outcome = Outcome::Killed;
                if let Some(seen) = seen {
                    tell(&mut mutant, seen);
                }
            }
        }
        mutant
    }
}

/// Who killed it, and by what.
fn tell(mutant: &mut Mutant, seen: &Seen) {
    let Some(red) = &seen.signature else { return };
    mutant.phase = Some(red.phase);
    mutant.says = seen.found.says.clone().or_else(|| Some(red.says.clone()));
    mutant.checks.clone_from(&seen.found.checks);
    mutant.tests.clone_from(&seen.found.failed);
    mutant.killed_by = Some(if red.phase < Phase::Diagnosis {
        KilledBy::Deploy
    } else if red.phase == Phase::Diagnosis && mutant.tests.is_empty() {
        KilledBy::Diagnosis
    } else {
        KilledBy::Suite
    });
}

/// What is known of each key that has mutants or is touched, and the score; `uncovered` is the description's word.
#[must_use]
pub fn fold(mutants: &[Mutant], observed: &Observed, uncovered: &[String]) -> (Vec<Trait>, Score) {
    let varied = mutants.iter().filter_map(|mutant| mutant.traits.first());
    let keys: BTreeSet<&String> = varied.chain(observed.touched.keys()).collect();
    let is_uncovered = |key: &str| uncovered.iter().any(|above| is_within(key, above));
    let of =
        |key: &String| Trait { uncovered: is_uncovered(key), ..of_key(key, mutants, observed) };
    let traits: Vec<Trait> = keys.into_iter().map(of).collect();
    let touched = || traits.iter().filter(|one| !one.touched.is_empty());
    let of = |standing: Standing| touched().filter(|one| one.standing == standing).count();
    let (noticed, by_diagnosis) = (of(Standing::Crucial), of(Standing::DiagnosisOnly));
    // What nobody could try says nothing of the suite.
    let touched = noticed + by_diagnosis + of(Standing::NotNoticed);
    (traits, Score { noticed, by_diagnosis, touched })
}

fn of_key(key: &str, mutants: &[Mutant], observed: &Observed) -> Trait {
    let own: Vec<&Mutant> = mutants
        .iter()
        .filter(|mutant| mutant.traits.first().is_some_and(|own| own == key))
        .collect();
    let killed: Vec<&&Mutant> =
        own.iter().filter(|mutant| mutant.outcome == Outcome::Killed).collect();
    let all = |of: fn(&Mutant) -> &Vec<String>| {
        let names: BTreeSet<&String> = killed.iter().flat_map(|mutant| of(mutant)).collect();
        names.into_iter().cloned().collect::<Vec<String>>()
    };
    // A suite that is not done in its time has no test to tell of, either.
    let is_before = |mutant: &&&&Mutant| {
        mutant.killed_by != Some(KilledBy::Diagnosis) && mutant.tests.is_empty()
    };
    let phases: BTreeSet<Phase> =
        killed.iter().filter(is_before).filter_map(|mutant| mutant.phase).collect();
    let touched = observed.touches(key);
    let survived = own.iter().filter(|mutant| mutant.outcome == Outcome::Survived).count();
    let standing =
        standing_of(&killed.iter().map(|one| **one).collect::<Vec<_>>(), survived, &touched);
    Trait {
        key: key.to_owned(),
        standing,
        touched,
        tests: all(|mutant| &mutant.tests),
        checks: all(|mutant| &mutant.checks),
        phases: phases.into_iter().collect(),
        killed: killed.len(),
        survived,
        uncovered: false,
    }
}

/// What a key is, by those of its mutants that were killed, the number of those that survived, and how it is touched.
#[must_use]
pub fn standing_of(killed: &[&Mutant], survived: usize, touched: &[String]) -> Standing {
    let by_others = |mutant: &&&Mutant| mutant.killed_by != Some(KilledBy::Diagnosis);
    if killed.iter().any(|mutant| by_others(&mutant)) {
        Standing::Crucial
    } else if !killed.is_empty() {
        Standing::DiagnosisOnly
    } else if survived == 0 {
        Standing::Unknown
    } else if touched.is_empty() {
        Standing::NotUsed
    } else {
        Standing::NotNoticed
    }
}
