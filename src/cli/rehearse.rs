//! `stagectl rehearse`: the whole job.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{
    Context, NextCertificateArgs, SettingArgs, chosen, parse_span, record, start, summarize,
};
use super::covering::{Choice, CoverRunArgs};
use super::explain::Explaining;
use super::fresh::FreshArgs;
use super::live::{LiveArgs, upgrades, way_back};
use super::only_failed::{NotGreen, not_green};
use super::picked::with_picked;
use super::show::Show;
use crate::cancel::Stop;
use crate::display::print_note;
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::package_index::live_releases;
use crate::rehearsal::{
    AfterFailure, Ahead, Course, Keep, Part, Until, rehearse as rehearse_sites,
};
use crate::run::LEASE;
use crate::site::{Site, SiteName};

/// Rehearse a release on every site, or on those named: up, deploy, diagnosis, suite, down
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl rehearse --release dist/app-1.2-py3-none-any.whl site-a site-b"
)]
pub(super) struct RehearseArgs {
    /// Sites to rehearse on; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    certificate: NextCertificateArgs,
    #[command(flatten)]
    settings: SettingArgs,
    /// Leave the replicas of failing sites up, to be looked at
    #[arg(long)]
    keep: bool,
    /// Rehearse one part of the sites, as `2/4`; the parts are as even as the recorded times allow
    #[arg(long, value_name = "PART")]
    partition: Option<Part>,
    #[command(flatten)]
    fresh: FreshArgs,
    #[command(flatten)]
    cover: CoverRunArgs,
    /// Only sites that were not green in the last run, or had no turn in it
    #[arg(long)]
    only_failed: bool,
    /// Stop after the first site that is not green; without it all sites have their turn
    #[arg(long)]
    fail_fast: bool,
    /// Find out of each red site what makes it red, as `stagectl why` does, in this time together
    #[arg(
        long,
        value_name = "BUDGET",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "10min",
        value_parser = parse_span
    )]
    why: Option<Duration>,
    /// Whether the next site is brought up while one is tested, which is faster with two replicas at a time: where
    /// memory allows, always, or never
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_value = "auto",
        default_missing_value = "always"
    )]
    overlap: Overlap,
    /// Arguments for pytest, such as `-k login`; what they leave out is not judged
    #[arg(last = true, value_name = "PYTEST ARGS")]
    pytest: Vec<String>,
}

/// When the next site is brought up beside one that is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Overlap {
    /// Where the engine's machine has the memory for two replicas
    Auto,
    Always,
    Never,
}

impl From<Overlap> for Ahead {
    fn from(overlap: Overlap) -> Ahead {
        match overlap {
            Overlap::Auto => Ahead::WhereRoom,
            Overlap::Always => Ahead::Containers,
            Overlap::Never => Ahead::Images,
        }
    }
}

pub(super) async fn rehearse(
    args: RehearseArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    args.cover.look_at(args.partition.is_some())?;
    let (project, names) = context.project_for(&args.sites, args.certificate, &args.settings)?;
    let mut sites =
        chosen(&project, &names).map_err(|failure| with_overlap_hint(failure, &args.sites))?;
    let (mut release, mut unknown) = (None, None);
    if args.only_failed {
        let asked = Context::release(args.release.as_deref(), &project)?;
        NotGreen { sites, warning: unknown } = not_green(&project, sites, &asked)?;
        release = Some(asked);
    }
    let all = sites.iter().map(|site| site.name.clone()).collect::<Vec<_>>();
    if let Some(part) = args.partition {
        sites = part.share(&sites, &args.cover.weighed.recorded(&project)?.seconds);
        if sites.is_empty() && !all.is_empty() {
            let number = all.len();
            print_note(&format!("nothing to rehearse: part {part} of {number} sites has none"));
        }
    }
    let covered = args.cover.choice(&sites, &project)?;
    if let Some(choice) = &covered {
        sites.retain(|site| choice.has(site));
    }
    if sites.is_empty() {
        return Ok(Verdict::Passed);
    }
    args.fresh.look_at(&project.root, &sites)?;
    let release = match release {
        Some(release) => release,
        None => Context::release(args.release.as_deref(), &project)?,
    };
    let from = args.live.from.as_deref();
    let live = tokio::select! {
        live = live_releases(&project, &sites, from, &release) => live?,
        () = stop.requested() => return Err(stop.failure()),
    };
    let back = way_back(&sites, &live, &args.live)?;
    let (picked, notes) = if args.pytest.is_empty() {
        with_picked(&project.root, &sites, &release)
    } else {
        // Who gives pytest arguments has picked.
        (sites.iter().map(|site| (*site).clone()).collect(), Vec::new())
    };
    let sites: Vec<&Site> = picked.iter().collect();
    let lease = args.keep.then_some(LEASE);
    let goal = (Goal::Rehearse, lease);
    let asked = args.why.map(|budget| (budget, release.clone(), stop.clone()));
    let mut started = start(context, (&project, &sites), release, goal, stop).await?;
    started.run.spec.suite = Some(args.pytest.clone());
    if let Some(part) = args.partition {
        started.run.events.emit(What::Partitioned { part: part.to_string(), sites: all });
    }
    for message in covered.iter().filter_map(Choice::warning).chain(unknown).chain(notes) {
        started.run.events.emit(What::Warning { message });
    }
    if !args.pytest.is_empty() {
        let message = format!(
            "the suite ran with `{}`: no verdict about the whole of it",
            args.pytest.join(" ")
        );
        started.run.events.emit(What::Warning { message });
    }
    let course = Course {
        keep: if args.keep { Keep::Failing } else { Keep::Nothing },
        after_failure: if args.fail_fast { AfterFailure::Stop } else { AfterFailure::GoOn },
        ahead: args.overlap.into(),
        until: Until::End,
    };
    let upgrades = upgrades(&started.run.spec, &sites, (&live, back));
    let verdict = rehearse_sites(&started.run, (&sites, &upgrades), course).await;
    let folder = started.run.folder.clone();
    let mut report = record(started)?;
    let mut stopped = Ok(());
    if let Some((budget, release, stop)) = &asked {
        let show = Show::new(context.output);
        let (project, folder) = (&project, &*folder);
        let asked = Explaining { project, release, folder, budget: *budget, show: &show, stop };
        stopped = Box::pin(asked.explain_red(&mut report)).await;
    }
    summarize(&report)?;
    stopped.map(|()| verdict)
}

/// Whoever writes `--overlap never` has named a site.
fn with_overlap_hint(failure: Failure, sites: &[SiteName]) -> Failure {
    let is_word =
        |site: &&SiteName| <Overlap as clap::ValueEnum>::from_str(site.as_str(), false).is_ok();
    match sites.iter().find(is_word) {
        Some(word) => failure.hint(format!("`--overlap={word}` is written with `=`")),
        None => failure,
    }
}
