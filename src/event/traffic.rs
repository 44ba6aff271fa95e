//! How the site answered a visitor while a release was deployed over another one, and how long it did not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::State;

/// Two gaps less than this apart, in seconds, are one time without the site: times are in whole milliseconds.
const ROUNDED: f64 = 0.002;

/// What a visitor saw of the site on the way to a state of an upgrade: from the first action of the deploy until the
/// release was ready, or the deploy ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Traffic {
    /// The state that the deploy led to.
    pub state: State,
    /// When it was asked first, in seconds since the run's start.
    pub at: f64,
    pub seconds: f64,
    /// The paths of the pages that were asked, the health page first.
    pub pages: Vec<String>,
    /// How many answers there were, by their status, or by what was there instead: `200`, `connection refused`.
    pub answers: BTreeMap<String, u32>,
    /// The longest that a good answer took, in seconds.
    pub slowest: f64,
    /// In their order; none overlaps with another.
    pub gaps: Vec<Gap>,
}

/// A time in which the site was not as before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    pub kind: GapKind,
    /// When it began, in seconds since the run's start.
    pub at: f64,
    pub seconds: f64,
    /// The bad answers in it, counted as those of all.
    pub answers: BTreeMap<String, u32>,
    /// The pages that had them.
    pub pages: Vec<String>,
    /// The steps of the deploy that went on meanwhile, in their order.
    pub during: Vec<String>,
}

/// In what way the site was not as before; the worse one counts where both are true.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// It answered with another status than before: an error, or a page that is not there any more.
    Wrong,
    /// There was no connection, or no whole answer.
    Away,
}

impl GapKind {
    /// Its name in tables and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            GapKind::Wrong => "wrong",
            GapKind::Away => "away",
        }
    }
}

/// Which way an upgrade goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// To the new release.
    Deploy,
    /// To the live one again.
    Back,
}

/// How long a visitor found the site away or wrong, all of one way together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Downtime {
    pub way: Way,
    /// Seconds without an answer.
    pub away: f64,
    /// Seconds with a wrong one.
    pub wrong: f64,
    /// Seconds of the longest time in which it was the one or the other.
    pub longest: f64,
    /// The bad answers, by what they were.
    pub answers: BTreeMap<String, u32>,
    /// What was seen of it, in order.
    pub traffic: Vec<Traffic>,
}

impl Downtime {
    /// What it comes to; `None` where nobody asked on that way.
    #[must_use]
    pub fn of(way: Way, traffic: impl IntoIterator<Item = Traffic>) -> Option<Downtime> {
        let is_of_way = |seen: &Traffic| (seen.state == State::Back) == (way == Way::Back);
        let traffic: Vec<Traffic> = traffic.into_iter().filter(is_of_way).collect();
        if traffic.is_empty() {
            return None;
        }
        let gaps = || traffic.iter().flat_map(|seen| &seen.gaps);
        let seconds = |kind| gaps().filter(|gap| gap.kind == kind).map(|gap| gap.seconds).sum();
        let mut answers = BTreeMap::new();
        for (said, times) in gaps().flat_map(|gap| &gap.answers) {
            *answers.entry(said.clone()).or_default() += times;
        }
        let longest = traffic.iter().map(longest_of).fold(0.0, f64::max);
        let (away, wrong) = (seconds(GapKind::Away), seconds(GapKind::Wrong));
        let (away, wrong, longest) = (rounded(away), rounded(wrong), rounded(longest));
        Some(Downtime { way, away, wrong, longest, answers, traffic })
    }

    /// Seconds in which the site was away or wrong.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        rounded(self.away + self.wrong)
    }

    /// Puts it so many seconds later on the clock, as another run began before.
    pub fn delay(&mut self, seconds: f64) {
        for seen in &mut self.traffic {
            seen.at = rounded(seen.at + seconds);
            seen.gaps.iter_mut().for_each(|gap| gap.at = rounded(gap.at + seconds));
        }
    }

    /// Its gaps, in their order.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.traffic.iter().flat_map(|seen| &seen.gaps)
    }
}

/// The longest time of gaps that follow each other without a pause.
fn longest_of(traffic: &Traffic) -> f64 {
    let mut longest: f64 = 0.0;
    let mut begin = f64::NEG_INFINITY;
    let mut end = f64::NEG_INFINITY;
    for gap in &traffic.gaps {
        if gap.at > end + ROUNDED {
            begin = gap.at;
        }
        end = gap.at + gap.seconds;
        longest = longest.max(end - begin);
    }
    longest
}

/// To the millisecond: sums of such times are not always such, and the sum of none is a negative zero.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(kind: GapKind, at: f64, seconds: f64) -> Gap {
        let answers = BTreeMap::from([("502".to_owned(), 2)]);
        Gap { kind, at, seconds, answers, pages: vec!["/".to_owned()], during: Vec::new() }
    }

    fn traffic(state: State, gaps: Vec<Gap>) -> Traffic {
        let (pages, answers) = (vec!["/".to_owned()], BTreeMap::new());
        Traffic { state, at: 0.0, seconds: 9.0, pages, answers, slowest: 0.1, gaps }
    }

    #[test]
    fn gaps_that_follow_each_other_are_one_time_without_the_site() {
        use GapKind::{Away, Wrong};
        let between = traffic(State::Between, vec![gap(Wrong, 1.0, 0.5)]);
        let gaps = vec![gap(Away, 4.0, 1.0), gap(Wrong, 5.0, 0.25), gap(Away, 7.0, 0.5)];
        let seen = [between, traffic(State::New, gaps), traffic(State::Back, Vec::new())];
        let deploy = Downtime::of(Way::Deploy, seen.clone()).unwrap();
        let found = (deploy.away, deploy.wrong, deploy.longest, deploy.seconds());
        assert_eq!(found, (1.5, 0.75, 1.25, 2.25));
        assert_eq!(deploy.answers, BTreeMap::from([("502".to_owned(), 8)]));
        let back = Downtime::of(Way::Back, seen.clone()).unwrap();
        assert_eq!((back.traffic.len(), back.longest), (1, 0.0));
        assert!(back.away.is_sign_positive() && back.wrong.is_sign_positive());
        assert_eq!(Downtime::of(Way::Back, seen[..2].to_vec()), None);
    }
}
