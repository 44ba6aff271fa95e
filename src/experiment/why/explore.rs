//! The experiment: the planner is asked what comes next, that is rehearsed, and what it came to is remembered.

use std::time::{Duration, Instant};

use super::answer::Answer;
use super::plan::{Next, best_so_far, next};
use super::question::{Question, in_short};
use super::results::{Outcome, Results};
use super::search::Trial;
use super::words::Rehearsed;
use crate::cancel::Stop;
use crate::experiment::bench::{Bench, Seen};
use crate::experiment::verdicts::{Verdicts, verdict_key};
use crate::failure::Failure;
use crate::package_index::live_releases;

/// Where an experiment ends although it is not at its end: with the best answer so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// No more rehearsals than these.
    pub most: Option<usize>,
    /// No rehearsal begins after this time.
    pub budget: Option<Duration>,
}

impl Limits {
    /// Takes away what was spent.
    pub(super) fn spend(&mut self, rehearsals: usize, took: Duration) {
        self.most = self.most.map(|most| most.saturating_sub(rehearsals));
        self.budget = self.budget.map(|budget| budget.saturating_sub(took));
    }
}

/// What an experiment came to.
#[derive(Debug)]
pub struct Explored {
    pub answer: Answer,
    pub results: Results,
    pub rehearsed: Vec<Rehearsed>,
    pub took: Duration,
    /// Why it ended before its end, if that is a failure: infrastructure, a stop, what was left behind.
    pub ended: Option<Failure>,
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
        let (mut results, mut rehearsed) = (Results::default(), Vec::new());
        let space = &self.between.space;
        let mut ended = None;
        let answer = loop {
            let trial = match next(space, &results) {
                Next::Done(answer) => break answer,
                Next::Rehearse(trial) => trial,
            };
            let is_over = limits.most.is_some_and(|most| results.count() >= most)
                || limits.budget.is_some_and(|budget| begin.elapsed() >= budget);
            if is_over {
                break best_so_far(space, &results);
            }
            match self.rehearse(trial.clone(), (&verdicts, &results), stop).await {
                Ok(one) => {
                    results.add(trial.hybrid, one.outcome);
                    if one.outcome != Outcome::Refused {
                        tell(&self.between.line(results.count(), &one))?;
                    }
                    rehearsed.push(one);
                }
                Err(failure) => {
                    ended = Some(failure);
                    break best_so_far(space, &results);
                }
            }
        };
        Ok(Explored { answer, results, rehearsed, took: begin.elapsed(), ended })
    }

    async fn rehearse(
        &self,
        trial: Trial,
        (verdicts, results): (&Verdicts, &Results),
        stop: &Stop,
    ) -> Result<Rehearsed, Failure> {
        stop.check()?;
        let Bench { project, release, .. } = &self.bench;
        let Ok((site, other)) = self.between.made(&trial.hybrid, &project.root) else {
            return Ok(Rehearsed::refused(trial));
        };
        let release = other.unwrap_or(release);
        let live = live_releases(project, &[&site], None, release).await?.into_values().next();
        let key = verdict_key(&self.bench, (&site, release), live.as_ref())?;
        let known = verdicts.known(&key, results.times(&trial.hybrid));
        let (seen, took) = if let Some(seen) = known {
            (seen, None)
        } else {
            let seen = self.bench.rehearse((&site, release), live.as_ref(), stop).await?;
            verdicts.keep(&key, &seen)?;
            let took = seen.took;
            (seen, Some(took))
        };
        let outcome = self.outcome(&seen);
        let says = seen.signature.as_ref().map(in_short);
        let Seen { installed, folder, .. } = seen;
        Ok(Rehearsed { trial, outcome, took, says, installed, folder })
    }

    fn outcome(&self, seen: &Seen) -> Outcome {
        match &seen.signature {
            None => Outcome::Green,
            Some(other) if self.signature.is_as(other) => Outcome::Red,
            Some(other) if self.signature.flickers_in(other) => Outcome::Flaky,
            Some(_) => Outcome::Otherwise,
        }
    }
}
