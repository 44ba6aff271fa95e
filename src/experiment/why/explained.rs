//! The finished answer as data: what programs read, and what a report can show.

use serde::{Deserialize, Serialize};

use super::answer::{Cause, End, Range, Without};
use super::explore::Explored;
use super::question::Question;
use super::results::{Outcome, Verdict};
use super::search::Purpose;
use super::words::Rehearsed;
use crate::report::{Explanation, Signature, TriedHybrid};
use crate::site::Difference;

/// The version of [`Explained`].
const SCHEMA: &str = "stagectl-why/1";

/// Why a site was red, as far as an experiment came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    pub schema: String,
    pub site: String,
    /// The run in which it was red.
    pub run: String,
    pub red: Signature,
    /// The green end.
    pub nearest: String,
    /// In how many keys, releases and distributions the two ends differ.
    pub keys: usize,
    /// How many of them can be tried apart from the others.
    pub units: usize,
    pub rehearsals: Vec<Tried>,
    /// How many rehearsals there were, known ones and not refused ones.
    pub count: usize,
    /// How many failed in another way.
    pub unresolved: usize,
    /// The first is found first; others are independent of it.
    pub causes: Vec<Because>,
    /// Where the search went on when it ended before its end.
    pub range: Option<OneOf>,
    /// The end that does not hold any more.
    pub changed: Option<Changed>,
    /// Green ends that were tried before and do not hold, with what was red there.
    pub lost: Vec<String>,
    pub proven: bool,
    /// The chance that it is no accident, from 0 to 1.
    pub confidence: f64,
    pub seconds: f64,
    /// What ended it before its end, if that was a failure.
    pub ended: Option<String>,
    /// The files in which the releases of the two ends differ.
    pub files: Vec<String>,
    /// What differs too, and could not be tried.
    pub untried: Option<String>,
    /// The answer as a person reads it, line by line.
    pub words: Vec<String>,
    /// What is below the first cause, where that brings distributions of its own.
    pub below: Option<Box<Explained>>,
}

/// A key of the two ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub key: String,
    /// What the red end has there.
    pub red: Option<String>,
    /// What the green end has there.
    pub green: Option<String>,
}

/// A rehearsal of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// In a few words: `site-a with 8 of them`.
    pub what: String,
    #[serde(rename = "for")]
    pub purpose: Purpose,
    /// The keys that it had of the red end.
    pub with: Vec<String>,
    pub outcome: Outcome,
    /// `None` where it was known from an earlier experiment.
    pub seconds: Option<f64>,
    /// What failed first in it.
    pub says: Option<String>,
    /// The folder of its report; empty for one that was refused.
    pub folder: String,
}

/// Units that make the red together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    pub units: Vec<Vec<Side>>,
    /// What has to be there with them, without which it fails in another way.
    pub beside: Vec<Vec<Side>>,
    pub without: Vec<Lacking>,
    /// What gives the green end all of them, or takes them from the red one where the green one is no site of its own:
    /// `--set` each.
    pub settings: Vec<String>,
}

/// The red end without one unit of a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    pub keys: Vec<Side>,
    pub verdict: Verdict,
}

/// Units of which one at least is to blame, and what is needed with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneOf {
    pub needed: Vec<Vec<Side>>,
    pub one_of: Vec<Vec<Side>>,
}

/// An end that is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub end: End,
    pub verdict: Verdict,
}

impl Question {
    /// What an experiment came to, as data.
    #[must_use]
    pub fn explained(&self, explored: &Explored) -> Explained {
        let Question { between, signature, run, .. } = self;
        let Explored { answer, results, rehearsed, took, ended, limit } = explored;
        let one_of = |range: &Range| OneOf {
            needed: self.sides_of(&range.needed),
            one_of: self.sides_of(&range.one_of),
        };
        let words = between.answer(answer, rehearsed)
            + &between.ending(answer, results, (rehearsed, *took), *limit);
        Explained {
            schema: SCHEMA.to_owned(),
            site: self.site.clone(),
            run: run.clone(),
            red: signature.clone(),
            nearest: between.green.clone(),
            keys: between.count(),
            units: between.space.units().len(),
            rehearsals: rehearsed.iter().map(|one| self.tried(one)).collect(),
            count: results.count(),
            unresolved: results.unresolved(),
            causes: answer.causes.iter().map(|cause| self.because(cause)).collect(),
            range: answer.range.as_ref().map(one_of),
            changed: answer.changed.map(|(end, verdict)| Changed { end, verdict }),
            proven: answer.is_proven(),
            confidence: answer.confidence,
            seconds: took.as_secs_f64(),
            ended: ended.as_ref().map(|failure| failure.message.clone()),
            lost: Vec::new(),
            files: between.files.clone(),
            untried: self.untried.clone(),
            words: words.lines().map(str::to_owned).collect(),
            below: None,
        }
    }

    fn tried(&self, rehearsed: &Rehearsed) -> Tried {
        let Rehearsed { trial, outcome, took, folder, says, .. } = rehearsed;
        let keys = trial.hybrid.units().flat_map(|unit| self.between.keys(unit));
        Tried {
            what: self.between.called(trial),
            purpose: trial.purpose,
            with: keys.map(|key| key.key.clone()).collect(),
            outcome: *outcome,
            seconds: took.map(|took| took.as_secs_f64()),
            says: says.clone(),
            folder: folder.clone(),
        }
    }

    fn because(&self, cause: &Cause) -> Because {
        let needed: Vec<usize> = cause.units().collect();
        let lacking = |without: &Without| Lacking {
            keys: self.sides(without.unit),
            verdict: without.verdict,
        };
        Because {
            units: self.sides_of(&needed),
            beside: self.sides_of(&cause.beside),
            without: cause.without.iter().map(lacking).collect(),
            settings: self.between.settings(needed.iter().chain(&cause.beside).copied()),
        }
    }

    fn sides_of(&self, units: &[usize]) -> Vec<Vec<Side>> {
        units.iter().map(|unit| self.sides(*unit)).collect()
    }

    fn sides(&self, unit: usize) -> Vec<Side> {
        let side = |key: &Difference| Side {
            key: key.key.clone(),
            red: key.one.clone(),
            green: key.two.clone(),
        };
        self.between.keys(unit).map(side).collect()
    }
}

impl Explained {
    /// The answer, and what is below it, line by line.
    #[must_use]
    pub fn all_words(&self) -> Vec<String> {
        let below = self.below.iter().flat_map(|below| &below.words);
        self.words.iter().chain(below).cloned().collect()
    }

    /// What a report of the run shows of it.
    #[must_use]
    pub fn for_report(&self) -> Explanation {
        let mut depth = 0;
        let tried = |one: &Tried| {
            depth = if one.purpose == Purpose::Search { depth + 1 } else { 0 };
            TriedHybrid {
                what: one.what.clone(),
                depth,
                with: one.with.clone(),
                outcome: one.outcome.name().to_owned(),
                seconds: one.seconds,
                folder: Some(one.folder.clone()).filter(|folder| !folder.is_empty()),
            }
        };
        let below = self.below.iter().flat_map(|below| &below.rehearsals);
        Explanation {
            rehearsals: self.rehearsals.iter().chain(below).map(tried).collect(),
            words: self.all_words(),
            proven: self.proven,
        }
    }
}
