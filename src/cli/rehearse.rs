//! `stagectl rehearse`: the whole job.

use std::path::PathBuf;

use super::context::{Context, LEASE, Running, chosen};
use crate::cancel::Stop;
use crate::event::Goal;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{AfterFailure, Ahead, Course, Keep, rehearse as rehearse_sites};
use crate::site::SiteName;

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
    /// Leave the replicas of failing sites up, to be looked at
    #[arg(long)]
    keep: bool,
    /// Stop after the first site that is not green
    #[arg(long)]
    fail_fast: bool,
    /// Bring the next site up while one is tested: faster, with two replicas at a time
    #[arg(long)]
    overlap: bool,
}

pub(super) async fn rehearse(
    args: RehearseArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let sites = chosen(&project, &args.sites)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let lease = args.keep.then_some(LEASE);
    let running = Running::start(context, &project, &sites, release, Goal::Rehearse, lease).await?;
    let course = Course {
        keep: if args.keep { Keep::Failing } else { Keep::Nothing },
        after_failure: if args.fail_fast { AfterFailure::Stop } else { AfterFailure::GoOn },
        ahead: if args.overlap { Ahead::Containers } else { Ahead::Images },
    };
    let verdict = rehearse_sites(&running.run(&stop), &sites, course).await;
    running.finish()?;
    Ok(verdict)
}
