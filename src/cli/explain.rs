//! Why sites of a rehearsal that is just over are red, and how an experiment is shown.

mod show;

use std::path::Path;
use std::time::{Duration, Instant};

pub(super) use self::show::Show;
use super::room::room_for;
use crate::cancel::Stop;
use crate::display::print_note;
use crate::experiment::{Inquiry, Limits};
use crate::failure::{Failure, Kind};
use crate::release::Release;
use crate::report::{Ending, Report, add_explanation};
use crate::site::{Project, SiteName};

/// Looks for what makes each red site of a rehearsal red, one after the other, until the time is over; the report with
/// what was found. A site of which nothing can be found out is named, and the others have their turn.
///
/// # Errors
/// A stop; infrastructure: it cannot be shown or written.
pub(super) async fn explain_red(
    (project, release): (&Project, &Release),
    (folder, mut report): (&Path, Report),
    budget: Duration,
    show: &Show,
    stop: &Stop,
) -> Result<Report, Failure> {
    let begin = Instant::now();
    let is_red = |one: &crate::report::SiteReport| {
        one.verdict == Ending::Failed || one.code == Some(Kind::NoResult.code())
    };
    let red: Vec<String> =
        report.sites.iter().filter(|one| is_red(one)).map(|one| one.name.clone()).collect();
    for name in red {
        stop.check()?;
        let left = budget.saturating_sub(begin.elapsed());
        let Ok(site) = name.parse::<SiteName>() else { continue };
        let asked = (report.clone(), release.clone());
        let inquiry = match Inquiry::of(project.clone(), &site, asked, None).await {
            Ok(inquiry) => inquiry,
            Err(failure) => {
                print_note(&format!("why {name} is red: {}", failure.message));
                continue;
            }
        };
        show.line("")?;
        let at_once = room_for(project.site(&site)?, None).await;
        let limits = Limits { most: None, budget: Some(left), at_once };
        let explanation = inquiry.explain(limits, stop, |line| show.line(line)).await?;
        show.words(&explanation.explained)?;
        report = add_explanation(folder, &name, explanation.explained.for_report())?;
        if let Some(failure) = explanation.ended {
            return Err(failure);
        }
    }
    Ok(report)
}
