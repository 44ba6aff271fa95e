//! `stagectl why`: what makes a site red that others are not.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{Aside, Context, parse_span};
use super::explain::Show;
use crate::cancel::Stop;
use crate::experiment::{Limits, Question};
use crate::failure::{Failure, Kind, Verdict};
use crate::release::Release;
use crate::report::{Report, add_explanation, rehearsal_of};
use crate::site::{Project, SiteName};

/// Find the smallest difference to a green site that makes a red one red, proven by rehearsals
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl why site-b\n  stagectl why site-b --budget 10min")]
pub(super) struct WhyArgs {
    /// The site that was red
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// The run in which it was red; the last rehearsal of the site if left out
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// No more rehearsals than these: then the best answer so far
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// No rehearsal begins after this time: then the best answer so far
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    budget: Option<Duration>,
}

pub(super) async fn why(args: WhyArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let project = context.project_of(std::slice::from_ref(&args.site), Aside::Said)?;
    let report = recorded(&project, &args.site, args.run.as_deref())?;
    let release = same_release(&report, &project)?;
    let root = project.root.clone();
    let question = Question::of(project, &args.site, &report, release)?;
    let show = Show::new(context.output);
    show.line(&question.head())?;
    let limits = Limits { most: args.max, budget: args.budget };
    let explored = question.explore(limits, &stop, |line| show.line(line)).await?;
    let explained = question.explained(&explored);
    show.answer(&explained)?;
    let folder = root.join(".stagectl/runs").join(&report.run);
    add_explanation(&folder, args.site.as_str(), explained.for_report())?;
    match explored.ended {
        Some(failure) => Err(failure),
        None if explored.answer.changed.is_some() => Ok(Verdict::Not(Kind::NoResult)),
        None => Ok(Verdict::Passed),
    }
}

fn recorded(project: &Project, red: &SiteName, run: Option<&str>) -> Result<Report, Failure> {
    let found = rehearsal_of(&project.root, red.as_str(), run)?;
    found.ok_or_else(|| match run {
        Some(run) => Failure::usage(format!("there is no rehearsal {run}"))
            .hint("the runs of a project are the folders in its `.stagectl/runs`"),
        None => Failure::usage(format!("{red} was not rehearsed yet"))
            .hint("rehearse first: `stagectl rehearse`"),
    })
}

/// The release of the run, which has to be what it was.
fn same_release(report: &Report, project: &Project) -> Result<Release, Failure> {
    let recorded = report.release.as_ref().ok_or_else(|| {
        Failure::usage(format!("run {} does not say which release it was of", report.run))
    })?;
    let again = "rehearse again with the release at hand: `stagectl rehearse --release ...`";
    let path = PathBuf::from(&recorded.path);
    let path = if path.exists() { path } else { project.root.join(path) };
    if !path.exists() {
        let message =
            format!("the release of run {} is not there any more: {}", report.run, recorded.path);
        return Err(Failure::usage(message).hint(again));
    }
    let release = Context::release(Some(&path), project)?;
    if release.digest != recorded.digest {
        let message =
            format!("{} is another release now than in run {}", recorded.path, report.run);
        return Err(Failure::usage(message).hint(again));
    }
    Ok(release)
}
