//! `stagectl why`: what makes a site red that others are not.

use std::time::Duration;

use super::context::{Aside, Context, parse_span};
use super::room::{parse_number, room_for};
use super::show::Show;
use crate::cancel::Stop;
use crate::display::print_data;
use crate::experiment::{Inquiry, Limits, recorded, release_of};
use crate::failure::{Failure, Kind, Verdict};
use crate::report::add_explanation;
use crate::site::SiteName;

/// Find the smallest difference to a green site or run that makes a red one red, proven by rehearsals
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl why site-b\n  stagectl why site-b --budget 10min\n  stagectl why site-b --between 20261125-174422-9d83 20261126-080112-4c1f"
)]
pub(super) struct WhyArgs {
    /// The site that was red
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// The run in which it was red; the last rehearsal of the site if left out
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// The site that it is held against; the nearest that is green if left out
    #[arg(long, value_name = "SITE")]
    against: Option<SiteName>,
    /// A run in which it was green and one in which it was red: what was installed is searched, and what else changed
    #[arg(long, value_name = "RUN", num_args = 2, conflicts_with_all = ["run", "against"])]
    between: Vec<String>,
    /// No more rehearsals than these: then the best answer so far
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// No rehearsal begins after this time: then the best answer so far
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    budget: Option<Duration>,
    /// How many replicas there are at a time; as many as the machine has processors and memory for if left out
    #[arg(long, value_name = "N", value_parser = parse_number)]
    at_once: Option<usize>,
}

pub(super) async fn why(args: WhyArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let project = context.project_of(std::slice::from_ref(&args.site), Aside::Said)?;
    let root = project.root.clone();
    let at_once = room_for(project.site(&args.site)?, args.at_once).await;
    let inquiry = if let [one, two] = &args.between[..] {
        let runs = [one, two].map(|run| recorded(&project, &args.site, Some(run)));
        let [one, two] = runs;
        Inquiry::between_runs(project, &args.site, [one?, two?]).await?
    } else {
        let report = recorded(&project, &args.site, args.run.as_deref())?;
        let release = release_of(&report, &project)?;
        Inquiry::of(project, &args.site, (report, release), args.against.as_ref()).await?
    };
    let show = Show::new(context.output);
    let limits = Limits { most: args.max, budget: args.budget, at_once };
    let found = inquiry.explain(limits, &stop, |line| show.line(line)).await?;
    let explained = &found.explained;
    if show.is_json() {
        let json = serde_json::to_string_pretty(explained)
            .map_err(|error| Failure::bug("could not write the answer as JSON").because(&error))?;
        print_data(&format!("{json}\n"))?;
    } else {
        show.answer(&explained.all_words())?;
    }
    let folder = root.join(".stagectl/runs").join(&explained.run);
    add_explanation(&folder, explained.site.as_str(), explained.for_report())?;
    match found.ended {
        Some(failure) => Err(failure),
        None if explained.changed.is_some() => Ok(Verdict::Not(Kind::NoResult)),
        None => Ok(Verdict::Passed),
    }
}
