//! What rehearsals of hybrids came to, and what is made of those that do not agree.

use serde::{Deserialize, Serialize};

use super::space::Hybrid;

/// What a rehearsal of a hybrid came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Green,
    /// Red as the red site was: the same phase, code, tests and words.
    Red,
    /// The same red, and green when it was repeated.
    Flaky,
    /// Red in another way, or nobody found out.
    Otherwise,
    /// Not rehearsed: it is no description that holds.
    Refused,
}

impl Outcome {
    /// As programs and reports read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Green => "green",
            Outcome::Red => "red",
            Outcome::Flaky => "flaky",
            Outcome::Otherwise => "otherwise",
            Outcome::Refused => "refused",
        }
    }
}

/// What is known of a hybrid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Green,
    Red,
    Unresolved,
}

/// The rehearsals of an experiment so far, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    rehearsed: Vec<(Hybrid, Outcome)>,
}

/// How sure a verdict has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// One rehearsal is enough, where nothing speaks against it.
    Once,
    /// Two more for it than against it.
    Twice,
}

/// What does not agree is not asked for ever.
const MOST_REPEATED: usize = 5;

impl Results {
    pub fn add(&mut self, hybrid: Hybrid, outcome: Outcome) {
        self.rehearsed.push((hybrid, outcome));
    }

    /// How many rehearsals there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rehearsed.iter().filter(|(_, outcome)| *outcome != Outcome::Refused).count()
    }

    /// How often a hybrid was rehearsed.
    #[must_use]
    pub fn times(&self, hybrid: &Hybrid) -> usize {
        self.of(hybrid).count()
    }

    /// How many of them failed in another way than the red site.
    #[must_use]
    pub fn unresolved(&self) -> usize {
        self.rehearsed.iter().filter(|(_, outcome)| *outcome == Outcome::Otherwise).count()
    }

    /// How many spoke against others of the same hybrid, or against themselves.
    #[must_use]
    pub fn contrary(&self) -> usize {
        let is_contrary = |(place, (hybrid, outcome)): (usize, &(Hybrid, Outcome))| {
            let before = &self.rehearsed[..place];
            *outcome == Outcome::Flaky
                || before.iter().any(|(other, was)| other == hybrid && was != outcome)
        };
        self.rehearsed.iter().enumerate().filter(|one| is_contrary(*one)).count()
    }

    /// What is known of a hybrid; `None` where it has to be rehearsed, perhaps once more.
    pub(super) fn verdict(&self, hybrid: &Hybrid, care: Care) -> Option<Verdict> {
        let (mut green, mut red, mut other) = (0, 0, 0);
        for outcome in self.of(hybrid) {
            match outcome {
                Outcome::Green => green += 1,
                Outcome::Red => red += 1,
                Outcome::Flaky => {}
                Outcome::Otherwise | Outcome::Refused => other += 1,
            }
        }
        let asked = self.of(hybrid).count();
        if asked == 0 {
            return None;
        }
        if other > 0 && other >= green.max(red) {
            return Some(Verdict::Unresolved);
        }
        let is_doubtful = asked > green.max(red) || self.is_contradicted(hybrid, green > red);
        let needed = if is_doubtful || care == Care::Twice { 2 } else { 1 };
        if green >= red + needed {
            Some(Verdict::Green)
        } else if red >= green + needed {
            Some(Verdict::Red)
        } else {
            (asked >= MOST_REPEATED).then_some(Verdict::Unresolved)
        }
    }

    /// By how many rehearsals more than against it a verdict stands.
    pub(super) fn lead(&self, hybrid: &Hybrid) -> usize {
        let count = |wanted| self.of(hybrid).filter(|outcome| *outcome == wanted).count();
        count(Outcome::Green).abs_diff(count(Outcome::Red))
    }

    fn of<'a>(&'a self, hybrid: &'a Hybrid) -> impl Iterator<Item = Outcome> + 'a {
        self.rehearsed.iter().filter(move |(other, _)| other == hybrid).map(|(_, outcome)| *outcome)
    }

    /// Green with what is red without more, or the reverse: seldom true, so it is looked at again.
    fn is_contradicted(&self, hybrid: &Hybrid, is_green: bool) -> bool {
        self.rehearsed.iter().any(|(other, outcome)| match outcome {
            Outcome::Red => is_green && other != hybrid && other.is_within(hybrid),
            Outcome::Green => !is_green && other != hybrid && hybrid.is_within(other),
            _ => false,
        })
    }
}
