//! `stagectl report`: what a run said, and one report out of several.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::ZonedDateTime;
use serde_json::json;

use super::context::{Context, summarize};
use crate::display::{print_data, print_report, print_summary, print_timeline};
use crate::failure::{Failure, Verdict};
use crate::replica::RunId;
use crate::report::{
    Merged, Recorded, Report, SiteReport, bring_evidence, is_of_experiment, merge, run_folder,
    write, write_page, write_trends,
};
use crate::run::path_from_here;
use crate::site::SiteName;
use crate::state;

/// Show the report of a run, make one out of several, or the trends of all
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl report show\n  stagectl report merge shards/*\n  stagectl report trends"
)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    wanted: Wanted,
}

#[derive(Debug, clap::Subcommand)]
enum Wanted {
    Show(ShowArgs),
    Merge(MergeArgs),
    Trends(TrendsArgs),
}

/// Show what a run came to, and where its page is
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl report show\n  stagectl report show --timeline site-a"
)]
struct ShowArgs {
    /// A run's id, its folder or its report.json; the last run if left out
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,
    /// When each container and step was, and the critical path; of these sites, or of all
    #[arg(long, value_name = "SITE", num_args = 0.., value_delimiter = ',')]
    timeline: Option<Vec<SiteName>>,
}

/// Make one verdict out of the reports of runs that shared the sites
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl report merge shards/*")]
struct MergeArgs {
    /// Runs' ids, their folders, folders with such below them, or files: report.json
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Where the merged report goes; a new run of this project if left out
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// A site that must have a result; if left out, those that the runs shared by `--partition`, else
    /// all of this project
    #[arg(long = "expect", value_name = "SITE", value_delimiter = ',')]
    expected: Vec<SiteName>,
}

/// Write the page of how each site fared over the recorded rehearsals: green, red, seconds per phase
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl report trends")]
struct TrendsArgs {}

pub(super) fn report(args: ReportArgs, context: &Context) -> Result<Verdict, Failure> {
    match args.wanted {
        Wanted::Show(args) => show(args, context),
        Wanted::Merge(args) => merge_all(args, context),
        Wanted::Trends(TrendsArgs {}) => trends(context),
    }
}

fn show(args: ShowArgs, context: &Context) -> Result<Verdict, Failure> {
    let path = match args.run {
        Some(run) => there(run, context),
        None => last(&context.root()?)?,
    };
    let found = Recorded::all_at(&path).map_err(|failure| {
        failure.hint("the runs of a project are the folders in its `.stagectl/runs`")
    })?;
    let [one] = &found[..] else {
        return Err(Failure::usage(format!("{} is not one run", path.display()))
            .cause(format!("there are {} reports below it", found.len()))
            .hint("name a run, or merge them: `stagectl report merge`"));
    };
    if let Some(names) = &args.timeline {
        return show_timeline(&one.report, names, context);
    }
    if context.output.is_json() {
        let json = serde_json::to_string_pretty(&one.report);
        print_data(&format!("{}\n", json.unwrap_or_default()))?;
        return Ok(Verdict::Passed);
    }
    let mut report = one.report.clone();
    // One of an earlier version has no page.
    let has_page = one.folder.join("report.html").is_file();
    report.folder =
        has_page.then(|| path_from_here(&one.folder.canonicalize().unwrap_or_default()));
    print_report(&report, context.output.wish())?;
    Ok(Verdict::Passed)
}

/// When each step of these sites was; of all, if none is named.
fn show_timeline(
    report: &Report,
    names: &[SiteName],
    context: &Context,
) -> Result<Verdict, Failure> {
    let of = |name: &SiteName| report.sites.iter().find(|site| site.name == name.as_str());
    if let Some(unknown) = names.iter().find(|name| of(name).is_none()) {
        let known: Vec<&str> = report.sites.iter().map(|site| site.name.as_str()).collect();
        return Err(Failure::usage(format!("run {} has no site {unknown}", report.run))
            .hint(format!("its sites: {}", known.join(", ")))
            .hint("name a run before the flag: `stagectl report show RUN --timeline`"));
    }
    let sites: Vec<&SiteReport> = match names {
        [] => report.sites.iter().collect(),
        _ => names.iter().filter_map(of).collect(),
    };
    if context.output.is_json() {
        let of_site = |site: &&SiteReport| json!({"name": site.name, "timeline": site.timeline});
        let sites: Vec<_> = sites.iter().map(of_site).collect();
        let json = serde_json::to_string_pretty(&json!({"run": report.run, "sites": sites}));
        print_data(&format!("{}\n", json.unwrap_or_default()))?;
    } else {
        print_timeline(&sites, context.output.wish())?;
    }
    Ok(Verdict::Passed)
}

fn trends(context: &Context) -> Result<Verdict, Failure> {
    let root = context.root()?;
    state::look_at(&root)?;
    let page = write_trends(&root)?.ok_or_else(|| {
        Failure::usage("no rehearsal is recorded here").hint("rehearse first: `stagectl rehearse`")
    })?;
    print_data(&format!("{}\n", path_from_here(&page.canonicalize().unwrap_or(page))))?;
    Ok(Verdict::Passed)
}

/// The folder of the newest run with a report that is none of an experiment.
fn last(root: &Path) -> Result<PathBuf, Failure> {
    let runs = fs::read_dir(root.join(".stagectl/runs")).into_iter().flatten().flatten();
    let folders = runs.map(|entry| entry.path()).filter(|path| path.join("report.json").is_file());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    folders.into_iter().rev().find(|folder| !is_of_experiment(folder)).ok_or_else(|| {
        Failure::usage("there is no report here").hint("rehearse first: `stagectl rehearse`")
    })
}

/// A path as it is, or the folder of the run that is called so.
fn there(run: PathBuf, context: &Context) -> PathBuf {
    let own = context.root().ok().map(|root| root.join(".stagectl/runs").join(&run));
    match own {
        Some(own) if !run.exists() && own.is_dir() => own,
        _ => run,
    }
}

fn merge_all(args: MergeArgs, context: &Context) -> Result<Verdict, Failure> {
    let mut all = Vec::new();
    let mut empty = Vec::new();
    for run in args.runs {
        let path = there(run, context);
        let found = Recorded::all_at(&path)?;
        if found.is_empty() {
            empty.push(path.display().to_string());
        }
        all.extend(found);
    }
    if all.is_empty() {
        return Err(Failure::usage(format!("there is no report in {}", empty.join(", "))));
    }
    let shared = all.iter().any(|found| found.report.partition.is_some());
    let expected: Vec<String> = match &args.expected[..] {
        [] if shared => Vec::new(),
        [] => all_sites(context)?,
        named => named.iter().map(ToString::to_string).collect(),
    };
    let run = RunId::new(&ZonedDateTime::now());
    let mut merged = merge(all, &expected, run.to_string())?;
    merged.nothing_in(empty);
    let folder = if let Some(folder) = args.into {
        made(folder)?
    } else {
        let root = context.root().map_err(|failure| {
            failure.hint("or name a folder for the merged report: `--into merged`")
        })?;
        state::look_at(&root)?;
        run_folder(&root, run.as_str())?
    };
    for (site, from) in &merged.evidence {
        bring_evidence(site, from, &folder)?;
    }
    merged.lies_in(&path_from_here(&folder.canonicalize().unwrap_or_else(|_| folder.clone())));
    let Merged { report, verdict, .. } = merged;
    write(&folder, &report)?;
    if let Ok(root) = context.root() {
        write_trends(&root)?;
    }
    write_page(&folder, &report)?;
    summarize(&report)?;
    if context.output.is_json() {
        let json = serde_json::to_string_pretty(&report);
        print_data(&format!("{}\n", json.unwrap_or_default()))?;
    } else {
        print_summary(&report, context.output.mode());
    }
    Ok(verdict)
}

/// The sites of the project here; none without a project.
fn all_sites(context: &Context) -> Result<Vec<String>, Failure> {
    if context.root().is_err() {
        return Ok(Vec::new());
    }
    let project = context.project().map_err(|failure| {
        failure.hint("or name the sites that must have a result: `--expect site-a,site-b`")
    })?;
    Ok(project.sites.iter().map(|site| site.name.to_string()).collect())
}

/// A folder that is new, or empty.
fn made(folder: PathBuf) -> Result<PathBuf, Failure> {
    let could_not = || Failure::usage(format!("could not merge into {}", folder.display()));
    fs::create_dir_all(&folder).map_err(|error| could_not().because(&error))?;
    let mut entries = fs::read_dir(&folder).map_err(|error| could_not().because(&error))?;
    if entries.next().is_some() {
        return Err(could_not()
            .cause("there is something in it already")
            .hint("name another folder, or remove this one"));
    }
    Ok(folder)
}
