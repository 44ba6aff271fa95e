//! Why sites of a rehearsal that is just over are red, and how an experiment is shown.

mod show;

use std::path::Path;
use std::time::{Duration, Instant};

pub(super) use self::show::Show;
use crate::cancel::Stop;
use crate::display::print_note;
use crate::experiment::{Limits, Question};
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
        let question = Question::of(project.clone(), &site, &report, release.clone());
        let question = match question {
            Ok(question) => question,
            Err(failure) => {
                print_note(&format!("why {name} is red: {}", failure.message));
                continue;
            }
        };
        show.line("")?;
        show.line(&question.head())?;
        let limits = Limits { most: None, budget: Some(left) };
        let explored = question.explore(limits, stop, |line| show.line(line)).await?;
        let explained = question.explained(&explored);
        show.words(&explained)?;
        report = add_explanation(folder, &name, explained.for_report())?;
        if let Some(failure) = explored.ended {
            return Err(failure);
        }
    }
    Ok(report)
}
