//! What a visitor saw of the site while a release was deployed over another one: from the answers to the times without it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;

use crate::event::{Gap, GapKind, Performed, State, Traffic};

/// From here on a status is an error.
const ERROR: u16 = 400;

/// A page, and what it answered before the deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Below the site's address.
    pub path: String,
    /// Its status; `None` where nobody knows.
    pub before: Option<u16>,
}

impl Page {
    /// Whether this is as before: a page, or a way to one; or an error of the same kind.
    fn is_ok(&self, status: u16) -> bool {
        let is_page = |status: u16| (200..ERROR).contains(&status);
        match self.before {
            Some(before) => before / 100 == status / 100 || is_page(before) && is_page(status),
            None => is_page(status),
        }
    }
}

/// The answers of a site on the way to a state, as `traffic.py` tells them.
#[derive(Debug)]
pub struct Answers {
    pages: Vec<Page>,
    /// When the visitor came, since the run's start; its own clock begins then.
    began: Duration,
    all: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    page: usize,
    /// Seconds since the run's start.
    at: f64,
    took: f64,
    said: Said,
}

#[derive(Debug)]
enum Said {
    Status(u16),
    /// Why there was no answer.
    Nothing(String),
}

/// A line of `traffic.py`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    began: bool,
    first: Option<usize>,
    page: Option<usize>,
    #[serde(default)]
    at: f64,
    #[serde(default)]
    took: f64,
    status: Option<u16>,
    away: Option<String>,
}

impl Answers {
    /// None so far; the first page is the health page.
    #[must_use]
    pub fn new(pages: Vec<Page>) -> Answers {
        Answers { pages, began: Duration::ZERO, all: Vec::new() }
    }

    /// Takes a line that came at this time since the run's start.
    pub fn take(&mut self, now: Duration, line: &str) {
        let Ok(line) = serde_json::from_str::<Line>(line) else { return };
        let at = self.began.as_secs_f64() + line.at;
        let said = line.status.map(Said::Status).or(line.away.map(Said::Nothing));
        match (line.first, line.page, said) {
            _ if line.began => self.began = now,
            (Some(page), _, Some(said)) => {
                if let (Some(page), Said::Status(status)) = (self.pages.get_mut(page), said) {
                    page.before = Some(status);
                }
            }
            (None, Some(page), Some(said)) if page < self.pages.len() => {
                self.all.push(Answer { page, at, took: line.took, said });
            }
            _ => {}
        }
    }

    /// The pages that are asked: the health page, and those that were no error before.
    #[must_use]
    pub fn asked(&self) -> Vec<Page> {
        let is_asked = |page: &Page| page.before.is_some_and(|status| status < ERROR);
        let others = self.pages.iter().skip(1).filter(|page| is_asked(page));
        self.pages.first().into_iter().chain(others).cloned().collect()
    }

    /// The pages that are not asked, as they are errors without a deploy, too.
    #[must_use]
    pub fn left_out(&self) -> Vec<Page> {
        let asked = self.asked();
        self.pages.iter().filter(|page| !asked.contains(page)).cloned().collect()
    }

    /// What they come to, up to this time since the run's start; `None` where nobody asked. The steps come with the time of
    /// their end.
    #[must_use]
    pub fn traffic(
        mut self,
        state: State,
        end: Duration,
        steps: &[(Duration, Performed)],
    ) -> Option<Traffic> {
        self.all.sort_by(|one, two| one.at.total_cmp(&two.at));
        let (first, last) = (self.all.first()?.at, self.all.last()?.at);
        let end = end.as_secs_f64().max(last);
        let mut answers = BTreeMap::new();
        let mut slowest: f64 = 0.0;
        for answer in &self.all {
            *answers.entry(answer.in_words()).or_default() += 1;
            if self.kind(answer).is_none() {
                slowest = slowest.max(answer.took);
            }
        }
        Some(Traffic {
            state,
            at: rounded(first),
            seconds: rounded(end - first),
            pages: self.asked().into_iter().map(|page| page.path).collect(),
            answers,
            slowest: rounded(slowest),
            gaps: self.gaps(end, steps),
        })
    }

    /// In what way an answer is not as before.
    fn kind(&self, answer: &Answer) -> Option<GapKind> {
        match answer.said {
            Said::Nothing(_) => Some(GapKind::Away),
            Said::Status(status) if self.pages[answer.page].is_ok(status) => None,
            Said::Status(_) => Some(GapKind::Wrong),
        }
    }

    /// A bad answer counts from its request until the next one, of whichever page; where the same page is bad then, too,
    /// until that is asked, whatever others answer meanwhile.
    fn gaps(&self, end: f64, steps: &[(Duration, Performed)]) -> Vec<Gap> {
        let count = self.all.len();
        let mut worst: Vec<Option<GapKind>> = vec![None; count];
        for (number, answer) in self.all.iter().enumerate() {
            let Some(kind) = self.kind(answer) else { continue };
            let next = self.all[number + 1..].iter().position(|of| of.page == answer.page);
            let next = next.map(|steps| number + 1 + steps);
            let until = next.filter(|next| self.kind(&self.all[*next]).is_some());
            for of in &mut worst[number..until.unwrap_or(number + 1)] {
                *of = (*of).max(Some(kind));
            }
        }
        let mut gaps = Vec::new();
        let mut number = 0;
        while number < count {
            let begin = number;
            while number < count && worst[number] == worst[begin] {
                number += 1;
            }
            if let Some(kind) = worst[begin] {
                let until = self.all.get(number).map_or(end, |next| next.at);
                gaps.push(self.gap(kind, &self.all[begin..number], until, steps));
            }
        }
        gaps
    }

    fn gap(
        &self,
        kind: GapKind,
        answers: &[Answer],
        until: f64,
        steps: &[(Duration, Performed)],
    ) -> Gap {
        let at = answers[0].at;
        let bad = || answers.iter().filter(|answer| self.kind(answer).is_some());
        let mut counted = BTreeMap::new();
        for answer in bad() {
            *counted.entry(answer.in_words()).or_default() += 1;
        }
        let pages: BTreeSet<usize> = bad().map(|answer| answer.page).collect();
        let during = steps.iter().filter(|(end, step)| {
            let begin = end.saturating_sub(step.took).as_secs_f64();
            begin < until && at < end.as_secs_f64()
        });
        Gap {
            kind,
            at: rounded(at),
            seconds: rounded(until - at),
            answers: counted,
            pages: pages.into_iter().map(|page| self.pages[page].path.clone()).collect(),
            during: during.map(|(_, step)| step.what.clone()).collect(),
        }
    }
}

impl Answer {
    fn in_words(&self) -> String {
        match &self.said {
            Said::Status(status) => status.to_string(),
            Said::Nothing(why) => why.clone(),
        }
    }
}

/// To the millisecond.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
