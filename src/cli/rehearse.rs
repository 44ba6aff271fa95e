//! `stagectl rehearse`: the whole job.

use std::path::PathBuf;

use super::context::{Context, NextCertificateArgs, chosen, finish, start};
use crate::cancel::Stop;
use crate::display::print_note;
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{AfterFailure, Ahead, Course, Keep, Part, rehearse as rehearse_sites};
use crate::report::{LastRehearsal, own_times, recorded_times};
use crate::run::LEASE;
use crate::site::{Project, Site, SiteName};

/// Rehearse a release on every site, or on those named: up, deploy, diagnosis, suite, down
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl rehearse --release dist/app-1.2-py3-none-any.whl site-a site-b"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct RehearseArgs {
    /// Sites to rehearse on; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    #[command(flatten)]
    certificate: NextCertificateArgs,
    /// Leave the replicas of failing sites up, to be looked at
    #[arg(long)]
    keep: bool,
    /// Rehearse one part of the sites, as `2/4`; the parts are as even as the recorded times allow
    #[arg(long, value_name = "PART")]
    partition: Option<Part>,
    /// The report.json, or the folder of runs, whose times decide on the parts; the runs of this
    /// project if left out
    #[arg(long, value_name = "PATH", requires = "partition")]
    times: Option<PathBuf>,
    /// Only sites that were not green in the last run, or had no turn in it
    #[arg(long)]
    only_failed: bool,
    /// Stop after the first site that is not green; without it all sites have their turn
    #[arg(long)]
    fail_fast: bool,
    /// Bring the next site up while one is tested: faster, with two replicas at a time
    #[arg(long)]
    overlap: bool,
    /// Arguments for pytest, such as `-k login`; what they leave out is not judged
    #[arg(last = true, value_name = "PYTEST ARGS")]
    pytest: Vec<String>,
}

pub(super) async fn rehearse(
    args: RehearseArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let (project, names) = context.project_for(&args.sites, args.certificate)?;
    let mut sites = chosen(&project, &names)?;
    if args.only_failed {
        sites = not_green(&project, sites)?;
    }
    let all = sites.iter().map(|site| site.name.clone()).collect::<Vec<_>>();
    if let Some(part) = args.partition {
        let times = match &args.times {
            Some(path) => recorded_times(path)?,
            None => own_times(&project.root)?,
        };
        sites = part.share(&sites, &times);
        if sites.is_empty() && !all.is_empty() {
            let number = all.len();
            print_note(&format!("nothing to rehearse: part {part} of {number} sites has none"));
        }
    }
    if sites.is_empty() {
        return Ok(Verdict::Passed);
    }
    let release = Context::release(args.release.as_deref(), &project)?;
    let lease = args.keep.then_some(LEASE);
    let goal = (Goal::Rehearse, lease);
    let started = start(context, (&project, &sites), release, goal, stop).await?;
    if let Some(part) = args.partition {
        started.run.events.emit(What::Partitioned { part: part.to_string(), sites: all });
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
        ahead: if args.overlap { Ahead::Containers } else { Ahead::Images },
        pytest: &args.pytest,
    };
    let verdict = rehearse_sites(&started.run, &sites, course).await;
    finish(started)?;
    Ok(verdict)
}

/// Those of the sites that were not green when they were last rehearsed; says so where there are none.
fn not_green<'a>(project: &Project, sites: Vec<&'a Site>) -> Result<Vec<&'a Site>, Failure> {
    let last = LastRehearsal::of(&project.root)?.ok_or_else(|| {
        Failure::usage("there is no last run whose failures could be rehearsed again")
            .hint("rehearse all sites first: leave out `--only-failed`")
    })?;
    let failed = |site: &&&Site| last.not_green.iter().any(|name| name == site.name.as_str());
    let chosen: Vec<&Site> = sites.iter().filter(failed).copied().collect();
    if chosen.is_empty() {
        let run = &last.run;
        print_note(&match &last.not_green[..] {
            [] => format!(
                "nothing to rehearse: all was green in run {run} ({})",
                last.passed.join(", ")
            ),
            names => format!(
                "nothing to rehearse: in run {run} others were not green: {}",
                names.join(", ")
            ),
        });
    }
    Ok(chosen)
}
