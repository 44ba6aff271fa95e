//! The experiment: the planner is asked what comes next, that is rehearsed, and what it came to is remembered.

use std::time::{Duration, Instant};

use super::ahead::next_beside;
use super::answer::Answer;
use super::plan::best_so_far;
use super::question::{Question, in_short};
use super::results::{Outcome, Results};
use super::search::{Purpose, Trial};
use super::space::Hybrid;
use super::words::Rehearsed;
use crate::cancel::Stop;
use crate::experiment::at_once::{Planner, at_once};
use crate::experiment::bench::{Bench, Seen};
use crate::experiment::limits::Limits;
use crate::experiment::verdicts::{Verdicts, verdict_key};
use crate::failure::Failure;
use crate::package_index::live_releases;

/// What an experiment came to.
#[derive(Debug)]
pub struct Explored {
    pub answer: Answer,
    pub results: Results,
    pub rehearsed: Vec<Rehearsed>,
    pub took: Duration,
    /// Why it ended before its end, if that is a failure: infrastructure, a stop, what was left behind.
    pub ended: Option<Failure>,
    /// The limit that ended it.
    pub limit: Option<&'static str>,
}

impl Question {
    /// Rehearses what the planner asks for until it has an answer, or a limit is reached; each line goes to `tell` as
    /// soon as a rehearsal is over.
    ///
    /// # Errors
    /// Infrastructure or usage, before the first rehearsal; and those of `tell`.
    pub async fn explore(
        &self,
        limits: Limits,
        stop: &Stop,
        tell: &mut impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Explored, Failure> {
        let begin = Instant::now();
        let verdicts = Verdicts::of(&self.bench.project.root)?;
        let (results, rehearsed) = (Results::default(), Vec::new());
        let mut exploration = Exploration {
            question: self,
            limits,
            stop,
            begin,
            tell,
            results,
            rehearsed,
            begun: 0,
            ended: None,
            limit: None,
        };
        at_once(&mut exploration, limits.at_once, |asked| self.rehearse(asked, &verdicts, stop))
            .await;
        let Exploration { results, rehearsed, ended, limit, .. } = exploration;
        let answer = best_so_far(&self.between.space, &results);
        Ok(Explored { answer, results, rehearsed, took: begin.elapsed(), ended, limit })
    }

    async fn rehearse(
        &self,
        Asked { trial, before }: Asked,
        verdicts: &Verdicts,
        stop: &Stop,
    ) -> Result<Rehearsed, Failure> {
        stop.check()?;
        let Bench { project, release, .. } = &self.bench;
        let Ok((site, other)) = self.between.made(&trial.hybrid, &project.root) else {
            return Ok(Rehearsed::refused(trial));
        };
        let release = other.unwrap_or(release);
        let live = live_releases(project, &[&site], None, release).await?.into_values().next();
        let is_whole = is_whole(trial.purpose);
        let bench = if is_whole { &self.whole } else { &self.bench };
        let key = verdict_key(bench, (&site, release), live.as_ref())?;
        let known = verdicts.known(&key, before);
        let (seen, took) = if let Some(seen) = known {
            (seen, None)
        } else {
            let seen = Box::pin(bench.rehearse((&site, release), live.as_ref(), stop)).await?;
            verdicts.keep(&key, &seen)?;
            let took = seen.took;
            (seen, Some(took))
        };
        let outcome = self.outcome(&seen, is_whole);
        let said = seen.found.says.as_deref();
        let says = seen.signature.as_ref().map(|signature| in_short(signature, said));
        let Seen { installed, folder, .. } = seen;
        Ok(Rehearsed { trial, outcome, is_whole, took, says, installed, folder })
    }

    fn outcome(&self, seen: &Seen, is_whole: bool) -> Outcome {
        match &seen.signature {
            None => Outcome::Green,
            Some(other) if self.signature.is_as(other) => Outcome::Red,
            Some(other) if self.signature.flickers_in(other) => Outcome::Flaky,
            // This red is gone, and another one begins behind it.
            Some(other) if is_whole && self.signature.comes_before(other) => Outcome::Green,
            Some(_) => Outcome::Otherwise,
        }
    }
}

/// Whether a rehearsal goes to its end, with the whole suite: what is said to pass has to.
fn is_whole(purpose: Purpose) -> bool {
    purpose == Purpose::Without
}

/// A rehearsal that is asked for, and how many of the same there were before it.
#[derive(Debug, Clone)]
struct Asked {
    trial: Trial,
    before: usize,
}

/// An experiment that goes on.
struct Exploration<'a, T> {
    question: &'a Question,
    limits: Limits,
    stop: &'a Stop,
    begin: Instant,
    tell: &'a mut T,
    results: Results,
    rehearsed: Vec<Rehearsed>,
    begun: usize,
    ended: Option<Failure>,
    limit: Option<&'static str>,
}

impl<T: FnMut(&str) -> Result<(), Failure>> Exploration<'_, T> {
    /// True once nothing more is begun.
    fn is_over(&mut self) -> bool {
        self.limit = self.limits.reached(self.begun, self.begin.elapsed());
        self.ended.is_some() || self.limit.is_some()
    }

    /// How many rehearsals of the same there were, as far and with the same tests.
    fn times(&self, trial: &Trial) -> usize {
        let is_same = |one: &&Rehearsed| {
            one.trial.hybrid == trial.hybrid && one.is_whole == is_whole(trial.purpose)
        };
        self.rehearsed.iter().filter(is_same).count()
    }

    fn add(&mut self, one: Rehearsed) -> Result<(), Failure> {
        self.results.add(one.trial.hybrid.clone(), one.outcome);
        let is_rehearsed = one.outcome != Outcome::Refused;
        let line = self.question.between.line(self.results.count(), &one);
        self.rehearsed.push(one);
        if is_rehearsed { (self.tell)(&line) } else { Ok(()) }
    }
}

impl<T: FnMut(&str) -> Result<(), Failure>> Planner for Exploration<'_, T> {
    type Trial = Asked;
    type Result = Result<Rehearsed, Failure>;

    fn next(&mut self, running: &[Asked]) -> Option<Asked> {
        if self.is_over() || self.stop.is_requested() && !running.is_empty() {
            return None;
        }
        let hybrids: Vec<Hybrid> = running.iter().map(|asked| asked.trial.hybrid.clone()).collect();
        let trial = next_beside(&self.question.between.space, &self.results, &hybrids)?;
        let is_same = |asked: &&Asked| {
            asked.trial.hybrid == trial.hybrid
                && is_whole(asked.trial.purpose) == is_whole(trial.purpose)
        };
        let before = self.times(&trial) + running.iter().filter(is_same).count();
        // What no description holds for costs nothing.
        self.begun += 1;
        Some(Asked { trial, before })
    }

    fn take(&mut self, _: Asked, result: Result<Rehearsed, Failure>) {
        let refused = matches!(&result, Ok(one) if one.outcome == Outcome::Refused);
        self.begun -= usize::from(refused);
        if let Err(failure) = result.and_then(|one| self.add(one)) {
            self.ended.get_or_insert(failure);
        }
    }
}
