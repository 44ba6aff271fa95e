//! A whole inquiry: green ends are tried in their order, the first that holds is searched against, and what is below a
//! cause is looked for, too.

use super::answer::End;
use super::below::{Below, below};
use super::between::Kind;
use super::explained::Explained;
use super::explore::Explored;
use super::question::{Question, Red};
use crate::cancel::Stop;
use crate::experiment::limits::Limits;
use crate::failure::Failure;
use crate::report::Report;
use crate::site::SiteName;

/// Why a site was red: one question for each green end that it can be held against, the best one first.
#[derive(Debug)]
pub struct Inquiry {
    pub(super) name: SiteName,
    pub(super) report: Report,
    pub(super) questions: Vec<Question>,
}

/// What an inquiry came to.
#[derive(Debug)]
pub struct Findings {
    pub explained: Explained,
    /// Why it ended before its end, if that is a failure.
    pub ended: Option<Failure>,
}

impl Inquiry {
    /// Rehearses until there is an answer, or a limit is reached; each line goes to `tell` as soon as it is known.
    ///
    /// # Errors
    /// Infrastructure or usage, before the first rehearsal; and those of `tell`.
    pub async fn explain(
        &self,
        limits: Limits,
        stop: &Stop,
        mut tell: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Findings, Failure> {
        let mut left = limits;
        let [others @ .., last] = &self.questions[..] else {
            return Err(Failure::bug("an inquiry without a question"));
        };
        tell(&self.questions[0].said())?;
        let mut lost = Vec::new();
        for question in others {
            let (explored, explained) = ask(question, &mut left, stop, &mut tell).await?;
            // Where a release on an empty site is green it may be the way that was red, and a key that makes it so.
            let is_lost = explored.answer.changed.is_some_and(|(end, _)| {
                end == End::Green || question.between.kind == Kind::Releases
            });
            if !is_lost || explored.ended.is_some() {
                let explained = Explained { lost, ..explained };
                return self.go_on(question, (explored, explained), left, stop, tell).await;
            }
            tell(&format!("\n{}\n", explained.words[0]))?;
            lost.extend(explained.words.into_iter().next());
        }
        let (explored, explained) = ask(last, &mut left, stop, &mut tell).await?;
        let explained = Explained { lost, ..explained };
        self.go_on(last, (explored, explained), left, stop, tell).await
    }

    /// Goes on below a cause, where there is something below it.
    async fn go_on(
        &self,
        question: &Question,
        (explored, mut explained): (Explored, Explained),
        mut left: Limits,
        stop: &Stop,
        mut tell: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Findings, Failure> {
        let mut ended = explored.ended.clone();
        if ended.is_none() {
            match below(question, &Red::of(&self.report, &self.name)?, &explored).await? {
                Below::Nothing => {}
                Below::Same(words) => explained.words.insert(explained.words.len() - 1, words),
                Below::Question(question) => {
                    tell("")?;
                    let (explored, under) = ask(&question, &mut left, stop, &mut tell).await?;
                    ended = explored.ended;
                    explained.below = Some(Box::new(under));
                }
            }
        }
        Ok(Findings { explained, ended })
    }
}

/// Explores one question within what is left of the limits.
async fn ask(
    question: &Question,
    left: &mut Limits,
    stop: &Stop,
    tell: &mut impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(Explored, Explained), Failure> {
    tell(&question.head())?;
    tell("")?;
    let explored = question.explore(*left, stop, tell).await?;
    left.spend(explored.results.count(), explored.took);
    let explained = question.explained(&explored);
    Ok((explored, explained))
}
