//! What is told and saved of a site's turn before its teardown: what it asked for, what its logs say, the
//! evidence.

use super::moment::{Marks, Otherwise, at_that_moment};
use super::site::Attempt;
use super::{Told, evidence, outside, refused};
use crate::docker::Engine;
use crate::event::{What, timed};
use crate::failure::{Failure, Kind};
use crate::replica::Phase;

impl<E: Engine> Attempt<'_, E> {
    /// Tells which names beyond the site were asked for so far.
    pub async fn take_notes(&self) {
        let plan = self.plan.borrow().clone();
        if let Some(plan) = plan
            && let Ok(replica) = self.replica(&plan)
        {
            // A replica that never came up has no resolver to ask: that is told already.
            let _told = refused::note(&replica).await;
            outside::note_requests(&replica).await;
        }
    }

    /// What was said of a failure, by whom ever.
    pub(super) fn told(&self, failure: &Failure) -> Told {
        let phase = match failure.kind {
            Kind::Deploy if failure.message.starts_with("could not build") => "images",
            Kind::Deploy => "deploy",
            Kind::NotReady if failure.message.starts_with("service ") => "up",
            Kind::NotReady => "ready",
            _ => "suite",
        };
        let mut texts = vec![failure.message.clone()];
        texts.extend(failure.causes.iter().cloned());
        texts.extend(failure.evidence.iter().flat_map(|log| log.lines.iter().cloned()));
        let said = self.said.borrow();
        let examined = self.examined.borrow();
        let excerpts = examined.as_ref().map_or(&*said, |examined| &examined.said);
        texts.extend(excerpts.iter().flat_map(|excerpt| excerpt.lines.iter().cloned()));
        if let Some(examined) = &*examined {
            let failed = examined.checks.iter().filter(|check| !check.passed);
            texts.extend(failed.map(|check| format!("{}: {}", check.name, check.detail)));
            let tests = examined.suite.iter().flat_map(|suite| &suite.tests);
            let red = tests.filter(|test| test.is_red());
            texts.extend(red.flat_map(|test| test.message.iter().cloned()));
        }
        Told { phase, texts }
    }

    /// Saves what a person needs to understand the failure; never fails the rehearsal itself.
    pub async fn save_evidence(&self, failure: &Failure) {
        let saved = timed(&self.events, Phase::Evidence, async {
            let plan = self.plan.borrow().clone();
            let Some(plan) = plan else { return Ok(()) };
            let replica = self.replica(&plan)?;
            let folder = self.run.folder.join(self.site.name.as_str());
            let (examined, said) = (self.examined.take(), self.said.take());
            let found = match &examined {
                Some(examined) => evidence::Found {
                    checks: &examined.checks,
                    suite: examined.suite.as_ref(),
                    said: &examined.said,
                },
                None => evidence::Found { said: &said, ..evidence::Found::default() },
            };
            evidence::save(&replica, &folder, failure, found).await?;
            let shown = format!("{}/{}/", self.run.shown_folder, self.site.name);
            self.events.emit(What::EvidenceSaved { folder: shown });
            Ok(())
        })
        .await;
        if let Err(failure) = saved {
            let reasons: Vec<String> =
                std::iter::once(failure.message).chain(failure.causes).collect();
            self.events.emit(What::Warning { message: reasons.join(": ") });
        }
    }

    /// Tells what the logs of a replica say that did not come up; an examination has told it.
    pub(super) async fn take_moment(&self, failure: &Failure) {
        let plan = self.plan.borrow().clone();
        if let Some(plan) = plan
            && self.examined.borrow().is_none()
            && let Ok(replica) = self.replica(&plan)
        {
            let (marks, otherwise) = (Marks::default(), Otherwise::Nothing);
            let said = at_that_moment(&replica, &marks, failure, otherwise).await;
            for excerpt in &said {
                self.events.emit(What::AppLog { excerpt: excerpt.clone() });
            }
            *self.said.borrow_mut() = said;
        }
    }
}
