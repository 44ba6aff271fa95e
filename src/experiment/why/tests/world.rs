//! A world in which it is known what makes the red.

use std::fmt::Write as _;

use crate::experiment::{
    Answer, Hybrid, Next, Outcome, Purpose, Results, Space, Trial, Unit, next,
};

/// A world with planted causes, each a set of units that is red when all of them are there.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) causes: Vec<Vec<usize>>,
    /// What fails in another way without the second, which the planner does not know.
    pub(super) hidden: Vec<(usize, usize)>,
    /// What is no description: the first without the second and the third.
    pub(super) refused: Vec<(usize, usize, usize)>,
    /// Of a hundred hybrids, so many fail in another way.
    pub(super) otherwise: u64,
    /// Of a hundred runs of the suite, so many come to the opposite.
    pub(super) noise: u64,
    pub(super) seed: u64,
}

/// The numbers of splitmix64, the same everywhere.
#[derive(Debug, Clone)]
pub(super) struct Numbers(pub(super) u64);

/// An experiment that was carried through.
#[derive(Debug)]
pub(super) struct Explored {
    pub(super) answer: Answer,
    pub(super) results: Results,
    pub(super) rehearsed: Vec<(Trial, Outcome)>,
}

impl Numbers {
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(end).unwrap()).unwrap()
    }
}

impl World {
    pub(super) fn with(causes: &[&[usize]]) -> World {
        World { causes: causes.iter().map(|units| units.to_vec()).collect(), ..World::default() }
    }

    /// What a rehearsal comes to; `numbers` decide on the noise.
    pub(super) fn rehearse(
        &self,
        space: &Space,
        hybrid: &Hybrid,
        numbers: &mut Numbers,
    ) -> Outcome {
        let lacks_both = |(unit, one, two): &(usize, usize, usize)| {
            hybrid.has(*unit) && !hybrid.has(*one) && !hybrid.has(*two)
        };
        if self.refused.iter().any(lacks_both) {
            return Outcome::Refused;
        }
        let is_end = hybrid.is_empty() || *hybrid == space.whole();
        let mixed = hybrid
            .units()
            .fold(self.seed, |mixed, unit| mixed ^ Numbers(u64::try_from(unit).unwrap()).draw());
        let is_odd = !is_end && Numbers(mixed).draw() % 100 < self.otherwise;
        let lacks = |(unit, other): &(usize, usize)| hybrid.has(*unit) && !hybrid.has(*other);
        if is_odd || self.hidden.iter().any(lacks) {
            return Outcome::Otherwise;
        }
        let is_red = self.causes.iter().any(|units| units.iter().all(|unit| hybrid.has(*unit)));
        let mut is_seen_red = || is_red != (numbers.draw() % 100 < self.noise);
        // A red suite is repeated at once.
        match (is_seen_red(), is_seen_red()) {
            (false, _) => Outcome::Green,
            (true, true) => Outcome::Red,
            (true, false) => Outcome::Flaky,
        }
    }

    /// Carries an experiment through.
    pub(super) fn explore(&self, space: &Space) -> Explored {
        let mut results = Results::default();
        let mut rehearsed = Vec::new();
        let mut numbers = Numbers(self.seed);
        loop {
            match next(space, &results) {
                Next::Done(answer) => return Explored { answer, results, rehearsed },
                Next::Rehearse(trial) => {
                    let outcome = self.rehearse(space, &trial.hybrid, &mut numbers);
                    results.add(trial.hybrid.clone(), outcome);
                    rehearsed.push((trial, outcome));
                    assert!(results.count() < 200, "it does not end: {self:?}");
                }
            }
        }
    }
}

impl Explored {
    /// The names of the causes' units, those of one cause together.
    pub(super) fn named(&self) -> Vec<Vec<usize>> {
        let sorted = |units: Vec<usize>| Hybrid::from_iter(units).units().collect();
        self.answer.causes.iter().map(|cause| sorted(cause.units().collect())).collect()
    }

    /// How many rehearsals there were after those that confirm the ends.
    pub(super) fn count(&self) -> usize {
        self.rehearsed.iter().filter(|(trial, _)| trial.purpose != Purpose::End).count()
    }

    /// How many it took until what was found was red by itself.
    pub(super) fn count_until_found(&self) -> usize {
        let of_search = self.rehearsed.iter().filter(|(trial, _)| trial.purpose != Purpose::End);
        let of_search: Vec<&(Trial, Outcome)> = of_search.collect();
        let is_split = |one: &&(Trial, Outcome)| one.0.purpose == Purpose::Search;
        let splits = of_search.iter().rposition(is_split).map_or(0, |place| place + 1);
        // Its last split may have been that very hybrid.
        let is_asked = of_search.get(splits).is_some_and(|(trial, outcome)| {
            trial.purpose == Purpose::Alone && *outcome == Outcome::Red
        });
        splits + usize::from(is_asked)
    }

    /// A line for each rehearsal, and the answer.
    pub(super) fn describe(&self, space: &Space) -> String {
        let keys = |units: &mut dyn Iterator<Item = usize>| {
            units.map(|unit| space.units()[unit].keys.join("+")).collect::<Vec<_>>().join(" ")
        };
        let mut told = String::new();
        for (number, (trial, outcome)) in self.rehearsed.iter().enumerate() {
            let Trial { hybrid, purpose } = trial;
            let (purpose, outcome) = (format!("{purpose:?}"), format!("{outcome:?}"));
            let what = if *hybrid == space.whole() {
                "all".to_owned()
            } else if hybrid.len() * 2 > space.units().len() {
                format!(
                    "all but {}",
                    keys(&mut space.whole().units().filter(|unit| !hybrid.has(*unit)))
                )
            } else {
                keys(&mut hybrid.units())
            };
            let line = format!("{:>2} {purpose:<8}{outcome:<10}{what}", number + 1);
            writeln!(told, "{}", line.trim_end()).unwrap();
        }
        for cause in &self.answer.causes {
            let (needed, beside) =
                (keys(&mut cause.units()), keys(&mut cause.beside.iter().copied()));
            let beside = if beside.is_empty() { beside } else { format!(" beside {beside}") };
            writeln!(told, "because of {needed}{beside}").unwrap();
        }
        if let Some(range) = &self.answer.range {
            let (needed, one_of) = (range.needed.iter().copied(), range.one_of.iter().copied());
            let needed = keys(&mut needed.into_iter());
            let one_of = keys(&mut one_of.into_iter());
            writeln!(told, "needed: [{needed}], and one of: [{one_of}]").unwrap();
        }
        if let Some((end, verdict)) = self.answer.changed {
            writeln!(told, "the {end:?} end is {verdict:?}").unwrap();
        }
        let proven = if self.answer.is_proven() { "proven" } else { "not proven" };
        write!(told, "{proven}, confidence {:.3}", self.answer.confidence).unwrap();
        told
    }
}

/// So many units, none of which forces another; the last ones change images.
pub(super) fn units(count: usize, with_image: usize) -> Vec<Unit> {
    (0..count)
        .map(|place| {
            let changes_image = place + with_image >= count;
            let prefix = if changes_image { "base" } else { "key" };
            Unit { keys: vec![format!("{prefix}.{place}")], changes_image }
        })
        .collect()
}
