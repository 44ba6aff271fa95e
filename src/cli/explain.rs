//! Why sites of a rehearsal that is just over are red.

use std::path::Path;
use std::time::{Duration, Instant};

use super::room::room_for;
use super::show::Show;
use crate::cancel::Stop;
use crate::display::print_note;
use crate::experiment::{Inquiry, Limits};
use crate::failure::{Failure, Kind};
use crate::release::Release;
use crate::report::{Ending, Report, SiteReport, add_explanation};
use crate::site::{Project, Site};

/// What red sites of a rehearsal are asked for, and how.
pub(super) struct Explaining<'a> {
    pub(super) project: &'a Project,
    pub(super) release: &'a Release,
    /// The folder of the rehearsal.
    pub(super) folder: &'a Path,
    /// Of all of them together.
    pub(super) budget: Duration,
    pub(super) show: &'a Show,
    pub(super) stop: &'a Stop,
}

impl Explaining<'_> {
    /// Looks for what makes each red site of a rehearsal red, one after the other, until the time is over; what was found
    /// is added to the report. A site of which nothing can be found out is named, and the others have their turn: the
    /// verdict stands without it.
    ///
    /// # Errors
    /// A stop.
    pub(super) async fn explain_red(&self, report: &mut Report) -> Result<(), Failure> {
        let begin = Instant::now();
        let is_red = |site: &&Site| report.sites.iter().any(|one| is_red(one, site));
        let red: Vec<&Site> = self.project.sites.iter().filter(is_red).collect();
        for site in red {
            let left = self.budget.saturating_sub(begin.elapsed());
            let explained = self.explain(site, report, left).await;
            self.stop.check()?;
            if let Err(failure) = explained {
                let causes: Vec<&str> = failure.causes.iter().map(String::as_str).collect();
                let all = [&[&*failure.message][..], &causes].concat().join(": ");
                print_note(&format!("why {} is red was not found out: {all}", site.name));
            }
        }
        Ok(())
    }

    async fn explain(
        &self,
        site: &Site,
        report: &mut Report,
        budget: Duration,
    ) -> Result<(), Failure> {
        let asked = (report.clone(), self.release.clone());
        let inquiry = Inquiry::of(self.project.clone(), &site.name, asked, None).await?;
        self.show.line("")?;
        let limits =
            Limits { most: None, budget: Some(budget), at_once: room_for(site, None).await };
        let found = inquiry.explain(limits, self.stop, |line| self.show.line(line)).await?;
        self.show.answer(&found.explained.all_words())?;
        *report = add_explanation(self.folder, site.name.as_str(), found.explained.for_report())?;
        found.ended.map_or(Ok(()), Err)
    }
}

fn is_red(one: &SiteReport, site: &Site) -> bool {
    let is_red = one.verdict == Ending::Failed || one.code == Some(Kind::NoResult.code());
    one.name == site.name.as_str() && is_red
}
