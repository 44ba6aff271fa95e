//! What `crucial` found out of a site, as `.stagectl/crucial/SITE.json` holds it: what each mutant came to, what of
//! the environment was seen to be touched, and what follows from both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Release;
use crate::replica::Phase;
use crate::site::is_within;

/// The version of the file, as its key `schema` carries it: a new key keeps it, one that changes its meaning or goes
/// away raises it.
pub const SCHEMA: &str = "stagectl-crucial/1";

/// The answer for one site and one release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crucial {
    pub schema: String,
    /// The version of stagectl.
    pub stagectl: String,
    pub site: String,
    /// The digest of the site's environment.
    pub environment: String,
    pub release: Release,
    pub baseline: Baseline,
    pub observed: Observed,
    /// In the order in which they were planned; those that were not tried as well.
    pub mutants: Vec<Mutant>,
    /// By key path.
    pub traits: Vec<Trait>,
    pub score: Score,
    /// How many rehearsals the answer rests on, those of earlier calls as well.
    pub rehearsals: usize,
    /// Seconds of this call.
    pub seconds: f64,
    /// Why it ended before all was tried, where it did.
    pub ended: Option<String>,
}

/// The unchanged site, green.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Baseline {
    pub run: String,
    pub seconds: f64,
    /// The tests of the suite that passed, in its order.
    pub tests: Vec<TimedTest>,
}

/// A test, and how long it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedTest {
    /// As [`crate::event::Test::label`].
    pub name: String,
    pub seconds: f64,
}

/// A description that is the site's but for one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mutant {
    /// In a few words: `env.SHOP_THEME as at site-b`.
    pub name: String,
    pub origin: Origin,
    /// Key paths: the first is what it is about, and the others change with it.
    pub traits: Vec<String>,
    /// Each as `--set` takes it.
    pub settings: Vec<String>,
    /// Whether images had to be made for it.
    pub changes_image: bool,
    pub outcome: Outcome,
    /// What noticed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub killed_by: Option<KilledBy>,
    /// The first phase that was red.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What the failure said; why nothing is known of one that is unresolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// The checks of the diagnosis that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// The tests that failed: all of them, the suite ran whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// The tests that pass on the unchanged site, and were left out: they ask for what is not there any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// Those that it was rehearsed together with, all of which survived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared_with: Vec<String>,
    /// Of its rehearsal, or of that of its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The folder of that run, as a person in the project would write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// Where a mutant comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "of")]
pub enum Origin {
    /// The value that another site has.
    OtherSite(String),
    /// The key is not there: what stagectl, the server or the distribution has by default.
    Plain,
    /// What happens to live sites: a variable is lost, a service does not answer.
    Adversity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Killed,
    Survived,
    /// Its rehearsal came to no verdict.
    Unresolved,
    Untried,
}

/// Who noticed a mutant, the first of these that did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KilledBy {
    /// Tests of the suite.
    Suite,
    /// It did not come up: images, deploy, readiness.
    Deploy,
    /// The built-in checks, while all tests passed.
    Diagnosis,
}

/// A key of the description, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    pub key: String,
    pub standing: Standing,
    /// Whether the app was seen to touch it, and how.
    pub touched: Vec<String>,
    /// The tests that noticed a mutant of it.
    pub tests: Vec<String>,
    /// The checks that did.
    pub checks: Vec<String>,
    /// The phases before them that did.
    pub phases: Vec<Phase>,
    /// How many of its mutants were killed, and how many survived.
    pub killed: usize,
    pub survived: usize,
    /// That the description says of it that the suite does not notice it (`uncovered`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncovered: bool,
}

/// What a key is to the app and to those who look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A mutant was noticed by the suite, or did not come up.
    Crucial,
    /// Only the diagnosis noticed one.
    DiagnosisOnly,
    /// The app touches it, and nobody noticed a mutant.
    NotNoticed,
    /// All mutants survived, and the app was not seen to touch it.
    NotUsed,
    /// No mutant of it came to a verdict.
    Unknown,
}

/// Traits: how many were noticed, of how many that are touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Score {
    /// By the suite, or by the deploy.
    pub noticed: usize,
    /// Beside these, by the diagnosis alone.
    pub by_diagnosis: usize,
    pub touched: usize,
}

/// What was seen inside while the unchanged site was rehearsed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Observed {
    /// Why nothing was observed, where that is so: what is touched is not known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Key paths that were touched, each with what was seen: `read by noticeboard/settings.py`.
    pub touched: BTreeMap<String, Vec<String>>,
    /// Code that took all variables at once: what it read of them nobody can see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copied_by: Vec<String>,
}

impl Crucial {
    /// Whether a mutant came to a verdict.
    #[must_use]
    pub fn has_verdicts(&self) -> bool {
        let is_known = |one: &Mutant| matches!(one.outcome, Outcome::Killed | Outcome::Survived);
        self.mutants.iter().any(is_known)
    }

    /// The keys of this standing, in the order of their paths.
    pub fn of_standing(&self, standing: Standing) -> impl Iterator<Item = &Trait> {
        self.traits.iter().filter(move |one| one.standing == standing)
    }

    /// What the app touches and nobody noticed, which the description does not say.
    pub fn blind_spots(&self) -> impl Iterator<Item = &Trait> {
        self.of_standing(Standing::NotNoticed).filter(|one| !one.uncovered)
    }

    /// What the description says that the suite does not notice, and is so.
    pub fn known_blind_spots(&self) -> impl Iterator<Item = &Trait> {
        self.of_standing(Standing::NotNoticed).filter(|one| one.uncovered)
    }

    /// What the description says that the suite does not notice, and it does.
    pub fn noticed_by_now(&self) -> impl Iterator<Item = &Trait> {
        self.of_standing(Standing::Crucial).filter(|one| one.uncovered)
    }

    /// The tests that killed each mutant, by the mutant's place: what a choice of tests covers.
    pub fn kills(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.mutants.iter().enumerate();
        all.flat_map(|(place, mutant)| mutant.tests.iter().map(move |test| (place, test.as_str())))
    }
}

impl Observed {
    /// What was seen of a key: of itself, of what it is a part of, and of its parts.
    #[must_use]
    pub fn touches(&self, key: &str) -> Vec<String> {
        let all = self.touched.iter();
        let all = all.filter(|(other, _)| is_within(key, other) || is_within(other, key));
        let mut touches: Vec<String> = all.flat_map(|(_, how)| how.clone()).collect();
        touches.dedup();
        touches
    }
}
