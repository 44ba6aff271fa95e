//! `stagectl crucial`: which traits of an environment matter, and which of them nobody would notice.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::context::{Aside, Context, parse_span};
use super::room::{parse_number, room_for};
use super::show::Show;
use crate::cancel::Stop;
use crate::display::{print_data, print_note};
use crate::experiment::crucial::{Crucial, Declared, Studied, Study, page, patch, text};
use crate::experiment::{Limits, release_of};
use crate::failure::{Failure, Verdict};
use crate::release::Release;
use crate::report::last_green;
use crate::run::path_from_here;
use crate::site::{Project, Site, SiteName};

/// Find out which traits of a green site matter, and which of them its tests would not notice
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl crucial site-a\n  stagectl crucial --budget 5min --output json"
)]
pub(super) struct CrucialArgs {
    /// The sites, each by itself; all if none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The release; the one with which the site was last green if left out
    #[arg(long, value_name = "PATH")]
    release: Option<PathBuf>,
    /// Only mutants of this key, or of what is below it; the answer is shown, and not kept. May be given several times
    #[arg(long, value_name = "KEY")]
    only: Vec<String>,
    /// No rehearsal of a site begins after this time: then the answer so far
    #[arg(long, value_name = "DURATION", value_parser = parse_span, default_value = "10min")]
    budget: Duration,
    /// No more rehearsals of a site than these: then the answer so far
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// Write what is offered for the descriptions into a file that `git apply` takes
    #[arg(long, value_name = "FILE")]
    write_patch: Option<PathBuf>,
    /// How many replicas there are at a time; as many as the machine has processors and memory for if left out
    #[arg(long, value_name = "N", value_parser = parse_number)]
    at_once: Option<usize>,
}

pub(super) async fn crucial(
    args: CrucialArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project_of(&args.sites, Aside::Said)?;
    let sites = project.choose(&args.sites)?;
    if let Some(path) = &args.write_patch {
        // Before minutes are spent; what is in it stays until the answer is there.
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(|error| {
            Failure::usage(format!("{} cannot be written", path.display()))
                .because(&error)
                .hint("name a file that can be made: `--write-patch FILE`")
        })?;
    }
    let all = sites.len();
    let show = Show::new(context.output);
    let asked = Asked { project: &project, args: &args, stop: &stop, show: &show };
    let (mut answers, mut offered, mut ended) = (Vec::new(), String::new(), None);
    for site in sites {
        match Box::pin(asked.study(site, &mut offered)).await {
            Ok((crucial, failure)) => {
                answers.push(crucial);
                ended = ended.or(failure);
            }
            Err(failure) if all == 1 => return Err(failure),
            // The others have their turn.
            Err(failure) => {
                print_note(&format!("{}: {}", site.name, failure.message));
                ended = ended.or(Some(failure));
            }
        }
        if stop.is_requested() {
            break;
        }
    }
    if let Some(path) = &args.write_patch {
        std::fs::write(path, offered).map_err(|error| {
            Failure::infrastructure(format!("could not write {}", path.display())).because(&error)
        })?;
    }
    if show.is_json() {
        let said = if let [one] = &answers[..] { as_json(one)? } else { as_json(&answers)? };
        print_data(&format!("{said:#}\n"))?;
    }
    match ended {
        Some(failure) => Err(failure),
        None => Ok(Verdict::Passed),
    }
}

fn as_json(what: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(what)
        .map_err(|error| Failure::bug("could not write an answer as JSON").because(&error))
}

/// The release of the command line, the one with which the site was last green, or that of the project.
fn release(args: &CrucialArgs, project: &Project, site: &Site) -> Result<Release, Failure> {
    match (&args.release, last_green(&project.root, site.name.as_str())?) {
        (None, Some(report)) => release_of(&report, project),
        (asked, _) => Context::release(asked.as_deref(), project),
    }
}

/// What is asked of each site.
struct Asked<'a> {
    project: &'a Project,
    args: &'a CrucialArgs,
    stop: &'a Stop,
    show: &'a Show,
}

impl Asked<'_> {
    /// The answer for a site, which is kept and shown; and why it ended early, where that is a failure.
    async fn study(
        &self,
        site: &Site,
        offered: &mut String,
    ) -> Result<(Crucial, Option<Failure>), Failure> {
        let Asked { project, args, stop, show } = *self;
        let release = release(args, project, site)?;
        let at_once = room_for(site, args.at_once).await;
        let limits = Limits { budget: Some(args.budget), most: args.max, at_once };
        let study = Study { project, site, only: &args.only, limits, stop };
        let Studied { crucial, declared, failure } =
            study.explore(release, |text| show.text(text)).await?;
        let page = page(&crucial)?;
        // An earlier answer does not give way to one that has nothing.
        let is_better =
            crucial.has_verdicts() || Crucial::read(&project.root, site.name.as_str()).is_none();
        let is_kept = args.only.is_empty() && is_better;
        let kept = is_kept.then(|| crucial.keep(&project.root, &page)).transpose()?;
        show.text(&format!("\n{}", text(&crucial)))?;
        if let Some(patch) = self.patch(site, &crucial, &declared)? {
            show.text(&format!(
                "\nfor its description, what it cannot do without and what nobody notices:\n{patch}"
            ))?;
            offered.push_str(&patch);
        }
        if let Some(why) = &crucial.ended {
            show.text(&format!("ended early: {why}; the same command goes on\n"))?;
        }
        if let Some(page) = &kept {
            show.text(&format!("report: {}\n\n", path_from_here(page)))?;
        }
        Ok((crucial, failure))
    }

    /// What has the description of a site say which variables are required, and what its suite does not notice; `None`
    /// where it says all of it.
    fn patch(
        &self,
        site: &Site,
        crucial: &Crucial,
        declared: &Declared,
    ) -> Result<Option<String>, Failure> {
        let file = self.project.root.join(&site.source);
        let text = std::fs::read_to_string(&file).map_err(|error| {
            Failure::usage(format!("could not read {}", file.display())).because(&error)
        })?;
        Ok(patch(&site.source.display().to_string(), &text, declared, &crucial.offered(declared)))
    }
}
