//! `stagectl up`: a replica that stays.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{Context, NextCertificateArgs, chosen, finish, parse_span, start};
use crate::cancel::Stop;
use crate::event::Goal;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Keep, bring_up_all};
use crate::site::SiteName;

/// Start the replica of a site, deploy the release, and leave it running
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl up site-a --release dist/app-1.2-py3-none-any.whl\n\nThen: stagectl open site-a, test, logs, shell, exec, redeploy; at the end stagectl down site-a"
)]
pub(super) struct UpArgs {
    /// Sites whose replicas are started, one after the other
    #[arg(value_name = "SITE", required = true)]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    #[command(flatten)]
    certificate: NextCertificateArgs,
    /// How long it may stay when nobody uses it; after that anybody's `stagectl gc` removes it
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", value_parser = parse_span)]
    lease: Duration,
    /// Leave a replica up that did not become ready, to be looked at
    #[arg(long)]
    keep: bool,
}

pub(super) async fn up(args: UpArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let (project, names) = context.project_for(&args.sites, args.certificate)?;
    let sites = chosen(&project, &names)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let goal = (Goal::Up, Some(args.lease));
    let started = start(context, (&project, &sites), release, goal, stop).await?;
    let keep = if args.keep { Keep::Failing } else { Keep::Nothing };
    let verdict = bring_up_all(&started.run, &sites, keep).await;
    finish(started)?;
    Ok(verdict)
}
