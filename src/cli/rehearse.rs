//! `stagectl rehearse`: the whole job.

use std::path::PathBuf;

use super::context::{Context, NextCertificateArgs, chosen, finish, start};
use super::only_failed::{NotGreen, not_green};
use crate::cancel::Stop;
use crate::display::print_note;
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{AfterFailure, Ahead, Course, Keep, Part, rehearse as rehearse_sites};
use crate::report::{own_times, recorded_times};
use crate::run::LEASE;
use crate::site::SiteName;

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
    let (mut release, mut unknown) = (None, None);
    if args.only_failed {
        let asked = Context::release(args.release.as_deref(), &project)?;
        NotGreen { sites, warning: unknown } = not_green(&project, sites, &asked)?;
        release = Some(asked);
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
    let release = match release {
        Some(release) => release,
        None => Context::release(args.release.as_deref(), &project)?,
    };
    let lease = args.keep.then_some(LEASE);
    let goal = (Goal::Rehearse, lease);
    let started = start(context, (&project, &sites), release, goal, stop).await?;
    if let Some(part) = args.partition {
        started.run.events.emit(What::Partitioned { part: part.to_string(), sites: all });
    }
    if let Some(message) = unknown {
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
        ahead: if args.overlap { Ahead::Containers } else { Ahead::Images },
        pytest: &args.pytest,
    };
    let verdict = rehearse_sites(&started.run, &sites, course).await;
    finish(started)?;
    Ok(verdict)
}
