//! What an experiment found: causes with their proofs, or how far it came.

use serde::{Deserialize, Serialize};

use super::results::Verdict;
use super::space::Hybrid;

/// What a set of units did to the verdict, each way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// The units that are needed together, each with its proof.
    pub without: Vec<Without>,
    /// What has to be there with them, without which a hybrid fails in another way.
    pub beside: Vec<usize>,
    /// The green site with them: red.
    pub alone: Hybrid,
}

impl Cause {
    pub fn units(&self) -> impl Iterator<Item = usize> + '_ {
        self.without.iter().map(|without| without.unit)
    }
}

/// A hybrid that lacks one unit of a cause, and what that came to: the red site without it, or, where that fails in
/// another way, the last hybrid that was green before the unit came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    pub unit: usize,
    pub hybrid: Hybrid,
    pub verdict: Verdict,
}

/// Units of which one at least is a cause, and what was found to be needed with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    pub needed: Vec<usize>,
    pub one_of: Vec<usize>,
}

/// An end that is not what it was in the recorded run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    Green,
    Red,
}

/// What an experiment came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The first is found first; others are independent of it.
    pub causes: Vec<Cause>,
    /// Where the search went on when it ended.
    pub range: Option<Range>,
    /// The end that does not hold, and what it came to.
    pub changed: Option<(End, Verdict)>,
    /// The chance that what is told of the causes is no accident; one where nothing was seen to vary.
    pub confidence: f64,
}

impl Answer {
    /// Whether all of it is proven both ways: red with each cause alone, green without a unit of it. What one unit
    /// makes may stay red without it, if what does so is found, too; with several that would be an accident.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        let Some((last, before)) = self.causes.split_last() else { return false };
        let is_shown = |without: &Without| without.verdict == Verdict::Green;
        let is_one_of_several = |cause: &Cause| match &cause.without[..] {
            [only] => only.verdict != Verdict::Unresolved,
            several => several.iter().all(is_shown),
        };
        !last.without.is_empty()
            && last.without.iter().all(is_shown)
            && before.iter().all(is_one_of_several)
    }
}
